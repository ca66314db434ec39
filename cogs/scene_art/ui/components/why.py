"""How a picture came about: what the button Why tells."""

from __future__ import annotations

import io
from collections.abc import Iterator

import aiohttp
import discord

from ...domain.painting import DRAWN_BY_STORYBOARD
from ...domain.scene import Scene, UsedReference
from ...errors import SceneArtError
from ...i18n import Dollars, Sentence, gettext
from ...pipeline.cast import NOT_GIVEN, UNDEPICTED
from ...pipeline.context_images import GONE, SHOWS_UNDEPICTED
from ...pipeline.prompt_builder import DECLINED
from ...services.services import FindServices
from ...text import cut_on_word, escaped
from ..requester import requester_of
from ..responses import Interaction, edit, lines, thinking

MESSAGE_LIMIT = 2_000
NAME_LIMIT = 60


async def show_why(interaction: Interaction, find: FindServices, scene_id: str) -> None:
    """Answer the person alone: the story of the picture, and the whole prompt as a file."""
    if not await thinking(interaction):
        return
    try:
        scene = await find().history.scene(str(interaction.channel_id), scene_id, by=requester_of(interaction))
    except SceneArtError as exc:
        await edit(interaction, exc.sentence)
        return
    text = cut_on_word(lines(interaction, *story_of(scene)), MESSAGE_LIMIT)
    prompt = io.BytesIO(scene.brief.prompt.encode())
    files = [discord.File(prompt, filename=f"prompt_{scene.id}.txt")] if scene.brief.prompt else []
    try:
        await interaction.edit_original_response(
            content=text, attachments=files, allowed_mentions=discord.AllowedMentions.none()
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        await edit(interaction, text)


def story_of(scene: Scene) -> Iterator[Sentence]:
    """What there is to tell of a scene, a sentence a line."""
    yield gettext("**How this picture was made** (scene {id})", id=scene.id)
    if scene.painter == "gemini":
        yield gettext("Painter: {model}.", model=escaped(scene.model, NAME_LIMIT))
    elif scene.painter:
        yield gettext("Painter: built-in storyboard.")
    if scene.sentence and scene.message_id is None:
        yield scene.sentence
    if scene.style:
        yield gettext("Style: {style}.", style=escaped(scene.style, NAME_LIMIT))
    if scene.notes:
        yield gettext("Notes: {notes}", notes=escaped(scene.notes, 200))
    yield from (_reference(ref, scene.painter) for ref in scene.brief.references)
    if scene.finish_reason:
        yield gettext("Finish reason: {reason}.", reason=escaped(scene.finish_reason, NAME_LIMIT))
    yield from _figures(scene)
    if scene.brief.prompt:
        yield gettext("The full prompt is in the attached file.")


def _reference(ref: UsedReference, painter: str) -> Sentence:
    name = _name(ref)
    if ref.arrived and painter == "storyboard" and ref.role not in DRAWN_BY_STORYBOARD:
        return gettext("▫️ {name}: the storyboard painter doesn't use their picture.", name=name)
    if ref.arrived:
        return gettext("✅ {name}: reference picture used.", name=name)
    if ref.missing_because and ref.missing_because != NOT_GIVEN:
        why = _REASONS.get(ref.missing_because) or ref.told_because or gettext("couldn't be loaded")
        return gettext("❌ {name}: reference picture not used ({why}).", name=name, why=why)
    return gettext("▫️ {name}: no reference picture, drawn from the text.", name=name)


_REASONS = {
    UNDEPICTED: gettext("hidden: shown as a silhouette"),
    SHOWS_UNDEPICTED: gettext("it shows someone who is hidden now"),
    DECLINED: gettext("declined by the painter"),
    GONE: gettext("the picture is missing"),
}
"""What a record says, for people."""


def _name(ref: UsedReference) -> str:
    """Who it is, or what kind of picture: those have names of ours, in English, for the painter."""
    number = ref.name.rpartition(" ")[2]
    match ref.role:
        case "base":
            return gettext("the picture to vary")
        case "previous":
            return gettext("the picture before")
        case "upload" if number.isdecimal():
            return gettext("added picture {number}", number=int(number))
        case "story" if number.isdecimal():
            return gettext("story picture {number}", number=int(number))
    return escaped(ref.name, NAME_LIMIT) or "?"


def _figures(scene: Scene) -> Iterator[Sentence]:
    tokens_in, tokens_out = scene.usage.tokens
    if tokens_in or tokens_out:
        yield gettext(
            "Tokens: {input} in, {output} out. Cost: {cost}.",
            input=tokens_in,
            output=tokens_out,
            cost=Dollars(scene.cost),
        )
    if scene.attempts:
        yield gettext(
            "Requests: {attempts}. Drawing time: {ms} ms.",
            attempts=scene.attempts,
            ms=round(scene.paint_seconds * 1000),
        )

"""Explanations of how a picture came about: what the button Why tells."""

from __future__ import annotations

from collections.abc import Iterator

from ...domain.depiction import SHOWS_UNDEPICTED, UNDEPICTED
from ...domain.painting import DRAWN_BY_STORYBOARD
from ...domain.scene import Scene, UsedReference
from ...i18n import Dollars, Sentence, gettext
from ...pipeline.cast import NOT_GIVEN
from ...pipeline.context_images import GONE
from ...pipeline.prompt import DECLINED
from ...text import cut_on_word, escaped
from ..context import RequestContext
from ..responses import MESSAGE_LIMIT, Answer, AnswerFile

NAME_LIMIT = 60


async def explain_scene(context: RequestContext, scene_id: str) -> Answer:
    """Tell the story of the picture, with the whole prompt as a file."""
    scene = await context.services.history.scene(context.channel_id, scene_id, by=context.requester)
    with_cost = context.services.limits.may_see_cost(context.requester)
    text = cut_on_word(context.lines(*tell_story(scene, with_cost=with_cost)), MESSAGE_LIMIT)
    prompt = AnswerFile(f"prompt_{scene.id}.txt", scene.prompt_record.prompt.encode())
    return Answer(text, files=(prompt,) if scene.prompt_record.prompt else ())


def tell_story(scene: Scene, *, with_cost: bool = True) -> Iterator[Sentence]:
    """Tell what is known of a scene, a sentence a line; what it cost only `with_cost`."""
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
    yield from (_describe_reference(ref, scene.painter) for ref in scene.prompt_record.references)
    if scene.finish_reason:
        yield gettext("Finish reason: {reason}.", reason=escaped(scene.finish_reason, NAME_LIMIT))
    yield from _describe_figures(scene, with_cost=with_cost)
    if scene.prompt_record.prompt:
        yield gettext("The full prompt is in the attached file.")


def _describe_reference(ref: UsedReference, painter: str) -> Sentence:
    name = _describe_name(ref)
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
"""Reasons of records, for people."""


def _describe_name(ref: UsedReference) -> str:
    """Name who it is, or the kind of picture: those have names of ours, in English, for the painter."""
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


def _describe_figures(scene: Scene, *, with_cost: bool) -> Iterator[Sentence]:
    tokens_in, tokens_out = scene.usage.tokens
    if with_cost and (tokens_in or tokens_out):
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

"""The form behind the button Change: what is to be different, filled in with what the scene has."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import discord

from ...discord_io.captions import NOBODY
from ...domain.requests import NOTES_LIMIT, RerenderOptions
from ...domain.scene import Scene
from ...domain.styles import Style
from ...errors import SceneArtError
from ...i18n import gettext, translate
from ...image_models import RATIOS_14
from ...services.admission import Quote
from ...services.services import FindServices, Services
from ...store.reachability import OUT_OF_REACH
from ..components.progress import Progress, quote_line
from ..requester import requester_of
from ..responses import Interaction, in_words
from .forms import FormKind, Values, open_form, text_of

TEMPLATE = re.compile(r"scene_art:changed:(?P<scene>[0-9a-f]{16})")
AS_BEFORE = "as-before"
MOST_STYLES = 24
READ_SECONDS = 2.0
"""Discord gives three seconds until the form must be open."""


async def open_change(interaction: Interaction, find: FindServices, scene_id: str) -> None:
    """Open the form for a scene, or say why it cannot be."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            form = await _form(interaction, find(), scene_id)
        await open_form(interaction, form)
    except SceneArtError as exc:
        sentence = exc.sentence
    except TimeoutError:
        sentence = OUT_OF_REACH
    else:
        return
    await interaction.response.send_message(in_words(interaction, sentence), ephemeral=True, allowed_mentions=NOBODY)


def change_forms(progress: Progress) -> FormKind:
    """Begins what was asked for in a form, shows what is being done, ends in a post or a sentence."""

    async def serve(interaction: Interaction, about: Mapping[str, str], values: Values) -> None:
        wish = RerenderOptions(
            notes=text_of(values, "notes"), aspect=_chosen(values, "aspect"), style=_chosen(values, "style")
        )

        async def begin(services: Services) -> Scene:
            return await services.pictures.rerender(
                str(interaction.channel_id), wish, by=requester_of(interaction), scene=about["scene"]
            )

        await progress.run(interaction, begin)

    return FormKind(TEMPLATE, serve)


async def _form(interaction: Interaction, services: Services, scene_id: str) -> discord.ui.Modal:
    channel_id, person = str(interaction.channel_id), requester_of(interaction)
    scene = await services.scenes.find(channel_id, scene_id, by=person)
    quote = await services.admission.quote(channel_id, by=person)
    return change_form(scene, quote, services.styles.all, str(interaction.locale))


def change_form(scene: Scene, quote: Quote, styles: tuple[Style, ...], locale: str) -> discord.ui.Modal:
    """Notes, aspect and style, as the scene has them now; and what it costs."""
    notes: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="notes",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=NOTES_LIMIT,
        default=scene.notes or None,
    )
    ratios = [(ratio, ratio) for ratio in RATIOS_14]
    looks = [(style.id, style.name) for style in styles[:MOST_STYLES]]
    fields = (
        (gettext("What should change?"), notes),
        (gettext("Aspect ratio"), _choice("aspect", ratios, scene.aspect_ratio, locale)),
        (gettext("Style"), _choice("style", looks, scene.style, locale)),
    )
    form = discord.ui.Modal(
        title=translate(gettext("Rerender with changes"), locale), custom_id=f"scene_art:changed:{scene.id}"
    )
    for text, field in fields:
        form.add_item(discord.ui.Label(text=translate(text, locale), component=field))
    form.add_item(discord.ui.TextDisplay(translate(quote_line(quote), locale)))
    return form


def _choice(custom_id: str, options: list[tuple[str, str]], now: str, locale: str) -> discord.ui.Select[Any]:
    known = now in (value for value, _ in options)
    unchanged = discord.SelectOption(label=translate(gettext("Keep as is"), locale), value=AS_BEFORE, default=not known)
    return discord.ui.Select(
        custom_id=custom_id,
        options=[
            unchanged,
            *(
                discord.SelectOption(label=label[:100], value=value, default=known and value == now)
                for value, label in options
            ),
        ],
        required=False,
    )


def _chosen(values: Values, field: str) -> str:
    value = text_of(values, field)
    return "" if value == AS_BEFORE else value

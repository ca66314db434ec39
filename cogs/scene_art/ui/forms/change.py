"""The form behind the button Change: what is to be different, filled in with what the scene has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from ...domain.requests import NOTES_LIMIT, RerenderOptions
from ...domain.scene import Scene
from ...domain.styles import Style
from ...i18n import gettext, translate
from ...image_models import RATIOS_14
from ...services.access import Quote
from ...services.services import FindServices
from ..components.progress import describe_quote, rerender, show_progress
from ..context import Interaction, RequestContext
from .forms import FormKind, Values, read_text

TEMPLATE = re.compile(r"scene_art:changed:(?P<scene>[0-9a-f]{16})")
AS_BEFORE = "as-before"
MOST_STYLES = 24


async def build_change_form(context: RequestContext, scene_id: str) -> discord.ui.Modal:
    """Build the form for a scene of the channel."""
    scene = await context.services.history.find(context.channel_id, scene_id, by=context.requester)
    quote = await context.services.limits.quote(context.channel_id, by=context.requester)
    return _fill_in(scene, quote, context.services.styles.all, context.locale)


def build_change_forms(find: FindServices) -> FormKind:
    """Begin what was asked for in a form, show what is being done, end in a post or a sentence."""

    async def serve(interaction: Interaction, about: Mapping[str, str], values: Values) -> None:
        options = RerenderOptions(
            notes=read_text(values, "notes"), aspect=_read_choice(values, "aspect"), style=_read_choice(values, "style")
        )
        await show_progress(interaction, find, partial(rerender, scene_id=about["scene"], options=options))

    return FormKind(TEMPLATE, serve)


def _fill_in(scene: Scene, quote: Quote, styles: tuple[Style, ...], locale: str) -> discord.ui.Modal:
    """Lay the form out: notes, aspect and style, as the scene has them now; and what it costs."""
    notes: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="notes",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=NOTES_LIMIT,
        default=scene.notes or None,
    )
    ratios = [(ratio, ratio) for ratio in RATIOS_14]
    choices = [(style.id, style.name) for style in styles[:MOST_STYLES]]
    fields = (
        (gettext("What should change?"), notes),
        (gettext("Aspect ratio"), _build_list("aspect", ratios, scene.aspect_ratio, locale)),
        (gettext("Style"), _build_list("style", choices, scene.style, locale)),
    )
    form = discord.ui.Modal(
        title=translate(gettext("Rerender with changes"), locale), custom_id=f"scene_art:changed:{scene.id}"
    )
    for text, field in fields:
        form.add_item(discord.ui.Label(text=translate(text, locale), component=field))
    form.add_item(discord.ui.TextDisplay(translate(describe_quote(quote), locale)))
    return form


def _build_list(custom_id: str, options: list[tuple[str, str]], now: str, locale: str) -> discord.ui.Select[Any]:
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


def _read_choice(values: Values, field: str) -> str:
    value = read_text(values, field)
    return "" if value == AS_BEFORE else value

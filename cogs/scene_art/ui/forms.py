"""Forms: any number of the same may be open at once, and each may be sent after a restart of the bot.

discord.py remembers an open form by its id alone, and only until the first of that id is sent. So it is told to
remember none: what a form is about stands in its id, and whoever sends it is served by that.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from ..errors import TransientError
from ..i18n import Sentence, gettext, translate
from ..services.services import FindServices
from ..store.reachability import OUT_OF_REACH
from .context import Interaction, RequestContext, read_context
from .responses import answer_errors, tell

PREFIX = "scene_art:"
READ_SECONDS = 2.0
"""Discord gives three seconds until the form must be open."""
UNKNOWN = gettext("scene-art was updated while this form was open. Nothing was changed. Open the form again.")

MOST_CHOICES = 24
"""One fewer than Discord shows in a list: the first says that nothing is chosen."""

Values = Mapping[str, tuple[str, ...]]
"""Values that were filled in, by the fields' ids: a text as the only entry, or what was chosen from a list."""


@dataclass(frozen=True)
class FormKind:
    """The forms whose ids match `template` whole, and who serves them: the groups are what the form is about."""

    template: re.Pattern[str]
    serve: Callable[[Interaction, FindServices, Mapping[str, str], Values], Awaitable[None]]


async def serve_form(interaction: Interaction, find: FindServices, kinds: Iterable[FormKind]) -> None:
    """Serve a form of ours that was sent; interactions of any other kind are none of our business."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    data: dict[str, Any] = dict(interaction.data or {})
    form_id = str(data.get("custom_id", ""))
    if not form_id.startswith(PREFIX):
        return
    for kind in kinds:
        if match := kind.template.fullmatch(form_id):
            async with answer_errors(interaction):
                await kind.serve(interaction, find, match.groupdict(), dict(_read_values(data)))
            return
    await tell(interaction, UNKNOWN)


async def open_form(
    interaction: Interaction, find: FindServices, build: Callable[[RequestContext], Awaitable[discord.ui.Modal]]
) -> None:
    """Build a form and show it to whoever used a button or list.

    Raises:
        SceneArtError: it cannot be built, or not in time.
        discord.HTTPException: Discord does not wait for an answer any more.
    """
    try:
        async with asyncio.timeout(READ_SECONDS):
            form = await build(read_context(interaction, find))
    except TimeoutError:
        raise TransientError("a form could not be built in time", sentence=OUT_OF_REACH) from None
    form.stop()
    await interaction.response.send_modal(form)


def read_text(values: Values, field: str) -> str:
    """Read what was written into a field, or the first that was chosen from it; empty for nothing."""
    return next(iter(values.get(field, ())), "")


def build_list(
    custom_id: str,
    first: discord.SelectOption,
    choices: Iterable[tuple[str, str | Sentence]],
    now: str | None,
    locale: str,
) -> discord.ui.Select[Any]:
    """Build a field to choose from: `first`, and behind it values with their labels; `now` is the one chosen so far."""
    options = [
        discord.SelectOption(label=translate(label, locale)[:100], value=value, default=value == now)
        for value, label in choices
    ]
    return discord.ui.Select(custom_id=custom_id, options=[first, *options[:MOST_CHOICES]], required=False)


def _read_values(data: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read the fields. One stands alone in a label, or with others in a row, which is the older way."""
    for part in data.get("components") or ():
        for field in (part.get("component"), *(part.get("components") or ())):
            if field and "custom_id" in field:
                chosen = field.get("values")
                yield field["custom_id"], tuple(map(str, [field.get("value") or ""] if chosen is None else chosen))

"""Answers: at once, to the person alone, in their language, always with a sentence; in layouts or plain words."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import discord

from .. import faults
from ..discord_io.captions import NOBODY
from ..discord_io.requests import TROUBLES
from ..errors import SceneArtError
from ..i18n import gettext, translate
from ..services.services import FindServices
from ..text import cut_on_word
from .context import Interaction, RequestContext, read_context

log = logging.getLogger(__name__)

OWN_FAULT = gettext("Something went wrong in the bot. Try again; the bot owner can find the reason in the log.")
MESSAGE_LIMIT = 2_000

AnyItem = discord.ui.Item[Any]


@dataclass(frozen=True)
class AnswerFile:
    """A file of an answer; `description` is its alt text."""

    name: str
    data: bytes
    description: str | None = None
    is_spoiler: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer: a text with buttons, or a layout; and files."""

    text: str = ""
    view: discord.ui.View | discord.ui.LayoutView | None = None
    files: tuple[AnswerFile, ...] = ()
    without_files: str = ""
    """The text where Discord does not take the files; empty: the same text."""

    @property
    def plain(self) -> Answer | None:
        """A simpler answer with the same content; None where there is none.

        A message that began without components of the second kind may not take a layout.
        """
        if isinstance(self.view, discord.ui.LayoutView):
            return Answer(_collect_text(self.view), _collect_view(self.view), self.files)
        return Answer(self.without_files or self.text, self.view) if self.files else None


Work = Callable[[RequestContext], Awaitable[Answer | str | None]]
"""Does what was asked for, and returns the answer; None where it was given already."""


async def respond(
    interaction: Interaction, find: FindServices, work: Work, *, alone: bool = True, in_place: bool = False
) -> None:
    """Answer `interaction` with what `work` returns, or with the sentence of its error. Never raises.

    `alone`: nobody else sees it. `in_place`: a button's or form's own message is edited; a command is answered as ever.
    """
    async with answer_errors(interaction):
        # First, so that whoever asks too fast costs one answer.
        context = read_context(interaction, find)
        if not await _defer(interaction, alone=alone, in_place=in_place):
            return
        answer = await work(context)
        if answer is not None:
            await edit(interaction, answer)


async def _defer(interaction: Interaction, *, alone: bool, in_place: bool) -> bool:
    """Win time for an answer; False when Discord waits for none any more."""
    if interaction.response.is_done():
        return True
    try:
        if in_place and interaction.type is not discord.InteractionType.application_command:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=alone, thinking=True)
    except TROUBLES as exc:
        # Discord has told the person that the bot did not answer; nothing was begun.
        log.info("A command, button or form was not answered in time (%s)", type(exc).__name__)
        return False
    return True


@contextlib.asynccontextmanager
async def answer_errors(interaction: Interaction) -> AsyncIterator[None]:
    """Answer `interaction` with a sentence where the block raises: the error's own, or that it was the bot's fault."""
    try:
        yield
    except SceneArtError as exc:
        await tell(interaction, exc.sentence)
    except Exception as exc:  # noqa: BLE001  # whoever waits for an answer gets one
        log.error("A command, button or form met a fault of scene-art's own: %s", faults.summary(exc))  # noqa: TRY400
        await tell(interaction, OWN_FAULT)


async def tell(interaction: Interaction, text: str) -> None:
    """Tell the person alone; a deferred answer gets the text, and an edited message stays as it is. Never raises."""
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await edit(interaction, text)
        return
    send = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
    try:
        await send(translate(text, str(interaction.locale)), ephemeral=True, allowed_mentions=NOBODY)
    except TROUBLES as exc:
        log.info("A command, button or form could not be answered (%s)", type(exc).__name__)


async def edit(interaction: Interaction, answer: Answer | str) -> None:
    """Edit the deferred answer. That it cannot be edited any more (deleted, expired) must not end the work."""
    attempt: Answer | None = answer if isinstance(answer, Answer) else Answer(answer)
    while attempt is not None and not await _edit(interaction, attempt):
        attempt = attempt.plain


async def _edit(interaction: Interaction, answer: Answer) -> bool:
    # Discord takes no text of its own beside a layout.
    is_layout = isinstance(answer.view, discord.ui.LayoutView)
    content = discord.utils.MISSING if is_layout else translate(answer.text, str(interaction.locale))
    # Opened anew for each attempt, since sending reads them to their end.
    files = [
        discord.File(io.BytesIO(file.data), filename=file.name, description=file.description, spoiler=file.is_spoiler)
        for file in answer.files
    ]
    try:
        await interaction.edit_original_response(
            content=content, view=answer.view, attachments=files, allowed_mentions=NOBODY
        )
    except TROUBLES as exc:
        log.debug("An answer could not be edited (%s)", type(exc).__name__)
        return False
    return True


def lay_out(
    colour: discord.Colour, parts: Iterable[AnyItem | str], rows: Iterable[Iterable[AnyItem]] = ()
) -> discord.ui.LayoutView:
    """Build a layout: a box of texts and other parts, and below it rows of buttons and lists, without empty ones.

    It is stopped, as all our views are: the items are found by their ids, and the library need not remember it.
    """
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=colour)
    for part in parts:
        box.add_item(discord.ui.TextDisplay(part) if isinstance(part, str) else part)
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(box)
    for row in rows:
        if items := tuple(row):
            layout.add_item(discord.ui.ActionRow(*items))
    layout.stop()
    return layout


def _collect_text(layout: discord.ui.LayoutView) -> str:
    """Collect the texts of `layout`."""
    texts = [item.content for item in layout.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    return cut_on_word("\n".join(texts), MESSAGE_LIMIT)


def _collect_view(layout: discord.ui.LayoutView) -> discord.ui.View:
    """Collect the buttons and lists of `layout`, row by row."""
    view = discord.ui.View(timeout=None)
    rows = [item for item in layout.walk_children() if isinstance(item, discord.ui.ActionRow)]
    for number, row in enumerate(rows):
        for item in list(row.children):
            view.add_item(_copy(item, number))
    view.stop()
    return view


def _copy(item: AnyItem, row: int) -> AnyItem:
    if isinstance(item, discord.ui.Select):
        return discord.ui.Select(custom_id=item.custom_id, placeholder=item.placeholder, options=item.options, row=row)
    assert isinstance(item, discord.ui.Button)  # noqa: S101  # our layouts hold nothing else
    return discord.ui.Button(
        label=item.label, custom_id=item.custom_id, disabled=item.disabled, style=item.style, row=row
    )

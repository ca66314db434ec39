"""A line that says what is being done, edited in place until the picture is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import discord

from ...discord_io.captions import ANSWER_SECONDS, message_link
from ...domain.scene import Scene, SceneState
from ...errors import TransientError
from ...i18n import Dollars, Sentence, gettext
from ...services.admission import Quote, RequestAdmission
from ...services.dispatcher import SceneDispatcher
from ...services.services import FindServices, Services
from ..requester import requester_of
from ..responses import Interaction, edit, lines, outcome, thinking

log = logging.getLogger(__name__)

EDIT_EVERY_SECONDS = 0.8
"""Discord allows about five edits in five seconds; this leaves room for others."""
_BARS = ("▱▱▱▱", "▰▱▱▱", "▰▰▱▱", "▰▰▰▱", "▰▰▰▰")

Begin = Callable[[Services], Awaitable[Scene]]
ViewOf = Callable[[Scene, str], discord.ui.View]
"""Makes the buttons below the line, in a language."""


class Progress:
    """Shows people how their pictures come along."""

    def __init__(self, find: FindServices, *, retry_view: ViewOf, cancel_view: ViewOf) -> None:
        self._find = find
        self._retry_view = retry_view
        self._cancel_view = cancel_view

    async def run(self, interaction: Interaction, begin: Begin) -> None:
        """Answer `interaction` at once, begin the work, and keep the answer up to date until it ends.

        Only the person who asked sees the line. It always ends in a sentence; where there is no picture, with a button
        below it to click for another try.
        """
        if not await thinking(interaction):
            return
        begun: tuple[Scene, Services] | None = None

        async def work(services: Services) -> str:
            nonlocal begun
            begun = await begin(services), services
            return ""

        sentence = await outcome(self._find, work)
        if begun is None:
            await edit(interaction, sentence)
            return
        scene, services = begun
        quote = await _quoted(services.admission, scene, interaction)
        ended = await self._show(interaction, services.dispatcher, scene, quote)
        if ended is not None:
            await self._end(interaction, ended)

    async def _show(
        self, interaction: Interaction, dispatcher: SceneDispatcher, begun: Scene, quote: Quote | None
    ) -> Scene | None:
        """Keeps the line up to date; the scene at its end, or None when there is nothing more to show."""
        scene, line, last_edit = begun, "", 0.0
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async for scene in _with_first(begun, dispatcher):
                    due = time.monotonic() - last_edit >= EDIT_EVERY_SECONDS
                    if scene.state.finished or not due:
                        continue
                    told = (_told_for(scene, quote), _price_of_cancelling(scene), await _step(scene, dispatcher))
                    news = lines(interaction, *told)
                    if news != line:
                        line, last_edit = news, time.monotonic()
                        await edit(interaction, line, self._cancel_view(scene, str(interaction.locale)))
        except TimeoutError:
            log.debug("scene %s: still not finished when the interaction expired; its line stays as it is", scene.id)
            return None
        if scene.state.finished:
            return scene
        await edit(
            interaction, gettext("Lost track of this picture. If it isn't posted within a few minutes, ask again.")
        )
        return None

    async def _end(self, interaction: Interaction, scene: Scene) -> None:
        posted = scene.state is SceneState.POSTED
        view = None if posted else self._retry_view(scene, str(interaction.locale))
        await edit(interaction, lines(interaction, _ending(scene), scene.sentence if posted else None), view)


async def _with_first(begun: Scene, dispatcher: SceneDispatcher) -> Any:
    yield begun
    async for scene in dispatcher.follow(begun):
        yield scene


async def _quoted(admission: RequestAdmission, scene: Scene, interaction: Interaction) -> Quote | None:
    """What it costs, in money and of the person's allowance; None where Redis cannot tell."""
    with contextlib.suppress(TransientError):
        return await admission.quote(scene.channel_id, by=requester_of(interaction))
    return None


def _told_for(scene: Scene, quote: Quote | None) -> Sentence | None:
    """The quote, with the price that is set aside for this very picture as soon as that is known."""
    if quote is not None and quote.price is not None and scene.reserved is not None:
        quote = replace(quote, price=Dollars(scene.reserved))
    return quote_line(quote) if quote is not None else None


def quote_line(quote: Quote) -> Sentence:
    """A price and an allowance as a sentence."""
    if quote.price is None:
        return gettext("Pictures left this hour: {left} of {most}.", left=quote.left, most=quote.most)
    return gettext(
        "Each picture costs the bot owner about {price}. Pictures left this hour: {left} of {most}.",
        price=quote.price,
        left=quote.left,
        most=quote.most,
    )


def _ending(scene: Scene) -> Sentence:
    if scene.state is SceneState.POSTED:
        if scene.message_id is None:
            return gettext("The picture was posted, then someone deleted it.")
        return gettext("Here's your picture: {link}", link=message_link(scene, scene.message_id))
    return scene.sentence or gettext("No picture was made. Press Try again.")


def _price_of_cancelling(scene: Scene) -> Sentence:
    """Tell what the Cancel button below means, before it is pressed."""
    if scene.is_charged:
        return gettext("It has been sent to the painter and is charged, even if you cancel it.")
    return gettext("If you cancel it now, nothing is charged.")


async def _step(scene: Scene, dispatcher: SceneDispatcher) -> Sentence:
    """What to tell the person who waits."""
    if scene.resume_at is not None:
        return gettext("{why} Retrying automatically {when}.", why=scene.sentence, when=f"<t:{int(scene.resume_at)}:R>")
    if scene.progress == "":
        return await _in_queue(scene, dispatcher)
    done, total = scene.fetched
    if scene.progress.startswith("fetching"):
        return gettext("{bar} Loading reference pictures: {done} of {total}…", bar=_BARS[1], done=done, total=total)
    if scene.progress == "painting":
        return gettext("{bar} Drawing…", bar=_BARS[2])
    return gettext("{bar} Posting…", bar=_BARS[3])


async def _in_queue(scene: Scene, dispatcher: SceneDispatcher) -> Sentence:
    position = 1
    with contextlib.suppress(TransientError):
        position = await dispatcher.position(scene)
    if position > 1:
        return gettext("{bar} In the queue: number {position}…", bar=_BARS[0], position=position)
    return gettext("{bar} Next in the queue…", bar=_BARS[0])

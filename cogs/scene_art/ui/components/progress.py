"""Progress: a line that says what is being done, edited in place until the picture is there, and its two buttons."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

import discord

from ...discord_io.captions import ANSWER_SECONDS, message_link
from ...domain.requests import RerenderOptions
from ...domain.scene import Scene, SceneState
from ...errors import TransientError
from ...i18n import Dollars, Sentence, gettext, translate
from ...services.access import Quote
from ...services.dispatcher import SceneDispatcher
from ...services.services import FindServices
from ..context import Interaction, RequestContext
from ..responses import Answer, edit, respond
from .persistent import SCENE_ID, SceneButton, gather_buttons

log = logging.getLogger(__name__)

EDIT_EVERY_SECONDS = 0.8
"""Discord allows about five edits in five seconds; this leaves room for others."""
_BARS = ("▱▱▱▱", "▰▱▱▱", "▰▰▱▱", "▰▰▰▱", "▰▰▰▰")

Begin = Callable[[RequestContext], Awaitable[Scene]]


async def show_progress(interaction: Interaction, find: FindServices, begin: Begin) -> None:
    """Answer `interaction` at once, begin the work, and keep the answer up to date until it ends. Never raises.

    Only the person who asked sees the line. It always ends in a sentence; where there is no picture, with a button
    below it to click for another try.
    """

    async def paint(context: RequestContext) -> Answer | str | None:
        scene = await begin(context)
        quote: Quote | None = None  # Redis may be unable to tell it
        with contextlib.suppress(TransientError):
            quote = await context.services.limits.quote(scene.channel_id, by=context.requester)
        return await _follow(interaction, context, scene, quote)

    await respond(interaction, find, paint)


async def _follow(
    interaction: Interaction, context: RequestContext, begun: Scene, quote: Quote | None
) -> Answer | str | None:
    """Keep the line up to date; return the last answer, or None when there is nothing more to show."""
    scene, line, last_edit = begun, "", 0.0
    dispatcher = context.services.dispatcher
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            async for scene in _begin_with(begun, dispatcher):
                due = time.monotonic() - last_edit >= EDIT_EVERY_SECONDS
                if scene.state.finished or not due:
                    continue
                step = await _describe_step(scene, dispatcher)
                news = context.lines(_describe_quote(scene, quote), _describe_cancelling(scene), step)
                if news != line:
                    line, last_edit = news, time.monotonic()
                    button = CancelButton.build(scene.id, CancelButton.label_under(scene, context.locale))
                    await edit(interaction, Answer(line, gather_buttons(button)))
    except TimeoutError:
        log.debug("scene %s: still not finished when the interaction expired; its line stays as it is", scene.id)
        return None
    if scene.state.finished:
        return _describe_end(scene, context)
    return gettext("Lost track of this picture. If it isn't posted within a few minutes, ask again.")


def _describe_end(scene: Scene, context: RequestContext) -> Answer | str:
    if scene.state is not SceneState.POSTED:
        text = scene.sentence or gettext("No picture was made. Press Try again.")
        return Answer(text, build_retry_view(scene, context.locale))
    if scene.message_id is None:
        return context.lines(gettext("The picture was posted, then someone deleted it."), scene.sentence)
    link = message_link(scene, scene.message_id)
    return context.lines(gettext("Here's your picture: {link}", link=link), scene.sentence)


class PaidButton(SceneButton, template=r"scene_art:no-paid"):
    """Base of the buttons that have a picture painted: the price stands on them."""

    options: ClassVar[RerenderOptions] = RerenderOptions()

    @classmethod
    def label_under(cls, scene: Scene, locale: str) -> str:
        """Choose the label for the button under `scene`."""
        label = translate(cls.label, locale)
        if not scene.price:
            return label
        return translate(gettext("{label} ({price})", label=label, price=Dollars(scene.price)), locale)

    async def serve(self, interaction: Interaction) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        await show_progress(interaction, self.find, partial(rerender, scene_id=self.scene_id, options=self.options))


class RerenderButton(PaidButton, template=f"scene_art:rerender:{SCENE_ID}"):
    """Paint the scene again, with another seed."""

    name, label, emoji = "rerender", gettext("Rerender"), "🎲"


class CancelButton(SceneButton, template=f"scene_art:cancel:{SCENE_ID}"):
    """Cancel a picture that is waited for."""

    name, label, emoji = "cancel", gettext("Cancel"), "✋"

    async def answer(self, context: RequestContext) -> Sentence:
        """Tell what it costs; the line above the button tells the rest."""
        return await cancel(context, self.scene_id)


def build_retry_view(scene: Scene, locale: str) -> discord.ui.View:
    """Build the row under a sentence that says why there is no picture."""
    return gather_buttons(RerenderButton.build(scene.id, translate(gettext("Try again"), locale)))


async def rerender(context: RequestContext, scene_id: str, options: RerenderOptions) -> Scene:
    """Begin to paint a scene again."""
    return await context.services.pictures.rerender(context.channel_id, options, by=context.requester, scene=scene_id)


async def cancel(context: RequestContext, scene: str) -> Sentence:
    """Cancel a pending picture, and tell what it costs."""
    cancelled = await context.services.pictures.cancel(context.channel_id, scene, by=context.requester)
    if cancelled.is_charged:
        return gettext(
            "Cancelled. Nothing will be posted, but the picture had already been sent to the painter and is "
            "charged. If it still arrives, `/scene-art history` shows it."
        )
    return gettext("Cancelled. Nothing will be posted, and nothing is charged.")


async def _begin_with(begun: Scene, dispatcher: SceneDispatcher) -> AsyncIterator[Scene]:
    yield begun
    async for scene in dispatcher.follow(begun):
        yield scene


def _describe_quote(scene: Scene, quote: Quote | None) -> Sentence | None:
    """Describe the quote, with the price that is set aside for this very picture as soon as that is known."""
    if quote is not None and quote.price is not None and scene.reserved is not None:
        quote = replace(quote, price=Dollars(scene.reserved))
    return describe_quote(quote) if quote is not None else None


def describe_quote(quote: Quote) -> Sentence:
    """Tell a price and an allowance."""
    if quote.price is None:
        return gettext("Pictures left this hour: {left} of {most}.", left=quote.left, most=quote.most)
    return gettext(
        "Each picture costs the bot owner about {price}. Pictures left this hour: {left} of {most}.",
        price=quote.price,
        left=quote.left,
        most=quote.most,
    )


def _describe_cancelling(scene: Scene) -> Sentence:
    """Tell what the Cancel button below means, before it is pressed."""
    if scene.is_charged:
        return gettext("It has been sent to the painter and is charged, even if you cancel it.")
    return gettext("If you cancel it now, nothing is charged.")


async def _describe_step(scene: Scene, dispatcher: SceneDispatcher) -> Sentence:
    """Tell the person who waits what is being done."""
    if scene.resume_at is not None:
        return gettext("{why} Retrying automatically {when}.", why=scene.sentence, when=f"<t:{int(scene.resume_at)}:R>")
    if scene.progress == "":
        return await _describe_position(scene, dispatcher)
    done, total = scene.fetched
    if scene.progress.startswith("fetching"):
        return gettext("{bar} Loading reference pictures: {done} of {total}…", bar=_BARS[1], done=done, total=total)
    if scene.progress == "painting":
        return gettext("{bar} Drawing…", bar=_BARS[2])
    return gettext("{bar} Posting…", bar=_BARS[3])


async def _describe_position(scene: Scene, dispatcher: SceneDispatcher) -> Sentence:
    position = 1
    with contextlib.suppress(TransientError):
        position = await dispatcher.position(scene)
    if position > 1:
        return gettext("{bar} In the queue: number {position}…", bar=_BARS[0], position=position)
    return gettext("{bar} Next in the queue…", bar=_BARS[0])

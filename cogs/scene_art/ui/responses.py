"""Answering: at once, to the person alone, in their language, and always with a sentence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from .. import faults
from ..errors import SceneArtError
from ..i18n import Sentence, gettext, translate
from ..services.services import FindServices, Services

log = logging.getLogger(__name__)

OWN_FAULT = gettext("Something went wrong in the bot. Try again; the bot owner can find the reason in the log.")
TROUBLES = (discord.HTTPException, aiohttp.ClientError, OSError)

Interaction = discord.Interaction[Any]


def in_words(interaction: Interaction, sentence: str) -> str:
    """`sentence` in the language of whoever used the command or button."""
    return translate(sentence, str(interaction.locale))


async def respond(interaction: Interaction, find: FindServices, work: Callable[[Services], Awaitable[str]]) -> None:
    """Answer `interaction` with the sentence in which `work` ends, to the person alone. Never raises."""
    if await thinking(interaction):
        await edit(interaction, await outcome(find, work))


async def thinking(interaction: Interaction, *, alone: bool = True) -> bool:
    """Win time for an answer to the person alone, or to everybody; False when Discord waits for none any more."""
    if interaction.response.is_done():
        return True
    try:
        await interaction.response.defer(ephemeral=alone, thinking=True)
    except TROUBLES as exc:
        # Discord has told the person that the bot did not answer; nothing was begun.
        log.info("A command or button was not answered in time (%s)", type(exc).__name__)
        return False
    return True


async def outcome(find: FindServices, work: Callable[[Services], Awaitable[str]]) -> str:
    """The sentence in which `work` ends, whatever happens."""
    try:
        return await work(find())
    except SceneArtError as exc:
        return exc.sentence
    except Exception as exc:  # noqa: BLE001  # whoever waits for an answer gets one
        log.error("A command or button met a fault of scene-art's own: %s", faults.summary(exc))  # noqa: TRY400
        return OWN_FAULT


async def edit(interaction: Interaction, text: str, view: discord.ui.View | None = None) -> None:
    """Edit the deferred answer. That it cannot be edited any more (deleted, expired) must not end the work."""
    if view is not None:
        # Its buttons are found by their ids; the library need not remember the view.
        view.stop()
    try:
        await interaction.edit_original_response(
            content=in_words(interaction, text), view=view, allowed_mentions=discord.AllowedMentions.none()
        )
    except TROUBLES as exc:
        log.debug("An answer could not be edited (%s)", type(exc).__name__)


def lines(interaction: Interaction, *sentences: Sentence | str | None) -> str:
    """Some sentences below each other, in the person's language."""
    return "\n".join(in_words(interaction, sentence) for sentence in sentences if sentence)

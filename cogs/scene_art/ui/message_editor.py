"""Changing a message through the button below it, where the bot itself is not.

There the token of a press reaches the message that was pressed, if the first answer was to update it, and no other.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from ..discord_io.captions import NOBODY
from ..discord_io.poster import Poster
from ..domain.scene import Scene
from ..errors import PostError, TransientError
from ..i18n import gettext
from ..services.services import FindServices, Services
from .requester import requester_of
from .responses import TROUBLES, Interaction, in_words, outcome, respond
from .rich_responses import defer

log = logging.getLogger(__name__)


async def respond_below(
    interaction: Interaction, find: FindServices, work: Callable[[Services], Awaitable[str]]
) -> None:
    """As `respond`, and so that the message that was pressed can be changed, wherever it is."""
    if requester_of(interaction).answer is None:
        await respond(interaction, find, work)
        return
    if not await defer(interaction):
        return
    sentence = in_words(interaction, await outcome(find, work))
    try:
        await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=NOBODY)
    except TROUBLES as exc:
        log.debug("An answer could not be sent (%s)", type(exc).__name__)


class InteractionEditor:
    """Deletes and covers the message that was pressed, with the token of the press."""

    def __init__(self, interaction: Interaction, poster: Poster) -> None:
        self._interaction = interaction
        self._poster = poster

    async def erase(self, scene: Scene) -> None:
        """Delete the message. Raises as `Poster.erase`."""
        message = self._interaction.message
        if message is not None:
            await _tried(self._interaction.delete_original_response())

    async def cover(self, scene: Scene) -> None:
        """Cover or uncover its picture. Raises as `Poster.cover`."""
        message = self._interaction.message
        if message is None or not message.attachments:
            raise PostError("its message is gone", sentence=gettext("This picture is already gone."))
        try:
            picture = await message.attachments[0].read()
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            raise PostError("its file is gone", sentence=gettext("This picture is already gone.")) from None
        parts = self._poster.covered(scene, message, picture)
        await _tried(self._interaction.edit_original_response(**parts, allowed_mentions=NOBODY))


async def _tried(request: Awaitable[object]) -> None:
    try:
        await request
    except discord.HTTPException as exc:
        raise PostError(f"Discord refused a change of the message ({exc.status}, code {exc.code})") from None
    except (aiohttp.ClientError, OSError) as exc:
        raise TransientError(f"Discord cannot be reached ({type(exc).__name__})") from None

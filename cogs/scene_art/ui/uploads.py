"""Pictures that somebody gave Discord, read at once: its links to them expire."""

from __future__ import annotations

import aiohttp
import discord

from ..errors import CannotDoError
from ..speech import say

LARGEST_UPLOAD = 8 * 1024 * 1024


async def read_upload(attachment: discord.Attachment) -> bytes:
    """The bytes of a file that somebody uploaded.

    Raises:
        CannotDoError: it is too large, or gone.
    """
    if attachment.size > LARGEST_UPLOAD:
        raise CannotDoError(
            say("That picture is too large: {limit} MB is the most that I take.", limit=LARGEST_UPLOAD // 1024**2)
        )
    try:
        return await attachment.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        raise CannotDoError(say("I could not fetch that picture from Discord. Please upload it once more.")) from None

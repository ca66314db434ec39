"""Pictures that somebody gave Discord, read within the command: its links to them expire."""

from __future__ import annotations

import aiohttp
import discord

from ..errors import CannotDoError
from ..i18n import gettext

LARGEST_UPLOAD = 8 * 1024 * 1024


class UploadedFile:
    """A file at Discord, to be read when its turn has come."""

    def __init__(self, attachment: discord.Attachment) -> None:
        self._attachment = attachment

    def check(self) -> None:
        """Check its size, as Discord tells it.

        Raises:
            CannotDoError: it is too large.
        """
        if self._attachment.size > LARGEST_UPLOAD:
            raise CannotDoError(
                gettext("That picture is too large. The limit is {limit} MB.", limit=LARGEST_UPLOAD // 1024**2)
            )

    async def read(self) -> bytes:
        """Read its bytes.

        Raises:
            CannotDoError: it is gone.
        """
        try:
            return await self._attachment.read()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            raise CannotDoError(gettext("Couldn't download that picture from Discord. Upload it again.")) from None

"""Posted pictures, fetched back through the bot's own connection."""

from __future__ import annotations

import aiohttp
import discord

from ..domain.scene import Scene
from ..errors import PostError, TransientError
from ..i18n import gettext
from ..store.pictures import PictureStore
from .channel_lookup import post_error
from .channels import Channels

LOOK_SECONDS = 8.0
LARGEST_BYTES = 25 * 1024 * 1024
_GONE = {10003, 10008}


class PostedPictures:
    """Reads our own messages, and small copies of pictures that are too large to be opened again."""

    def __init__(self, channels: Channels, copies: PictureStore | None = None) -> None:
        self._channels = channels
        self._copies = copies
        self._requests = channels.requests

    async def message(self, scene: Scene) -> discord.Message | None:
        """Fetch the message that shows `scene`, with fresh links; None when it was deleted.

        Raises:
            PostError: the bot may not read it.
            TransientError: Discord could not be reached.
        """
        if scene.message_id is None:
            return None
        partial = self._channels.target(scene.channel_id).get_partial_message(int(scene.message_id))
        try:
            message: discord.Message = await self._requests.answer(partial.fetch(), LOOK_SECONDS)
        except discord.HTTPException as exc:
            if exc.code in _GONE:
                return None
            if exc.status >= 500 or exc.status == 429:
                sentence = gettext("Discord can't be reached right now. Try again in a minute.")
                raise TransientError(f"Discord answered {exc.status}", sentence=sentence) from None
            raise post_error(exc, "a look at its message") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(f"Discord cannot be reached ({type(exc).__name__})") from None
        return message if self._channels.is_own(message) else None

    async def picture(self, scene: Scene) -> bytes | None:
        """Read the picture, or its small copy, for use as a reference; None when it is gone. Raises as `message`."""
        message = await self.message(scene)
        if message is None or not message.attachments:
            return None
        if self._copies is not None and scene.has_copy and (copy := await self._copies.copy(scene)) is not None:
            return copy
        return await self.read(message.attachments[0])

    async def read(self, attachment: discord.Attachment) -> bytes:
        """Read a file on Discord.

        Raises:
            PostError: it is too large, or gone.
            TransientError: Discord could not be reached.
        """
        if attachment.size > LARGEST_BYTES:
            raise PostError(f"a file of {attachment.size} bytes is too large")
        try:
            return await self._requests.answer(attachment.read(), LOOK_SECONDS)
        except discord.HTTPException as exc:
            raise PostError(f"the file is gone ({exc.status})") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(f"Discord cannot be reached ({type(exc).__name__})") from None

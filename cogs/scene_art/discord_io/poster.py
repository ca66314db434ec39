"""Posting: one message per scene, sent by the bot itself, never twice."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import discord

from ..domain.file_types import FILE_TYPES
from ..domain.painting import Painting
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..errors import PostError, SceneArtError, TransientError
from ..i18n import gettext, translate
from .captions import NOBODY, alt_text, caption, is_late, only
from .channels import Channels
from .posted_messages import PostedPictures
from .requests import TROUBLES

log = logging.getLogger(__name__)

SEND_SECONDS = 60.0
URL_LIMIT = 500
"""Discord's addresses have some 200 characters; a longer one is not kept."""
RETRIES = 4
NONCE_TRUSTED_SECONDS = 45.0
"""Discord remembers a nonce for some minutes. A retry that comes later than this looks into the channel first."""
HISTORY_LIMIT = 100

_SLOW_MODE = 20016
_TOO_LARGE = {40005, 50045}
_UNKNOWN_MESSAGE = 10008
_NO_REPLY = {50035, 160002}


class PictureTooLargeError(SceneArtError):
    """Discord did not take a file of this size; a smaller one may pass."""

    code = "too_large"


ViewFactory = Callable[[Scene, str], discord.ui.View]
"""Makes the buttons under a scene, in the language of a locale; stopped, so that the library remembers no view."""


@dataclass(frozen=True)
class Posted:
    """A scene is at Discord: its message, or None when it was deleted before we heard of it."""

    message_id: str | None
    attachment_url: str = ""


class Poster:
    """Sends finished scenes through the bot's own connection."""

    def __init__(self, channels: Channels, view_of: ViewFactory, retry_view: ViewFactory) -> None:
        """`view_of` makes the buttons under a picture, `retry_view` those under a notice that there is none."""
        self._channels = channels
        self._posted = PostedPictures(channels)
        self._view_of = view_of
        self._retry_view = retry_view
        self._requests = channels.requests

    async def post(self, scene: Scene, painting: Painting, picture: bytes, *, look_first: bool = False) -> Posted:
        """Show `scene` in its channel with `picture`, the bytes of `painting`.

        Once: repeated with the same nonce, Discord answers with the first message.

        With `look_first`, and before a retry that comes late, the channel's recent messages are looked through, since
        Discord forgets a nonce after some minutes.

        Raises:
            PictureTooLargeError: a smaller encoding may pass.
            ChannelClosedError: not in this channel as things stand.
            PostError: not in this channel, now or later.
            TransientError: Discord could not be reached in several tries.
        """
        file_name = f"scene_{painting.digest}.{FILE_TYPES[painting.mime].ending}"
        attempt = _Attempt(scene, picture, file_name, _reference(scene))
        began = time.monotonic()
        for number in range(RETRIES):
            late = look_first if number == 0 else time.monotonic() - began > NONCE_TRUSTED_SECONDS
            if late and (twin := await self._find(scene)) is not None:
                return twin
            try:
                posted = await self._try(attempt)
            except TransientError as exc:
                if number == RETRIES - 1:
                    raise
                remark(scene.id, f"posted again: {exc.detail}")
                await asyncio.sleep(exc.retry_after or 0.5 * 2**number)
            else:
                self._channels.took(int(scene.channel_id))
                return posted
        raise TransientError("no try was allowed")

    async def _try(self, attempt: _Attempt) -> Posted:
        """Send it once. Raises as `post`."""
        scene, reference = attempt.scene, attempt.reference
        try:
            return _posted(await self._requests.answer(self._send(attempt), SEND_SECONDS))
        except discord.HTTPException as exc:
            if exc.code == _UNKNOWN_MESSAGE:
                remark(scene.id, "posted before, and deleted meanwhile")
                return Posted(None)
            if exc.status == 400 and exc.code in _NO_REPLY and reference is not None:
                remark(scene.id, f"Discord takes no reply to message {reference.message_id} ({exc.code})")
                attempt.reference = None
                return await self._try(attempt)
            raise self._refused(scene, exc) from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(f"Discord cannot be reached ({type(exc).__name__})") from None

    def _refused(self, scene: Scene, exc: discord.HTTPException) -> SceneArtError:
        """Discord's answer as an error of ours: what to do next, and nothing that cannot be pickled."""
        if exc.code in _TOO_LARGE or exc.status == 413:
            return PictureTooLargeError(f"Discord finds the picture too large ({exc.status}, code {exc.code})")
        if exc.status >= 500 or exc.status == 429 or exc.code == _SLOW_MODE:
            retry_after = getattr(exc, "retry_after", None)
            return TransientError(
                f"Discord answered {exc.status}",
                retry_after=min(float(retry_after), SEND_SECONDS) if retry_after else None,
                sentence=gettext("Discord didn't accept the picture. Try again in a minute."),
            )
        return self._channels.refused(int(scene.channel_id), exc)

    async def _find(self, scene: Scene) -> Posted | None:
        """Our message of `scene` among the channel's last ones, told by its buttons; None where it cannot be seen."""
        try:
            return await self._requests.answer(self._look_through(scene), SEND_SECONDS)
        except TROUBLES as exc:
            remark(scene.id, f"the channel cannot be looked through ({type(exc).__name__})")
        return None

    async def _look_through(self, scene: Scene) -> Posted | None:
        async for message in self._channels.target(scene.channel_id).history(limit=HISTORY_LIMIT):
            if self._channels.is_own(message) and _belongs_to(message, scene):
                remark(scene.id, "found in the channel: it was posted before")
                return _posted(message)
        return None

    async def _send(self, attempt: _Attempt) -> discord.Message:
        scene = attempt.scene
        locale = self._channels.locale(scene.channel_id)
        message: discord.Message = await self._channels.target(scene.channel_id).send(
            content=caption(scene, locale),
            file=_file(scene, attempt.picture, attempt.file_name, locale),
            view=self._view_of(scene, locale),
            nonce=scene.nonce,
            reference=attempt.reference,
            allowed_mentions=only(scene.requested_by) if is_late(scene) else NOBODY,
        )
        return message

    async def erase(self, scene: Scene) -> None:
        """Delete the scene's message. One that is gone already is no trouble.

        Raises:
            PostError: the bot may not.
            TransientError: Discord could not be reached.
        """
        message = self._channels.target(scene.channel_id).get_partial_message(int(scene.message_id or 0))
        try:
            await self._requests.answer(message.delete(), SEND_SECONDS)
        except discord.HTTPException as exc:
            if exc.code != _UNKNOWN_MESSAGE:
                raise self._refused(scene, exc) from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(
                f"Discord cannot be reached ({type(exc).__name__})",
                sentence=gettext("Discord can't be reached right now. Try again in a minute."),
            ) from None
        log.info("scene %s: its message is deleted", scene.id)

    async def cover(self, scene: Scene) -> None:
        """Have the scene's message show its picture covered, or not, as `scene.is_spoiler` says.

        Discord tells covered files by their name, so that the picture is sent once more.

        Raises:
            PostError: the bot may not, or the message is gone.
            TransientError: Discord could not be reached.
        """
        message = await self._posted.message(scene)
        if message is None or not message.attachments:
            raise PostError("its message is gone", sentence=gettext("This picture is already gone."))
        picture = await self._posted.read(message.attachments[0])
        name = message.attachments[0].filename.removeprefix("SPOILER_")
        locale = self._channels.locale(scene.channel_id)
        file, view = _file(scene, picture, name, locale), self._view_of(scene, locale)
        edit = message.edit(attachments=[file], view=view, allowed_mentions=NOBODY)
        try:
            await self._requests.answer(edit, SEND_SECONDS)
        except discord.HTTPException as exc:
            raise self._refused(scene, exc) from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(f"Discord cannot be reached ({type(exc).__name__})") from None
        log.info("scene %s: %s", scene.id, "covered" if scene.is_spoiler else "uncovered")

    async def notify(self, scene: Scene, *, mention: bool = False) -> None:
        """Say in the channel why there is no picture, once. Never fails: a notice is a nicety.

        With `mention`, to whoever asked for it and has no other way to hear of it.
        """
        locale = self._channels.locale(scene.channel_id)
        person = f"<@{scene.requested_by}> " if mention and scene.requested_by else ""
        send = self._channels.target(scene.channel_id).send(
            content=person + translate(scene.sentence, locale),
            view=self._retry_view(scene, locale),
            nonce=f"sn{scene.id}",
            silent=not person,
            allowed_mentions=only(scene.requested_by) if person else NOBODY,
        )
        try:
            await self._requests.answer(send, SEND_SECONDS)
        except TROUBLES as exc:
            log.debug("scene %s: the notice could not be posted (%s)", scene.id, type(exc).__name__)


@dataclass
class _Attempt:
    """The message that is sent. `reference` is given up when Discord takes no reply."""

    scene: Scene
    picture: bytes
    file_name: str
    reference: discord.MessageReference | None


def _reference(scene: Scene) -> discord.MessageReference | None:
    if not scene.reply_to:
        return None
    # A narrative that was deleted meanwhile costs the reply, not the picture.
    return discord.MessageReference(
        message_id=int(scene.reply_to), channel_id=int(scene.channel_id), fail_if_not_exists=False
    )


def _posted(message: discord.Message) -> Posted:
    url = message.attachments[0].url if message.attachments else ""
    return Posted(str(message.id), url if len(url) <= URL_LIMIT else "")


def _belongs_to(message: discord.Message, scene: Scene) -> bool:
    """Tell whether a message of ours shows `scene`: its buttons carry the scene's id."""
    if not message.attachments:
        return False
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    return any(scene.id in (getattr(item, "custom_id", None) or "") for row in rows for item in row)


def _file(scene: Scene, picture: bytes, name: str, locale: str) -> discord.File:
    # From memory: a file would be read in the default executor, which is the host's.
    return discord.File(
        io.BytesIO(picture), filename=name, description=alt_text(scene, locale), spoiler=scene.is_spoiler
    )

"""The publishers, for games written in Python: one call per turn, which never disturbs the game.

They need no Discord, Gemini or Pillow, accept any redis-py asyncio client, and never raise for a failed delivery: a
picture is never worth a turn. A failure is logged once, and the call returns False.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

log = logging.getLogger(__name__)

NARRATIVE_LIMIT = 3_000  # characters; scene-art itself uses the first 2,000
REQUEST_CHANNEL = "game:art:request"
TURN_CHANNEL = "game:turn:complete"
STREAM = "game:events"
"""The stream with a copy of the last events, for a scene-art that was away when they were published."""
STREAM_LENGTH = 1_000
STREAM_KEPT_SECONDS = 3_600
_TIMEOUT_SECONDS = 5.0
_LOST = "The picture's event was not published on %s: %s"


class PublishingClient(Protocol):
    """The one method of `redis.asyncio.Redis` that is needed; `xadd` and `expire` are used if they exist."""

    def publish(self, channel: str, message: str, /) -> Awaitable[int]:
        """Send `message`, and return the number of subscribers that received it."""
        ...


async def publish_art_request(
    redis: PublishingClient,
    *,
    channel_id: int | str,
    narrative: str,
    character_urls: Sequence[str] = (),
    character_names: Sequence[str] = (),
    game_name: str = "",
    aspect_ratio: str = "16:9",
    turn_id: str | None = None,
    message_id: int | str | None = None,
    guild_id: int | str | None = None,
) -> bool:
    """Ask for a picture of `narrative` in the channel, now.

    The i-th picture shows the i-th name; names beyond the pictures are drawn from the text. Returns True if the event
    reached Redis. Never raises, except when the caller is cancelled.
    """
    return await _publish(
        redis,
        REQUEST_CHANNEL,
        channel_id=channel_id,
        narrative=narrative,
        character_urls=character_urls,
        character_names=character_names,
        game_name=game_name,
        aspect_ratio=aspect_ratio,
        turn_id=turn_id,
        message_id=message_id,
        guild_id=guild_id,
    )


async def publish_turn_complete(
    redis: PublishingClient,
    *,
    channel_id: int | str,
    narrative: str,
    game_name: str = "",
    character_urls: Sequence[str] = (),
    character_names: Sequence[str] = (),
    turn_id: str | None = None,
    message_id: int | str | None = None,
    guild_id: int | str | None = None,
    art: bool = True,
) -> bool:
    """Report that a turn was posted. scene-art draws it when no request comes for it; never if `art` is false.

    Returns True if the event reached Redis. Never raises, except when the caller is cancelled.
    """
    return await _publish(
        redis,
        TURN_CHANNEL,
        channel_id=channel_id,
        narrative=narrative,
        game_name=game_name,
        character_urls=character_urls,
        character_names=character_names,
        turn_id=turn_id,
        message_id=message_id,
        guild_id=guild_id,
        art=art,
    )


async def _publish(redis: Any, channel: str, **fields: object) -> bool:
    kept = published = False
    try:
        message = _message(fields)
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            if hasattr(redis, "xadd") and hasattr(redis, "expire"):
                # Fails for a game that may only PUBLISH.
                entry = {"channel": channel, "data": message}
                keep = partial(redis.xadd, STREAM, entry, maxlen=STREAM_LENGTH, approximate=True)
                kept = await _tried(keep, logging.DEBUG, "The event was not kept in %s: %s", STREAM)
            published = await _tried(partial(redis.publish, channel, message), logging.WARNING, _LOST, channel)
            if kept:
                # The stream expires after the game's last event. Last, since nothing depends on it.
                expire = partial(redis.expire, STREAM, STREAM_KEPT_SECONDS)
                await _tried(expire, logging.DEBUG, "%s got no time to live: %s", STREAM)
    except Exception as exc:  # noqa: BLE001  # the promise to the game: no error of ours breaks its turn
        if not published:
            log.warning(_LOST, channel, type(exc).__name__)
    return kept or published


async def _tried(command: Callable[[], Awaitable[object]], level: int, failure: str, where: str) -> bool:
    """Tell whether the command succeeded. Its failure is logged."""
    try:
        await command()
    except Exception as exc:  # noqa: BLE001  # see above
        log.log(level, failure, where, type(exc).__name__)
        return False
    return True


def _message(fields: dict[str, object]) -> str:
    """Write the event as JSON. Ids become strings, since 64-bit numbers do not survive every JSON parser."""
    values = {key: value for key, value in fields.items() if value is not None}
    for key in ("channel_id", "message_id", "guild_id"):
        if key in values:
            values[key] = str(values[key])
    for key in ("character_urls", "character_names"):
        entries = values[key]
        values[key] = [str(item or "") for item in entries] if isinstance(entries, (list, tuple)) else []
    values["narrative"] = str(values.get("narrative") or "")[:NARRATIVE_LIMIT]
    text = json.dumps({**values, "ts": time.time()}, ensure_ascii=False)
    # Redis does not accept half of a surrogate pair, which a text cut in the middle of an emoji ends with.
    return text.encode("utf-8", "replace").decode()

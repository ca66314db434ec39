"""The host's arguments as an event. They are checked like an event from Redis, but every fault raises an error."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence

import discord

from ..domain.events import ArtRequest, EventError, read_event
from ..publish import REQUEST_CHANNEL

IDS = ("message_id", "guild_id")


def art_request(channel: discord.abc.Snowflake | int, **fields: object) -> tuple[ArtRequest, int]:
    """Make the request for a picture in `channel`, and return it with the size of its message in bytes.

    Raises:
        ValueError: an argument does not fit; the text names it.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    given = {"guild_id": _guild_id(channel)} | given | {"channel_id": _channel_id(channel)}
    message = _message(given)
    try:
        event = read_event(ArtRequest, REQUEST_CHANNEL, message)
    except EventError as exc:
        raise ValueError(str(exc)) from None
    for name in IDS:
        if given.get(name) is not None and getattr(event, name) is None:
            raise ValueError(f"{name}: is not a Discord id")
    return event.model_copy(update={"followed": True}), len(message)


def _message(fields: dict[str, object]) -> str:
    lists = {
        name: list(value)
        for name, value in fields.items()
        if isinstance(value, Sequence) and not isinstance(value, str)
    }
    try:
        # The mark makes each call an event of its own, since events are identified by their bytes.
        return json.dumps(fields | lists | {"ts": time.time(), "mark": secrets.token_hex(8)})
    except (TypeError, ValueError) as exc:
        raise ValueError(f"an argument cannot be written as JSON ({exc})") from None


def _channel_id(channel: discord.abc.Snowflake | int) -> int:
    if isinstance(channel, discord.abc.User):
        raise ValueError("channel: is a person; give `await user.create_dm()`")  # noqa: TRY004
    number = channel if isinstance(channel, int) else getattr(channel, "id", None)
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    raise ValueError("channel: must be a channel, a thread or the id of one; of a context, give its `channel`")


def _guild_id(channel: discord.abc.Snowflake | int) -> int | None:
    guild = getattr(channel, "guild", None)
    return guild.id if isinstance(guild, (discord.Guild, discord.Object)) else None

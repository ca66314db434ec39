"""Where the choices of servers and channels are kept.

    {namespace}:{<server>}:preferences   `channel/choice` or `server/choice`, JSON; a direct conversation is a server

Each choice is a field of its own, so that of two people who change two things at once neither undoes the other's. A
record is forgotten when nobody used it for more than a year.
"""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import TTLCache
from pydantic_core import to_json

from ..domain.preferences import (
    SERVER,
    SETTINGS_OF_CHANNEL,
    ChannelSettings,
    Preferences,
    checked,
    read_preferences,
    resolve,
)
from ..settings import Settings
from .connection import RedisClient
from .reading import sound_pipeline
from .retention import KEPT_SECONDS
from .timeouts import within_timeout

FRESH_SECONDS = 3.0
"""After so long another process's change is seen here."""
REMEMBERED = 1_000
CHOICE_BYTES = 8 * 1024


@dataclass(frozen=True)
class ChannelScope:
    """A channel, and what its settings are laid over."""

    channel_id: str
    guild_id: str | None = None
    """None: a direct conversation."""
    parent_id: str | None = None
    """The channel that a thread or a forum's post is in."""

    @property
    def server(self) -> str:
        """Whose record it is."""
        return self.guild_id or self.channel_id

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """The layers over the operator's settings, the topmost first: how each is called, and its field."""
        own = (("channel", self.channel_id),)
        parent = (("parent", self.parent_id),) if self.parent_id else ()
        return (*own, *parent, (SERVER, SERVER))


class PreferenceRepository:
    """Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._known: TTLCache[ChannelScope, ChannelSettings] = TTLCache(REMEMBERED, FRESH_SECONDS)

    async def of(self, channel_scope: ChannelScope) -> ChannelSettings:
        """What holds there, at most some seconds old."""
        if (known := self._known.get(channel_scope)) is not None:
            return known
        self._known[channel_scope] = found = resolve(self._settings, await self._read(channel_scope))
        return found

    async def chosen(self, channel_scope: ChannelScope, scope: str) -> Preferences:
        """The choices of one layer alone: `scope` is the channel's id or `SERVER`."""
        return next((chosen for _, field, chosen in await self._read(channel_scope) if field == scope), Preferences())

    async def choose(self, channel_scope: ChannelScope, scope: str, name: str, value: object) -> ChannelSettings:
        """Make one choice in one layer, or take it back with None; what holds there then.

        Raises:
            ValueError: there is no such choice, or the value does not fit.
        """
        fitting = checked(name, value)
        key, field = self._key(channel_scope), f"{scope}/{name}"
        pipe = sound_pipeline(self._client)
        if fitting is None:
            pipe.hdel(key, field)
        else:
            pipe.hset(key, field, to_json(fitting))
        pipe.expire(key, KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()
        self._known.clear()
        return await self.of(channel_scope)

    async def _read(self, channel_scope: ChannelScope) -> list[tuple[str, str, Preferences]]:
        """Each layer: how it is called, its field, what was chosen there."""
        key = self._key(channel_scope)
        pipe = sound_pipeline(self._client)
        for _, field in channel_scope.layers:
            for name in SETTINGS_OF_CHANNEL:
                pipe.hget(key, f"{field}/{name}")
        pipe.expire(key, KEPT_SECONDS)
        async with within_timeout():
            *found, _ = await pipe.execute()
        short = iter([raw if raw and len(raw) <= CHOICE_BYTES else None for raw in found])
        return [
            (
                called,
                field,
                read_preferences(
                    {name: next(short) for name in SETTINGS_OF_CHANNEL}, f"channel {channel_scope.channel_id}"
                ),
            )
            for called, field in channel_scope.layers
        ]

    def _key(self, channel_scope: ChannelScope) -> str:
        return f"{self._settings.namespace}:{{{channel_scope.server}}}:preferences"

"""The choices of servers and channels.

    {namespace}:{<server>}:preferences   `channel/choice` or `server/choice`, JSON; a direct conversation is a server

Each choice is a field of its own, so that of two people who change two things at once neither undoes the other's. A
record is forgotten when nobody used it for more than a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cachetools import TTLCache
from pydantic_core import to_json

from ..domain.preferences import (
    CHANNEL,
    PARENT,
    SERVER,
    SETTINGS,
    ChannelSettings,
    Layer,
    check_allowed,
    checked,
    read_choices,
    resolve,
)
from ..errors import CannotDoError
from ..i18n import gettext
from ..settings import Settings
from .connection import RedisClient
from .reading import KEPT_SECONDS, fields, tagged_key, transaction
from .records import is_channel_id
from .spread import Spread
from .timeouts import within_timeout

FRESH_SECONDS = 3.0
"""After so long another process's change is seen here."""
REMEMBERED = 1_000
CHOICE_BYTES = 8 * 1024
MOST_CHOICES = 1_000
"""Most choices of a server and its channels."""
MOST_CONVERSATIONS = 50
"""Most direct conversations in which one person has made choices."""
RENEWED_SECONDS = 24 * 3600
"""So often a process puts off the end of a record that it reads."""


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
        """The id under which the choices are kept."""
        return self.guild_id or self.channel_id

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """The layers over the operator's settings, the topmost first: its name and its scope."""
        own = ((CHANNEL, self.channel_id),)
        parent = ((PARENT, self.parent_id),) if self.parent_id else ()
        return (*own, *parent, (SERVER, SERVER))


class PreferenceRepository:
    """Every method may raise `TransientError`: Redis is away."""

    def __init__(self, client: RedisClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._known: TTLCache[ChannelScope, ChannelSettings] = TTLCache(REMEMBERED, FRESH_SECONDS)
        self._renewed: TTLCache[str, None] = TTLCache(REMEMBERED, RENEWED_SECONDS)
        self._spread = Spread(client, f"{settings.namespace}:kept:preferences", MOST_CONVERSATIONS, self._has_choices)

    async def of(self, channel_scope: ChannelScope) -> ChannelSettings:
        """Read what holds there, at most some seconds old."""
        if (known := self._known.get(channel_scope)) is not None:
            return known
        self._known[channel_scope] = found = await self._resolved(channel_scope)
        return found

    async def chosen(self, channel_scope: ChannelScope, scope: str) -> Mapping[str, Any]:
        """The choices of one layer alone, by name: `scope` is the channel's id or `SERVER`."""
        layers = (await self._resolved(channel_scope)).layers
        return next((layer.choices for layer in layers if layer.scope == scope), {})

    def allows(self, name: str, value: object) -> bool:
        """Tell whether the operator leaves this value of the setting `name` to others."""
        return SETTINGS[name].bound.allows(value, self._settings)

    async def choose(
        self, channel_scope: ChannelScope, scope: str, name: str, value: object, *, by: str = ""
    ) -> ChannelSettings:
        """Make one choice in one layer, or take it back with None; what holds there then.

        `by` is the id of whoever makes it, who can do so in a bounded number of direct conversations.

        Raises:
            ValueError: there is no such choice, or the value does not fit.
            CannotDoError: the operator does not allow it, or too much is chosen, in the server or by this person.
        """
        fitting = checked(name, value)
        key, field = self._key(channel_scope), f"{scope}/{name}"
        if fitting is not None:
            check_allowed(name, fitting, self._settings, in_server=channel_scope.guild_id is not None)
            await self._check_room(channel_scope, field, by)
        async with transaction(self._client) as pipe:
            if fitting is None:
                pipe.hdel(key, field)
            else:
                pipe.hset(key, field, to_json(fitting))
            pipe.expire(key, KEPT_SECONDS)
        self._known.clear()
        return await self.of(channel_scope)

    async def channels(self, server: str) -> set[str]:
        """List the channels of the server that have choices of their own."""
        scopes = {field.partition(b"/")[0].decode("ascii", "replace") for field in await self._all(server)}
        return set(filter(is_channel_id, scopes))

    async def remove(self, server: str) -> None:
        """Take back every choice of the server and of its channels. May be repeated."""
        async with transaction(self._client) as pipe:
            pipe.delete(self._key(ChannelScope(server)))
        self._known.clear()

    async def _check_room(self, channel_scope: ChannelScope, field: str, by: str) -> None:
        found = await self._all(channel_scope.server)
        if field.encode() not in found and len(found) >= MOST_CHOICES:
            raise CannotDoError(
                gettext(
                    "This server already has {most} settings of its own, the maximum. Set some back to the default "
                    "first.",
                    most=MOST_CHOICES,
                )
            )
        if by and channel_scope.guild_id is None and not await self._spread.take(by, channel_scope.server):
            raise CannotDoError(
                gettext(
                    "You have changed settings in {most} direct conversations, the maximum. Set those of another one "
                    "back to the default first.",
                    most=MOST_CONVERSATIONS,
                )
            )

    async def _has_choices(self, server: str, _: str) -> bool:
        return bool(await self._all(server))

    async def _all(self, server: str) -> Mapping[bytes, bytes]:
        async with within_timeout():
            return await self._client.hgetall(self._key(ChannelScope(server)))

    async def _resolved(self, channel_scope: ChannelScope) -> ChannelSettings:
        layers = await self._read(channel_scope)
        return resolve(self._settings, layers, in_server=channel_scope.guild_id is not None)

    async def _read(self, channel_scope: ChannelScope) -> list[Layer]:
        key, layers = self._key(channel_scope), channel_scope.layers
        async with within_timeout():
            found = await fields(
                self._client, key, [f"{scope}/{name}" for _, scope in layers for name in SETTINGS], CHOICE_BYTES
            )
            if key not in self._renewed:
                await self._client.expire(key, KEPT_SECONDS)
                self._renewed[key] = None
        raw = iter(found)
        where = f"channel {channel_scope.channel_id}"
        return [
            Layer(name, scope, read_choices(dict(zip(SETTINGS, raw, strict=False)), where)) for name, scope in layers
        ]

    def _key(self, channel_scope: ChannelScope) -> str:
        return tagged_key(self._settings.namespace, channel_scope.server, "preferences")

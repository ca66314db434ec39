"""Opt-outs: people who do not want to be depicted, by the names of their characters.

    {namespace}:{<server>}:hidden    `user/name`, by the time of the opt-out (unix seconds)

A server's opt-outs expire together, when nobody of the server added or read any for more than a year.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from ..domain.depiction import MODERATORS
from ..domain.names import NAME_LIMIT, short_line
from ..domain.spelling import fold
from ..errors import CannotDoError
from ..i18n import gettext
from ..text import one_line
from .connection import RedisClient
from .reading import KEPT_SECONDS, tagged_key, transaction
from .records import is_channel_id
from .spread import Spread
from .timeouts import within_timeout

MOST_NAMES = 5
"""Most names of one person."""
MOST = 2_500
FOR_OTHERS = "\x01"
"""Stands behind a name that a moderator hid; earlier versions take it out, as all that is invisible."""
MOST_SERVERS = 250
"""Most servers and conversations of one person; Discord lets nobody into more than 200 servers."""
ENTRY_BYTES = 20 + 1 + 4 * NAME_LIMIT + len(FOR_OTHERS)


class OptOuts:
    """The opt-outs of all servers. Every method may raise `TransientError`: Redis is away.

    `server` is a server's id, or the channel's id in direct messages.
    """

    def __init__(self, client: RedisClient, namespace: str, now: Callable[[], float] = time.time) -> None:
        """`now` is in unix seconds."""
        self._client = client
        self._namespace = namespace
        self._now = now
        self._spread = Spread(client, f"{namespace}:kept:hidden", MOST_SERVERS, self._is_hidden)

    async def hide(
        self, server: str, user_id: str, names: Sequence[str], *, is_for_others: bool = False
    ) -> tuple[str, ...]:
        """Hide a person under these names too, and return all their hidden names: the newest `MOST_NAMES`.

        `is_for_others` is for moderators, whose word counts whoever plays the character: it does not hide themselves.
        Whether they are names, or the game's own, is for the caller to check.

        Raises:
            CannotDoError: a name is empty or too long, or too many people are hidden, or they are in too many places.
        """
        mark = FOR_OTHERS if is_for_others else ""
        wanted = {fold(name): name + mark for name in map(_fitting, names)}
        before = {fold(one_line(name)): name for name in await self._of(server, user_id)}
        kept = [*(name for folded, name in before.items() if folded not in wanted), *wanted.values()][-MOST_NAMES:]
        if not await self._spread.take(user_id, server):
            raise CannotDoError(
                gettext(
                    "You're already hidden in {most} servers and conversations, the maximum. Use "
                    "`/scene-art cast unhide` in one of them first.",
                    most=MOST_SERVERS,
                )
            )
        await self._replace(server, user_id, kept)
        return tuple(map(one_line, kept))

    async def show(self, server: str, user_id: str) -> None:
        """Undo all opt-outs of a person. May be repeated."""
        await self._replace(server, user_id, ())
        await self._spread.give_back(user_id, server)

    async def remove(self, server: str) -> None:
        """Undo all opt-outs of a server. May be repeated."""
        for user_id in await self.all(server):
            await self._spread.give_back(user_id, server)
        async with transaction(self._client) as pipe:
            pipe.delete(self._key(server))

    async def of(self, server: str, user_id: str) -> tuple[str, ...]:
        """Read the hidden names of a person, the oldest first."""
        return tuple(map(one_line, await self._of(server, user_id)))

    async def _of(self, server: str, user_id: str) -> list[str]:
        """Read the hidden names of a person as they are stored, with the mark of a moderator's word."""
        entries = [entry.partition("/") for entry in await self._entries(server)]
        return [name for user, _, name in entries if user == user_id and one_line(name)][:MOST_NAMES]

    async def _is_hidden(self, server: str, user_id: str) -> bool:
        return bool(await self.of(server, user_id))

    async def all(self, server: str) -> Mapping[str, Sequence[str]]:
        """Read the hidden names by user id; those that moderators hid for others stand under `MODERATORS`."""
        found: dict[str, list[str]] = {}
        for entry in await self._entries(server):
            user_id, _, name = entry.partition("/")
            is_for_others = name.endswith(FOR_OTHERS)
            line, theirs = one_line(name), found.setdefault(MODERATORS if is_for_others else user_id, [])
            if is_channel_id(user_id) and line and (is_for_others or len(theirs) < MOST_NAMES):
                theirs.append(line)
        return {user_id: theirs for user_id, theirs in found.items() if theirs}

    async def _entries(self, server: str) -> list[str]:
        """Read the entries, the oldest first, and keep them from expiring."""
        async with within_timeout():
            found = await self._client.zrange(self._key(server), 0, MOST - 1)
        if found:
            async with within_timeout():
                await self._client.expire(self._key(server), KEPT_SECONDS)
        return [raw.decode("utf-8", "replace") for raw in found if len(raw) <= ENTRY_BYTES]

    async def _replace(self, server: str, user_id: str, names: Sequence[str]) -> None:
        key, now = self._key(server), self._now()
        entries = await self._entries(server)
        old = [entry for entry in entries if entry.startswith(f"{user_id}/")]
        if len(entries) - len(old) + len(names) > MOST:
            raise CannotDoError(gettext("This server can't hide any more people. Tell a moderator."))
        async with transaction(self._client) as pipe:
            if old:
                pipe.zrem(key, *old)
            if names:
                pipe.zadd(key, {f"{user_id}/{name}": now + number / 1000 for number, name in enumerate(names)})
                pipe.expire(key, KEPT_SECONDS)

    def _key(self, server: str) -> str:
        return tagged_key(self._namespace, server, "hidden")


def _fitting(name: str) -> str:
    line = short_line(name, NAME_LIMIT, gettext("The name"))
    if not line:
        raise CannotDoError(gettext("A name needs at least one letter or digit. Try another name."))
    return line

"""Space for pictures that people keep: counted for each person, each server and in total, and bounded by caps.

All keys of a space share a hash tag, so that each script runs in one step also on a cluster:

    {namespace}:{<space>}:people       bytes by person, and those of `all`
    {namespace}:{<space>}:servers      servers with entries, by the time of their last check (unix seconds)
    {namespace}:{<space>}:of:<user>    the person's entries, by their last use (unix seconds)
    {namespace}:{<space>}:in:<server>  the server's entries, by the same time

An entry is `<user>/<server>/<shelf>/<id>/<bytes>`. The sums of a person and of a server are counted from their entries
at every look, so that they cannot drift; an entry that is older than what it stands for drops out by itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ..settings import Settings
from .connection import RedisClient
from .reading import KEPT_SECONDS, tagged_key, transaction
from .scripts import Script
from .timeouts import within_timeout

MEGABYTE = 1024 * 1024
LEAST_BYTES = 16 * 1024
"""Least bytes that an entry counts for: bounds the number of entries, too."""
IDLE_SECONDS = 2 * 24 * 3600
"""An entry that was used within this time makes room for nobody. Uses are noted once a day, so a day is certain."""
TRIES = 8
"""Times that room is made for one entry, while others take it."""
MOST_ENTRIES = 100_000
CHECKED_AT_ONCE = 10
_ENTRY = re.compile(r"([0-9]{1,20})/([0-9]{1,20})/([a-z]+)/([0-9a-f/]{16,40})/([0-9]{1,12})")

_COMMON = """
local people, servers, prefix, now = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local lifetime = tonumber(ARGV[3])
local function bytes(entry) return tonumber(string.match(entry, '%d+$')) or 0 end
local function of(entry) return prefix .. 'of:' .. string.match(entry, '^[^/]+') end
local function place(entry) return prefix .. 'in:' .. string.match(entry, '^[^/]+/([^/]+)') end
local function held(who) return tonumber(redis.call('ZSCORE', people, who) or '0') end
local function set_held(who, amount)
  if amount > 0 then redis.call('ZADD', people, string.format('%.0f', amount), who)
  else redis.call('ZREM', people, who) end
end
local function sum(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.3f', now - lifetime))
  local all = 0
  for _, entry in ipairs(redis.call('ZRANGE', key, '0', '-1')) do all = all + bytes(entry) end
  return all
end
local function count(user)
  local amount = sum(prefix .. 'of:' .. user)
  set_held('all', held('all') + amount - held(user))
  set_held(user, amount)
  return amount
end
local function put(entry)
  redis.call('ZADD', of(entry), ARGV[2], entry)
  redis.call('ZADD', place(entry), ARGV[2], entry)
end
local function keep(entry)
  local server = string.match(entry, '^[^/]+/([^/]+)')
  local there = redis.call('EXISTS', place(entry)) == 1
  if not there then redis.call('ZREM', servers, server)
  elseif not redis.call('ZSCORE', servers, server) then redis.call('ZADD', servers, ARGV[2], server) end
  count(string.match(entry, '^[^/]+'))
  for _, key in ipairs({people, servers, of(entry), place(entry)}) do
    redis.call('EXPIRE', key, string.format('%.0f', lifetime + 86400))
  end
end
"""

# `+` notes an entry that is not known, `*` one that is used now, `-` forgets one.
_CHANGE = Script(
    _COMMON
    + """
for at = 4, #ARGV do
  local how, entry = string.sub(ARGV[at], 1, 1), string.sub(ARGV[at], 2)
  if how == '-' then
    redis.call('ZREM', of(entry), entry)
    redis.call('ZREM', place(entry), entry)
  elseif how == '*' or not redis.call('ZSCORE', of(entry), entry) or not redis.call('ZSCORE', place(entry), entry) then
    put(entry)
  end
end
for at = 4, #ARGV do keep(string.sub(ARGV[at], 2)) end
return #ARGV - 3
"""
)

# Room is made by those who hold at least an even share of the total, the longest unused first. Whoever would hold more
# than that share makes it from their own entries alone. So no flood pushes out what somebody within their share has,
# from however many accounts it comes.
_RESERVE = Script(
    _COMMON
    + """
local entry, own_cap, server_cap, total = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local unused_since, rolls = now - tonumber(ARGV[8]), ARGV[9] == '1'
local user, size = string.match(entry, '^[^/]+'), bytes(entry)
if redis.call('ZSCORE', of(entry), entry) then return {0} end
local mine, here = count(user), sum(place(entry))
local share, amounts = 0, {}
local function pick(keys, need)
  local old, victims = {}, {}
  for _, key in ipairs(keys) do
    local found = redis.call('ZRANGE', key, '0', '99', 'WITHSCORES')
    for at = 1, #found, 2 do
      if tonumber(found[at + 1]) <= unused_since then old[#old + 1] = {tonumber(found[at + 1]), found[at]} end
    end
  end
  table.sort(old, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  for _, one in ipairs(old) do
    local whose = string.match(one[2], '^[^/]+')
    local amount = amounts[whose]
    if need > 0 and #victims < 200 and (not amount or amount >= share) then
      victims[#victims + 1], need = one[2], need - bytes(one[2])
      if amount then amounts[whose] = amount - bytes(one[2]) end
    end
  end
  return (need <= 0 or #victims == 200) and victims
end
local function answer(which, used, victims)
  if victims then return {4, unpack(victims)} end
  return {which, string.format('%.0f', used)}
end
if mine + size > own_cap then return answer(1, mine, rolls and pick({of(entry)}, mine + size - own_cap)) end
if here + size > server_cap then return answer(2, here, rolls and pick({place(entry)}, here + size - server_cap)) end
local all = held('all')
if all + size > total then
  local holders = redis.call('ZCARD', people) - (all > 0 and 1 or 0) + (mine > 0 and 0 or 1)
  share = total / holders
  local keys = {}
  if mine + size > share then keys[1] = of(entry) else
    for _, who in ipairs(redis.call('ZRANGE', people, '-101', '-1')) do
      if who ~= 'all' and who ~= user and held(who) >= share then
        amounts[who], keys[#keys + 1] = held(who), prefix .. 'of:' .. who
      end
    end
  end
  return answer(3, all, pick(keys, all + size - total))
end
put(entry)
keep(entry)
return {0}
"""
)

_USAGE = Script(
    _COMMON
    + """
return {string.format('%.0f', sum(prefix .. 'of:' .. ARGV[4])), string.format('%.0f', sum(prefix .. 'in:' .. ARGV[5])),
  string.format('%.0f', held('all'))}
"""
)


@dataclass(frozen=True)
class Caps:
    """The most bytes of one person over all servers, of one server or direct conversation, and of all together."""

    user: int = 16 * MEGABYTE
    server: int = 64 * MEGABYTE
    total: int = 1024 * MEGABYTE

    @classmethod
    def of(cls, settings: Settings) -> Caps:
        """Read the operator's caps of reference pictures."""
        megabytes = (settings.user_references_mb, settings.guild_references_mb, settings.references_mb)
        return cls(*(most * MEGABYTE for most in megabytes))


@dataclass(frozen=True)
class Rules:
    """How long an entry counts, how long it is safe, and what happens at a person's or a server's cap."""

    lifetime_seconds: int = KEPT_SECONDS
    """Time to live of what an entry stands for, from its last use on."""
    idle_seconds: int = IDLE_SECONDS
    """Entries that were used within this time make room for nobody."""
    rolls: bool = False
    """True: at a person's or a server's cap the oldest entry makes room; false: that is a refusal."""


@dataclass(frozen=True)
class Entry:
    """One kept picture."""

    user_id: str
    """Whoever added it."""
    server: str
    """A server's id, or the channel's in direct messages."""
    shelf: str
    id: str
    size: int
    """Bytes that it counts for; see `counted_size`."""

    @property
    def text(self) -> str:
        """The entry as it is stored."""
        return f"{self.user_id}/{self.server}/{self.shelf}/{self.id}/{self.size}"

    @classmethod
    def read(cls, text: str) -> Entry | None:
        """Read a stored entry; None for what is none."""
        found = _ENTRY.fullmatch(text)
        return cls(found[1], found[2], found[3], found[4], int(found[5])) if found else None


def counted_size(size: int) -> int:
    """Return the bytes that `size` bytes count for: small pictures cost records and keys, too."""
    return max(size, LEAST_BYTES)


@dataclass(frozen=True)
class Usage:
    """Bytes that are kept for a person, in a server, and in total."""

    user: int
    server: int
    total: int


class Cap(IntEnum):
    """The cap that an entry would exceed."""

    USER = 1
    SERVER = 2
    TOTAL = 3


@dataclass(frozen=True)
class Refusal:
    """The cap that has no room, and the bytes that are used of it."""

    cap: Cap
    used: int


_VICTIMS = 4


class Space:
    """One space. Every method may raise `TransientError`: Redis is away. Each may be repeated without harm."""

    def __init__(
        self,
        client: RedisClient,
        prefix: tuple[str, str],
        caps: Caps,
        rules: Rules,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`prefix` is the namespace and the space's name; `now` is in unix seconds, shared by all processes."""
        self._client = client
        self.caps = caps
        self._rules = rules
        self._now = now
        self._prefix = f"{tagged_key(*prefix)}:"
        self._keys = [f"{self._prefix}people", f"{self._prefix}servers"]

    def _common(self) -> list[str | int]:
        return [self._prefix, f"{self._now():.3f}", self._rules.lifetime_seconds]

    async def reserve(self, entry: Entry, evict: Callable[[Entry], Awaitable[None]]) -> Refusal | None:
        """Count `entry`, before what it stands for is kept; None when it is counted.

        Where others have to go for it, has `evict` remove each of them, and forgets it.
        """
        caps, rules = self.caps, self._rules
        words: list[str | int] = [entry.text, caps.user, caps.server, caps.total, rules.idle_seconds, int(rules.rolls)]
        for _ in range(TRIES):
            which, *found = await _RESERVE.run(self._client, self._keys, [*self._common(), *words])
            if int(which) != _VICTIMS:
                return Refusal(Cap(int(which)), int(found[0])) if which else None
            for victim in _entries(found):
                await evict(victim)
                await self.change(removed=[victim])
        return Refusal(Cap.TOTAL, caps.total)

    async def change(
        self, *, noted: Iterable[Entry] = (), used: Iterable[Entry] = (), removed: Iterable[Entry] = ()
    ) -> None:
        """Note entries that are kept already, and those used just now; forget removed ones."""
        marked = {"+": noted, "*": used, "-": removed}
        words = [f"{mark}{entry.text}" for mark, entries in marked.items() for entry in entries]
        if words:
            await _CHANGE.run(self._client, self._keys, [*self._common(), *words])

    async def usage(self, user_id: str, server: str) -> Usage:
        """Count what is kept for the person, in the server, and in total."""
        found = await _USAGE.run(self._client, self._keys, [*self._common(), user_id, server])
        return Usage(*map(int, found))

    async def entries_of(self, user_id: str) -> dict[Entry, float]:
        """Read the entries of a person, each with its last use (unix seconds)."""
        return await self._read(f"{self._prefix}of:{user_id}")

    async def entries_in(self, server: str) -> dict[Entry, float]:
        """Read the entries of a server, each with its last use (unix seconds)."""
        return await self._read(f"{self._prefix}in:{server}")

    async def _read(self, key: str) -> dict[Entry, float]:
        async with within_timeout():
            found = await self._client.zrange(key, 0, MOST_ENTRIES - 1, withscores=True)
        read = ((Entry.read(raw.decode("ascii", "replace")), float(at)) for raw, at in found)
        return {entry: at for entry, at in read if entry is not None}

    async def unchecked(self, since: float) -> list[str]:
        """List at most `CHECKED_AT_ONCE` servers that were last checked at `since` (unix seconds) or earlier."""
        async with within_timeout():
            found = await self._client.zrange(self._keys[1], 0, CHECKED_AT_ONCE - 1, withscores=True)
        return [raw.decode("ascii", "replace") for raw, at in found if float(at) <= since]

    async def note_checked(self, server: str) -> None:
        """Note that the server's entries are as they should be."""
        is_empty = not await self.entries_in(server)
        async with transaction(self._client) as pipe:
            if is_empty:
                pipe.zrem(self._keys[1], server)
            else:
                pipe.zadd(self._keys[1], {server: self._now()})
                pipe.expire(self._keys[1], self._rules.lifetime_seconds)


def _entries(found: Sequence[bytes]) -> list[Entry]:
    read = (Entry.read(raw.decode("ascii", "replace")) for raw in found)
    return [entry for entry in read if entry is not None]

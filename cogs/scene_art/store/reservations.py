"""Money in Redis: spent, and reserved for requests under way, in whole millionths of a dollar.

Days are those of UTC. All keys share a hash tag, so that each script runs in one step also on a cluster:

    {namespace}:{spent}:<yyyymmdd>       spent by each server, each `channel/<id>`, and "all"; kept for three days
    {namespace}:{spent}:<yyyymmdd>:why   `<server>/<outcome>/count` and `…/amount`; kept as long
    {namespace}:{spent}:total            spent since the first picture: "all"
    {namespace}:{spent}:reserved         by reservation: `<amount> <yyyymmdd> <expires> <server> <channel>`
    {namespace}:{spent}:settled:<id>     a mark that keeps a reservation from being settled twice
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .connection import RedisClient
from .reading import KEPT_SECONDS, shown, sound_pipeline, tagged_key, transaction
from .scripts import Script
from .timeouts import within_timeout

log = logging.getLogger(__name__)

DAY_KEPT_SECONDS = 3 * 24 * 3600
SETTLED_KEPT_SECONDS = 24 * 3600
LIFETIME_LIMIT_SECONDS = 24 * 3600
"""No reservation of scene-art lasts so long, so one that does is corrupt."""
ALL = "all"
NO_SERVER = "direct"
"""The server of pictures in direct messages."""
MOST_MILLIONTHS = 10**15
"""A thousand million dollars. A larger sum is corrupt."""
EXPIRED_AT_ONCE = 50

_HELD = re.compile(rb"(\d{1,15}) (\d{8}) (\d{1,12}) (\w{1,20}) (\w{1,20})", re.ASCII)

# An impossible number counts as zero, whether an older version or another program wrote it.
_SUM = """
local function sum(key, field)
  local found = tonumber(redis.call('HGET', key, field) or '0')
  if not found or found ~= found or found < 0 or found >= 1e15 then return 0 end
  return found
end
"""
_RESERVE = Script(
    _SUM
    + """
local id, server, channel, day, amount = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local now, latest = tonumber(ARGV[12]), tonumber(ARGV[12]) + tonumber(ARGV[13])
local held, mine, over = {0, 0, 0, 0}, false, {}
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
  local size, of_day, expires, of_server, of_channel = string.match(all[at + 1], '^(%d+) (%d+) (%d+) (%w+) (%w+)$')
  size, expires = tonumber(size or ''), tonumber(expires or '')
  if not expires or expires <= now or expires > latest then
    table.insert(over, all[at])
    table.insert(over, all[at + 1])
  end
  if all[at] == id then
    mine = true
  elseif size and size < 1e15 then
    held[4] = held[4] + size
    if of_day == day then
      held[3] = held[3] + size
      if of_server == server then held[2] = held[2] + size end
      if of_channel == channel then held[1] = held[1] + size end
    end
  end
end
local today, ever = KEYS[2], KEYS[3]
local sums = {{today, 'channel/' .. channel}, {today, server}, {today, 'all'}, {ever, 'all'}}
for which = 1, 4 do
  local limit = tonumber(ARGV[6 + which])
  if not mine and limit >= 0 then
    local spent = sum(sums[which][1], sums[which][2])
    if spent + held[which] + amount > limit then return {which, spent, held[which], over} end
  end
end
if id ~= '' then
  redis.call('HSET', KEYS[1], id, table.concat({ARGV[5], day, ARGV[6], server, channel}, ' '))
  redis.call('EXPIRE', KEYS[1], ARGV[11])
end
return {0, 0, 0, over}
"""
)
_SETTLE = Script(
    _SUM
    + """
local id, server, amount, outcome, is_last = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[6] == '1'
local channel = ARGV[10]
local held = redis.call('HDEL', KEYS[1], id) == 1
local before = not held and redis.call('GET', KEYS[5])
if before == 'settled' or (not is_last and not held) then return 0 end
local function add(key, seconds, changes)
  local is_new = false
  for field, change in pairs(changes) do
    local made = redis.pcall('HINCRBY', key, field, string.format('%.0f', change + 0))  -- no negative zero
    if type(made) ~= 'number' or made < 0 or made >= 1e15 then
      made = math.max(0, change)
      redis.call('HSET', key, field, string.format('%.0f', made))
    end
    is_new = is_new or made == change
  end
  if is_new then redis.call('EXPIRE', key, seconds) end
  return is_new
end
local function note(why, count, money)
  local name = server .. '/' .. why
  add(KEYS[4], ARGV[7], {[name .. '/count'] = count, [name .. '/amount'] = money})
end
local expired = tonumber(before or '')
if expired then note('lost', -1, -expired) end
note(outcome, 1, tonumber(ARGV[5]))
local change = amount - (expired or 0)
if change ~= 0 then
  local is_new_day = add(KEYS[2], ARGV[7], {[server] = change, ['channel/' .. channel] = change, ['all'] = change})
  add(KEYS[3], ARGV[8], {['all'] = change})
  if is_new_day then redis.call('EXPIRE', KEYS[3], ARGV[8]) end
end
redis.call('SET', KEYS[5], is_last and 'settled' or ARGV[3], 'EX', ARGV[9])
return 1
"""
)


class Outcome(StrEnum):
    """The outcome of a request, as `status` shows it."""

    PAINTED = "painted"
    """A picture came."""
    REFUSED = "refused"
    """An answer without a picture, and billed."""
    CANCELLED = "cancelled"
    """Somebody cancelled the scene while its request was under way."""
    LOST = "lost"
    """No answer came: the estimate counts as spent."""
    RETURNED = "returned"
    """Nothing was billed: the estimate was given back."""


@dataclass(frozen=True)
class Held:
    """A reservation."""

    id: str
    """The reservation's id; empty to check only whether it would fit."""
    server: str
    """A guild's id, or `NO_SERVER`."""
    channel: str
    """The id of the channel in whose budget it counts."""
    day: str
    """The day (yyyymmdd) to whose budget it belongs."""
    millionths: int
    expires: int
    """Unix seconds after which its process counts as dead."""


class Reservations:
    """Reads and changes the sums. Every method may raise `TransientError`; each may be repeated without harm."""

    def __init__(self, client: RedisClient, namespace: str, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._prefix = tagged_key(namespace, "spent")
        self._reserved = f"{self._prefix}:reserved"
        self._total = f"{self._prefix}:total"
        self._now = now

    @property
    def today(self) -> str:
        """The UTC day, yyyymmdd."""
        return time.strftime("%Y%m%d", time.gmtime(self._now()))

    async def reserve(self, held: Held, limits: Sequence[int | None]) -> tuple[int, int] | None:
        """Check the limits and reserve, in one step; None when it is done.

        `limits` are those of the channel's day, the server's day, the day and all time, in millionths. None: no limit.
        When one of them would be exceeded, reserves nothing, and returns which one it is, beginning with 0, and the
        millionths that are spent or reserved of it.
        """
        keys = [self._reserved, self._day(held.day), self._total]
        most = [-1 if limit is None else limit for limit in limits]
        times = (KEPT_SECONDS, int(self._now()), LIFETIME_LIMIT_SECONDS)
        of_it = (held.id, held.server, held.channel, held.day, held.millionths, held.expires)
        which, spent, reserved, over = await _RESERVE.run(self._client, keys, [*of_it, *most, *times])
        if over:
            await self._expire(dict(zip(over[::2], over[1::2], strict=True)))
        return (int(which) - 1, int(spent) + int(reserved)) if which else None

    async def settle(self, held: Held, millionths: int, outcome: Outcome, *, is_last: bool = True) -> None:
        """End a reservation, of which `millionths` were spent. Corrects the sums when it had expired.

        `is_last` is false for one that has expired, whose process may still settle it.
        """
        told = held.millionths if outcome is Outcome.RETURNED else millionths
        day, settled = self._day(held.day), f"{self._prefix}:settled:{held.id}"
        kept = (DAY_KEPT_SECONDS, KEPT_SECONDS, SETTLED_KEPT_SECONDS)
        values = (held.id, held.server, millionths, outcome.value, told, int(is_last), *kept, held.channel)
        await _SETTLE.run(self._client, [self._reserved, day, self._total, f"{day}:why", settled], values)

    async def held(self) -> list[Held]:
        """List the reservations. Expired ones, whose processes died, are settled as spent and left out."""
        async with within_timeout():
            raw = await self._client.hgetall(self._reserved)
        return await self._expire(raw)

    async def _expire(self, raw: Mapping[bytes, bytes]) -> list[Held]:
        read = {name: _read(name, text, self._now()) for name, text in raw.items()}
        if corrupt := [name for name, held in read.items() if held is None]:
            log.error("%d entries of %s are no reservations and are removed", len(corrupt), self._reserved)
            async with transaction(self._client) as pipe:
                pipe.hdel(self._reserved, *corrupt)
        found = [held for held in read.values() if held is not None]
        dead = [held for held in found if held.expires <= self._now()]
        for held in dead[:EXPIRED_AT_ONCE]:
            log.warning("A paid request was never settled: the $%.6f set aside count as spent", held.millionths / 1e6)
            await self.settle(held, held.millionths, Outcome.LOST, is_last=False)
        return [held for held in found if held not in dead]

    async def spent(self, server: str) -> tuple[int, int, dict[Outcome, tuple[int, int]]]:
        """Read the millionths spent on this day: by the server, by all, and by the outcomes of the server's requests.

        Of each outcome: the number of requests, and their millionths.
        """
        day = self._day(self.today)
        pipe = sound_pipeline(self._client)
        pipe.hget(day, server)
        pipe.hget(day, ALL)
        for outcome in Outcome:
            pipe.hget(f"{day}:why", f"{server}/{outcome}/count")
            pipe.hget(f"{day}:why", f"{server}/{outcome}/amount")
        async with within_timeout():
            own, everything, *told = [_sum(raw, self._prefix) for raw in await pipe.execute()]
        pairs = zip(told[::2], told[1::2], strict=True)
        return own, everything, {outcome: pair for outcome, pair in zip(Outcome, pairs, strict=True) if pair[0]}

    def _day(self, day: str) -> str:
        return f"{self._prefix}:{day}"


def _read(name: bytes, text: bytes, now: float) -> Held | None:
    """Read a stored reservation; None when it is corrupt."""
    fields = _HELD.fullmatch(text)
    if fields is None or len(name) > 64 or not name.isascii():
        return None
    amount, day, expires, server, channel = (field.decode() for field in fields.groups())
    fits = int(expires) <= now + LIFETIME_LIMIT_SECONDS
    return Held(name.decode(), server, channel, day, int(amount), int(expires)) if fits else None


def _sum(raw: bytes | None, where: str) -> int:
    """Read a sum; zero with an error in the log, if it is corrupt."""
    try:
        millionths = int(raw or 0)
    except ValueError:
        millionths = -1
    if 0 <= millionths < MOST_MILLIONTHS:
        return millionths
    log.error("A sum in %s cannot be and is not counted: the budget holds from zero on", shown(where))
    return 0

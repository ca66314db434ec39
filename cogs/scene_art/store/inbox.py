"""The inbox and the plan of each channel.

{namespace}:{<channel>}:mailbox  received events that are not planned yet, JSON, bounded
{namespace}:{<channel>}:plan     the channel's plan, JSON
{namespace}:{<channel>}:asked:<event>  JSON: of a request that a host follows, the scene, or the reason why it got none
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from ..domain.channel_plan import ChannelPlan
from ..domain.events import ArtRequest, Heard
from ..domain.scene import Scene
from .connection import RedisClient, RedisPipeline
from .lock import Lock
from .reading import get_at_most, sound_pipeline, tagged_key, transaction, value, values
from .records import FOLLOWED_BYTES, PLAN_BYTES, FollowedRequest, read_entries, read_followed, read_plan
from .scenes import SceneRepository
from .timeouts import within_timeout

log = logging.getLogger(__name__)

INBOX_LIMIT = 500
KEPT_SECONDS = 3 * 24 * 3600
"""Longer than any delay of a scene."""
FOLLOWED_SECONDS = 24 * 3600
"""Long enough for a waiting host that is cut off from Redis itself."""


class Inbox:
    """The inboxes and plans of all channels. Every method may raise `TransientError`."""

    def __init__(
        self, client: RedisClient, *, namespace: str, scenes: SceneRepository, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is in unix seconds, by a clock that all processes share."""
        self._client = client
        self._namespace = namespace
        self._scenes = scenes
        self._now = now

    async def enqueue(self, channel_id: str, heard: Sequence[Heard]) -> None:
        """Put events, each with the time at which it was heard, into the inbox. What is too much is given up."""
        key = self._key(channel_id, "mailbox")
        entries = [json.dumps({"at": at, "event": event.model_dump()}) for at, event in heard]
        pipe = sound_pipeline(self._client, atomic=False)
        pipe.rpush(key, *entries)
        pipe.expire(key, KEPT_SECONDS)
        async with within_timeout():
            length, _ = await pipe.execute()
        if length > INBOX_LIMIT:
            async with transaction(self._client) as cut:
                # Cut at the end: at its head a job may have read what it is about to take away.
                cut.ltrim(key, 0, INBOX_LIMIT - 1)
            log.warning("Channel %s is flooded: %d events were given up", channel_id, length - INBOX_LIMIT)

    async def has_entries(self, channel_id: str, lock: Lock | None = None) -> bool:
        """Tell whether the channel's inbox holds entries. `lock.lost` says afterwards whether another run has it."""
        [length] = await self._read(lock, lambda pipe: pipe.llen(self._key(channel_id, "mailbox")))
        return bool(length)

    async def open_channel(self, channel_id: str, lock: Lock | None = None, most: int = INBOX_LIMIT) -> ChannelRecord:
        """Ask for `lock`, and read the channel's plan and the first `most` inbox entries, in one exchange.

        `lock.lost` says afterwards whether another run has it.
        """
        plan_key = self._key(channel_id, "plan")

        def read_both(pipe: RedisPipeline) -> None:
            get_at_most(self._client, pipe, plan_key, PLAN_BYTES)
            pipe.lrange(self._key(channel_id, "mailbox"), 0, most - 1)

        raw_plan, entries = await self._read(lock, read_both)
        if lock is not None and lock.lost:  # many runs may be turned away while a picture is painted
            entries = []
        now = self._now()
        plan = read_plan(value(plan_key, raw_plan, PLAN_BYTES), channel_id, now)
        read = read_entries(entries, channel_id, now)
        return ChannelRecord(channel_id, plan, read, has_more=len(read) >= most)

    async def _read(self, lock: Lock | None, read: Callable[[RedisPipeline], object]) -> list[Any]:
        if lock is not None:
            return await lock.take(read)
        pipe = sound_pipeline(self._client, atomic=False)
        read(pipe)
        async with within_timeout():
            return await pipe.execute()

    async def discard(self, record: ChannelRecord) -> None:
        """Remove the entries of `record` from the inbox, and write no plan."""
        async with self._taking(record):
            pass

    async def commit(self, record: ChannelRecord, changed: Iterable[Scene] = (), added: Sequence[str] = ()) -> None:
        """Write the plan and the scenes, and remove the entries from the inbox, in one transaction."""
        async with self._taking(record) as pipe:
            self._scenes.write(pipe, record.channel_id, changed, added)
            pipe.set(self._key(record.channel_id, "plan"), record.plan.model_dump_json(), ex=KEPT_SECONDS)

    @asynccontextmanager
    async def _taking(self, record: ChannelRecord) -> AsyncIterator[RedisPipeline]:
        """Collect what is written in the transaction that removes the entries from the inbox."""
        async with transaction(self._client) as pipe:
            yield pipe
            if record.entries:
                pipe.ltrim(self._key(record.channel_id, "mailbox"), len(record.entries), -1)
            for event_id, request in record.followed.items():
                key = self._key(record.channel_id, "asked", event_id)
                pipe.set(key, request.model_dump_json(), ex=FOLLOWED_SECONDS)
        record.taken()

    async def followed(self, channel_id: str, event_id: str) -> FollowedRequest | None:
        """Read the outcome of a request that a host follows; None while there is none."""
        [raw] = await values(self._client, [self._key(channel_id, "asked", event_id)], FOLLOWED_BYTES)
        return read_followed(raw)

    def _key(self, channel_id: str, *rest: str) -> str:
        return tagged_key(self._namespace, channel_id, *rest)


@dataclass
class ChannelRecord:
    """The plan and the inbox entries as `open_channel` read them. A corrupt or dropped entry is None."""

    channel_id: str
    plan: ChannelPlan
    entries: list[Heard | None]
    has_more: bool = False
    """True: the inbox may hold more entries than these."""
    followed: dict[str, FollowedRequest] = field(default_factory=dict)
    """Outcomes by the events' identities, to be written with the next transaction."""
    is_written: bool = False
    """True: the plan stands in the store as it is here."""
    times_taken: int = 0
    """As the lock had it when this was read."""
    ask_again_in: float | None = None
    """Seconds until the look-up whether the bot is in the channel can be tried again; None when it is done."""

    def drop(self, at: int, code: str, why: str) -> None:
        """Drop entry number `at`, which is not for the channel. `code` and `why` are for a host that follows it."""
        entry = self.entries[at]
        if entry is not None and isinstance(entry[1], ArtRequest) and entry[1].followed:
            self.followed[entry[1].event_id] = FollowedRequest(code=code, detail=why)
        self.entries[at] = None

    def taken(self) -> None:
        """Forget the entries, which were removed from the inbox with what followed from them."""
        self.entries, self.followed, self.is_written = [], {}, True

    def become(self, fresh: ChannelRecord) -> None:
        """Hold what was read later."""
        self.plan, self.entries, self.followed = fresh.plan, fresh.entries, fresh.followed
        self.has_more, self.ask_again_in, self.is_written = fresh.has_more, fresh.ask_again_in, False
        self.times_taken = fresh.times_taken

    @property
    def is_nobodys(self) -> bool:
        """True: every entry was dropped or corrupt, and the channel is not known."""
        return bool(self.entries) and not any(self.entries) and not self.plan.is_known

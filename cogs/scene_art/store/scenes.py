"""The durable records: one per scene, one plan and one inbox per channel. The only writer of scene-art's keys.

All keys of a channel share its hash tag, so that they live on one node of a Redis Cluster and change in one
transaction:

    {namespace}:{<channel>}:scene:<id>   a scene, JSON, with a time to live
    {namespace}:{<channel>}:picture:<id> a painted picture's bytes in pieces, until it is posted, with a time to live
    {namespace}:{<channel>}:copy:<id>    a small copy of a posted picture that is too large to be opened again
    {namespace}:{<channel>}:cancel:<id>  somebody does not want the scene any more
    {namespace}:{<channel>}:scenes       the ids, oldest first, bounded
    {namespace}:{<channel>}:plan         the channel's plan, JSON
    {namespace}:{<channel>}:work[:<id>]  who works on the channel, or on a scene that a person asked for
    {namespace}:{<channel>}:mailbox      events heard and not yet taken in, JSON, bounded
    {namespace}:{<channel>}:asked:<id>   what became of a host's request, JSON, with a time to live

Beside them, for all channels together:

    {namespace}:open                     channels, and scenes of persons, with something to do: since when
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from ..domain.channel_plan import ChannelPlan
from ..domain.events import ArtRequest
from ..domain.scene import Scene
from .connection import RedisClient, waits_in_threads
from .lock import Lock
from .reading import get_at_most, sound_pipeline, value, values
from .records import (
    FOLLOWED_BYTES,
    PLAN_BYTES,
    SCENE_BYTES,
    FollowedRequest,
    InboxEntry,
    is_scene_id,
    is_work_item,
    read_entries,
    read_followed,
    read_picture,
    read_plan,
    read_scene,
    texts,
)
from .timeouts import within_timeout

log = logging.getLogger(__name__)

PICTURE_PATIENCE_SECONDS = 30.0
"""For one exchange about a picture of some megabytes."""
PIECE_BYTES = 1024 * 1024
MOST_PIECES = 64
COPY_BYTES = 2 * 1024 * 1024
_RECORDS = ("scene", "picture", "copy")
"""What is kept of a scene until it is forgotten."""
CANCEL_KEPT_SECONDS = 3 * 24 * 3600
PICTURES_AT_ONCE = 2
INBOX_LIMIT = 500
FOLLOWED_KEPT_SECONDS = 24 * 3600
"""A host that waits may itself be cut off from Redis."""
PLAN_KEPT_SECONDS = 3 * 24 * 3600
"""Longer than a scene can be put off."""
OPEN_LIMIT = 100
"""How many of the open ones are looked at in one round."""
SURPLUS_LIMIT = 1_000  # scenes given up at once


class SceneRepository:
    """Reads and writes the records. Every method may raise `TransientError`."""

    def __init__(
        self,
        client: RedisClient,
        *,
        namespace: str,
        keep_scenes: int,
        keep: timedelta,
        keep_pictures: timedelta,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` tells unix seconds, by a clock that all processes share."""
        self._client = client
        self._now = now
        self._namespace = namespace
        self._keep_scenes = keep_scenes
        self._keep_seconds = max(1, int(keep.total_seconds()))
        self._keep_picture_seconds = max(1, int(keep_pictures.total_seconds()))
        self._keeping = asyncio.Semaphore(PICTURES_AT_ONCE)

    def _key(self, channel_id: str, *rest: str) -> str:
        return ":".join((self._namespace, f"{{{channel_id}}}", *rest))

    async def scene(self, channel_id: str, scene_id: str) -> Scene | None:
        """The scene's record; None when it never existed, is too old, or cannot be read any more."""
        return (await self.scenes(channel_id, [scene_id])).get(scene_id)

    async def scenes(self, channel_id: str, scene_ids: Sequence[str]) -> dict[str, Scene]:
        """The records of those scenes that still have one, by id."""
        known = [sid for sid in scene_ids if is_scene_id(sid)]
        if not known:
            return {}
        async with within_timeout():
            found = await values(self._client, [self._key(channel_id, "scene", sid) for sid in known], SCENE_BYTES)
        now = self._now()
        scenes = (read_scene(raw, channel_id, sid, now) for sid, raw in zip(known, found, strict=True))
        return {scene.id: scene for scene in scenes if scene is not None}

    async def recent(self, channel_id: str, limit: int) -> list[Scene]:
        """The channel's scenes, newest first."""
        pipe = sound_pipeline(self._client)
        pipe.lrange(self._key(channel_id, "scenes"), -limit, -1)
        async with within_timeout():
            [ids] = await pipe.execute()
        newest_first = texts(reversed(ids))
        scenes = await self.scenes(channel_id, newest_first)
        return [scenes[sid] for sid in newest_first if sid in scenes]

    async def save(self, scene: Scene) -> None:
        """Write a changed record of a scene that is known already."""
        await self._write(scene.channel_id, changed=[scene])

    async def save_unless_cancelled(self, scene: Scene) -> bool:
        """Write a changed record, and look in the same step whether somebody cancelled the scene; False if so."""
        cancel_key = self._key(scene.channel_id, "cancel", scene.id)
        pipe = sound_pipeline(self._client)
        pipe.set(self._key(scene.channel_id, "scene", scene.id), scene.model_dump_json(), ex=self._keep_seconds)
        get_at_most(self._client, pipe, cancel_key, 1)
        async with within_timeout():
            _, cancelled = await pipe.execute()
        return not cancelled

    async def keep(self, scene: Scene, picture: bytes, copy: bytes = b"") -> None:
        """Write the picture, and with its last piece the record. Kept until the scene ends, or its time is over.

        A small `copy` is kept as long as the record, unless the picture is deleted.
        """
        key = self._key(scene.channel_id, "picture", scene.id)
        # In pieces: writing some megabytes at once would hold the host's event loop up.
        pieces = [picture[at : at + PIECE_BYTES] for at in range(0, len(picture), PIECE_BYTES)]
        async with self._keeping, within_timeout(PICTURE_PATIENCE_SECONDS):
            for number, piece in enumerate(pieces, start=1):
                pipe = sound_pipeline(self._client)
                if number == 1:
                    pipe.delete(key)
                pipe.rpush(key, piece)
                pipe.expire(key, self._keep_picture_seconds)
                if number == len(pieces):
                    scene_key = self._key(scene.channel_id, "scene", scene.id)
                    pipe.set(scene_key, scene.model_dump_json(), ex=self._keep_seconds)
                    if copy:
                        pipe.set(self._key(scene.channel_id, "copy", scene.id), copy, ex=self._keep_seconds)
                await pipe.execute()

    async def picture(self, scene: Scene) -> bytes | None:
        """The kept picture of a scene; None when there is none (any more), or it is no picture."""
        pipe = sound_pipeline(self._client)
        pipe.lrange(self._key(scene.channel_id, "picture", scene.id), 0, MOST_PIECES - 1)
        async with within_timeout(PICTURE_PATIENCE_SECONDS):
            [pieces] = await pipe.execute()
        return read_picture(pieces, scene)

    async def copy(self, scene: Scene) -> bytes | None:
        """The small copy of a scene's picture; None when there is none (any more)."""
        key = self._key(scene.channel_id, "copy", scene.id)
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, key, COPY_BYTES)
        async with within_timeout(PICTURE_PATIENCE_SECONDS):
            [raw] = await pipe.execute()
        return value(key, raw, COPY_BYTES)

    async def kept(self, scenes: Sequence[Scene]) -> list[Scene]:
        """Those of `scenes` whose pictures are kept."""
        pipe = sound_pipeline(self._client)
        for scene in scenes:
            pipe.llen(self._key(scene.channel_id, "picture", scene.id))
        async with within_timeout():
            lengths = await pipe.execute() if scenes else []
        return [scene for scene, length in zip(scenes, lengths, strict=True) if length]

    async def ask_to_cancel(self, scene: Scene) -> None:
        """Tell whoever works on the scene that nobody wants it any more."""
        pipe = sound_pipeline(self._client)
        pipe.set(self._key(scene.channel_id, "cancel", scene.id), b"1", ex=CANCEL_KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def is_cancelled(self, scene: Scene) -> bool:
        """Whether somebody asked to."""
        key = self._key(scene.channel_id, "cancel", scene.id)
        async with within_timeout():
            return (await values(self._client, [key], 1))[0] is not None

    async def add(self, scene: Scene) -> None:
        """Write a new scene and list it in its channel."""
        await self._write(scene.channel_id, changed=[scene], added=[scene.id])

    async def _write(
        self,
        channel_id: str,
        *,
        changed: Iterable[Scene],
        added: Sequence[str] = (),
        plan: ChannelPlan | None = None,
        taken: int = 0,
        followed: Mapping[str, FollowedRequest] = MappingProxyType({}),
    ) -> None:
        index = self._key(channel_id, "scenes")
        pipe = sound_pipeline(self._client)
        for scene in changed:
            key = self._key(channel_id, "scene", scene.id)
            pipe.set(key, scene.model_dump_json(), ex=self._keep_seconds)
            if scene.state.finished and scene.painted_at is not None and not scene.is_kept:
                pipe.delete(self._key(channel_id, "picture", scene.id))
            if scene.has_copy and scene.state.finished and scene.message_id is None:
                pipe.delete(self._key(channel_id, "copy", scene.id))
        if added:
            pipe.rpush(index, *added)
            pipe.expire(index, self._keep_seconds)
        if plan is not None:
            plan_json = plan.model_dump_json()
            pipe.set(self._key(channel_id, "plan"), plan_json, ex=PLAN_KEPT_SECONDS)
        if taken:
            pipe.ltrim(self._key(channel_id, "mailbox"), taken, -1)
        for event_id, request in followed.items():
            pipe.set(self._key(channel_id, "asked", event_id), request.model_dump_json(), ex=FOLLOWED_KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def forget_surplus(self, channel_id: str) -> None:
        """Keep the newest scenes, and what is not finished. Called when a scene has ended, not on the way to one."""
        index = self._key(channel_id, "scenes")
        async with within_timeout():
            surplus = await self._client.llen(index) - self._keep_scenes
            if surplus <= 0:
                return
            old = texts(await self._client.lrange(index, 0, min(surplus, SURPLUS_LIMIT) - 1))
            scenes = await self.scenes(channel_id, old)
            open_ones = (at for at, sid in enumerate(old) if sid in scenes and not scenes[sid].state.finished)
            gone = old[: next(open_ones, len(old))]
            if not gone:
                return
            pipe = self._client.pipeline()
            pipe.ltrim(index, len(gone), -1)
            if known := [self._key(channel_id, kind, sid) for sid in gone if is_scene_id(sid) for kind in _RECORDS]:
                pipe.delete(*known)
            await pipe.execute()

    async def enqueue(self, channel_id: str, heard: Sequence[InboxEntry]) -> None:
        """Put events, each with the time at which it was heard, into the inbox. What is too much is given up."""
        key = self._key(channel_id, "mailbox")
        entries = [json.dumps({"at": at, "event": event.model_dump()}) for at, event in heard]
        pipe = sound_pipeline(self._client)
        pipe.rpush(key, *entries)
        # Cut at the end: at its head a job may have read what it is about to take away.
        pipe.ltrim(key, 0, INBOX_LIMIT - 1)
        pipe.expire(key, PLAN_KEPT_SECONDS)
        async with within_timeout():
            length, *_ = await pipe.execute()
        if length > INBOX_LIMIT:
            log.warning("Channel %s is flooded: %d events were given up", channel_id, length - INBOX_LIMIT)

    async def followed(self, channel_id: str, event_id: str) -> FollowedRequest | None:
        """Read what became of a followed request; None: nothing yet."""
        async with within_timeout():
            [raw] = await values(self._client, [self._key(channel_id, "asked", event_id)], FOLLOWED_BYTES)
        return read_followed(raw)

    async def has_mail(self, channel_id: str) -> bool:
        """Tell whether events of the channel wait to be taken in."""
        pipe = sound_pipeline(self._client)
        pipe.llen(self._key(channel_id, "mailbox"))
        async with within_timeout():
            [length] = await pipe.execute()
        return bool(length)

    async def mark_due(self, work_item: str, now: float) -> None:
        """Note that something is to be done: in a channel (its id), or for a scene (`channel/scene`)."""
        pipe = sound_pipeline(self._client)
        pipe.zadd(self._open, {work_item: now})
        pipe.expire(self._open, PLAN_KEPT_SECONDS)
        async with within_timeout():
            await pipe.execute()

    async def mark_done(self, work_item: str) -> None:
        """Note that nothing is to be done any more."""
        pipe = sound_pipeline(self._client)
        pipe.zrem(self._open, work_item)
        async with within_timeout():
            await pipe.execute()

    async def long_open(self, since: float) -> list[str]:
        """What was last noted as open at `since` or earlier, some of it."""
        pipe = sound_pipeline(self._client)
        if waits_in_threads(self._client):  # the in-process server gives all of them, or none
            pipe.zrangebyscore(self._open, "-inf", since)
        else:
            pipe.zrangebyscore(self._open, "-inf", since, start=0, num=OPEN_LIMIT)
        async with within_timeout():
            [found] = await pipe.execute()
            work_items = {raw: text for raw, text in zip(found, texts(found), strict=True) if is_work_item(text)}
            if len(work_items) < len(found):  # lest real ones stand behind the others for ever
                log.error("%d entries of %s are no work items", len(found) - len(work_items), self._open)
                await self._client.zrem(self._open, *(raw for raw in found if raw not in work_items))
        return list(work_items.values())[:OPEN_LIMIT]

    @property
    def _open(self) -> str:
        return f"{self._namespace}:open"

    def lock(self, channel_id: str, *scene_id: str) -> Lock:
        """A claim, not yet taken, on the channel or on one scene of a person's."""
        return Lock(self._client, self._key(channel_id, "work", *scene_id))

    async def open_channel(self, channel_id: str, lock: Lock | None = None, most: int = INBOX_LIMIT) -> ChannelRecord:
        """The channel's plan and the first `most` entries of its inbox in one look, after `lock` was asked for."""
        plan_key, inbox_key = self._key(channel_id, "plan"), self._key(channel_id, "mailbox")
        pipe = sound_pipeline(self._client)
        if lock is not None:
            lock.ask(pipe)
        get_at_most(self._client, pipe, plan_key, PLAN_BYTES)
        pipe.lrange(inbox_key, 0, most - 1)
        async with within_timeout():
            *claimed, raw_plan, entries = await pipe.execute()
        if lock is not None:
            lock.told(*claimed[1:])
            await lock.bound()
        now = self._now()
        plan = read_plan(value(plan_key, raw_plan, PLAN_BYTES), channel_id, now)
        read = read_entries(entries, channel_id, now)
        return ChannelRecord(channel_id, plan, read, has_more=len(read) >= most)

    async def discard(self, record: ChannelRecord) -> None:
        """Take the entries out of the inbox and do nothing with them; nothing else is written."""
        await self._write(record.channel_id, changed=(), taken=len(record.entries), followed=record.followed)
        record.taken()

    async def commit(self, record: ChannelRecord, changed: Iterable[Scene] = (), added: Sequence[str] = ()) -> None:
        """Write the plan, the scenes and the emptied inbox in one transaction: all of it or none."""
        await self._write(
            record.channel_id,
            changed=changed,
            added=added,
            plan=record.plan,
            taken=len(record.entries),
            followed=record.followed,
        )
        record.taken()


class ChannelRecord:
    """What `open_channel` saw. `entries` holds None for what could not be read, or is not for the channel."""

    def __init__(
        self,
        channel_id: str,
        plan: ChannelPlan,
        entries: list[InboxEntry | None],
        *,
        has_more: bool = False,
    ) -> None:
        self.channel_id = channel_id
        self.plan = plan
        self.entries = entries
        self.followed: dict[str, FollowedRequest] = {}
        """By the events' identities: to be written down with whatever is written next."""
        self.has_more = has_more
        """There may be more entries than these."""
        self.ask_again_in: float | None = None
        """Seconds; until then it cannot be told whether the bot is in the channel."""

    def drop(self, at: int, code: str, why: str) -> None:
        """Take a entry out that is not for the channel. `code` and `why` tell a host that follows it."""
        entry = self.entries[at]
        if entry is not None and isinstance(entry[1], ArtRequest) and entry[1].followed:
            self.followed[entry[1].event_id] = FollowedRequest(code=code, detail=why)
        self.entries[at] = None

    def taken(self) -> None:
        """Note that what was read is written down."""
        self.entries, self.followed = [], {}

    @property
    def is_nobodys(self) -> bool:
        """Whether there is nothing but mail that is not for it."""
        return bool(self.entries) and not any(self.entries) and not self.plan.is_known

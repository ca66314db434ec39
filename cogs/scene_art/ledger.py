"""The durable records: one per scene, one plan and one mailbox per channel. The only writer of scene-art's keys.

All keys of a channel share its hash tag, so that they live on one node of a Redis Cluster and change in one
transaction:

    {namespace}:{<channel>}:scene:<id>   a scene, JSON, with a time to live
    {namespace}:{<channel>}:scenes       the ids, oldest first, bounded
    {namespace}:{<channel>}:plan         the channel's plan, JSON
    {namespace}:{<channel>}:mailbox      events heard and not yet taken in, JSON, bounded
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from pydantic import ValidationError
from redis.exceptions import RedisError

from .connection import RedisClient
from .errors import TransientError
from .events import ArtRequest, TurnComplete
from .scene import Scene
from .schedule import ChannelPlan

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""For one exchange with Redis: a frozen server accepts a command and never answers."""
MAILBOX_LIMIT = 500
PLAN_KEPT_SECONDS = 24 * 3600


@asynccontextmanager
async def within_patience() -> AsyncIterator[None]:
    """Bounds an exchange with Redis and translates what can go wrong in it.

    Raises:
        TransientError: Redis is away, frozen, or refused the command.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as exc:
        raise TransientError(
            f"Redis: {type(exc).__name__}",
            sentence="My notebook (Redis) is out of reach just now. Please try again in a minute.",
        ) from None


class Ledger:
    """Reads and writes the records. Every method may raise `TransientError`."""

    def __init__(self, client: RedisClient, *, namespace: str, keep_scenes: int, keep: timedelta) -> None:
        self._client = client
        self._namespace = namespace
        self._keep_scenes = keep_scenes
        self._keep_seconds = max(1, int(keep.total_seconds()))

    def _key(self, channel_id: str, *rest: str) -> str:
        return ":".join((self._namespace, f"{{{channel_id}}}", *rest))

    async def scene(self, channel_id: str, scene_id: str) -> Scene | None:
        """The scene's record; None when it never existed, is too old, or cannot be read any more."""
        return (await self.scenes(channel_id, [scene_id])).get(scene_id)

    async def scenes(self, channel_id: str, scene_ids: Sequence[str]) -> dict[str, Scene]:
        """The records of those scenes that still have one, by id."""
        if not scene_ids:
            return {}
        async with within_patience():
            found = await self._client.mget(*(self._key(channel_id, "scene", sid) for sid in scene_ids))
        scenes = (_read_scene(raw) for raw in found)
        return {scene.id: scene for scene in scenes if scene is not None}

    async def recent(self, channel_id: str, limit: int) -> list[Scene]:
        """The channel's scenes, newest first."""
        async with within_patience():
            ids = await self._client.lrange(self._key(channel_id, "scenes"), -limit, -1)
        newest_first = [raw.decode() for raw in reversed(ids)]
        scenes = await self.scenes(channel_id, newest_first)
        return [scenes[sid] for sid in newest_first if sid in scenes]

    async def save(self, scene: Scene) -> None:
        """Write a changed record of a scene that is known already."""
        await self._write(scene.channel_id, changed=[scene])

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
    ) -> None:
        index = self._key(channel_id, "scenes")
        pipe = self._client.pipeline()
        for scene in changed:
            key = self._key(channel_id, "scene", scene.id)
            pipe.set(key, scene.model_dump_json(), ex=self._keep_seconds)
        if added:
            pipe.rpush(index, *added)
            pipe.expire(index, self._keep_seconds)
        if plan is not None:
            plan_json = plan.model_dump_json()
            pipe.set(self._key(channel_id, "plan"), plan_json, ex=PLAN_KEPT_SECONDS)
        if taken:
            pipe.ltrim(self._key(channel_id, "mailbox"), taken, -1)
        async with within_patience():
            await pipe.execute()

    async def forget_surplus(self, channel_id: str) -> None:
        """Keep the newest scenes only. Called when a scene has ended, not on the way to the painter."""
        index = self._key(channel_id, "scenes")
        async with within_patience():
            surplus = await self._client.llen(index) - self._keep_scenes
            if surplus <= 0:
                return
            old = await self._client.lrange(index, 0, surplus - 1)
            pipe = self._client.pipeline()
            pipe.ltrim(index, surplus, -1)
            pipe.delete(*(self._key(channel_id, "scene", raw.decode()) for raw in old))
            await pipe.execute()

    async def drop_in(self, channel_id: str, heard: Sequence[tuple[float, ArtRequest | TurnComplete]]) -> None:
        """Put events, each with the time at which it was heard, into the mailbox. The newest survive a flood."""
        key = self._key(channel_id, "mailbox")
        letters = [json.dumps({"at": at, "event": event.model_dump()}) for at, event in heard]
        pipe = self._client.pipeline()
        pipe.rpush(key, *letters)
        pipe.ltrim(key, -MAILBOX_LIMIT, -1)
        pipe.expire(key, PLAN_KEPT_SECONDS)
        async with within_patience():
            await pipe.execute()

    async def open_channel(self, channel_id: str) -> ChannelRecord:
        """The channel's plan and mailbox in one look."""
        pipe = self._client.pipeline()
        pipe.get(self._key(channel_id, "plan"))
        pipe.lrange(self._key(channel_id, "mailbox"), 0, -1)
        async with within_patience():
            raw_plan, letters = await pipe.execute()
        return ChannelRecord(channel_id, _read_plan(raw_plan), [_read_letter(raw) for raw in letters])

    async def commit(self, record: ChannelRecord, changed: Iterable[Scene] = (), added: Sequence[str] = ()) -> None:
        """Write the plan, the scenes and the emptied mailbox in one transaction: all of it or none."""
        await self._write(record.channel_id, changed=changed, added=added, plan=record.plan, taken=len(record.letters))
        record.letters = []


class ChannelRecord:
    """What `open_channel` saw. `letters` holds None for what could not be read."""

    def __init__(
        self,
        channel_id: str,
        plan: ChannelPlan,
        letters: list[tuple[float, ArtRequest | TurnComplete] | None],
    ) -> None:
        self.channel_id = channel_id
        self.plan = plan
        self.letters = letters


def _read_scene(raw: bytes | None) -> Scene | None:
    if raw is None:
        return None
    try:
        return Scene.model_validate_json(raw)
    except ValidationError:
        log.warning("A scene's record does not fit this version and is passed over")
        return None


def _read_plan(raw: bytes | None) -> ChannelPlan:
    try:
        return ChannelPlan.model_validate_json(raw) if raw else ChannelPlan()
    except ValidationError:
        log.warning("A channel's plan does not fit this version; the channel starts afresh")
        return ChannelPlan()


def _read_letter(raw: bytes) -> tuple[float, ArtRequest | TurnComplete] | None:
    try:
        letter = json.loads(raw)
        kind = ArtRequest if letter["event"]["kind"] == "request" else TurnComplete
        return float(letter["at"]), kind.model_validate(letter["event"])
    except (ValueError, KeyError, TypeError):
        log.warning("An event in a mailbox does not fit this version and is passed over")
        return None

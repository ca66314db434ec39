"""The records of scenes.

{namespace}:{<channel>}:scene:<id>   a scene, JSON, with a time to live
{namespace}:{<channel>}:cancel:<id>  somebody does not want the scene any more
{namespace}:{<channel>}:scenes       the ids, oldest first, bounded
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from cachetools import LRUCache

from ..domain.scene import Scene
from .connection import RedisClient, RedisPipeline
from .pictures import PictureStore
from .reading import get_at_most, sound_pipeline, tagged_key, transaction, values
from .records import SCENE_BYTES, is_scene_id, read_scene, texts
from .timeouts import within_timeout

CANCEL_KEPT_SECONDS = 3 * 24 * 3600
CHANNELS_COUNTED = 5_000
FORGET_EVERY = 10
"""Ends of scenes in a channel between two looks at how many it has."""
SURPLUS_LIMIT = 1_000  # scenes given up at once
REMOVED_AT_ONCE = 100


class SceneRepository:
    """Reads and writes the records. Every method that waits may raise `TransientError`."""

    def __init__(
        self,
        client: RedisClient,
        *,
        namespace: str,
        pictures: PictureStore,
        keep_scenes: int,
        keep: timedelta,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` tells unix seconds, by a clock that all processes share."""
        self._client = client
        self._now = now
        self._namespace = namespace
        self._pictures = pictures
        self._keep_scenes = keep_scenes
        self._keep_seconds = max(1, int(keep.total_seconds()))
        self._ended: LRUCache[str, int] = LRUCache(CHANNELS_COUNTED)

    def _key(self, channel_id: str, *rest: str) -> str:
        return tagged_key(self._namespace, channel_id, *rest)

    async def scene(self, channel_id: str, scene_id: str) -> Scene | None:
        """The scene's record; None when it never existed, is too old, or cannot be read any more."""
        return (await self.scenes(channel_id, [scene_id])).get(scene_id)

    async def scenes(self, channel_id: str, scene_ids: Sequence[str]) -> dict[str, Scene]:
        """The records of those scenes that still have one, by id."""
        known = [sid for sid in scene_ids if is_scene_id(sid)]
        if not known:
            return {}
        found = await values(self._client, [self._key(channel_id, "scene", sid) for sid in known], SCENE_BYTES)
        now = self._now()
        scenes = (read_scene(raw, channel_id, sid, now) for sid, raw in zip(known, found, strict=True))
        return {scene.id: scene for scene in scenes if scene is not None}

    async def recent(self, channel_id: str, limit: int, *, skip: int = 0, but: str = "") -> list[Scene]:
        """Read `limit` of the channel's scenes, newest first, after the `skip` newest ones, without the scene `but`."""
        async with within_timeout():
            ids = await self._client.lrange(self._key(channel_id, "scenes"), -limit - skip, -1 - skip)
        newest_first = [scene_id for scene_id in texts(reversed(ids)) if scene_id != but]
        scenes = await self.scenes(channel_id, newest_first)
        return [scenes[sid] for sid in newest_first if sid in scenes]

    async def save(self, scene: Scene) -> None:
        """Write a changed record of a scene that is known already."""
        async with transaction(self._client) as pipe:
            self.write(pipe, scene.channel_id, [scene])

    async def save_unless_cancelled(self, scene: Scene) -> bool:
        """Write a changed record, and look in the same step whether somebody cancelled the scene; False if so."""
        cancel_key = self._key(scene.channel_id, "cancel", scene.id)
        # Whoever cancels writes first and reads the record then, so that one of the two sees the other in any order.
        pipe = sound_pipeline(self._client, atomic=False)
        self._put(pipe, scene)
        get_at_most(self._client, pipe, cancel_key, 1)
        async with within_timeout():
            _, cancelled = await pipe.execute()
        return not cancelled

    async def save_with_picture(self, scene: Scene, picture: bytes, copy: bytes = b"") -> None:
        """Write the painted picture, and with its last piece the record, so that neither is there without the other.

        A small `copy` is kept as long as the record, unless the picture is deleted.
        """
        await self._pictures.write(scene, picture, copy, lambda pipe: self._put(pipe, scene))

    async def ask_to_cancel(self, scene: Scene) -> None:
        """Tell whoever works on the scene that nobody wants it any more."""
        async with transaction(self._client) as pipe:
            pipe.set(self._key(scene.channel_id, "cancel", scene.id), b"1", ex=CANCEL_KEPT_SECONDS)

    async def is_cancelled(self, scene: Scene) -> bool:
        """Tell whether somebody asked to cancel the scene."""
        [word] = await values(self._client, [self._key(scene.channel_id, "cancel", scene.id)], 1)
        return word is not None

    async def add(self, scene: Scene) -> None:
        """Write a new scene and list it in its channel."""
        async with transaction(self._client) as pipe:
            self.write(pipe, scene.channel_id, [scene], [scene.id])

    def write(self, pipe: RedisPipeline, channel_id: str, changed: Iterable[Scene], added: Sequence[str] = ()) -> None:
        """Add to `pipe` the records of changed scenes; `added` are the ids of new ones, to be listed."""
        for scene in changed:
            self._put(pipe, scene)
            self._pictures.remove_needless(pipe, scene)
        if added:
            index = self._key(channel_id, "scenes")
            pipe.rpush(index, *added)
            pipe.expire(index, self._keep_seconds)

    def _put(self, pipe: RedisPipeline, scene: Scene) -> None:
        pipe.set(self._key(scene.channel_id, "scene", scene.id), scene.model_dump_json(), ex=self._keep_seconds)

    async def note_end(self, channel_id: str) -> None:
        """Forget the channel's surplus once in a while, now that one of its scenes has ended."""
        ended = self._ended.get(channel_id, 0) + 1
        self._ended[channel_id] = ended
        if ended % min(FORGET_EVERY, self._keep_scenes) == 0:
            await self.forget_surplus(channel_id)

    async def forget_surplus(self, channel_id: str) -> None:
        """Keep the newest scenes, and what is not finished."""
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
            if records := [key for sid in gone if is_scene_id(sid) for key in self._records(channel_id, sid)]:
                pipe.delete(*records)
            await pipe.execute()

    async def remove_channel(self, channel_id: str) -> None:
        """Remove every scene of the channel with its pictures and uploads. May be repeated."""
        async with within_timeout():
            listed = texts(await self._client.lrange(self._key(channel_id, "scenes"), 0, -1))
        for at in range(0, len(listed), REMOVED_AT_ONCE):
            some = [sid for sid in listed[at : at + REMOVED_AT_ONCE] if is_scene_id(sid)]
            found = await self.scenes(channel_id, some)
            uploads = [self._key(channel_id, "upload", one) for scene in found.values() for one in scene.uploads]
            cancelled = [self._key(channel_id, "cancel", sid) for sid in some]
            async with transaction(self._client) as pipe:
                if keys := [key for sid in some for key in self._records(channel_id, sid)]:
                    pipe.delete(*keys, *cancelled, *uploads)
        # The list last: after an interruption it still names what is left.
        async with transaction(self._client) as pipe:
            pipe.delete(*(self._key(channel_id, name) for name in ("scenes", "mailbox", "plan")))

    def _records(self, channel_id: str, scene_id: str) -> tuple[str, ...]:
        """Name what is kept of a scene until it is forgotten."""
        return self._key(channel_id, "scene", scene_id), *self._pictures.keys(channel_id, scene_id)

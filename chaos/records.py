"""What scene-art itself wrote down: its scenes, and whether anything is still open."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from redis.asyncio import Redis

from .tally import Record
from .world import World

OPEN = frozenset({"waiting", "started"})


async def read_records(world: World) -> list[Record]:
    """The store's scenes of all channels."""
    found = await asyncio.gather(*(_scenes(world.redis, channel.id) for channel in world.channels))
    return [
        Record(scene.get("turn_id") or "", scene["id"], scene["state"], scene.get("reason", ""))
        for scenes in found
        for scene in scenes
    ]


async def _scenes(redis: Redis, channel_id: int) -> list[dict[str, Any]]:
    ids: list[Any] = await redis.lrange(f"scene_art:{{{channel_id}}}:scenes", 0, -1)
    raw = [await redis.get(f"scene_art:{{{channel_id}}}:scene:{scene.decode()}") for scene in ids]
    return [json.loads(scene) for scene in raw if scene]


async def open_channels(world: World) -> list[str]:
    """The channels in which something is still to be done."""
    found = await asyncio.gather(*(_is_open(world.redis, channel.id) for channel in world.channels))
    return [channel.name for channel, busy in zip(world.channels, found, strict=True) if busy]


async def _is_open(redis: Redis, channel_id: int) -> bool:
    plan = json.loads(await redis.get(f"scene_art:{{{channel_id}}}:plan") or "{}")
    entries = await redis.llen(f"scene_art:{{{channel_id}}}:mailbox")
    return bool(entries) or any(turn["state"] in OPEN for turn in plan.get("turns", []))

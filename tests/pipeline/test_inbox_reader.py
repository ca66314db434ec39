"""A full inbox: read in slices, taken in whole, and the newest turn is drawn."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from cogs.scene_art.discord_io.channel_lookup import ChannelPlace
from cogs.scene_art.discord_io.channels import Channels
from cogs.scene_art.domain.channel_plan import MAX_WAITING, TurnState
from cogs.scene_art.domain.events import ArtRequest, TurnComplete
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.host.announcer import Announcer
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.pipeline.inbox_reader import ENTRIES_AT_ONCE, EventFilter, InboxReader
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.blocks import Blocks
from cogs.scene_art.store.channel_settings import ChannelSettingsReader
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from tests.stage import open_stage
from tests.stores import Stores


class Home:
    """Every channel is in server 5."""

    async def place(self, channel_id: str) -> ChannelPlace:
        return ChannelPlace("5", age_restricted=False)


def channel_settings_of(client: Any) -> ChannelSettingsReader:
    """Where nobody chose anything."""
    return ChannelSettingsReader(PreferenceRepository(client, Settings()), Settings(), ChannelScope)


def entries(channel_id: int, count: int, kind: Any = TurnComplete, **fields: Any) -> list[tuple[float, Any]]:
    """Turns, each with an id of its own."""
    return [
        (
            1_000.0 + number,
            kind(channel_id=str(channel_id), narrative=f"Turn {number}.", event_id=f"e{number}", ts=number, **fields),
        )
        for number in range(count)
    ]


def reader_of(client: Any, stores: Stores) -> InboxReader:
    return InboxReader(
        inbox=stores.inbox,
        repository=stores.scenes,
        event_filter=EventFilter(cast("Channels", Home()), Blocks(client, "scene_art", lambda: 2_000.0), Settings()),
        channel_settings=channel_settings_of(client),
        announcer=Announcer(),
        now=lambda: 2_000.0,
    )


async def test_a_plan_is_read_again_only_where_it_can_have_changed(any_redis_url: str) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        stores = Stores(client)
        inbox_reader, lock = reader_of(client, stores), stores.locks.of("42")
        await stores.inbox.enqueue("42", entries(42, 1))
        record = await inbox_reader.open("42", lock)
        assert await inbox_reader.reopen(record, lock), "it is not written yet"
        await inbox_reader.commit(record, await inbox_reader.take(record))
        assert not await inbox_reader.reopen(record, lock)

        await stores.inbox.enqueue("42", entries(42, 1))
        assert await inbox_reader.reopen(record, lock), "something came"
        await inbox_reader.commit(record, await inbox_reader.take(record))
        pipe = client.pipeline()
        pipe.delete("scene_art:{42}:work")
        await pipe.execute()
        assert await inbox_reader.reopen(record, lock), "the lock ran out: another run may have had it"
        assert not lock.lost


async def test_a_full_mailbox_is_read_in_slices_and_its_plan_stays_small(any_redis_url: str) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        stores = Stores(client)
        inbox_reader = reader_of(client, stores)
        await stores.inbox.enqueue("42", entries(42, 250, turn_id=None))
        seen, slices = 0, []
        while seen < 250:
            record = await inbox_reader.open("42", stores.locks.of("42", str(seen)))
            slices.append((len(record.entries), record.has_more))
            seen += len(record.entries)
            await inbox_reader.commit(record, await inbox_reader.take(record))
        assert slices == [(ENTRIES_AT_ONCE, True), (ENTRIES_AT_ONCE, True), (50, False)]

        plan = (await stores.inbox.open_channel("42")).plan
        waiting = [turn for turn in plan.turns if turn.state is TurnState.WAITING]
        assert [turn.order for turn in waiting] == list(range(250 - MAX_WAITING, 250)), "the newest ones wait"
        scenes = await stores.scenes.recent("42", 250)
        skipped = [scene.narrative for scene in scenes if scene.state is SceneState.SKIPPED]
        assert skipped == [f"Turn {number}." for number in reversed(range(250 - MAX_WAITING))]
        assert {scene.reason for scene in scenes if scene.state is SceneState.SKIPPED} == {
            "too many turns waited in this channel"
        }
        assert len(plan.model_dump_json()) < 120_000


@pytest.mark.parametrize("count", [ENTRIES_AT_ONCE, 450])
async def test_what_is_drawn_is_decided_when_all_mail_is_known(redis_url: str, count: int) -> None:
    async with open_stage(redis_url, cooldown_seconds=3600) as stage:
        channel = stage.channel()
        heard = entries(channel.id, count, ArtRequest)
        await Stores(stage.redis).inbox.enqueue(str(channel.id), [(1_000.0, event) for _, event in heard])
        await stage.request(channel, "Much later.")
        await stage.picture(channel)

        assert len(stage.sandbox.gemini.requests) == 1
        assert stage.asked_now(f"Turn {count - 1}."), "the newest of those that were due together, not of a slice"
        assert await stage.redis.llen(f"scene_art:{{{channel.id}}}:mailbox") == 0
        raw = await stage.redis.get(f"scene_art:{{{channel.id}}}:plan")
        assert raw is not None
        assert len(json.loads(raw)["turns"]) <= 2 * MAX_WAITING

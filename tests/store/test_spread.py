"""How many servers and conversations one person keeps something in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.settings import Settings
from cogs.scene_art.store import opt_outs, preferences
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.opt_outs import OptOuts
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


async def test_a_person_hides_in_so_many_places_and_each_that_ends_is_free_again(
    client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opt_outs, "MOST_SERVERS", 2)
    wishes = OptOuts(client, "scene_art")
    for server in ("71", "72", "71"):
        await wishes.hide(server, "1001", ["Sefa"])
    with pytest.raises(CannotDoError, match="You are hidden in 2 servers"):
        await wishes.hide("73", "1001", ["Sefa"])
    await wishes.hide("73", "1002", ["Tarn"])

    await wishes.show("71", "1001")
    await wishes.hide("73", "1001", ["Sefa"])
    await wishes.remove("72")
    await wishes.hide("74", "1001", ["Sefa"])
    pipe = client.pipeline()
    pipe.delete("scene_art:{73}:hidden")  # as when it expires
    await pipe.execute()
    await wishes.hide("75", "1001", ["Sefa"])


async def test_a_person_chooses_settings_in_so_many_direct_conversations(
    client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preferences, "MOST_CONVERSATIONS", 2)
    repository = PreferenceRepository(client, Settings())
    for channel in ("91", "92"):
        await repository.choose(ChannelScope(channel), channel, "spoiler", value=True, by="1001")
    with pytest.raises(CannotDoError, match="in 2 direct conversations"):
        await repository.choose(ChannelScope("93"), "93", "spoiler", value=True, by="1001")

    await repository.choose(ChannelScope("93", "8"), "93", "spoiler", value=True, by="1001")
    await repository.choose(ChannelScope("91"), "91", "spoiler", None, by="1001")
    await repository.choose(ChannelScope("93"), "93", "spoiler", value=True, by="1001")


async def test_a_server_has_so_many_choices(client: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences, "MOST_CHOICES", 2)
    repository = PreferenceRepository(client, Settings())
    for channel in ("91", "92", "91"):
        await repository.choose(ChannelScope(channel, "8"), channel, "spoiler", value=True)
    with pytest.raises(CannotDoError, match="already has 2 settings of its own"):
        await repository.choose(ChannelScope("93", "8"), "93", "spoiler", value=True)

"""The host is told of every scene, whichever way it came: once when it is queued, once at its end."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from cogs.scene_art.domain.scene import Scene, SceneState, UnitOfWork
from cogs.scene_art.host.announcer import Announcer
from cogs.scene_art.host.status import SceneStatus
from sandbox import Channel, wait_until
from sandbox.gemini_answers import blocked_prompt, picture
from tests.processes.hosting.game import Game
from tests.redis_server import RedisServer, redis_binary
from tests.service_kit import a_scene, repository_of
from tests.stage import TIMEOUT_SECONDS, Stage, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")

QUEUED = ("queued", "queued", "")
POSTED = ("posted", "posted", "")


async def wait_for_events(game: Game, channel: Channel, count: int = 2) -> list[tuple[str, str, str]]:
    """Wait for `count` announcements of the channel, and list them."""
    await wait_until(lambda: len(game.of(channel.id)) >= count, timeout=TIMEOUT_SECONDS)
    return game.of(channel.id)


async def test_a_request_that_was_heard(stage: Stage, game: Game, channel: Channel) -> None:
    message = await stage.shown(channel, "A gate.", turn_id="t-1")

    assert await wait_for_events(game, channel) == [QUEUED, POSTED]
    (_, queued), (_, posted) = [one for one in game.told if one[1].channel_id == channel.id]
    assert queued.scene_id == posted.scene_id
    assert (queued.turn_id, queued.message_id, queued.seconds) == ("t-1", None, 0.0)
    assert (posted.turn_id, posted.message_id, posted.source) == ("t-1", message.id, "request")
    assert posted.ts >= queued.ts > 1_000_000


async def test_a_silent_turn(stage: Stage, game: Game, channel: Channel) -> None:
    await stage.turn(channel, "A silent turn.")

    assert await wait_for_events(game, channel) == [QUEUED, POSTED]
    assert {one.source for _, one in game.told if one.channel_id == channel.id} == {"turn"}


async def test_a_command_and_a_button(stage: Stage, game: Game, channel: Channel) -> None:
    mira = stage.sandbox.discord.add_user("Mira")
    await stage.typed(channel, mira, "draw", text="A tower of my own.")
    await wait_for_events(game, channel)
    await stage.pressed(stage.posts(channel)[0], "Rerender", mira)

    assert await wait_for_events(game, channel, 4) == [QUEUED, POSTED, QUEUED, POSTED]
    assert {one.requested_by for _, one in game.told if one.channel_id == channel.id} == {mira.id}


async def test_a_refusal(stage: Stage, game: Game, channel: Channel) -> None:
    stage.sandbox.gemini.script(*[blocked_prompt("PROHIBITED_CONTENT")] * 2)
    await stage.request(channel, "Something refused.")

    assert await wait_for_events(game, channel) == [QUEUED, ("failed", "refused", "prohibited")]


async def test_a_listener_that_fails_hurts_nobody(
    stage: Stage, game: Game, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    game.broken = True
    for number in range(2):
        await stage.shown(channel, f"Scene {number}.")

    assert await wait_for_events(game, channel, 4) == [QUEUED, POSTED, QUEUED, POSTED]
    # discord.py's own word on it.
    assert "Ignoring exception in on_scene_art_posted" in caplog.text


@alone
async def test_scenes_that_were_overtaken_or_switched_off() -> None:
    async with open_stage(cooldown_seconds=2, fallback_seconds=0) as stage:
        game, channel = Game(stage.bot), stage.channel()
        await stage.bot.add_cog(game)
        for story in ("The first.", "Overtaken.", "The last."):
            await stage.request(channel, story)
            await stage.redis.get("in order")
        await stage.pictures(channel, 2)
        await stage.settled(channel)
        heard = await wait_for_events(game, channel, 6)

    assert sorted(heard) == sorted([QUEUED] * 3 + [POSTED] * 2 + [("failed", "skipped", "overtaken")])


@alone
async def test_two_processes_tell_each_scene_once(redis_url: str) -> None:
    async with open_stage(redis_url, bots=2) as stage:
        games = [Game(bot) for bot in stage.bots]
        for game in games:
            await game.bot.add_cog(game)
        channels = [stage.channel() for _ in range(8)]
        for channel in channels:
            await stage.request(channel, "In two processes.")
        for channel in channels:
            await stage.picture(channel)
            await stage.settled(channel)
        # What is told comes a moment after it is written down.
        await wait_until(lambda: sum(len(game.told) for game in games) >= 2 * len(channels))

    told_of = [(event, one.channel_id) for game in games for event, one in game.told]
    assert sorted(told_of) == sorted((event, one.id) for one in channels for event in ("queued", "posted"))


async def test_what_another_process_has_ended_meanwhile_is_told_there_alone(
    stage: Stage, game: Game, channel: Channel
) -> None:
    stage.sandbox.gemini.script(picture(portrait("teal"), delay=1.0))
    await stage.request(channel, "Ended elsewhere.")
    await stage.asked("Ended elsewhere.")
    [record] = await stage.scenes(channel)
    elsewhere = Scene.model_validate(record).moved(SceneState.POSTED, message_id="5", finished_at=record["heard_at"])
    # This process stood still until its lock was over, and the other one has released it already.
    await repository_of(stage.redis).save(elsewhere)
    pipe = stage.redis.pipeline()
    pipe.delete(f"scene_art:{{{channel.id}}}:work")
    await pipe.execute()
    await stage.settled(channel)

    assert game.of(channel.id) == [QUEUED]
    assert stage.posts(channel) == []


@alone
async def test_an_end_during_an_outage_is_told_once_when_it_is_written_down() -> None:
    server = RedisServer(redis_binary(), durable=True)
    try:
        server.start()
        async with open_stage(server.url) as stage:
            game, channel = Game(stage.bot), stage.channel()
            await stage.bot.add_cog(game)
            slow = stage.sandbox.discord.fail_next("POST", r"^/channels/\d+/messages$", status=0, delay=1.5)
            await stage.request(channel, "The lantern falls.")
            await wait_until(lambda: slow.hits, timeout=TIMEOUT_SECONDS)
            await asyncio.to_thread(server.kill)
            await stage.picture(channel)
            assert game.of(channel.id) == [QUEUED]
            await asyncio.to_thread(server.start)

            assert await wait_for_events(game, channel) == [QUEUED, POSTED]
            await stage.settled(channel)
    finally:
        server.close()

    assert game.of(channel.id) == [QUEUED, POSTED]


async def test_any_host_is_told_that_can_dispatch(caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a dispatch of the host's own")

    ends: list[SceneStatus] = []
    announcer = Announcer(broken, ends.append)
    announcer.ended(a_scene(1, SceneState.POSTED))

    assert [one.state for one in ends] == ["posted"]
    assert "dispatch of scene_art_posted failed" in caplog.text


async def test_what_could_not_be_written_is_told_when_it_is_and_once() -> None:
    heard: list[str] = []
    announcer = Announcer(lambda name, _: heard.append(name))
    scenes = UnitOfWork({})
    scenes["0" * 16] = a_scene(0, SceneState.WAITING)

    with pytest.raises(OSError, match="Redis"), announcer.writing(scenes):
        raise OSError("Redis is away")
    assert heard == []
    for _ in range(2):
        with announcer.writing(scenes):
            pass
    assert heard == ["scene_art_queued"]

    announcer.note(a_scene(0, SceneState.POSTED))
    announcer.forget(f"{0:016x}")
    announcer.release(f"{0:016x}")
    assert heard == ["scene_art_queued"], "another process ended it"


@alone
async def test_a_plain_client_is_told_too() -> None:
    heard: list[SceneStatus] = []

    class Client(discord.Client):
        async def on_scene_art_posted(self, scene: SceneStatus) -> None:
            heard.append(scene)

    client = Client(intents=discord.Intents.none())
    async with client:
        Announcer(client.dispatch).ended(a_scene(1, SceneState.POSTED))
        await wait_until(lambda: heard)

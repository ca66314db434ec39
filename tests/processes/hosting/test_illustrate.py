"""A host's own code asks for a picture, without Redis between the two, and follows it to its end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest

from cogs.scene_art import SceneHandle, SceneStatus
from cogs.scene_art.errors import BusyError, TransientError, UnloadedError
from cogs.scene_art.jobs import engine
from cogs.scene_art.services.host import art_request
from cogs.scene_art.store.lock import Lock
from sandbox import Channel, wait_until
from sandbox.gemini_answers import blocked_prompt, hang
from tests.processes.hosting.game import Game
from tests.redis_server import RedisServer, redis_binary
from tests.stage import EXTENSION, TIMEOUT_SECONDS, Stage, bot_process, is_listening, open_stage, portrait, running_bot

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")


async def ends(handle: SceneHandle) -> SceneStatus:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        return await handle


async def as_known(stage: Stage, channel: Channel) -> discord.TextChannel:
    """The channel as the bot knows it."""
    await wait_until(lambda: stage.bot.get_channel(channel.id))
    found = stage.bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_picture_is_asked_for_and_awaited(stage: Stage, game: Game, channel: Channel) -> None:
    link = stage.sandbox.files.add("mira.png", portrait("teal"))
    narrator = stage.sandbox.discord.add_user("Narrator")
    turn = stage.sandbox.discord.say(channel, narrator, "Mira enters the lantern hall.")

    handle = await game.art.illustrate(
        await as_known(stage, channel),
        "Mira enters the lantern hall.",
        character_names=("Mira",),
        character_urls=[link],
        game_name="Lanterns",
        turn_id="t-7",
        message_id=turn.id,
    )
    status = await ends(handle)

    [message] = stage.posts(channel)
    assert (status.state, status.reason, status.source) == ("posted", "", "request")
    assert (status.channel_id, status.guild_id, status.turn_id) == (channel.id, stage.guild.id, "t-7")
    assert status.message_id == message.id
    assert status.attachment_url is not None
    assert f"/{message.attachments[0].filename}" in status.attachment_url
    assert status.alt == message.attachments[0].description
    assert "Mira" in status.alt
    assert status.cost > 0
    assert status.seconds > 0
    assert message.reference is not None
    [record] = await stage.scenes(channel)
    assert (record["id"], record["game_name"], record["aspect_ratio"]) == (status.scene_id, "Lanterns", "16:9")
    assert record["cost"] == status.cost
    assert (handle.status, handle.scene_id) == (status, status.scene_id)
    assert await ends(handle) == status, "it can be awaited again"


@alone
async def test_it_works_on_a_real_redis_too_and_with_an_id_alone(redis_url: str) -> None:
    async with open_stage(redis_url, painter="storyboard") as stage:
        channel = stage.channel()
        handle: SceneHandle = await stage.cog.illustrate(channel.id, "A gate.", guild_id=stage.guild.id)

        status = await ends(handle)

        assert status.message_id == stage.posts(channel)[0].id
        assert status.state == "posted"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"narrative": "  "}, "narrative: must not be blank"),
        ({"narrative": None}, "narrative: Field required"),
        ({"narrative": "a" * 300_000}, "larger than 256 KiB"),
        ({"channel": "story"}, "channel: must be a channel"),
        ({"channel": True}, "channel: must be a channel"),
        ({"channel": -1}, "channel_id: "),
        ({"character_names": "Mira"}, "character_names: must be a list of strings"),
        ({"character_urls": [b"x"]}, "cannot be written as JSON"),
        ({"character_urls": [1]}, "character_urls: must hold strings only"),
        ({"game_name": 5}, "game_name: must be a string"),
        ({"message_id": "the last one"}, "message_id: is not a Discord id"),
        ({"guild_id": 0}, "guild_id: is not a Discord id"),
        ({"turn_id": 1.5}, "turn_id: must be a string"),
    ],
)
async def test_what_does_not_fit_is_said_at_once(game: Game, wrong: dict[str, Any], told: str) -> None:
    arguments: dict[str, Any] = {"channel": 42, "narrative": "A gate."} | wrong

    with pytest.raises(ValueError, match=told):
        await game.art.illustrate(arguments.pop("channel"), arguments.pop("narrative"), **arguments)


async def test_two_calls_of_the_same_moment_are_two_events(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("cogs.scene_art.services.host.time.time", lambda: 1_000.0)
        (first, _), (second, _) = [art_request(42, narrative="A gate.") for _ in range(2)]

    assert first.event_id != second.event_id
    assert first.followed


async def test_a_person_is_no_channel(stage: Stage, game: Game) -> None:
    person = stage.bot.user
    assert isinstance(person, discord.ClientUser)

    with pytest.raises(ValueError, match="create_dm"):
        await game.art.illustrate(person, "A gate.")


async def test_two_calls_are_two_pictures_and_one_turn_is_one(stage: Stage, game: Game, channel: Channel) -> None:
    first, second = [await game.art.illustrate(channel.id, "The same words.") for _ in range(2)]
    assert (await ends(first)).scene_id != (await ends(second)).scene_id

    third, fourth = [await game.art.illustrate(channel.id, "One turn.", turn_id=9) for _ in range(2)]
    assert await ends(third) == await ends(fourth)
    assert stage.posts(channel)[-1].id == (await ends(fourth)).message_id
    assert len([s for s in await stage.scenes(channel) if s["turn_id"] == "9"]) == 1


async def test_it_takes_the_place_of_the_turn_that_was_heard(stage: Stage, game: Game, channel: Channel) -> None:
    await stage.turn(channel, "A long turn.", turn_id="t-1")
    handle = await game.art.illustrate(channel.id, "Its best moment.", turn_id="t-1")

    assert (await ends(handle)).state == "posted"
    await stage.settled(channel)
    assert len(stage.posts(channel)) == 1


async def test_a_refusal_ends_it_with_a_reason(stage: Stage, game: Game, channel: Channel) -> None:
    stage.sandbox.gemini.script(*[blocked_prompt("PROHIBITED_CONTENT")] * 2)

    status = await ends(await game.art.illustrate(channel.id, "Something refused."))

    assert (status.state, status.reason) == ("refused", "prohibited")
    assert "Gemini blocked the input" in status.detail
    assert (status.message_id, status.attachment_url) == (None, None)


async def test_a_channel_that_the_bot_is_not_in_gets_none(stage: Stage, game: Game) -> None:
    status = await ends(await game.art.illustrate(1099511627776000001, "Nowhere."))

    assert (status.state, status.reason, status.scene_id) == ("failed", "unknown_channel", None)


async def test_a_channel_of_another_server_gets_none(stage: Stage, game: Game, channel: Channel) -> None:
    status = await ends(await game.art.illustrate(channel.id, "Elsewhere.", guild_id=1099511627776000002))

    assert (status.state, status.reason) == ("failed", "other_guild")
    assert await stage.scenes(channel) == []


async def test_a_picture_that_is_being_painted_is_cancelled(stage: Stage, game: Game, channel: Channel) -> None:
    stage.sandbox.gemini.script(hang())
    handle = await game.art.illustrate(channel.id, "Never mind this one.")
    await stage.asked("Never mind this one.")

    assert await handle.cancel()

    assert (await ends(handle)).state == "cancelled"
    assert stage.posts(channel) == []
    assert not await handle.cancel(), "there is nothing left to cancel"


async def test_a_posted_picture_cannot_be_cancelled(stage: Stage, game: Game, channel: Channel) -> None:
    handle = await game.art.illustrate(channel.id, "A quick one.")
    await ends(handle)

    assert not await handle.cancel()
    assert len(stage.posts(channel)) == 1


async def test_whoever_stops_waiting_cancels_no_scene(stage: Stage, game: Game, channel: Channel) -> None:
    handle = await game.art.illustrate(channel.id, "Patience.")
    waits = asyncio.create_task(handle.wait())
    await asyncio.sleep(0)
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)

    assert waits.cancelled()
    assert (await ends(handle)).state == "posted"


async def test_a_handle_that_nobody_holds_is_not_followed(stage: Stage, game: Game, channel: Channel) -> None:
    following = game.art.app.hosting.following
    await game.art.illustrate(channel.id, "Fire and forget.")

    assert len(following) == 0
    await stage.picture(channel)


async def test_a_flood_is_refused_at_once(stage: Stage, game: Game, channel: Channel) -> None:
    with pytest.raises(BusyError, match=f"channel {channel.id} is flooded"):
        await asyncio.gather(*(game.art.illustrate(channel.id, f"{n}", turn_id="one-turn") for n in range(300)))
    await stage.picture(channel)
    await stage.settled(channel)


@alone
async def test_a_scene_that_waits_for_the_cooldown_can_be_cancelled() -> None:
    async with open_stage(cooldown_seconds=8, painter="storyboard") as stage:
        channel = stage.channel()
        stories = ("The first.", "The last.")
        handles = []
        for story in stories:
            handles.append(await stage.cog.illustrate(channel.id, story))
            await wait_until(lambda: handles[-1].scene_id is not None, timeout=TIMEOUT_SECONDS)
        assert await handles[1].cancel()

        states = [(status.state, status.reason) for status in [await ends(handle) for handle in handles]]

    assert states == [("posted", ""), ("cancelled", "cancelled")]


@alone
async def test_what_is_asked_before_redis_is_reached_is_drawn_when_it_is() -> None:
    server = RedisServer(redis_binary())
    try:
        server.start()
        async with open_stage(server.url, bots=0, painter="storyboard") as stage:
            channel = stage.channel()
            await asyncio.to_thread(server.stop)
            async with running_bot(stage.sandbox) as bot:
                cog: Any = bot.get_cog("SceneArt")
                kept = await cog.illustrate(channel.id, "Before anything.")
                dropped = await cog.illustrate(channel.id, "On second thoughts.")
                assert await dropped.cancel()
                assert (await ends(dropped)).state == "cancelled"
                assert kept.status is None
                await asyncio.to_thread(server.start)

                assert (await ends(kept)).state == "posted"

            assert len(stage.posts(channel)) == 1
    finally:
        server.close()


@alone
async def test_an_outage_of_redis_is_waited_through(monkeypatch: pytest.MonkeyPatch) -> None:
    # What was at work when it began is taken up when its lease and its claim are over: half a minute.
    monkeypatch.setattr(engine, "LEASE", timedelta(seconds=3))
    monkeypatch.setattr(Lock.__init__, "__defaults__", (3,))
    server = RedisServer(redis_binary(), durable=True)
    try:
        server.start()
        async with open_stage(server.url, cooldown_seconds=2, painter="storyboard") as stage:
            channel = stage.channel()
            first, second = [await stage.cog.illustrate(channel.id, story) for story in ("Before.", "Meanwhile.")]
            await ends(first)
            await wait_until(lambda: second.scene_id is not None, timeout=TIMEOUT_SECONDS)
            await asyncio.to_thread(server.kill)
            third = await stage.cog.illustrate(stage.channel().id, "During.")
            with pytest.raises(TransientError):
                await second.cancel()
            await asyncio.to_thread(server.start)

            assert [(await ends(handle)).state for handle in (second, third)] == ["posted", "posted"]
    finally:
        server.close()


@alone
async def test_an_end_in_another_process_is_seen_and_told_there(redis_url: str) -> None:
    async with (
        open_stage(redis_url, painter="storyboard") as stage,
        bot_process(stage.sandbox, redis_url, painter="storyboard"),
    ):
        game = Game(stage.bot)
        await stage.bot.add_cog(game)
        elsewhere = 0
        for number in range(40):
            status = await ends(await stage.cog.illustrate(stage.channel().id, f"Scene {number}."))
            assert status.state == "posted"
            assert status.message_id is not None
            await asyncio.sleep(0)
            told_here = [one.scene_id for event, one in game.told if event == "posted"]
            elsewhere += status.scene_id not in told_here
            if elsewhere >= 2:
                break

    assert elsewhere >= 2


@alone
async def test_unloading_ends_the_waiting_and_not_the_scene(redis_url: str) -> None:
    async with open_stage(redis_url, cooldown_seconds=3, painter="storyboard") as stage:
        channel, cog = stage.channel(), stage.cog
        first, second = [await cog.illustrate(channel.id, story) for story in ("The first.", "The second.")]
        await ends(first)
        await wait_until(lambda: second.scene_id is not None, timeout=TIMEOUT_SECONDS)
        waits = asyncio.create_task(second.wait())

        await stage.bot.unload_extension(EXTENSION)

        with pytest.raises(UnloadedError, match="unloaded"):
            await waits
        with pytest.raises(UnloadedError):
            await second.cancel()
        with pytest.raises(UnloadedError):
            await cog.illustrate(channel.id, "Too late.")
        await stage.bot.load_extension(EXTENSION)
        await wait_until(lambda: is_listening(stage.bot), timeout=TIMEOUT_SECONDS)
        await stage.pictures(channel, 2)
        await stage.settled(channel)

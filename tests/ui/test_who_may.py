"""What becomes of blocks, limits and deletions, through Discord; who may what is in `tests/hostile/people/`."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Channel, InteractionAnswer, Message, User, wait_until
from sandbox.commands import CommandError
from sandbox.gemini_answers import picture
from sandbox.interaction_answer import Kind
from sandbox.permissions import Permission
from sandbox.world import JSON
from tests.stage import TIMEOUT_SECONDS, Stage, bot_process, open_stage, running_bot

pytestmark = pytest.mark.asyncio(loop_scope="module")

REDO = "scene-art rerender"
BLOCK, UNBLOCK = "scene-art-mod block", "scene-art-mod unblock"
NOT_YOURS = "Only the person who asked for this picture, people whose character is in it, and moderators can do that."


@pytest.fixture
def moderator(stage: Stage) -> User:
    return stage.sandbox.discord.add_user("Mod", permissions=Permission.MANAGE_MESSAGES)


async def ended(answer: InteractionAnswer) -> str:
    """The sentence in which the answer ends; nobody but the person reads it."""
    await answer.wait_for(lambda a: a.content and not a.content.endswith("…"), timeout=TIMEOUT_SECONDS)
    assert answer.ephemeral
    return answer.content


async def raw_command(stage: Stage, channel: Channel, user: User, options: list[JSON]) -> InteractionAnswer:
    """`/scene-art rerender` from a client that checks nothing."""
    discord = stage.sandbox.discord
    command = next(c for c in discord.world.commands.values() if c["name"] == "scene-art")
    inner = [{"name": "rerender", "type": 1, "options": options}]
    data: JSON = {"id": command["id"], "name": "scene-art", "type": 1, "options": inner}
    return await discord.interactions.first_answer(discord.interactions.begin(Kind.COMMAND, channel, user, data))


async def drawn(stage: Stage, channel: Channel, story: str = "The gate opens.") -> Message:
    """An automatic picture."""
    before = len(stage.posts(channel))
    await stage.request(channel, story)
    message = (await stage.pictures(channel, before + 1))[-1]
    await stage.settled(channel)
    return message


async def press(stage: Stage, message: Message, label: str, user: User) -> str:
    answer = await stage.sandbox.discord.press(message, message.button(label).custom_id, user)
    return await ended(answer)


async def redone(stage: Stage, channel: Channel, user: User) -> Message:
    """A picture that somebody asked for."""
    before = len(stage.posts(channel))
    assert (await ended(await stage.sandbox.discord.run_command(channel, user, REDO))).startswith(
        "Here's your picture:"
    )
    return (await stage.pictures(channel, before + 1))[-1]


async def test_an_automatic_picture_is_deleted_by_moderators_alone(
    stage: Stage, channel: Channel, mira: User, moderator: User
) -> None:
    message = await drawn(stage, channel)
    assert await press(stage, message, "Delete", mira) == NOT_YOURS
    assert message in stage.posts(channel)
    assert (await press(stage, message, "Delete", moderator)).startswith("Picture deleted.")
    assert message not in stage.posts(channel)
    [scene] = await stage.scenes(channel)
    assert (scene["deleted_by"], scene["message_id"], scene["state"]) == (str(moderator.id), None, "posted")
    await redone(stage, channel, mira)


async def test_whoever_asked_for_a_picture_deletes_it_and_nobody_else_does(
    stage: Stage, channel: Channel, mira: User
) -> None:
    stranger = stage.sandbox.discord.add_user("Stranger")
    await drawn(stage, channel)
    message = await redone(stage, channel, mira)
    assert await press(stage, message, "Delete", stranger) == NOT_YOURS
    texts = await asyncio.gather(*(press(stage, message, "Delete", mira) for _ in range(2)))
    assert all(text.startswith(("Picture deleted.", "This picture is already gone.")) for text in texts)
    assert message not in stage.posts(channel)


async def test_a_picture_that_a_moderator_deleted_by_hand_is_gone_already(
    stage: Stage, channel: Channel, mira: User
) -> None:
    await drawn(stage, channel)
    message = await redone(stage, channel, mira)
    stage.sandbox.discord.fail_next("DELETE", rf"/messages/{message.id}$", 404, code=10008)
    assert (await press(stage, message, "Delete", mira)).startswith("Picture deleted.")


async def test_when_discord_does_not_delete_it_a_sentence_says_so_and_it_can_be_tried_again(
    stage: Stage, channel: Channel, moderator: User
) -> None:
    message = await drawn(stage, channel)
    stage.sandbox.discord.fail_next("DELETE", rf"/messages/{message.id}$", 403, code=50001)
    assert "The bot can't see this channel" in await press(stage, message, "Delete", moderator)
    assert not message.deleted
    assert (await press(stage, message, "Delete", moderator)).startswith("Picture deleted.")


async def test_a_moderator_blocks_and_unblocks_somebody(
    stage: Stage, channel: Channel, mira: User, moderator: User
) -> None:
    discord = stage.sandbox.discord
    message = await drawn(stage, channel)
    assert await ended(await discord.run_command(channel, moderator, BLOCK, {"user": mira})) == (
        f"Blocked in this server: <@{mira.id}>."
    )
    assert "A moderator has blocked you" in await ended(await discord.run_command(channel, mira, REDO))
    assert "A moderator has blocked you" in await press(stage, message, "Rerender", mira)
    assert "Nothing is blocked in this server" in await ended(
        await discord.run_command(channel, moderator, UNBLOCK, {"user": mira})
    )
    await redone(stage, channel, mira)


async def test_a_blocked_channel_gets_no_pictures(stage: Stage, channel: Channel, mira: User, moderator: User) -> None:
    discord = stage.sandbox.discord
    await drawn(stage, channel)
    text = await ended(await discord.run_command(channel, moderator, BLOCK, {"channel": channel}))
    assert text == f"Blocked in this server: <#{channel.id}>."
    await stage.request(channel, "Nobody sees this.")
    assert "has turned pictures off in this channel" in await ended(await discord.run_command(channel, mira, REDO))
    await drawn(stage, stage.channel("afterwards"))
    assert len(stage.posts(channel)) == len(await stage.scenes(channel)) == 1
    assert stage.asked_now("Nobody sees this.") == []
    await ended(await discord.run_command(channel, moderator, UNBLOCK, {"channel": channel}))
    await drawn(stage, channel, "Everybody sees this.")


@pytest.mark.parametrize("value", [5, ["a"], {"a": 1}, True, None, "x" * 6_000])
@pytest.mark.parametrize("option", ["scene", "notes", "aspect", "style"])
async def test_options_of_a_wrong_kind_get_a_sentence(
    stage: Stage, channel: Channel, mira: User, option: str, value: object
) -> None:
    """A client of somebody's own sends what it likes."""
    answer = await raw_command(stage, channel, mira, [{"name": option, "type": 3, "value": value}])
    assert await ended(answer)


async def test_only_moderators_are_offered_the_blocking(stage: Stage, channel: Channel, mira: User) -> None:
    with pytest.raises(CommandError):
        await stage.sandbox.discord.run_command(channel, mira, BLOCK, {"user": mira})


@pytest.mark.asyncio(loop_scope="function")
async def test_roles_limits_and_deletion_hold_before_and_after_a_restart(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(redis_url, bots=0, listening=False, painter="storyboard") as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        role = discord.add_role(stage.guild, "Painters")
        mira = discord.add_user("Mira", roles=[role])
        stranger = discord.add_user("Stranger", roles=[discord.add_role(stage.guild, "Others")])
        monkeypatch.setenv("SCENE_ART_ROLES", f"{role}, 7")
        monkeypatch.setenv("SCENE_ART_USER_PICTURES_PER_HOUR", "2")
        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: bot.get_cog("SceneArt").is_listening, timeout=10)
            await drawn(stage, channel)
            assert "You need a certain role" in await ended(await discord.run_command(channel, stranger, REDO))
            # As with a host bot that does not ask for the servers' roles: what Discord sends along has to do.
            guild = bot.get_guild(stage.guild.id)
            assert guild._remove_role(role)
            message = await redone(stage, channel, mira)
        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: bot.get_cog("SceneArt").is_listening, timeout=10)
            assert "You need a certain role" in await press(stage, message, "Rerender", stranger)
            assert (await press(stage, message, "Rerender", mira)).startswith("Here's your picture:")
            limited = await press(stage, message, "Rerender", mira)
            assert limited.startswith("You've reached your limit of 2 pictures per hour")
            assert (await press(stage, message, "Delete", mira)).startswith("Picture deleted.")
            assert await press(stage, stage.posts(channel)[0], "Delete", stranger) == NOT_YOURS


@pytest.mark.asyncio(loop_scope="function")
async def test_what_waits_when_its_channel_is_blocked_is_not_painted() -> None:
    """A turn waits for its request, and a cooldown or a limit of Gemini's may last: a block comes meanwhile."""
    async with open_stage(fallback_seconds=5, notices="true") as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        moderator = discord.add_user("Mod", permissions=Permission.MANAGE_MESSAGES)
        await stage.request(channel, "The gate opens.", turn_id="1")
        message = await stage.picture(channel)
        await stage.turn(channel, "Nobody is shown this.", turn_id="2")
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while len(await stage.scenes(channel)) < 2:  # noqa: ASYNC110  # it is Redis that knows
                await asyncio.sleep(0.02)
        await ended(await discord.run_command(channel, moderator, BLOCK, {"channel": channel}))
        await stage.settled(channel)
        [_, late] = await stage.scenes(channel)
        assert (late["state"], late["reason"]) == ("refused", f"channel {channel.id} is blocked")
        assert stage.asked_now("Nobody is shown this.") == []
        assert [m for m in discord.messages(channel) if m.ephemeral_to is None] == [message], "no notice either"
        assert (await press(stage, message, "Delete", moderator)).startswith("Picture deleted.")


@pytest.mark.asyncio(loop_scope="function")
async def test_limits_hold_for_two_processes_that_are_asked_at_once(redis_url: str) -> None:
    async with open_stage(redis_url, user_pictures_per_hour=2) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        mira, tom = discord.add_user("Mira"), discord.add_user("Tom")
        async with bot_process(stage.sandbox, redis_url, user_pictures_per_hour=2) as other:
            await wait_until(lambda: "Connected as" in other.text, timeout=TIMEOUT_SECONDS)
            message = await drawn(stage, channel)
            stage.sandbox.gemini.script(picture(delay=2.0))
            texts = await asyncio.gather(*(press(stage, message, "Rerender", mira) for _ in range(4)))
            assert sum(text.startswith("Here's your picture:") for text in texts) == 1, texts
            assert sum("already have a picture in progress" in text for text in texts) == 3, texts
            assert (await press(stage, message, "Rerender", mira)).startswith("Here's your picture:")
            texts = await asyncio.gather(*(press(stage, message, "Rerender", mira) for _ in range(3)))
            refusals = ("You've reached your limit of 2 pictures", "You already have a picture in progress.")
            assert all(text.startswith(refusals) for text in texts), texts
            assert (await press(stage, message, "Rerender", tom)).startswith("Here's your picture:")
            assert len(stage.posts(channel)) == 4
            texts = await asyncio.gather(*(press(stage, stage.posts(channel)[1], "Delete", mira) for _ in range(3)))
            assert all(text.startswith(("Picture deleted.", "This picture is already gone.")) for text in texts), texts
            assert len(stage.posts(channel)) == 3

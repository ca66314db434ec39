"""Connecting, reconnecting and what the gateway tells whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord
import pytest
from discord.ext import commands

from sandbox import Channel, CommandError, Permission, Sandbox, User, wait_until
from sandbox.interaction_answer import Kind
from sandbox.messages import Draft, post

StartBot = Callable[..., Awaitable[commands.Bot]]


def hear(bot: commands.Bot) -> list[discord.Message]:
    heard: list[discord.Message] = []

    async def on_message(message: discord.Message) -> None:
        heard.append(message)

    bot.add_listener(on_message)
    return heard


async def test_a_dropped_connection_is_resumed_without_losing_messages(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    heard = hear(bot)
    await sandbox.discord.drop_gateway()
    sandbox.discord.say(channel, mira, "while you were away")
    await wait_until(lambda: heard, timeout=15)
    assert sandbox.discord.gateway.resumes == 1
    assert sandbox.discord.gateway.identifies == 1


async def test_a_forgotten_session_identifies_anew(bot: commands.Bot, sandbox: Sandbox) -> None:
    await sandbox.discord.drop_gateway(forget=True)
    await wait_until(lambda: sandbox.discord.gateway.identifies == 2, timeout=20)


async def test_without_the_content_intent_texts_of_others_are_empty(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    heard = hear(bot)
    sandbox.discord.say(channel, mira, "secret")
    sandbox.discord.say(channel, mira, f"for you <@{sandbox.discord.bot.id}>")
    sandbox.discord.say(sandbox.discord.add_dm(mira), mira, "between us")
    await wait_until(lambda: len(heard) == 3)
    assert [bool(message.content) for message in heard] == [False, True, True]
    assert isinstance(heard[2].channel, discord.DMChannel)


async def test_with_the_content_intent_everything_is_read(
    start_bot: StartBot, sandbox: Sandbox, channel: Channel
) -> None:
    bot = await start_bot(intents=discord.Intents.all())
    heard = hear(bot)
    said = sandbox.discord.say(channel, "S.N.E.S.", "The story goes on.")
    await wait_until(lambda: heard)
    assert heard[0].content == "The story goes on."
    assert heard[0].webhook_id == said.author.id
    assert [guild.chunked for guild in bot.guilds] == [True]


async def test_privileged_intents_can_be_withheld(start_bot: StartBot, sandbox: Sandbox) -> None:
    sandbox.discord.settings.privileged_intents = False
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start_bot(intents=discord.Intents.all())


async def test_a_hidden_channel_is_silent(bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User) -> None:
    heard = hear(bot)
    assert channel.guild is not None
    hidden = sandbox.discord.add_text_channel(channel.guild, "hidden")
    sandbox.discord.set_permissions(hidden, int(Permission.SEND_MESSAGES))
    sandbox.discord.say(hidden, mira, "nobody hears")
    sandbox.discord.say(channel, mira, "everybody hears")
    await wait_until(lambda: heard)
    assert [message.channel.id for message in heard] == [channel.id]


async def test_shards_share_the_servers(start_bot: StartBot, sandbox: Sandbox, channel: Channel) -> None:
    for number in range(3):
        sandbox.discord.add_guild(f"Guild {number}")
    bot = await start_bot(kind=commands.AutoShardedBot, shard_count=2)
    assert len(bot.guilds) == 4
    assert len(sandbox.discord.gateway.connected) == 2
    assert {guild.shard_id for guild in bot.guilds} <= {0, 1}


async def test_new_servers_and_channels_are_announced(bot: commands.Bot, sandbox: Sandbox) -> None:
    guild = sandbox.discord.add_guild("Second")
    channel = sandbox.discord.add_text_channel(guild, "dark-corner", age_restricted=True)
    await wait_until(lambda: bot.get_channel(channel.id))
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    assert found.is_nsfw()
    sandbox.discord.delete_channel(channel)
    await wait_until(lambda: bot.get_channel(channel.id) is None)


async def test_who_leaves_a_server_can_do_nothing_there_and_comes_back_without_roles(
    start_bot: StartBot, sandbox: Sandbox, channel: Channel
) -> None:
    bot = await start_bot(intents=discord.Intents.all())
    assert channel.guild is not None
    role = sandbox.discord.add_role(channel.guild, "Moderators", permissions=int(Permission.MANAGE_MESSAGES))
    tom = sandbox.discord.add_user("Tom", roles=[role])
    told: list[str] = []

    async def on_raw_member_remove(gone: discord.RawMemberRemoveEvent) -> None:
        told.append(f"left: {gone.user.name}")

    async def on_member_join(member: discord.Member) -> None:
        told.append(f"joined: {len(member.roles) - 1} roles")

    bot.add_listener(on_raw_member_remove)
    bot.add_listener(on_member_join)
    button = {"type": 1, "components": [{"type": 2, "style": 2, "label": "?", "custom_id": "?"}]}
    message = post(sandbox.discord.world, channel, sandbox.discord.bot, Draft({"content": "?", "components": [button]}))

    sandbox.discord.leave(channel.guild, tom)

    with pytest.raises(CommandError):
        await sandbox.discord.press(message, "?", tom)
    with pytest.raises(discord.NotFound):
        await bot.get_guild(channel.guild.id).fetch_member(tom.id)  # type: ignore[union-attr]
    sandbox.discord.join(channel.guild, tom)
    await wait_until(lambda: len(told) == 2)
    assert told == ["left: tom", "joined: 0 roles"]


async def test_the_applications_owner_is_whom_the_sandbox_says(bot: commands.Bot, sandbox: Sandbox, mira: User) -> None:
    assert (await bot.application_info()).owner.id == sandbox.discord.world.operator.id
    sandbox.discord.world.operator = mira
    assert (await bot.application_info()).owner.id == mira.id


async def test_two_processes_may_have_every_other_interaction_each(
    start_bot: StartBot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    sandbox.discord.settings.interactions_in_turn = True
    told: list[int] = []
    for number in range(2):
        bot = await start_bot()

        async def on_interaction(_: discord.Interaction, number: int = number) -> None:
            told.append(number)

        bot.add_listener(on_interaction)

    for _ in range(4):
        sandbox.discord.interactions.begin(Kind.COMPONENT, channel, mira, {"component_type": 2, "custom_id": "?"})

    await wait_until(lambda: len(told) == 4)
    assert sorted(told) == [0, 0, 1, 1]

"""The sandbox as a whole: starting, stopping, waiting and running it by itself."""

from __future__ import annotations

import aiohttp
import discord
import pytest
from discord.ext import commands

from sandbox import Channel, Sandbox, User, wait_until
from sandbox.__main__ import addresses, furnish


async def test_ports_can_be_given_and_are_free_again_afterwards() -> None:
    async with Sandbox() as first:
        port = int(first.discord.api_base.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address"):
            await Sandbox(discord_port=port).__aenter__()
    async with Sandbox(discord_port=port) as second:
        assert second.discord.api_base == f"http://127.0.0.1:{port}/api/v10"


async def test_leaving_ends_what_hangs() -> None:
    async with aiohttp.ClientSession() as session, Sandbox() as sandbox:
        sandbox.discord.fail_next("GET", "gateway", hang=True)
        async with session.ws_connect(sandbox.discord.gateway_url) as socket:
            assert (await socket.receive_json())["op"] == 10
            with pytest.raises(TimeoutError):
                await session.get(f"{sandbox.discord.api_base}/gateway", timeout=aiohttp.ClientTimeout(total=0.1))


async def test_furnished_for_a_person_it_prints_what_to_set(sandbox: Sandbox) -> None:
    furnish(sandbox)
    text = addresses(sandbox)
    assert f"DISCORD_API_BASE={sandbox.discord.api_base}" in text
    assert sandbox.page_url in text
    [story, _, _] = sandbox.discord.world.channels.values()
    assert sandbox.discord.messages(story)[0].author.name == "S.N.E.S."


async def test_waiting_names_what_did_not_come_true() -> None:
    with pytest.raises(TimeoutError, match="test_waiting_names"):
        await wait_until(lambda: False, timeout=0.03)


async def test_a_bot_that_closes_is_no_longer_connected(bot: commands.Bot, sandbox: Sandbox) -> None:
    await sandbox.discord.wait_for_bot()
    await bot.close()
    await wait_until(lambda: not sandbox.discord.gateway.connected)


async def test_without_the_content_grant_rest_withholds_texts_too(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    sandbox.discord.settings.privileged_intents = False
    said = sandbox.discord.say(channel, mira, "secret", files=[("map.txt", b"north")])
    own = await place.send("mine")
    fetched = await place.fetch_message(said.id)
    assert (fetched.content, fetched.attachments) == ("", [])
    assert (await place.fetch_message(own.id)).content == "mine"

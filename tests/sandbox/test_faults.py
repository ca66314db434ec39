"""Arranged failures, and how discord.py meets them."""

from __future__ import annotations

import time

import aiohttp
import discord
import pytest
from discord.ext import commands

from sandbox import Channel, Sandbox

POSTING = r"^/channels/\d+/messages$"


async def test_a_server_error_once_is_retried_by_the_library(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    fault = sandbox.discord.fail_next("POST", POSTING, 502)
    await place.send("hello")
    assert fault.hits == 1
    assert len(sandbox.discord.messages(channel)) == 1


async def test_an_error_with_a_code_is_raised(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    sandbox.discord.fail_next("POST", POSTING, 503, code=130000)
    with pytest.raises(discord.DiscordServerError) as error:
        await place.send("hello")
    assert error.value.code == 130000
    assert sandbox.discord.messages(channel) == []


async def test_an_ambiguous_answer_stored_the_message_and_a_nonce_heals_it(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    sandbox.discord.fail_next("POST", POSTING, 503, after_storing=True)
    with pytest.raises(discord.DiscordServerError):
        await place.send("hello", nonce="n")
    await place.send("hello", nonce="n")
    assert len(sandbox.discord.messages(channel)) == 1


@pytest.mark.parametrize("after_storing", [False, True])
async def test_a_reset_connection_is_an_os_error(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, after_storing: bool
) -> None:
    sandbox.discord.fail_next("POST", POSTING, reset=True, after_storing=after_storing)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await place.send("hello")
    assert len(sandbox.discord.messages(channel)) == int(after_storing)


async def test_rate_limit_answers_are_waited_out(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    sandbox.discord.fail_next("POST", POSTING, 429, retry_after=0.2)
    sandbox.discord.fail_next("PATCH", r"/messages/\d+$", 429, retry_after=0.2, global_limit=True)
    began = time.monotonic()
    sent = await place.send("hello")
    await sent.edit(content="there")
    assert time.monotonic() - began >= 0.4
    assert sandbox.discord.messages(channel)[0].content == "there"


async def test_enforced_limits_let_five_through_and_announce_themselves(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel
) -> None:
    sandbox.discord.rate_limits = True
    url = f"{sandbox.discord.api_base}/channels/{channel.id}/messages"
    headers = {"Authorization": f"Bot {sandbox.discord.token}"}
    statuses, remaining = [], []
    async with aiohttp.ClientSession(headers=headers) as session:
        for number in range(6):
            async with session.post(url, json={"content": f"{number}"}) as response:
                statuses.append(response.status)
                remaining.append(response.headers["X-RateLimit-Remaining"])
                body = await response.json()
    assert statuses == [200] * 5 + [429]
    assert remaining == ["4", "3", "2", "1", "0", "0"]
    assert 0 < body["retry_after"] <= 5
    assert len(sandbox.discord.messages(channel)) == 5


async def test_a_hanging_request_ends_with_the_patience_of_the_asker(sandbox: Sandbox) -> None:
    sandbox.discord.fail_next("GET", "^/gateway$", hang=True)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
        with pytest.raises(TimeoutError):
            await session.get(f"{sandbox.discord.api_base}/gateway")
        sandbox.discord.fail_next("GET", "^/gateway$", 0, delay=0.05)
        async with session.get(f"{sandbox.discord.api_base}/gateway") as response:
            assert (await response.json())["url"] == sandbox.discord.gateway_url


async def test_requests_are_logged_in_order(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    seen = len(sandbox.discord.requests)
    sent = await place.send("one")
    await sent.delete()
    path = f"/channels/{channel.id}/messages"
    logged = [(entry.method, entry.path) for entry in sandbox.discord.requests[seen:]]
    assert logged == [("POST", path), ("DELETE", f"{path}/{sent.id}")]

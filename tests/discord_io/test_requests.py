"""Waiting for Discord without ever cancelling a request of the host's bot."""

from __future__ import annotations

import asyncio

import discord
import pytest
from discord.ext import commands

from cogs.scene_art.discord_io.requests import Requests
from sandbox import wait_until
from tests.stage import open_stage


def unlimited() -> commands.Bot:
    """A bot that never spoke to Discord."""
    return commands.Bot(command_prefix="!", intents=discord.Intents.none())


async def test_an_answer_and_an_error_come_through() -> None:
    async def fail() -> None:
        raise KeyError("x")

    requests = Requests(unlimited())
    assert await requests.answer(asyncio.sleep(0, "done"), 5) == "done"
    with pytest.raises(KeyError):
        await requests.answer(fail(), 5)
    await wait_until(lambda: len(requests) == 0)


async def test_what_hangs_is_given_up() -> None:
    requests = Requests(unlimited())
    with pytest.raises(TimeoutError):
        await requests.answer(asyncio.Event().wait(), 0.01)
    await wait_until(lambda: len(requests) == 0)


async def test_a_post_that_hangs_holds_up_no_later_one_in_its_channel() -> None:
    """discord.py sends one after the other to a channel."""
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", r"/messages$", hang=True)
        target = stage.bot.get_partial_messageable(channel.id)
        with pytest.raises(TimeoutError):
            await Requests(stage.bot).answer(target.send("one"), 0.5)
        async with asyncio.timeout(10):
            await target.send("two")


@pytest.mark.parametrize("given_up", ["cancelled", "too slow"])
async def test_a_request_that_met_the_global_limit_and_is_given_up_does_not_stop_the_hosts_bot(given_up: str) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", r"/messages$", 429, global_limit=True, retry_after=2)
        target = stage.bot.get_partial_messageable(channel.id)
        waiting = asyncio.create_task(
            Requests(stage.bot).answer(target.send("one"), 1 if given_up == "too slow" else 30)
        )
        # Not only when Discord has answered: a request that has not read its answer yet is cancelled, and rightly so.
        await wait_until(lambda: not stage.bot.http._global_over.is_set())
        if given_up == "cancelled":
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(10):
            await target.send("two")
        await wait_until(lambda: len(stage.sandbox.discord.messages(channel)) == 2)

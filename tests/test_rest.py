"""Waiting for Discord without ever cancelling a request of the host's bot."""

from __future__ import annotations

import asyncio

import pytest

from cogs.scene_art.rest import Requests
from sandbox import wait_until
from tests.stage import open_stage


async def test_an_answer_and_an_error_come_through() -> None:
    async def fail() -> None:
        raise KeyError("x")

    requests = Requests()
    assert await requests.answer(asyncio.sleep(0, "done"), 5) == "done"
    with pytest.raises(KeyError):
        await requests.answer(fail(), 5)
    await wait_until(lambda: len(requests) == 0)


async def test_what_takes_too_long_goes_on_by_itself() -> None:
    requests, opened = Requests(), asyncio.Event()
    with pytest.raises(TimeoutError):
        await requests.answer(opened.wait(), 0.01)
    assert len(requests) == 1
    opened.set()
    await wait_until(lambda: len(requests) == 0)


@pytest.mark.parametrize("given_up", ["cancelled", "too slow"])
async def test_a_request_that_met_the_global_limit_and_is_given_up_does_not_stop_the_hosts_bot(given_up: str) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        fault = stage.sandbox.discord.fail_next("POST", r"/messages$", 429, global_limit=True, retry_after=0.5)
        target = stage.bot.get_partial_messageable(channel.id)
        waiting = asyncio.create_task(Requests().answer(target.send("one"), 0.1 if given_up == "too slow" else 30))
        await wait_until(lambda: fault.hits == 1)
        if given_up == "cancelled":
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(10):
            await target.send("two")
        await wait_until(lambda: len(stage.sandbox.discord.messages(channel)) == 2)

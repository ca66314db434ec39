"""Discord going wrong while a picture is posted: it shows once, it is paid for once, and it is never thrown away."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from sandbox import BOT_DEFAULT, Permission
from sandbox.gemini_answers import picture
from tests.faults.app import (
    MINUTE_AND_MORE,
    POSTING,
    barrier,
    bot_with_pool,
    ended,
    posted_once,
    posting_tries,
    until,
)
from tests.stage import children_of, open_stage, photo, portrait


@pytest.mark.parametrize("after_storing", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 502}, {"status": 503}, {"status": 504}, {"reset": True}],
    ids=["500", "502", "503", "504", "reset"],
)
async def test_an_ambiguous_answer_shows_one_picture(fault: dict[str, Any], after_storing: bool) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", POSTING, after_storing=after_storing, **fault)
        await stage.request(channel, "Did it arrive?")

        await posted_once(stage, channel)


@pytest.mark.parametrize("status", [500, 503])
async def test_a_discord_that_fails_three_times_gets_the_picture_then(status: int) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", POSTING, status, times=3)
        await stage.request(channel, "Did it arrive?")

        await posted_once(stage, channel)
        assert posting_tries(stage, channel) == 4


@pytest.mark.parametrize("global_limit", [False, True], ids=["of-the-route", "global"])
async def test_a_rate_limit_is_waited_out(global_limit: bool) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", POSTING, 429, retry_after=1.5, global_limit=global_limit)
        await stage.request(channel, "Patience.")
        await posted_once(stage, channel)

        path = f"/channels/{channel.id}/messages"
        first, second = [entry.time for entry in stage.sandbox.discord.requests if entry.path == path]
        assert second - first >= 1.5


@pytest.mark.slow
async def test_a_discord_that_hangs_after_storing_shows_one_picture() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", f"^/channels/{channel.id}/messages$", hang=True, after_storing=True)
        await stage.request(channel, "Did it arrive?")

        # The send's own limit is a minute.
        await ended(stage, channel, "posted", seconds=MINUTE_AND_MORE)
        await posted_once(stage, channel)


@pytest.mark.parametrize("status", [502, 503])
async def test_a_picture_that_was_deleted_before_the_retry_is_not_posted_again(status: int) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", POSTING, status, after_storing=True)
        await stage.request(channel, "Seen and gone.")
        await until(lambda: stage.posts(channel))
        stage.sandbox.discord.delete(stage.posts(channel)[0])

        record = await ended(stage, channel)
        assert record["state"] == "posted"
        await barrier(stage)
        assert stage.posts(channel) == []
        assert posting_tries(stage, channel) == 2
        assert len(stage.sandbox.gemini.paid) == 2, "this one and the barrier's"


TOO_LARGE = [
    {"status": 413, "code": 40005},
    {"status": 413, "body": "<html>413 Request Entity Too Large</html>"},
    {"status": 400, "code": 50045},
    {"status": 400, "code": 40005},
]
TOO_LARGE_NAMES = ["413-40005", "413-of-a-proxy", "50045", "40005"]


@pytest.mark.parametrize("fault", TOO_LARGE, ids=TOO_LARGE_NAMES)
async def test_too_large_is_answered_with_one_smaller_encoding(fault: dict[str, Any]) -> None:
    painted = photo(256)
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(painted))
        stage.sandbox.discord.fail_next("POST", POSTING, **fault)
        await stage.request(channel, "A picture of many dots.")

        message = await posted_once(stage, channel)
        assert message.attachments[0].size < len(painted)
        assert posting_tries(stage, channel) == 2


async def test_too_large_twice_ends_with_a_reason() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(photo(256)))
        stage.sandbox.discord.fail_next("POST", POSTING, 413, code=40005, times=9)
        await stage.request(channel, "A picture of many dots.")

        record = await ended(stage, channel, "failed")
        assert "too large" in record["reason"]
        assert posting_tries(stage, channel) == 2
        assert len(stage.sandbox.gemini.paid) == 1


async def test_nobody_can_reply_to_discords_own_line_and_the_picture_comes_without() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        line = stage.sandbox.discord.welcome(channel, stage.sandbox.discord.add_user("Mira"))
        await stage.request(channel, "Somebody enters.", message_id=str(line.id))

        message = await posted_once(stage, channel)
        assert message.reference is None


async def test_without_the_right_to_read_history_the_picture_comes_without_the_reply() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.set_permissions(channel, BOT_DEFAULT & ~int(Permission.READ_MESSAGE_HISTORY))
        said = stage.sandbox.discord.say(channel, "S.N.E.S.", "Somebody enters.")
        await stage.request(channel, "Somebody enters.", message_id=str(said.id))

        message = await posted_once(stage, channel)
        assert message.reference is None


@pytest.mark.slow
async def test_a_discord_that_is_down_for_a_minute_costs_nothing_but_time() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(portrait("gold", (320, 180))))
        # discord.py itself tries five times in 16 s; these are more than all tries of one send.
        fault = stage.sandbox.discord.fail_next("POST", POSTING, 500, times=22)
        await stage.request(channel, "A long night.")
        await until(lambda: fault.times == 0, seconds=MINUTE_AND_MORE)

        await ended(stage, channel, "posted", seconds=MINUTE_AND_MORE)
        message = await posted_once(stage, channel)
        assert message.attachments[0].data == portrait("gold", (320, 180))


async def test_a_picture_that_discord_does_not_take_for_long_is_put_off_and_posted_later() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(portrait("gold", (320, 180))))
        stage.sandbox.discord.fail_next("POST", f"^/channels/{channel.id}/messages$", 503, times=6)
        await stage.request(channel, "A long night.")

        message = await posted_once(stage, channel)
        assert message.attachments[0].data == portrait("gold", (320, 180))


@pytest.mark.slow
@pytest.mark.parametrize("nonce_seconds", [300.0, 0.0], ids=["nonce-remembered", "nonce-forgotten"])
async def test_a_process_killed_right_after_discord_stored_the_message(redis_url: str, nonce_seconds: float) -> None:
    async with open_stage(redis_url, bots=0) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        discord.settings.nonce_seconds = nonce_seconds
        discord.fail_next("POST", POSTING, hang=True, after_storing=True)
        async with bot_with_pool(stage.sandbox, redis_url) as bot:
            await stage.request(channel, "The lights go out.")
            await until(lambda: stage.posts(channel))
            os.kill(bot.process.pid, signal.SIGKILL)
            await bot.ended()
        await until(lambda: not children_of(bot.process.pid))
        async with bot_with_pool(stage.sandbox, redis_url):
            # The lease of the dead process runs out after 30 to 45 s.
            await ended(stage, channel, "posted", seconds=MINUTE_AND_MORE)
            await posted_once(stage, channel)

"""Discord going wrong while a picture is posted: it shows once, it is paid for once, and it is never thrown away."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from sandbox import BOT_DEFAULT, Channel, Message, Permission
from sandbox.gemini_answers import picture
from tests.faults.house import (
    POSTING,
    REDO,
    barrier,
    bot_with_pool,
    ended,
    operator_lines,
    posting_tries,
    sentence,
    until,
)
from tests.stage import EXTENSION, Stage, children_of, open_stage, photo, portrait

LOOK_ONLY = int(Permission.VIEW_CHANNEL)
MINUTE_AND_MORE = 150.0


async def posted_once(stage: Stage, channel: Channel) -> Message:
    """Wait until the ledger calls the scene posted, and see that it stands there once and was paid for once."""
    record = await ended(stage, channel, "posted")
    await barrier(stage)
    (message,) = stage.posts(channel)
    assert record["message_id"] == str(message.id)
    assert len([request for request in stage.sandbox.gemini.paid if record["narrative"] in request.scene]) == 1
    return message


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


async def test_a_channel_without_permission_costs_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.set_permissions(channel, LOOK_ONLY)
        await until(lambda: not may_attach(stage, channel))
        for number in range(3):
            await stage.request(channel, f"Whispers {number}.")
            await stage.settled(channel)
        assert all("permission" in record["reason"] for record in await stage.scenes(channel))
        assert stage.sandbox.gemini.requests == []
        assert posting_tries(stage, channel) == 0
        paused = [line for line in operator_lines(caplog, str(channel.id)) if "paused" in line]
        assert len(paused) == 1

        stage.sandbox.discord.set_permissions(channel, None)
        await until(lambda: may_attach(stage, channel))
        await stage.request(channel, "Aloud again.")
        await stage.picture(channel)


def may_attach(stage: Stage, channel: Channel) -> bool:
    """What the bot's own cache says."""
    known: Any = stage.bot.get_channel(channel.id)
    return known is None or bool(known.permissions_for(known.guild.me).attach_files)


async def test_a_paid_picture_waits_for_the_permission_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    async with open_stage() as stage:
        gemini, channel = stage.sandbox.gemini, stage.channel()
        gemini.script(picture(portrait("gold", (320, 180)), delay=1.0))
        await stage.request(channel, "The curtain falls too early.")
        await stage.asked("The curtain falls too early.")
        stage.sandbox.discord.set_permissions(channel, LOOK_ONLY)
        await until(lambda: operator_lines(caplog, "paused"))
        await stage.request(channel, "Nobody may see this one.")
        await barrier(stage)
        assert stage.asked_now("Nobody may see this one.") == []
        assert len(operator_lines(caplog, "paused")) == 1

        stage.sandbox.discord.set_permissions(channel, None)
        message = await stage.picture(channel)

        assert message.attachments[0].data == portrait("gold", (320, 180))
        assert len(stage.asked_now("The curtain falls too early.")) == 1


@pytest.mark.parametrize("code", [50013, 50001])
async def test_a_refusal_that_only_discord_knows_of_pauses_the_channel(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage() as stage:
        gemini, channel = stage.sandbox.gemini, stage.channel()
        gemini.script(picture(portrait("gold", (320, 180))))
        fault = stage.sandbox.discord.fail_next(
            "POST", f"^/channels/{channel.id}/messages$", 403, code=code, times=1_000
        )
        await stage.request(channel, "The curtain falls too early.")
        await until(lambda: operator_lines(caplog, "paused"))
        await stage.request(channel, "Nobody may see this one.")
        await barrier(stage)
        assert stage.asked_now("Nobody may see this one.") == []
        assert fault.hits == 1, "it is not tried on and on"

        stage.sandbox.discord.clear_faults()
        stage.sandbox.discord.set_permissions(channel, None)
        message = await stage.picture(channel)

        assert message.attachments[0].data == portrait("gold", (320, 180))
        assert len(stage.asked_now("The curtain falls too early.")) == 1
        assert len(operator_lines(caplog, "paused")) == 1


async def test_a_picture_that_waits_for_a_permission_is_not_forgotten_by_a_restart(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage(redis_url) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(portrait("gold", (320, 180)), delay=1.0))
        await stage.request(channel, "The curtain falls too early.")
        await stage.asked("The curtain falls too early.")
        stage.sandbox.discord.set_permissions(channel, LOOK_ONLY)
        await until(lambda: operator_lines(caplog, "put off"))
        await stage.bot.reload_extension(EXTENSION)
        await until(lambda: stage.cog.is_listening)

        stage.sandbox.discord.set_permissions(channel, None)
        message = await stage.picture(channel)

        assert message.attachments[0].data == portrait("gold", (320, 180))
        assert len(stage.asked_now("The curtain falls too early.")) == 1


@pytest.mark.slow
async def test_a_channel_that_opens_without_a_word_is_found_open_after_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.fail_next("POST", f"^/channels/{channel.id}/messages$", 403, code=50013)
        await stage.request(channel, "The curtain falls too early.")
        await until(lambda: operator_lines(caplog, "paused"))

        await ended(stage, channel, "posted", seconds=MINUTE_AND_MORE)
        await posted_once(stage, channel)


async def test_a_person_in_a_closed_channel_reads_what_is_missing() -> None:
    async with open_stage() as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await stage.request(channel, "A gate.")
        await stage.picture(channel)
        await stage.settled(channel)
        stage.sandbox.discord.set_permissions(channel, LOOK_ONLY)
        await until(lambda: not may_attach(stage, channel))

        answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

        said = await sentence(answer)
        assert "Attach Files" in said
        assert "moderator" in said
        assert len(stage.sandbox.gemini.requests) == 1


async def test_a_channel_that_is_gone_when_the_picture_is_there_ends_with_a_reason() -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(delay=1.0))
        await stage.request(channel, "The floor gives way.")
        await stage.asked("The floor gives way.")
        stage.sandbox.discord.delete_channel(channel)

        record = await ended(stage, channel, "failed")
        assert "unknown channel" in record["reason"]
        await barrier(stage)
        assert posting_tries(stage, channel) <= 1
        assert len(stage.asked_now("The floor gives way.")) == 1


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

"""A channel that is closed to the bot, or gone: nothing new is paid, what was paid for waits, and it is told once."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Channel, Permission
from sandbox.gemini_answers import picture
from tests.faults.app import (
    MINUTE_AND_MORE,
    REDO,
    barrier,
    ended,
    operator_lines,
    posted_once,
    posting_tries,
    sentence,
    until,
)
from tests.stage import EXTENSION, Stage, open_stage, portrait

LOOK_ONLY = int(Permission.VIEW_CHANNEL)


def may_attach(stage: Stage, channel: Channel) -> bool:
    """Tell whether the bot may attach files, by its own cache."""
    known: Any = stage.bot.get_channel(channel.id)
    return known is None or bool(known.permissions_for(known.guild.me).attach_files)


async def test_a_channel_without_permission_costs_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.discord.set_permissions(channel, LOOK_ONLY)
        await until(lambda: not may_attach(stage, channel))
        for number in range(3):
            await stage.request(channel, f"Whispers {number}.")
            record = await ended(stage, channel, count=number + 1)
            assert "permission" in record["reason"]
        assert stage.sandbox.gemini.requests == []
        assert posting_tries(stage, channel) == 0
        paused = [line for line in operator_lines(caplog, str(channel.id)) if "paused" in line]
        assert len(paused) == 1

        stage.sandbox.discord.set_permissions(channel, None)
        await until(lambda: may_attach(stage, channel))
        await stage.request(channel, "Aloud again.")
        await stage.picture(channel)


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
        await until(lambda: operator_lines(caplog, "is paused"))
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

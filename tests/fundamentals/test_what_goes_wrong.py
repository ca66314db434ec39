"""Each thing that goes wrong ends in one clear log line, and the next good event works."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import discord
import pytest
from PIL import Image

from sandbox import gemini_answers, wait_until
from tests.redis_server import RedisServer
from tests.running import TIMEOUT_SECONDS, Running, is_listening, portrait, running
from tests.stage import memory_url

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")

UNKNOWN_CHANNEL = "1099511627776000001"


async def and_the_next_good_event_works(app: Running) -> None:
    before = len(app.pictures())
    await app.request("Once more.")
    await app.wait_for_pictures(before + 1)


def lines(caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    return [r.getMessage() for r in caplog.records if text in r.getMessage()]


@pytest.mark.parametrize(
    ("answer", "times", "reason"),
    [
        # Without the game master's picture, the only one here, and then with softer words.
        (gemini_answers.blocked_prompt("OTHER"), 3, "refused: Gemini blocked the input: OTHER"),
        (gemini_answers.finished("IMAGE_SAFETY"), 2, "refused: Gemini blocked the picture: IMAGE_SAFETY"),
        (gemini_answers.text_only("I would rather not."), 2, "refused: Gemini answered with words only"),
        (gemini_answers.no_image(), 2, "refused: Gemini made no picture: NO_IMAGE"),
        (gemini_answers.wrong_key(), 1, "failed: the key was turned away: 400 INVALID_ARGUMENT"),
        (gemini_answers.retired_model("gemini-nano-banana-2.1"), 1, "failed: Gemini does not know the model"),
        (gemini_answers.free_tier(), 1, "failed: image models have no free tier"),
    ],
)
async def test_what_gemini_declines_is_one_line_with_the_scene(
    app: Running, caplog: pytest.LogCaptureFixture, answer: gemini_answers.Answer, times: int, reason: str
) -> None:
    app.sandbox.gemini.script(*[answer] * times)
    await app.request("A scene.")

    await it_is_one_line_with_the_scene(app, caplog, times, reason)


@alone
@pytest.mark.usefixtures("impatient")
async def test_a_silent_gemini_is_one_line_with_the_scene(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with running(redis_url, paint_timeout_seconds=2) as app:
        app.sandbox.gemini.script(*[gemini_answers.hang()] * 2)
        await app.request("A scene.")

        await it_is_one_line_with_the_scene(app, caplog, 2, "failed: Gemini did not answer within 2 s")


async def it_is_one_line_with_the_scene(
    app: Running, caplog: pytest.LogCaptureFixture, times: int, reason: str
) -> None:
    await wait_until(lambda: bool(lines(caplog, reason)), timeout=TIMEOUT_SECONDS)

    (line,) = lines(caplog, reason)
    assert line.startswith("scene ")
    assert len(app.requests) == times
    assert app.sandbox.gemini.key not in caplog.text
    await and_the_next_good_event_works(app)


@alone
async def test_a_retired_model_is_told_at_start(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with running(redis_url, model="gemini-2.5-flash-image"):
        (line,) = lines(caplog, "is retired")

        assert "set SCENE_ART_MODEL to gemini-nano-banana-2.1" in line


async def test_what_passes_by_itself_is_tried_again(app: Running) -> None:
    app.sandbox.gemini.script(gemini_answers.overloaded(), gemini_answers.no_image())
    await app.request("A scene.")
    await app.wait_for_pictures(1)

    assert len(app.requests) == 3


async def test_an_unknown_channel_costs_no_paid_picture(app: Running, caplog: pytest.LogCaptureFixture) -> None:
    await app.request("Nowhere.", channel_id=UNKNOWN_CHANNEL)
    await wait_until(lambda: bool(lines(caplog, "unknown channel")), timeout=TIMEOUT_SECONDS)

    assert app.requests == []
    await and_the_next_good_event_works(app)


async def test_a_missing_permission_costs_no_paid_picture(app: Running, caplog: pytest.LogCaptureFixture) -> None:
    silent = app.another_channel("silent")
    app.sandbox.discord.set_permissions(silent, 1 << 10)  # View Channel alone
    await wait_until(lambda: not _may_attach(app, silent.id))
    await app.stage.request(silent, "Psst.")
    await wait_until(lambda: bool(lines(caplog, "missing permission")), timeout=TIMEOUT_SECONDS)

    assert "Send Messages, Attach Files" in lines(caplog, "missing permission")[0]
    assert app.requests == []
    await and_the_next_good_event_works(app)


def _may_attach(app: Running, channel_id: int) -> bool:
    channel = app.stage.bot.get_channel(channel_id)
    return not isinstance(channel, discord.TextChannel) or channel.permissions_for(channel.guild.me).attach_files


async def test_an_ambiguous_answer_of_discord_never_shows_a_picture_twice(app: Running) -> None:
    posts = r"/channels/\d+/messages"
    app.sandbox.discord.fail_next("POST", posts, 503, after_storing=True)
    app.sandbox.discord.fail_next("POST", posts, 503)
    await app.request("Did it arrive?")
    await app.wait_for_pictures(1)
    await app.everything_is_quiet()

    assert len(app.pictures()) == 1
    assert len(app.requests) == 2


async def test_a_picture_that_is_too_large_goes_out_smaller(app: Running) -> None:
    noise = Image.effect_noise((1024, 1024), 90).resize((4096, 4096))
    buffer = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(buffer, "PNG", compress_level=1)
    assert len(buffer.getvalue()) > 10 * 1024 * 1024

    app.sandbox.gemini.script(gemini_answers.picture(buffer.getvalue()))
    await app.request("A picture of many dots.")
    (message,) = await app.wait_for_pictures(1)

    picture = message.attachments[0]
    assert picture.filename.endswith((".webp", ".jpg"))
    assert (picture.width, picture.height) == (4096, 4096)


async def test_a_channel_that_takes_less_than_thought_gets_a_smaller_one(
    app: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = io.BytesIO()
    Image.effect_noise((512, 512), 60).save(noise, "PNG")
    limit = len(noise.getvalue()) * 6 // 10
    monkeypatch.setattr(app.sandbox.discord, "max_upload_bytes", limit)
    app.sandbox.gemini.script(gemini_answers.picture(noise.getvalue()))
    await app.request("A tight channel.")
    (message,) = await app.wait_for_pictures(1)

    assert 0 < message.attachments[0].size <= limit


@alone
async def test_no_redis_at_start_is_waited_for(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    away = RedisServer(redis_server.binary)
    async with running(memory_url()) as app:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REDIS_URL", away.url)
            await app.stage.bot.reload_extension("cogs.scene_art")
        await wait_until(lambda: bool(lines(caplog, "Redis cannot be reached")), timeout=TIMEOUT_SECONDS)
        user = app.sandbox.discord.add_user("Mira")
        answer = await app.sandbox.discord.run_command(app.channel, user, "scene-art rerender")
        await answer.wait_for(lambda now: "Redis" in (now.content or ""), 5)

        away.start()
        try:
            await wait_until(lambda: is_listening(app.stage.bot), timeout=TIMEOUT_SECONDS)
            await app.connect_game(away.url)
            await and_the_next_good_event_works(app)
            assert len(lines(caplog, "Redis cannot be reached")) == 1
            await app.stage.bot.unload_extension("cogs.scene_art")
        finally:
            away.close()


@alone
async def test_the_subscription_comes_back_after_redis_restarts(redis_server: RedisServer) -> None:
    own = RedisServer(redis_server.binary)
    own.start()
    try:
        async with running(own.url) as app:
            own.stop()
            await wait_until(lambda: not is_listening(app.stage.bot), timeout=TIMEOUT_SECONDS)
            own.start()
            await wait_until(lambda: is_listening(app.stage.bot), timeout=TIMEOUT_SECONDS)
            await app.connect_game(own.url)  # the game's own connection broke, too
            await and_the_next_good_event_works(app)
    finally:
        own.close()


async def test_a_helper_process_that_is_killed_costs_a_moment_and_no_picture(app: Running) -> None:
    app.sandbox.gemini.script(gemini_answers.picture(portrait("red", (320, 180)), delay=30))
    await app.request("A sudden end.")
    await wait_until(lambda: len(app.requests) == 1, timeout=TIMEOUT_SECONDS)
    for pid in helper_processes():
        os.kill(pid, signal.SIGKILL)
    await app.wait_for_pictures(1)


def helper_processes() -> list[int]:
    """Our children that are workshops."""
    children = [pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]
    return [int(pid) for pid in children if "worker_process.server" in Path(f"/proc/{pid}/cmdline").read_text()]

"""bot.py as an operator runs it: a process with settings, signals and an exit code."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from redis.asyncio import Redis

from sandbox import Channel, Sandbox, wait_until
from sandbox.gemini_answers import hang
from tests.redis_server import client_of
from tests.stage import (
    KEY,
    ROOT,
    TIMEOUT_SECONDS,
    BotProcess,
    as_event,
    bot_process,
    children_of,
    environment,
    memory_url,
    python,
)

UNABLE_TO_WRITE = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
runpy.run_path("bot.py", run_name="__main__")
"""
STARTED_WITH = "started with"
STARTED_WITH_EACH = """
import os, runpy, sys
given = dict(os.environ)
for setting in sys.argv[1:]:
    name, _, value = setting.partition("=")
    os.environ[name] = value
    try:
        runpy.run_path("bot.py", run_name="__main__")
    except SystemExit as exc:
        print("started with", setting + ": exit code", exc.code, file=sys.stderr, flush=True)
    os.environ.clear()
    os.environ.update(given)
"""
TRACE = "Traceback (most recent call last)"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def folders(scratch: Path) -> list[Path]:
    return list(scratch.iterdir())


def posted(sandbox: Sandbox, channel: Channel) -> bool:
    return any(message.attachments for message in sandbox.discord.messages(channel))


async def test_without_a_token_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    async with python(str(ROOT / "bot.py"), environ={}, folder=tmp_path) as bot:
        assert await bot.ended() == 1

    [line] = [line for line in bot.lines if line]
    assert line.startswith("DISCORD_TOKEN is missing: put DISCORD_TOKEN=")


async def test_a_wrong_token_is_one_sentence_too() -> None:
    async with Sandbox() as sandbox:
        environ = environment(sandbox, memory_url()) | {"DISCORD_TOKEN": "not.the.token"}
        async with python("bot.py", environ=environ) as bot:
            assert await bot.ended() == 1

    assert bot.lines[-1].startswith("Discord does not accept DISCORD_TOKEN")
    assert TRACE not in bot.text
    assert "not.the.token" not in bot.text


async def test_a_wrong_setting_is_named_in_one_sentence() -> None:
    """Each by a start of its own; in one process, since its imports take a second and a half of a processor."""
    wrong = {
        "SCENE_ART_FALLBACK_SECONDS": ("soon", "SCENE_ART_FALLBACK_SECONDS"),
        "SCENE_ART_STYLE": ("cubism", "cubism"),
        "SCENE_ART_PERSONAS_FILE": ("/nowhere/personas.toml", "personas.toml"),
    }
    settings = [f"{name}={value}" for name, (value, _) in wrong.items()]
    async with (
        Sandbox() as sandbox,
        python("-c", STARTED_WITH_EACH, *settings, environ=environment(sandbox, memory_url())) as bot,
    ):
        assert await bot.ended(TIMEOUT_SECONDS) == 0

    ends = [at for at, line in enumerate(bot.lines) if line.startswith(STARTED_WITH)]
    assert [bot.lines[at] for at in ends] == [f"{STARTED_WITH} {setting}: exit code 1" for setting in settings]
    for (_, sentence), at in zip(wrong.values(), ends, strict=True):
        assert "scene-art cannot be loaded" in bot.lines[at - 1]
        assert sentence in bot.lines[at - 1]
    assert sum(line.startswith("scene-art cannot be loaded") for line in bot.lines) == len(wrong)
    assert TRACE not in bot.text


async def test_three_wrong_settings_are_three_lines() -> None:
    async with Sandbox() as sandbox:
        wrong = {"game_state": "nope.mod:build", "roles": "admins", "cooldown": "9"}
        environ = environment(sandbox, "http://gamer:hunter2@r.example", **wrong)
        async with python("bot.py", environ=environ) as bot:
            assert await bot.ended(TIMEOUT_SECONDS) == 1

    told = [line.removeprefix("scene-art cannot be loaded: ") for line in bot.lines if "cannot be loaded" in line]
    assert [line.split("; it takes")[0] for line in told] == [
        'SCENE_ART_ROLES is "admins"',
        'REDIS_URL is "http://r.example" (no address of a Redis begins like that)',
        'SCENE_ART_GAME_STATE is "nope.mod:build" (there is no module nope)',
    ]
    assert bot.lines[-3:] == [f"scene-art cannot be loaded: {line}" for line in told]
    assert bot.text.count("SCENE_ART_COOLDOWN is no setting") == 1
    assert "did you mean SCENE_ART_COOLDOWN_SECONDS?" in bot.text
    assert TRACE not in bot.text
    assert "hunter2" not in bot.text


async def test_a_wrong_setting_in_a_file_is_told_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SCENE_ART_PAINTER=gemini\nSCENE_ART_PAINT_TIMEOUT_SECONDS=5\n")
    async with Sandbox() as sandbox:
        environ = environment(sandbox, memory_url()) | {"GEMINI_API_KEY": ""}
        async with python(str(ROOT / "bot.py"), environ=environ, folder=tmp_path) as bot:
            assert await bot.ended(TIMEOUT_SECONDS) == 1

    assert [line.partition(" is ")[0].split()[-1] for line in bot.lines[-2:]] == [
        "SCENE_ART_PAINT_TIMEOUT_SECONDS",
        "SCENE_ART_PAINTER",
    ]
    assert "Painting with Gemini" not in bot.text


async def test_where_no_file_can_be_written_it_says_so() -> None:
    """A limit of the system's own, since a folder's permissions hold nobody back who is root."""
    async with (
        Sandbox() as sandbox,
        python("-c", UNABLE_TO_WRITE, environ=environment(sandbox, memory_url())) as bot,
    ):
        assert await bot.ended(TIMEOUT_SECONDS) == 1

    [line] = [line for line in bot.lines if "cannot be loaded" in line]
    assert "TMPDIR is " in line
    assert line.endswith("it takes a folder that can be written to")
    assert TRACE not in bot.text


async def test_an_address_of_discord_that_is_none_is_one_sentence() -> None:
    addresses = ["discord.example/api", "ftp://discord.example", "http://", "http://[::1"]
    settings = [f"DISCORD_API_BASE={address}" for address in addresses]
    environ = {"DISCORD_TOKEN": "a.b.c"}
    async with python("-c", STARTED_WITH_EACH, *settings, environ=environ) as bot:
        assert await bot.ended(TIMEOUT_SECONDS) == 0

    assert bot.lines[1::2] == [f"{STARTED_WITH} {setting}: exit code 1" for setting in settings]
    assert all(line.startswith("DISCORD_API_BASE takes the address of a REST API") for line in bot.lines[::2])


async def test_when_discord_is_out_of_reach() -> None:
    async with Sandbox() as sandbox:
        environ = environment(sandbox, memory_url())
    async with python("bot.py", environ=environ) as bot:
        assert await bot.ended() == 1

    assert bot.lines[-1].startswith("Discord cannot be reached")


async def test_sigterm_ends_it_cleanly_even_while_a_picture_is_painted(redis_url: str, tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        channel = sandbox.discord.add_text_channel(sandbox.discord.add_guild("Guild"), "story")
        sandbox.gemini.script(hang())
        async with bot_process(sandbox, redis_url, scratch=tmp_path) as bot:
            await request_heard(sandbox, redis_url, channel)
            helpers = bot.children()
            assert folders(tmp_path)
            bot.process.send_signal(signal.SIGTERM)

            # Five seconds of grace for what is being painted; the rest takes what a busy machine takes.
            assert await bot.ended(15) == 0

        assert not any(alive(pid) for pid in helpers)
        assert folders(tmp_path) == []
        check_quiet(bot, sandbox)


async def test_sigint_ends_it_at_once_when_nothing_is_painted() -> None:
    async with Sandbox() as sandbox:
        async with bot_process(sandbox, memory_url(), painter="storyboard") as bot:
            await wait_until(lambda: "Connected as" in bot.text, timeout=TIMEOUT_SECONDS)
            helpers = bot.children()
            # As Ctrl-C does it: everybody in the group that has the terminal gets the signal.
            group = os.getpgid(bot.process.pid)
            for pid in (bot.process.pid, *helpers):
                if os.getpgid(pid) == group:
                    os.kill(pid, signal.SIGINT)

            assert await bot.ended(4.5) == 0

        assert helpers
        assert not any(alive(pid) for pid in helpers)
        check_quiet(bot, sandbox)


async def test_sigterm_before_the_login_is_done_ends_it_too() -> None:
    async with Sandbox() as sandbox:
        sandbox.discord.fail_next("GET", "/users/@me", hang=True)
        async with python("bot.py", environ=environment(sandbox, memory_url())) as bot:
            await wait_until(lambda: sandbox.discord.requests, timeout=TIMEOUT_SECONDS)
            bot.process.send_signal(signal.SIGTERM)

            assert await bot.ended(3) == 0

        check_quiet(bot, sandbox)


def check_quiet(bot: BotProcess, sandbox: Sandbox) -> None:
    """No trace, no secret."""
    assert TRACE not in bot.text
    assert "Task was destroyed" not in bot.text
    for secret in (KEY, sandbox.discord.token):
        assert secret not in bot.text


def worker_of(bot: BotProcess, name: bytes) -> int:
    """The process of that worker."""
    [found] = [pid for pid in bot.children() if name in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


async def test_the_painter_process_is_killed_during_a_paint_and_the_scene_is_still_posted(redis_url: str) -> None:
    async with Sandbox() as sandbox:
        channel = sandbox.discord.add_text_channel(sandbox.discord.add_guild("Guild"), "story")
        sandbox.gemini.script(hang())
        async with bot_process(sandbox, redis_url) as bot:
            await request_heard(sandbox, redis_url, channel)
            painter = worker_of(bot, b"painter")
            os.kill(painter, signal.SIGKILL)

            await wait_until(lambda: posted(sandbox, channel), timeout=TIMEOUT_SECONDS)
            assert bot.process.returncode is None
            assert painter not in children_of(bot.process.pid)
        assert "tried again" in bot.text


async def test_a_bot_that_is_killed_leaves_no_helper_and_no_folder_behind(redis_url: str, tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        async with bot_process(sandbox, redis_url, scratch=tmp_path) as bot:
            await wait_until(bot.children, timeout=TIMEOUT_SECONDS)
            helpers = bot.children()
            await wait_until(lambda: "Connected as" in bot.text, timeout=TIMEOUT_SECONDS)
            await wait_until(lambda: folders(tmp_path), timeout=TIMEOUT_SECONDS)
            bot.process.kill()
            await bot.ended()

        await wait_until(lambda: not any(alive(pid) for pid in helpers), timeout=TIMEOUT_SECONDS)
        await wait_until(lambda: not folders(tmp_path), timeout=TIMEOUT_SECONDS)


async def request_heard(sandbox: Sandbox, redis_url: str, channel: Channel) -> None:
    """Publish a request as soon as somebody listens, and wait until Gemini is asked."""
    async with client_of(redis_url) as redis:
        await listened_to(redis)
        await redis.publish("game:art:request", as_event(channel, "A gate in the fog.", {}))
        await wait_until(lambda: sandbox.gemini.requests, timeout=TIMEOUT_SECONDS)


async def listened_to(redis: Redis) -> None:
    while not (await redis.pubsub_numsub("game:art:request"))[0][1]:  # noqa: ASYNC110  # it is Redis that knows
        await asyncio.sleep(0.02)

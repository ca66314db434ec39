"""Loading and unloading: from everywhere, cleanly, also when it fails half-way, and without holding the host up."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import hang, picture
from tests.redis_server import RedisServer, client_of, own_tasks, redis_binary
from tests.stage import (
    EXTENSION,
    ROOT,
    TIMEOUT_SECONDS,
    Stage,
    as_event,
    children_of,
    environment,
    is_listening,
    memory_url,
    open_stage,
    portrait,
    python,
    running_bot,
)

HOST = """
import asyncio, os, sys
import discord
from discord.ext import commands

async def main(extension):
    # A host with a cogs folder, a logging set-up and a command of its own.
    discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
    bot = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
    async with bot:
        await bot.login(os.environ["DISCORD_TOKEN"])
        _, gateway, _ = await bot.http.get_bot_gateway()
        from discord.gateway import DiscordWebSocket
        import yarl
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
        await bot.load_extension(extension)
        print("loaded from", sys.modules[extension].__file__, flush=True)
        await bot.connect()

asyncio.run(main(sys.argv[1]))
"""

PUBLISHER = """
import asyncio, sys
from scene_art import publish_art_request

class Pipe:
    async def publish(self, channel, message):
        print(channel, len(message))
        return 1

assert asyncio.run(publish_art_request(Pipe(), channel_id=1, narrative="A gate."))
heavy = sorted({"discord", "docket", "PIL", "google", "aiohttp", "pydantic", "redis"} & set(sys.modules))
assert not heavy, heavy
print("light")
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the parent of all temporary folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def what_is_left(bot: commands.Bot, scratch: Path) -> dict[str, object]:
    """Everything of ours that somebody could find in the host."""
    names = [command.name for command in bot.tree.get_commands()]
    items = bot._connection._view_store._dynamic_items
    return {
        "tasks": own_tasks(),
        "commands": names,
        "items": list(items),
        "cogs": list(bot.cogs),
        "children": children_of(os.getpid()),
        "folders": [found.name for found in scratch.glob("scene-art-*")],
    }


Bare = tuple[Stage, commands.Bot, list[int]]
COMMANDS = ["scene-art", "scene-art-mod", "Illustrate", "Use as look of…"]
NOTHING: dict[str, object] = {"tasks": [], "commands": [], "items": [], "cogs": [], "children": [], "folders": []}


@pytest.fixture
async def bare(scratch: Path) -> AsyncIterator[Bare]:
    """A host without scene-art in an environment that has its settings, and the children it had before.

    The storyboard painter needs no process of its own; the tests that are about both processes set Gemini's.
    """
    async with (
        open_stage(listening=False, bots=0, painter="storyboard") as stage,
        running_bot(stage.sandbox, extension="") as bot,
    ):
        before = children_of(os.getpid())
        yield stage, bot, before


async def test_it_unloads_and_loads_again_without_a_trace(bare: Bare, scratch: Path) -> None:
    stage, bot, others = bare
    stage.patch.setenv("SCENE_ART_PAINTER", "gemini")
    channel = stage.channel()
    for number in (1, 2):
        await bot.load_extension(EXTENSION)
        await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
        await stage.request(channel, f"Scene {number}.")
        await stage.pictures(channel, number)
        await stage.settled(channel)
        assert [command.name for command in bot.tree.get_commands()] == COMMANDS
        assert own_tasks()

        await bot.unload_extension(EXTENSION)

        assert what_is_left(bot, scratch) == NOTHING | {"children": others}


async def test_it_unloads_at_any_moment_of_its_start(bare: Bare, scratch: Path) -> None:
    stage, bot, others = bare
    for moment, painter in ((0.0, "storyboard"), (0.01, "storyboard"), (0.05, "storyboard"), (0.2, "gemini")):
        stage.patch.setenv("SCENE_ART_PAINTER", painter)
        await bot.load_extension(EXTENSION)
        await asyncio.sleep(moment)
        await bot.unload_extension(EXTENSION)

        assert what_is_left(bot, scratch) == NOTHING | {"children": others}


async def test_reloading_keeps_everything_working(bare: Bare) -> None:
    stage, bot, _ = bare
    channel = stage.channel()
    await bot.load_extension(EXTENSION)
    await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
    await stage.request(channel, "Before.")
    message = await stage.picture(channel)

    await bot.reload_extension(EXTENSION)
    await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
    await stage.request(channel, "After.")
    await stage.pictures(channel, 2)
    mira = stage.sandbox.discord.add_user("Mira")
    answer = await stage.sandbox.discord.press(message, message.button("Rerender").custom_id, mira)

    await answer.wait_for(lambda a: a.content.startswith("Here's your picture"), timeout=TIMEOUT_SECONDS)
    assert len(stage.posts(channel)) == 3


async def test_a_clashing_command_fails_the_load_and_leaves_nothing(bare: Bare, scratch: Path) -> None:
    _, bot, others = bare
    bot.tree.add_command(app_commands.Group(name="scene-art", description="Somebody else's"))

    with pytest.raises(commands.ExtensionFailed, match="scene-art"):
        await bot.load_extension(EXTENSION)

    left = what_is_left(bot, scratch)
    assert left == NOTHING | {"children": others, "commands": ["scene-art"]}
    bot.tree.remove_command("scene-art")
    await bot.load_extension(EXTENSION)
    await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)


@pytest.mark.parametrize(
    "wrong",
    [
        ("SCENE_ART_COOLDOWN_SECONDS", "-1", "SCENE_ART_COOLDOWN_SECONDS"),
        ("SCENE_ART_STYLE", "cubism", "cubism"),
        ("SCENE_ART_STYLES_FILE", "/nowhere.toml", "nowhere.toml"),
        ("SCENE_ART_PERSONAS_FILE", "/nowhere.toml", "nowhere.toml"),
    ],
)
async def test_a_wrong_setting_fails_the_load_and_leaves_nothing(
    bare: Bare, scratch: Path, wrong: tuple[str, str, str]
) -> None:
    stage, bot, others = bare
    name, value, told = wrong
    stage.patch.setenv(name, value)

    with pytest.raises(commands.ExtensionFailed, match=told):
        await bot.load_extension(EXTENSION)

    assert what_is_left(bot, scratch) == NOTHING | {"children": others}


async def test_a_wrong_redis_password_is_told_as_what_it_is_and_can_be_mended(
    bare: Bare, scratch: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage, bot, others = bare
    server = RedisServer(redis_binary())
    await asyncio.to_thread(server.start)
    try:
        server.configure("requirepass", "the-password")
        stage.patch.setenv("REDIS_URL", f"redis://:hunter2@127.0.0.1:{server.port}/0")
        await bot.load_extension(EXTENSION)
        await bot.tree.sync()
        await wait_until(lambda: "does not accept" in caplog.text, timeout=TIMEOUT_SECONDS)
        mira = stage.sandbox.discord.add_user("Mira")

        assert "the bot owner has to fix it" in await stage.typed(stage.channel(), mira, "rerender")
        [line] = [record.getMessage() for record in caplog.records if "Redis cannot be" in record.getMessage()]
        assert line == (
            f"Redis cannot be used at redis://127.0.0.1:{server.port}: Redis does not accept the user name or "
            "password; correct them in REDIS_URL. scene-art goes on trying"
        )
        async with client_of(f"redis://:the-password@127.0.0.1:{server.port}/0") as redis:
            await redis.config_set("requirepass", "hunter2")
        await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
        assert "hunter2" not in caplog.text
        await bot.unload_extension(EXTENSION)
    finally:
        server.close()
    assert what_is_left(bot, scratch) == NOTHING | {"children": others}


async def test_what_keeps_it_from_redis_is_told_anew_when_it_changes(
    bare: Bare, caplog: pytest.LogCaptureFixture
) -> None:
    stage, bot, _ = bare
    server = RedisServer(redis_binary(), "--requirepass", "the-password")
    stage.patch.setenv("REDIS_URL", server.url)
    await bot.load_extension(EXTENSION)
    await bot.tree.sync()
    await wait_until(lambda: "nobody listens there" in caplog.text, timeout=TIMEOUT_SECONDS)
    mira = stage.sandbox.discord.add_user("Mira")
    assert "can't reach its database" in await stage.typed(stage.channel(), mira, "rerender")
    try:
        await asyncio.to_thread(server.start)
        await wait_until(lambda: "asks for a password" in caplog.text, timeout=TIMEOUT_SECONDS)
        assert "the bot owner has to fix it" in await stage.typed(stage.channel(), mira, "rerender")
        await bot.unload_extension(EXTENSION)
    finally:
        server.close()
    assert sum("Redis cannot be" in record.getMessage() for record in caplog.records) == 2


async def test_before_redis_was_tried_people_read_that_it_starts(bare: Bare) -> None:
    stage, bot, _ = bare
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        stage.patch.setenv("REDIS_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        await bot.load_extension(EXTENSION)
        await bot.tree.sync()
        mira = stage.sandbox.discord.add_user("Mira")

        assert await stage.typed(stage.channel(), mira, "rerender") == (
            "scene-art is still starting. Try again in a few seconds."
        )
        await bot.unload_extension(EXTENSION)
    finally:
        silent.close()


async def test_without_redis_the_host_works_and_no_password_is_logged(
    bare: Bare, scratch: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage, bot, others = bare
    caplog.set_level("DEBUG")
    # Nobody listens on port 1.
    stage.patch.setenv("REDIS_URL", "redis://game:hunter2@127.0.0.1:1/0")

    await bot.load_extension(EXTENSION)
    await bot.tree.sync()
    await wait_until(lambda: "Redis cannot be reached" in caplog.text, timeout=TIMEOUT_SECONDS)
    mira = stage.sandbox.discord.add_user("Mira")
    answer = await stage.sandbox.discord.run_command(stage.channel(), mira, "scene-art rerender")
    await answer.wait_for(lambda a: "can't reach its database" in a.content, timeout=TIMEOUT_SECONDS)
    await bot.unload_extension(EXTENSION)

    assert what_is_left(bot, scratch) == NOTHING | {"children": others}
    assert caplog.text.count("Redis cannot be reached") == 1
    assert "hunter2" not in caplog.text


async def test_a_scene_that_was_interrupted_is_taken_up_by_the_next_bot(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.jobs.engine.SHUTDOWN_GRACE", timedelta(seconds=0.2))
    async with open_stage(redis_url) as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(hang())
        await stage.request(channel, "An unfinished scene.")
        await stage.asked("An unfinished scene.")
        await stage.bot.close()
        assert stage.posts(channel) == []

        async with running_bot(stage.sandbox, extension="") as bot:
            await bot.load_extension(EXTENSION)
            # Unloading has thrown the modules away, so that this one is a new one.
            monkeypatch.setattr(sys.modules["cogs.scene_art.jobs.engine"], "LEASE", timedelta(seconds=1))
            await stage.picture(channel)
            await stage.settled(channel)

    assert len(stage.posts(channel)) == 1


async def test_loading_does_not_hold_the_hosts_event_loop(scratch: Path) -> None:
    # In a process of its own, where nothing is imported yet.
    code = f"""
import asyncio, sys, time
import discord
from discord.ext import commands

async def main():
    bot = commands.Bot(command_prefix="!", intents=discord.Intents.none())
    worst = 0.0
    async def probe():
        nonlocal worst
        while True:
            wanted = time.monotonic() + 0.005
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - wanted)
    async with bot:
        task = asyncio.create_task(probe())
        await asyncio.sleep(0.05)
        worst, began = 0.0, time.monotonic()
        await bot.load_extension({EXTENSION!r})
        print("took", time.monotonic() - began, "worst", worst, flush=True)
        task.cancel()

asyncio.run(main())
"""
    async with Sandbox() as sandbox, python("-c", code, environ=environment(sandbox, memory_url())) as host:
        assert await host.ended() == 0

    [line] = [line for line in host.lines if line.startswith("took")]
    worst = float(line.split()[-1])
    assert worst < 0.25, line


async def test_it_works_from_a_copy_in_somebody_elses_cogs_folder(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "cogs" / "scene_art", tmp_path / "cogs" / "scene_art")
    (tmp_path / "host.py").write_text(HOST)

    await paints_a_storyboard(tmp_path, "cogs.scene_art", {})


async def test_it_works_from_an_installed_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    await asyncio.to_thread(subprocess.run, build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")  # our own
    assert {"cogs", "tests", "sandbox"} & {found.name for found in (tmp_path / "site").iterdir()} == set()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "host.py").write_text(HOST)

    await paints_a_storyboard(elsewhere, "scene_art", {"PYTHONPATH": str(tmp_path / "site")})


async def paints_a_storyboard(folder: Path, extension: str, environ: dict[str, str]) -> None:
    """A host in `folder` loads the extension and posts a scene with the shipped game master, without any key."""
    binary = redis_binary()
    server = RedisServer(binary)
    try:
        await asyncio.to_thread(server.start)
        async with Sandbox() as sandbox:
            channel = sandbox.discord.add_text_channel(sandbox.discord.add_guild("Guild"), "story")
            settings = environment(sandbox, server.url) | {"SCENE_ART_PAINTER": "storyboard"} | environ
            async with python("host.py", extension, environ=settings, folder=folder) as host:
                async with client_of(server.url) as redis:
                    while not (await redis.pubsub_numsub("game:art:request"))[0][1]:
                        assert host.process.returncode is None, host.text
                        await asyncio.sleep(0.02)
                    await redis.publish("game:art:request", as_event(channel, "Snow falls on the old forest.", {}))
                try:
                    await wait_until(lambda: sandbox.discord.messages(channel), timeout=TIMEOUT_SECONDS)
                except TimeoutError:
                    pytest.fail(host.text)
            [message] = sandbox.discord.messages(channel)
            assert message.attachments[0].filename.endswith(".png")
            assert "With Stargazer." in (message.attachments[0].description or ""), "the game master's picture ships"
            assert sandbox.gemini.requests == []
            assert f"loaded from {folder.parent}" in host.text or f"loaded from {folder}" in host.text
            assert str(ROOT / "cogs") not in host.text
    finally:
        server.close()


async def test_a_game_that_only_publishes_imports_next_to_nothing() -> None:
    environ = {"PYTHONPATH": str(ROOT / "cogs")}
    async with python("-c", PUBLISHER, environ=environ, folder=Path("/")) as game:
        assert await game.ended() == 0, game.text

    assert game.lines[-1] == "light"


async def test_the_sharded_bot_of_discord_works_too() -> None:
    async with open_stage(kind=commands.AutoShardedBot, painter="storyboard") as stage:
        channel = stage.channel()

        await stage.request(channel, "Many servers, one bot.")

        assert (await stage.picture(channel)).attachments


async def test_the_hosts_own_threads_are_left_to_the_host() -> None:
    """Also with the in-process Redis, whose subscriptions would hold a thread of the default executor each."""
    busy, release = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        release.wait()

    async with open_stage() as stage:
        channel = stage.channel()
        stage.sandbox.gemini.script(picture(portrait("teal", (320, 180))))
        with ThreadPoolExecutor(1) as only:
            loop = asyncio.get_running_loop()
            loop.set_default_executor(only)
            blocked = loop.run_in_executor(None, block)
            await wait_until(busy.is_set)
            try:
                await stage.request(channel, "A single thread.")
                await stage.picture(channel)
                await stage.settled(channel)
                assert only._work_queue.empty()
            finally:
                release.set()
                await blocked
                loop.set_default_executor(ThreadPoolExecutor())

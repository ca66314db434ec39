"""The documentation is true: its code runs, its links lead somewhere, its commands exist, its sizes are ours."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from cogs import scene_art
from cogs.scene_art.references.encode import MAX_BYTES
from cogs.scene_art.references.fetch import DEFAULT_LIMITS
from cogs.scene_art.references.outcomes import DEFAULT_RULES
from cogs.scene_art.settings import Settings
from sandbox import Sandbox, wait_until
from tests.redis_server import client_of
from tests.stage import ROOT, TIMEOUT_SECONDS, children_of, environment, open_stage, portrait, python

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
EVENTS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
PICTURE = "https://example.com/mira.png"

# What a bot has around the documentation's lines, and the way to the sandbox's Discord instead of the real one.
PRELUDE = """
import os
import discord, yarl
from discord.gateway import DiscordWebSocket

discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
token = os.environ["DISCORD_TOKEN"]
"""
MAKE = """
bot = MyBot(command_prefix="!", intents=discord.Intents(guilds=True))
"""


def code(page: str, heading: str) -> str:
    """The first Python block below a heading."""
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found: str = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)[0]
    return found


def outside(sandbox: Sandbox, redis_url: str, scratch: Path) -> dict[str, str]:
    """The environment of a host with the package installed."""
    ways = {"PYTHONPATH": str(ROOT / "cogs"), "TMPDIR": str(scratch), "GATEWAY": sandbox.discord.gateway_url}
    return environment(sandbox, redis_url) | ways


@pytest.mark.parametrize("ended_by", ["with its line for SIGTERM", "by Ctrl-C"])
async def test_the_lines_that_load_it_load_it_and_end_cleanly(redis_url: str, tmp_path: Path, ended_by: str) -> None:
    host = PRELUDE + code(README, "Load it into your bot") + MAKE + code(HOSTS, "`bot.run()` and SIGTERM")
    (tmp_path / "host.py").write_text(host)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    async with Sandbox() as sandbox:
        environ = outside(sandbox, redis_url, scratch)
        async with python("host.py", environ=environ, folder=tmp_path) as bot, client_of(redis_url) as redis:
            while not (await redis.pubsub_numsub("game:art:request"))[0][1]:
                assert bot.process.returncode is None, bot.text
                await asyncio.sleep(0.02)
            helpers = bot.children()
            assert helpers

            bot.process.send_signal(signal.SIGTERM if "SIGTERM" in ended_by else signal.SIGINT)

            assert await bot.ended() == 0, bot.text
        assert "Traceback" not in bot.text
        assert list(scratch.iterdir()) == []
        assert not set(helpers) & set(children_of(bot.process.pid))


async def test_without_that_line_sigterm_unloads_nothing(redis_url: str, tmp_path: Path) -> None:
    lines = code(HOSTS, "`bot.run()` and SIGTERM").splitlines()
    without = "\n".join(line for line in lines if not line.startswith("signal.signal"))
    (tmp_path / "host.py").write_text(PRELUDE + code(README, "Load it into your bot") + MAKE + without)
    async with Sandbox() as sandbox:
        environ = outside(sandbox, redis_url, tmp_path)
        async with python("host.py", environ=environ, folder=tmp_path) as bot:
            await wait_until(bot.children, timeout=TIMEOUT_SECONDS)
            bot.process.send_signal(signal.SIGTERM)

            assert await bot.ended() == -signal.SIGTERM


@asynccontextmanager
async def served_picture() -> AsyncIterator[tuple[str, list[str]]]:
    """The address of a picture on loopback, and who asked for it."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=portrait("teal"), content_type="image/png")

    app = web.Application()
    app.router.add_get("/mira.png", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/mira.png", asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "place", [(README, "Publish from your game"), (EVENTS, "From Python")], ids=["README", "events"]
)
async def test_the_lines_that_publish_publish(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, place: tuple[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, "scene_art", scene_art)
    async with open_stage(redis_url) as stage, served_picture() as (address, asked):
        channel = stage.channel()
        message = stage.sandbox.discord.say(channel, "The game", "Mira opens the gate.")
        lines = code(*place)
        assert PICTURE in lines
        assert "redis://localhost" in lines
        lines = lines.replace(PICTURE, address).replace("redis://localhost", redis_url)
        body = textwrap.indent(f"{lines}\nawait redis.aclose()", "    ")
        names: dict[str, Any] = {}
        exec(f"async def game(channel, text, message):\n{body}", names)  # noqa: S102  # our own documentation
        await names["game"](channel, "Mira opens the gate.", SimpleNamespace(id=message.id))

        picture = await stage.picture(channel)
        await stage.settled(channel)

    assert picture.reference == message.id
    assert "Mira" in (picture.attachments[0].description or "")
    assert asked == ["/mira.png"]
    assert len(stage.posts(channel)) == 1, "a turn and its request are one picture"


def anchors(page: Path) -> set[str]:
    """The marks of a page's headings, as they are made on the web."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if link.startswith("https://"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_make_target_and_script_that_is_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", texts, flags=re.MULTILINE))
    scripts = set(re.findall(r"\bpython ([\w/]+\.py)", texts))
    modules = {name.replace(".", "/") for name in re.findall(r"\bpython -m ((?:tests|fuzz|chaos|demo)[\w.]*)", texts)}

    assert named - targets == set()
    assert {name for name in scripts if not (ROOT / name).is_file()} == set()
    assert {name for name in modules if not (ROOT / name / "__main__.py").is_file()} == set()
    assert {"demo", "test", "wheel-check"} <= named


def test_the_readme_is_short_and_five_lines_load_it_and_five_publish() -> None:
    blocks = [code(README, heading) for heading in ("Load it into your bot", "Publish from your game")]

    assert len(README.splitlines()) < 200
    assert [len([line for line in block.splitlines() if line]) for block in blocks] == [4, 5]


def test_every_page_of_the_documentation_is_linked_in_the_readme() -> None:
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= set(re.findall(r"\]\(([^)#]+)\)", README))


def test_the_temp_folder_is_as_large_as_the_page_says() -> None:
    references = f"{DEFAULT_RULES.entries} of at most {MAX_BYTES // 1_000_000} MB"
    bodies = DEFAULT_LIMITS.at_once * DEFAULT_LIMITS.body_bytes // 1_000_000
    concurrency = Settings.model_fields["concurrency"].default

    assert f"{references}: {DEFAULT_RULES.entries * MAX_BYTES // 1_000_000} MB" in HOSTS
    assert f"{DEFAULT_LIMITS.at_once} of at most 8 MB: {bodies} MB" in HOSTS
    assert f"`SCENE_ART_CONCURRENCY` ({concurrency})" in HOSTS
    assert DEFAULT_RULES.linger.total_seconds() == 600

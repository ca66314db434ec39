"""The container and the service: every path and command in them works in a plain shell. No image is built here."""

from __future__ import annotations

import asyncio
import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import discord
import pytest

from bot import HEALTH_SECONDS, Host
from cogs.scene_art.jobs.engine import CANCEL_GRACE, SHUTDOWN_GRACE
from cogs.scene_art.jobs.worker import HAND_BACK_SECONDS
from sandbox import Sandbox, wait_until
from tests.redis_server import RedisServer, client_of, redis_binary
from tests.stage import (
    ROOT,
    TIMEOUT_SECONDS,
    environment,
    memory_url,
    our_modules,
    python,
    use_environment,
)

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LONGEST_STOP = (SHUTDOWN_GRACE + 2 * CANCEL_GRACE).total_seconds() + HAND_BACK_SECONDS + 3
"""Seconds of a stop with a frozen Redis; the last three are the worker process's."""


def instructions(name: str) -> list[str]:
    """List the arguments of each instruction `name`."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, flags=re.MULTILINE)


def compose_file() -> dict[str, Any]:
    yaml: Any = pytest.importorskip("yaml")
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def service() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "scene-art.service", encoding="utf-8")
    return unit


def test_the_image_is_made_of_files_that_are_there_and_sent_to_the_engine() -> None:
    copied = {source for line in instructions("COPY") for source in shlex.split(line)[:-1]}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == sent == {"requirements.txt", "bot.py", "LICENSE", "cogs"}
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_installs_the_lock_as_the_makefile_does() -> None:
    [install, check, compiling] = instructions("RUN")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for flag in ("--no-deps", "--only-binary :all:", "--require-hashes -r"):
        assert flag in install
        assert flag in makefile
    assert check.startswith("python -m pip check")
    assert compiling == "python -m compileall -q bot.py cogs"


def test_the_image_runs_what_is_tried_here_and_not_as_root() -> None:
    assert [json.loads(line) for line in re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)] == [["python", "bot.py"]]
    assert instructions("USER") == ["10001:10001"]


def test_the_containers_keep_little_and_are_left_the_time_to_stop() -> None:
    services = compose_file()["services"]

    for name in ("bot", "redis"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert float(services[name]["stop_grace_period"].removesuffix("s")) > LONGEST_STOP
    assert services["bot"]["tmpfs"] == ["/tmp:size=1g,mode=1777"]  # noqa: S108  # inside the container
    assert services["bot"]["environment"]["REDIS_URL"] == "redis://redis:6379/0"
    assert services["redis"]["volumes"] == ["redis:/data"]
    assert "ports" not in services["redis"]
    assert "redis" in compose_file()["volumes"]


def test_the_redis_of_the_containers_starts_and_keeps_what_it_is_told() -> None:
    name, *options = compose_file()["services"]["redis"]["command"]
    server = RedisServer(redis_binary(), *options)
    try:
        server.start()

        async def kept() -> list[Any]:
            async with client_of(server.url) as client:
                return [(await client.config_get(name))[name] for name in ("appendonly", "maxmemory-policy")]

        assert name == "redis-server"
        assert asyncio.run(kept()) == ["yes", "noeviction"]
    finally:
        server.close()


async def is_healthy(file: Path) -> bool:
    """Run the image's own health check."""
    [check] = re.findall(r"^HEALTHCHECK .*CMD (.+)$", DOCKERFILE, re.MULTILINE)
    shell = await asyncio.create_subprocess_shell(
        check, env={"PATH": os.environ["PATH"], "HEALTH_FILE": str(file)}, stderr=asyncio.subprocess.DEVNULL
    )
    return await shell.wait() == 0


def age(file: Path) -> None:
    """As if it had been touched two minutes ago."""
    then = file.stat().st_mtime - 120
    os.utime(file, (then, then))


async def test_the_health_check_goes_by_the_bots_own_sign_of_life(redis_url: str, tmp_path: Path) -> None:
    file = tmp_path / "healthy"
    file.touch()
    [interval, *_] = re.findall(r"mmin -(\d+)", DOCKERFILE)
    assert float(interval) * 60 > 3 * HEALTH_SECONDS
    async with Sandbox() as sandbox:
        environ = environment(sandbox, redis_url) | {"HEALTH_FILE": str(file)}
        async with python("bot.py", environ=environ) as bot:
            await wait_until(lambda: "Connected as" in bot.text and file.exists(), timeout=TIMEOUT_SECONDS)
            assert await is_healthy(file)

            bot.process.send_signal(signal.SIGSTOP)
            age(file)
            assert not await is_healthy(file)
            old = file.stat().st_mtime
            bot.process.send_signal(signal.SIGCONT)
            await wait_until(lambda: file.stat().st_mtime > old, timeout=TIMEOUT_SECONDS)
            assert await is_healthy(file)

    age(file)
    assert not await is_healthy(file)
    assert not await is_healthy(tmp_path / "never-made")


async def test_a_bot_is_healthy_as_long_as_it_hears_and_is_connected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    imported = our_modules()
    server = RedisServer(redis_binary())
    await asyncio.to_thread(server.start)
    try:
        async with Sandbox() as sandbox:
            use_environment(monkeypatch, environment(sandbox, server.url))
            monkeypatch.setattr(discord.http.Route, "BASE", sandbox.discord.api_base)
            async with Host(api_base=sandbox.discord.api_base, health_file=tmp_path / "healthy") as host:
                assert not host.is_healthy()
                task = asyncio.create_task(host.start(sandbox.discord.token), name="host")
                await wait_until(host.is_healthy, timeout=TIMEOUT_SECONDS)

                await asyncio.to_thread(server.stop)
                await wait_until(lambda: not host.is_healthy(), timeout=TIMEOUT_SECONDS)
                await asyncio.to_thread(server.start)
                await wait_until(host.is_healthy, timeout=TIMEOUT_SECONDS)
            await asyncio.gather(task, return_exceptions=True)
            assert not host.is_healthy()
    finally:
        server.close()
        sys.modules.update(imported)  # unloading took them out


async def test_a_health_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        environ = environment(sandbox, memory_url()) | {"HEALTH_FILE": str(tmp_path / "nowhere" / "file")}
        async with python("bot.py", environ=environ) as bot:
            assert await bot.ended() == 1

    assert bot.lines[-1].startswith(f"HEALTH_FILE={tmp_path}/nowhere/file cannot be written")


def test_systemd_takes_the_service(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here")
    text = (ROOT / "deploy" / "scene-art.service").read_text(encoding="utf-8")
    unit = tmp_path / "scene-art.service"
    unit.write_text(text.replace("/opt/scene-art/.venv/bin/python", "/bin/sh"))

    done = subprocess.run(["systemd-analyze", "verify", str(unit)], check=False, capture_output=True, text=True)  # noqa: S603, S607

    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_starts_what_is_there_and_leaves_it_the_time_to_stop() -> None:
    unit = service()["Service"]
    program, script = shlex.split(unit["ExecStart"])

    assert program == f"{unit['WorkingDirectory']}/.venv/bin/python"
    assert (ROOT / script).is_file()
    assert unit["KillMode"] == "mixed"  # SIGTERM for the helper process, too, would cost what it paints
    assert float(unit["TimeoutStopSec"].removesuffix("s")) > LONGEST_STOP

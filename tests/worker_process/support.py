"""Helpers of the tests of the worker processes: an open client, its processes and its files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cogs.scene_art.domain.painting import Label, ModelAndKey, Prompt
from cogs.scene_art.domain.personas import ASSETS
from cogs.scene_art.image_models import DEFAULT_MODEL
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from tests.stage import KEY, children_of

LIMIT = 10 * 1024 * 1024
MODEL_AND_KEY = ModelAndKey(model=DEFAULT_MODEL)
STARGAZER = ASSETS / "personas" / "stargazer.png"


def prompt(story: str = "A gate in the fog.") -> Prompt:
    return Prompt(scene_id="0" * 16, system="Be kind.", parts=(Label(text=story),), scene=story, cast=())


@asynccontextmanager
async def opened(painter: str = "storyboard") -> AsyncIterator[WorkerProcesses]:
    worker_config = WorkerConfig.model_validate(
        {
            "folder": Path(),
            "painter": painter,
            "model": "gemini-nano-banana-2.1",
            "keys": (KEY,),
            "trusted_hosts": "127.0.0.1",
        }
    )
    async with WorkerProcesses(worker_config) as workers:
        yield workers


def folders(scratch: Path) -> list[Path]:
    return list(scratch.iterdir())


def files(scratch: Path) -> list[Path]:
    return [path for path in scratch.rglob("*") if path.is_file()]


def helpers(worker: str = "") -> list[int]:
    return [pid for pid in children_of(os.getpid()) if f"worker_process.server\0{worker}".encode() in command_line(pid)]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

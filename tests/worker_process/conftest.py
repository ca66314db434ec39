"""A workshop of its own for a test, and what it gets its pictures from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cogs.scene_art.worker_process import WorkerProcesses
from sandbox import Sandbox
from tests.stage import environment, memory_url, use_environment
from tests.worker_process.support import opened


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the parent of the worker processes' folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
async def workers() -> AsyncIterator[WorkerProcesses]:
    async with opened() as running:
        yield running


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        use_environment(monkeypatch, environment(running, memory_url()))
        yield running

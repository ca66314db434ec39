"""A trusted host is trusted under its name and port, and under no other."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from tests.hostile import answers
from tests.hostile.cases import GOOD_PATH
from tests.hostile.shooting_range import Neighbourhood, neighbourhood

COVERED = ("http://private.test:{port}/good.png", "http://PRIVATE.test.:{port}/good.png")
OTHERS = (
    "http://127.0.0.1:{port}/good.png",
    "http://[::1]:{port}/good.png",
    "http://localhost:{port}/good.png",
    "http://alias.test:{port}/good.png",
    "http://sub.private.test:{port}/good.png",
    "http://private.test.alias.test:{port}/good.png",
    "http://private.test/good.png",
    "http://private.test:{canary}/good.png",
    "https://private.test/good.png",
    "http://private.test%3a{port}/good.png",
    "http://private.test:{port}@127.0.0.1:{canary}/good.png",
    "http://private.test:{port}\\@127.0.0.1:{canary}/good.png",
    "http://127.0.0.1:{canary}/http://private.test:{port}/good.png",
    "http://ⓟrivate.test:{port}/good.png",
    "http://private。test:{port}/good.png",
)


async def test_a_trusted_name_opens_itself_and_nothing_else() -> None:
    async with neighbourhood() as around:
        around.server.answers[GOOD_PATH] = answers.answer()
        trusted = f"private.test:{around.server.port}"
        with tempfile.TemporaryDirectory() as folder:
            worker_config = WorkerConfig(folder=Path(folder), painter="storyboard", trusted_hosts=trusted)
            async with WorkerProcesses(worker_config) as workers:
                for url in filled(COVERED, around):
                    await workers.load_url(url)
                for url in filled(OTHERS, around):
                    with pytest.raises(ReferenceUnavailableError):
                        await workers.load_url(url)
        assert around.astray() == set()
        assert len(around.server.asked) == len(COVERED)


def filled(forms: Sequence[str], around: Neighbourhood) -> list[str]:
    """The addresses in this neighbourhood."""
    return [form.format(port=around.server.port, canary=around.canary.port) for form in forms]

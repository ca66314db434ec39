"""Much to do at once: memory stays within bounds, and nobody waits for what others sent."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from PIL import Image

from cogs.scene_art.domain.painting import ModelAndKey
from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.image_models import DEFAULT_MODEL
from cogs.scene_art.worker_process import WorkerProcesses, client
from sandbox import Sandbox, wait_until
from tests.stage import encoded, portrait
from tests.worker_process.support import LIMIT, STARGAZER, helpers, prompt

MIB = 1024 * 1024


def memory(pid: int, field: str) -> float:
    """MB: `VmRSS` is what is resident now, `VmHWM` the most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel's own figures, on Linux")
async def test_the_worst_pictures_at_once_stay_within_bounds(workers: WorkerProcesses, sandbox: Sandbox) -> None:
    square = Image.new("RGBA", (5656, 5656), (200, 30, 30, 99))
    bodies = {
        "large.png": encoded(square, "PNG", compress_level=1),
        "cmyk.jpg": encoded(Image.new("CMYK", (4096, 4096)), "JPEG", progressive=True),
        "still.webp": encoded(Image.new("RGB", (3000, 3000)), "WEBP", method=0),
    }
    urls = [sandbox.files.add(f"{n}-{name}", body) for n in range(2) for name, body in bodies.items()]
    await workers.load_file(STARGAZER)
    [helper] = helpers()
    idle = memory(helper, "VmRSS")

    pictures = await asyncio.gather(*(workers.load_url(url, group=url[-8:]) for url in urls))

    assert all(max(picture.width, picture.height) == 1536 for picture in pictures)
    assert memory(helper, "VmHWM") - idle < 250
    assert memory(helper, "VmRSS") - idle < 60


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel's own figures, on Linux")
async def test_what_was_no_picture_is_not_kept(workers: WorkerProcesses, sandbox: Sandbox) -> None:
    body = b"\x89PNG\r\n\x1a\n" + os.urandom(8 * MIB - 100)
    urls = [sandbox.files.add(f"{n}.png", body) for n in range(20)]
    await workers.load_file(STARGAZER)
    [helper] = helpers()
    idle = memory(helper, "VmRSS")

    results = await asyncio.gather(*(workers.load_url(url) for url in urls), return_exceptions=True)

    assert all(isinstance(result, ReferenceUnavailableError) for result in results)
    assert memory(helper, "VmRSS") - idle < 60


def slow_picture() -> bytes:
    """Takes a processor about a second."""
    return encoded(Image.new("RGBA", (5_600, 5_600), (200, 30, 30, 99)), "PNG", compress_level=1)


async def test_pictures_that_are_slow_to_open_delay_those_of_their_own_server(
    workers: WorkerProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)  # a little longer than a heartbeat
    slow = slow_picture()
    await workers.load_file(STARGAZER)
    [helper] = helpers()
    flood = [asyncio.create_task(workers.load_bytes(slow, group="7")) for _ in range(6)]
    await wait_until(lambda: any(task.done() for task in flood), timeout=60)

    assert (await workers.load_bytes(portrait("teal"), group="8")).width == 64
    assert sum(task.done() for task in flood) < 4, "it waited for all of them"
    assert all(picture.width == 1536 for picture in await asyncio.gather(*flood))
    assert helpers() == [helper], "however much it has to do, it says that it is alive"


async def test_pictures_that_are_drawn_for_one_server_keep_no_other_one_waiting(workers: WorkerProcesses) -> None:
    storyboard = ModelAndKey(model=DEFAULT_MODEL, painter="storyboard")
    await workers.paint(prompt(), storyboard, LIMIT)
    flood = [asyncio.create_task(workers.paint(prompt(), storyboard, LIMIT, group="7")) for _ in range(20)]
    await asyncio.sleep(0)

    await workers.paint(prompt(), storyboard, LIMIT, group="8")

    assert sum(task.done() for task in flood) < 10, "it waited for all of them"
    await asyncio.gather(*flood)

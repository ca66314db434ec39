"""The worker processes as they start, are busy, and end: no end of one leaves anybody waiting."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from cogs.scene_art.errors import ReferenceUnavailableError, TransientError
from cogs.scene_art.workshop import Workshop, client
from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import hang, picture
from tests.stage import encoded, environment, memory_url, portrait, use_environment
from tests.workshops import BRUSH, LIMIT, STARGAZER, brief, folders, helpers, opened

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workshop makes its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with opened() as running:
        yield running


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        use_environment(monkeypatch, environment(running, memory_url()))
        yield running


async def test_it_paints_and_leaves_nothing_behind(scratch: Path) -> None:
    async with opened() as workshop:
        painting = await workshop.paint(brief(), BRUSH, LIMIT)

        assert painting.mime == "image/png"
        assert painting.size == len(painting.data) < LIMIT
        assert painting.data.startswith(b"\x89PNG")
        assert len(helpers()) == 1
    assert helpers() == []
    assert folders(scratch) == []


def memory(pid: int, field: str) -> float:
    """MB: `VmRSS` is what is resident now, `VmHWM` the most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel's own figures, on Linux")
async def test_the_worst_pictures_at_once_stay_within_bounds(workshop: Workshop, sandbox: Sandbox) -> None:
    square = Image.new("RGBA", (5656, 5656), (200, 30, 30, 99))
    bodies = {
        "large.png": encoded(square, "PNG", compress_level=1),
        "cmyk.jpg": encoded(Image.new("CMYK", (4096, 4096)), "JPEG", progressive=True),
        "still.webp": encoded(Image.new("RGB", (3000, 3000)), "WEBP", method=0),
    }
    urls = [sandbox.files.add(f"{n}-{name}", body) for n in range(2) for name, body in bodies.items()]
    await workshop.load_file(STARGAZER)
    [helper] = helpers()
    idle = memory(helper, "VmRSS")

    pictures = await asyncio.gather(*(workshop.load_url(url, group=url[-8:]) for url in urls))

    assert all(max(picture.width, picture.height) == 1536 for picture in pictures)
    assert memory(helper, "VmHWM") - idle < 250
    assert memory(helper, "VmRSS") - idle < 60


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel's own figures, on Linux")
async def test_what_was_no_picture_is_not_kept(workshop: Workshop, sandbox: Sandbox) -> None:
    body = b"\x89PNG\r\n\x1a\n" + os.urandom(8 * MIB - 100)
    urls = [sandbox.files.add(f"{n}.png", body) for n in range(20)]
    await workshop.load_file(STARGAZER)
    [helper] = helpers()
    idle = memory(helper, "VmRSS")

    results = await asyncio.gather(*(workshop.load_url(url) for url in urls), return_exceptions=True)

    assert all(isinstance(result, ReferenceUnavailableError) for result in results)
    assert memory(helper, "VmRSS") - idle < 60


async def test_a_kill_under_a_call_is_an_error_and_the_next_call_works(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened("gemini") as workshop:
        sandbox.gemini.script(hang())
        call = asyncio.create_task(workshop.paint(brief(), BRUSH, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests)
        [first] = helpers()
        os.kill(first, signal.SIGKILL)

        with pytest.raises(TransientError, match="worker process ended"):
            await call
        assert (await workshop.paint(brief(), BRUSH, LIMIT)).painter == "gemini"
        [second] = helpers()

    assert second != first
    assert "worker process ended and is started again" in caplog.text


async def test_a_kill_between_two_calls_is_not_even_noticed(workshop: Workshop) -> None:
    await workshop.load_file(STARGAZER)
    [first] = helpers()
    os.kill(first, signal.SIGKILL)
    await wait_until(lambda: not helpers())

    # Whether the news of the end has come already or not.
    for _ in range(2):
        try:
            assert (await workshop.load_file(STARGAZER)).width > 0
            break
        except TransientError:
            continue
    else:
        pytest.fail("the helper was not started again")


def slow_picture() -> bytes:
    """Takes a processor about a second."""
    return encoded(Image.new("RGBA", (5_600, 5_600), (200, 30, 30, 99)), "PNG", compress_level=1)


async def test_pictures_that_are_slow_to_open_delay_those_of_their_own_server(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)  # a little longer than a heartbeat
    slow = slow_picture()
    await workshop.load_file(STARGAZER)
    [helper] = helpers()
    flood = [asyncio.create_task(workshop.load_bytes(slow, group="7")) for _ in range(6)]
    await wait_until(lambda: any(task.done() for task in flood), timeout=60)

    assert (await workshop.load_bytes(portrait("teal"), group="8")).width == 64
    assert sum(task.done() for task in flood) < 4, "it waited for all of them"
    assert all(picture.width == 1536 for picture in await asyncio.gather(*flood))
    assert helpers() == [helper], "however much it has to do, it says that it is alive"


class Unwritten:
    """A file that keeps whoever reads it waiting until something is written."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._pipe = -1

    def is_read(self) -> bool:
        """Whether somebody waits."""
        if self._pipe < 0:
            with suppress(OSError):
                self._pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        return self._pipe >= 0

    def write(self, data: bytes) -> None:
        """Let them read."""
        os.write(self._pipe, data)
        os.close(self._pipe)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="files that keep their readers waiting, on POSIX")
async def test_waiting_is_not_hanging(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)  # a little longer than a heartbeat
    folder, small = tmp_path_factory.mktemp("unwritten"), portrait("teal")
    await workshop.load_file(STARGAZER)
    [helper] = helpers()
    # As many as one server may have opened at once.
    files = [Unwritten(folder / f"{n}.png") for n in range(2)]
    opening = [asyncio.create_task(workshop.load_file(file.path)) for file in files]
    await wait_until(lambda: all(file.is_read() for file in files))
    behind = [asyncio.create_task(workshop.load_bytes(small)) for _ in range(2)]

    done, _ = await asyncio.wait([*opening, *behind], timeout=client.SILENT_SECONDS + 2)

    assert done == set(), "all of them wait, longer than silence is borne"
    for file in files:
        file.write(small)
    assert [picture.width for picture in await asyncio.gather(*opening, *behind)] == [64] * 4
    assert helpers() == [helper]


async def test_a_process_that_hangs_is_ended_and_no_other(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)
    async with opened("gemini") as workshop:
        await asyncio.gather(workshop.warm_up(), workshop.load_file(STARGAZER))
        [painter], [stopped] = helpers("painter"), helpers("pictures")
        sandbox.gemini.script(picture(portrait("red"), delay=9))
        paid = asyncio.create_task(workshop.paint(brief(), BRUSH, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests)
        os.kill(stopped, signal.SIGSTOP)

        assert (await workshop.load_bytes(portrait("teal"))).width == 64
        assert (await paid).painter == "gemini"
        assert helpers("painter") == [painter]
        assert stopped not in helpers("pictures")


async def test_two_first_calls_start_one_process(workshop: Workshop) -> None:
    await asyncio.gather(workshop.warm_up(), workshop.load_file(STARGAZER), workshop.load_file(STARGAZER))

    assert len(helpers()) == 1


async def test_closing_under_a_call_ends_it(sandbox: Sandbox) -> None:
    async with opened("gemini") as workshop:
        sandbox.gemini.script(hang())
        call = asyncio.create_task(workshop.paint(brief(), BRUSH, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests)

    with pytest.raises(TransientError):
        await call
    with pytest.raises(TransientError):
        await workshop.paint(brief(), BRUSH, LIMIT)
    assert helpers() == []

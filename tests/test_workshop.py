"""The helper process: what it does, and that no end of it leaves anybody waiting."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from cogs.scene_art.drawing.personas import ASSETS
from cogs.scene_art.errors import ConfigurationError, ReferenceUnavailableError, RefusedError, TransientError
from cogs.scene_art.painters import Brief, Brush, Label
from cogs.scene_art.painters.models import DEFAULT_MODEL
from cogs.scene_art.workshop import Workshop, client
from cogs.scene_art.workshop.wire import Equipment
from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import blocked_prompt, hang, picture, wrong_key
from tests.stage import KEY, children_of, encoded, environment, memory_url, portrait, use_environment

MIB = 1024 * 1024
LIMIT = 10 * MIB
BRUSH = Brush(model=DEFAULT_MODEL)
STARGAZER = ASSETS / "personas" / "stargazer.png"


def brief(story: str = "A gate in the fog.") -> Brief:
    return Brief(scene_id="0" * 16, system="Be kind.", parts=(Label(text=story),), scene=story, cast=())


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workshop makes its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@asynccontextmanager
async def opened(painter: str = "storyboard") -> AsyncIterator[Workshop]:
    equipment = Equipment.model_validate(
        {
            "folder": Path(),
            "painter": painter,
            "model": "gemini-nano-banana-2.1",
            "keys": (KEY,),
            "trusted_hosts": "127.0.0.1",
        }
    )
    async with Workshop(equipment) as workshop:
        yield workshop


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with opened() as running:
        yield running


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        use_environment(monkeypatch, environment(running, memory_url()))
        yield running


def folders(scratch: Path) -> list[Path]:
    return list(scratch.iterdir())


def files(scratch: Path) -> list[Path]:
    return [path for path in scratch.rglob("*") if path.is_file()]


def helpers(worker: str = "") -> list[int]:
    return [pid for pid in children_of(os.getpid()) if f"workshop.process\0{worker}".encode() in _command_line(pid)]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def test_it_paints_and_leaves_nothing_behind(scratch: Path) -> None:
    async with opened() as workshop:
        painting = await workshop.paint(brief(), BRUSH, LIMIT)

        assert painting.mime == "image/png"
        assert painting.size == len(painting.data) < LIMIT
        assert painting.data.startswith(b"\x89PNG")
        assert len(helpers()) == 1
    assert helpers() == []
    assert folders(scratch) == []


async def test_its_folder_is_private(workshop: Workshop, scratch: Path) -> None:
    await workshop.load_file(STARGAZER)

    [folder] = folders(scratch)
    assert folder.stat().st_mode & 0o077 == 0


async def test_many_calls_at_once_each_get_their_own_answer(workshop: Workshop, sandbox: Sandbox) -> None:
    urls = [sandbox.files.add(f"{n}.png", portrait("red", (40 + n, 64))) for n in range(40)]

    pictures = await asyncio.gather(*(workshop.load_url(url) for url in urls))

    assert [picture.width for picture in pictures] == [40 + n for n in range(40)]


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


async def test_errors_arrive_as_what_they_were(sandbox: Sandbox) -> None:
    async with opened("gemini") as workshop:
        sandbox.gemini.script(blocked_prompt(), wrong_key())
        with pytest.raises(RefusedError):
            await workshop.paint(brief(), BRUSH, LIMIT)
        with pytest.raises(ConfigurationError) as wrong:
            await workshop.paint(brief(), BRUSH, LIMIT)
        with pytest.raises(ReferenceUnavailableError, match="404"):
            await workshop.load_url(sandbox.files.url("nothing.png"))

        assert KEY not in str(wrong.value)


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


async def test_pictures_that_are_slow_to_open_delay_those_of_their_own_server(workshop: Workshop) -> None:
    slow = slow_picture()
    await workshop.load_file(STARGAZER)
    flood = [asyncio.create_task(workshop.load_bytes(slow, group="7")) for _ in range(8)]
    await wait_until(lambda: any(task.done() for task in flood), timeout=60)

    assert (await workshop.load_bytes(portrait("teal"), group="8")).width == 64
    assert sum(task.done() for task in flood) < 6, "it waited for all of them"
    assert all(picture.width == 1536 for picture in await asyncio.gather(*flood))


async def test_waiting_is_not_hanging(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)  # a little longer than a heartbeat
    slow = slow_picture()
    await workshop.load_file(STARGAZER)
    [helper] = helpers()
    began = time.monotonic()
    number = 0
    while time.monotonic() - began < 8:
        number += 4
        pictures = await asyncio.gather(*(workshop.load_bytes(slow, group="7") for _ in range(number)))
        assert len(pictures) == number

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


async def test_a_cancelled_call_is_given_up_in_the_helper_too(sandbox: Sandbox) -> None:
    async with opened("gemini") as workshop:
        sandbox.gemini.script(hang())
        call = asyncio.create_task(workshop.paint(brief(), BRUSH, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests)

        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        # The same process goes on with the next one.
        [helper] = helpers()
        assert (await workshop.paint(brief("Another."), BRUSH, LIMIT)).mime == "image/png"
        assert helpers() == [helper]


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


async def test_no_key_stands_on_the_command_line_or_in_a_repr(workshop: Workshop) -> None:
    await workshop.warm_up()
    [helper] = helpers()

    assert KEY.encode() not in _command_line(helper)
    assert KEY not in repr(Equipment(folder=Path(), painter="gemini", keys=(KEY,)))


async def test_a_step_down_needs_no_file(workshop: Workshop, scratch: Path) -> None:
    painting = await workshop.paint(brief(), BRUSH, LIMIT)

    smaller = await workshop.shrink(painting, painting.size // 2)

    assert smaller.size == len(smaller.data) <= painting.size // 2
    assert files(scratch) == []


async def test_the_helper_ignores_ctrl_c_and_leaves_it_to_the_host(workshop: Workshop) -> None:
    await workshop.load_file(STARGAZER)
    [helper] = helpers()

    os.kill(helper, signal.SIGINT)

    assert (await workshop.load_file(STARGAZER)).width > 0
    assert helpers() == [helper]

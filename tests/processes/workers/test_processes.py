"""The worker processes as they start, wait and end: no end of one leaves anybody waiting."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from cogs.scene_art.errors import TransientError
from cogs.scene_art.worker_process import WorkerProcesses, client
from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import hang, picture
from tests.stage import TIMEOUT_SECONDS, portrait
from tests.worker_process.support import LIMIT, MODEL_AND_KEY, STARGAZER, folders, helpers, opened, prompt


async def test_it_paints_and_leaves_nothing_behind(scratch: Path) -> None:
    async with opened() as workers:
        painting = await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)

        assert painting.mime == "image/png"
        assert painting.size == len(painting.data) < LIMIT
        assert painting.data.startswith(b"\x89PNG")
        assert len(helpers()) == 1
    assert helpers() == []
    assert folders(scratch) == []


async def test_a_kill_under_a_call_is_an_error_and_the_next_call_works(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened("gemini") as workers:
        sandbox.gemini.script(hang())
        call = asyncio.create_task(workers.paint(prompt(), MODEL_AND_KEY, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests, timeout=TIMEOUT_SECONDS)
        [first] = helpers()
        os.kill(first, signal.SIGKILL)

        with pytest.raises(TransientError, match="worker process ended"):
            await call
        assert (await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)).painter == "gemini"
        [second] = helpers()

    assert second != first
    assert "worker process ended and is started again" in caplog.text


async def test_a_kill_between_two_calls_is_not_even_noticed(workers: WorkerProcesses) -> None:
    await workers.load_file(STARGAZER)
    [first] = helpers()
    os.kill(first, signal.SIGKILL)
    await wait_until(lambda: not helpers(), timeout=TIMEOUT_SECONDS)

    # Whether the news of the end has come already or not.
    for _ in range(2):
        try:
            assert (await workers.load_file(STARGAZER)).width > 0
            break
        except TransientError:
            continue
    else:
        pytest.fail("the helper was not started again")


class Unwritten:
    """A file that keeps whoever reads it waiting until something is written."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._pipe = -1

    def is_read(self) -> bool:
        """Tell whether somebody reads the pipe."""
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
    workers: WorkerProcesses, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)  # a little longer than a heartbeat
    folder, small = tmp_path_factory.mktemp("unwritten"), portrait("teal")
    await workers.load_file(STARGAZER)
    [helper] = helpers()
    # As many as one server may have opened at once.
    files = [Unwritten(folder / f"{n}.png") for n in range(2)]
    opening = [asyncio.create_task(workers.load_file(file.path)) for file in files]
    await wait_until(lambda: all(file.is_read() for file in files), timeout=TIMEOUT_SECONDS)
    behind = [asyncio.create_task(workers.load_bytes(small)) for _ in range(2)]

    done, _ = await asyncio.wait([*opening, *behind], timeout=client.SILENT_SECONDS + 2)

    assert done == set(), "all of them wait, longer than silence is borne"
    for file in files:
        file.write(small)
    assert [picture.width for picture in await asyncio.gather(*opening, *behind)] == [64] * 4
    assert helpers() == [helper]


async def test_a_process_that_hangs_is_ended_and_no_other(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(client, "SILENT_SECONDS", 6.0)
    async with opened("gemini") as workers:
        await asyncio.gather(workers.warm_up(), workers.load_file(STARGAZER))
        [painter], [stopped] = helpers("painter"), helpers("pictures")
        sandbox.gemini.script(picture(portrait("red"), delay=9))
        paid = asyncio.create_task(workers.paint(prompt(), MODEL_AND_KEY, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests, timeout=TIMEOUT_SECONDS)
        os.kill(stopped, signal.SIGSTOP)

        assert (await workers.load_bytes(portrait("teal"))).width == 64
        assert (await paid).painter == "gemini"
        assert helpers("painter") == [painter]
        assert stopped not in helpers("pictures")


async def test_two_first_calls_start_one_process(workers: WorkerProcesses) -> None:
    await asyncio.gather(workers.warm_up(), workers.load_file(STARGAZER), workers.load_file(STARGAZER))

    assert len(helpers()) == 1


async def test_closing_under_a_call_ends_it(sandbox: Sandbox) -> None:
    async with opened("gemini") as workers:
        sandbox.gemini.script(hang())
        call = asyncio.create_task(workers.paint(prompt(), MODEL_AND_KEY, LIMIT))
        await wait_until(lambda: sandbox.gemini.requests, timeout=TIMEOUT_SECONDS)

    with pytest.raises(TransientError):
        await call
    with pytest.raises(TransientError):
        await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)
    assert helpers() == []

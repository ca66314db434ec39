"""Calls of the worker processes while they live. One set of processes serves the whole file."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from cogs.scene_art.domain.painting import ModelAndKey
from cogs.scene_art.errors import ConfigurationError, ReferenceUnavailableError, RefusedError
from cogs.scene_art.image_models import DEFAULT_MODEL
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import blocked_prompt, hang, wrong_key
from tests.stage import KEY, TIMEOUT_SECONDS, environment, memory_url, portrait, use_environment
from tests.worker_process.support import (
    LIMIT,
    MODEL_AND_KEY,
    STARGAZER,
    command_line,
    files,
    folders,
    helpers,
    opened,
    prompt,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the parent of the worker processes' folder."""
    return tmp_path_factory.mktemp("scratch")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(scratch: Path) -> AsyncIterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(scratch))
        async with Sandbox() as running:
            use_environment(patch, environment(running, memory_url()))
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(sandbox: Sandbox) -> AsyncIterator[WorkerProcesses]:
    """Paints with Gemini, and with the storyboard painter where a brush says so."""
    async with opened("gemini") as running:
        yield running


async def test_its_folder_is_private(workers: WorkerProcesses, scratch: Path) -> None:
    await workers.load_file(STARGAZER)

    [folder] = folders(scratch)
    assert folder.stat().st_mode & 0o077 == 0


async def test_many_calls_at_once_each_get_their_own_answer(workers: WorkerProcesses, sandbox: Sandbox) -> None:
    urls = [sandbox.files.add(f"{n}.png", portrait("red", (40 + n, 64))) for n in range(40)]

    pictures = await asyncio.gather(*(workers.load_url(url) for url in urls))

    assert [picture.width for picture in pictures] == [40 + n for n in range(40)]


async def test_errors_arrive_as_what_they_were(workers: WorkerProcesses, sandbox: Sandbox) -> None:
    sandbox.gemini.script(blocked_prompt(), wrong_key())
    with pytest.raises(RefusedError):
        await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)
    with pytest.raises(ConfigurationError) as wrong:
        await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)
    with pytest.raises(ReferenceUnavailableError, match="404"):
        await workers.load_url(sandbox.files.url("nothing.png"))

    assert KEY not in str(wrong.value)


async def test_a_cancelled_call_is_given_up_in_the_helper_too(workers: WorkerProcesses, sandbox: Sandbox) -> None:
    before = len(sandbox.gemini.requests)
    sandbox.gemini.script(hang())
    call = asyncio.create_task(workers.paint(prompt(), MODEL_AND_KEY, LIMIT))
    await wait_until(lambda: len(sandbox.gemini.requests) > before, timeout=TIMEOUT_SECONDS)

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    # The same process goes on with the next one.
    [helper] = helpers("painter")
    assert (await workers.paint(prompt("Another."), MODEL_AND_KEY, LIMIT)).mime == "image/png"
    assert helpers("painter") == [helper]


async def test_no_key_stands_on_the_command_line_or_in_a_repr(workers: WorkerProcesses) -> None:
    await workers.warm_up()
    [painter], [other] = helpers("painter"), helpers("pictures")

    for helper in (painter, other):
        assert KEY.encode() not in command_line(helper)
    assert KEY not in repr(WorkerConfig(folder=Path(), painter="gemini", keys=(KEY,)))


async def test_a_step_down_needs_no_file(workers: WorkerProcesses, scratch: Path) -> None:
    await workers.load_file(STARGAZER)
    before = files(scratch)
    painting = await workers.paint(prompt(), ModelAndKey(model=DEFAULT_MODEL, painter="storyboard"), LIMIT)

    smaller = await workers.shrink(painting, painting.size // 2)

    assert smaller.size == len(smaller.data) <= painting.size // 2
    assert files(scratch) == before


async def test_the_helper_ignores_ctrl_c_and_leaves_it_to_the_host(workers: WorkerProcesses) -> None:
    await workers.warm_up()
    before = [helpers("painter"), helpers("pictures")]

    for [helper] in before:
        os.kill(helper, signal.SIGINT)

    assert (await workers.load_file(STARGAZER)).width > 0
    assert (await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)).painter == "gemini"
    assert [helpers("painter"), helpers("pictures")] == before


@pytest.mark.parametrize("is_cancelled", [False, True])
@pytest.mark.parametrize("milliseconds", [0, 1, 2, 3, 4, 6, 8, 12])
async def test_a_process_that_is_being_started_at_the_end_is_not_left_behind(
    is_cancelled: bool, milliseconds: int
) -> None:
    before = set(helpers())
    async with opened("gemini") as workers:
        start = asyncio.create_task(workers.warm_up())
        await asyncio.sleep(milliseconds / 1_000)
        if is_cancelled:
            start.cancel()
    await asyncio.gather(start, return_exceptions=True)

    assert set(helpers()) <= before

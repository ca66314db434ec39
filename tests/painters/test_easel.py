"""The storyboard painter beside an event loop: it never holds the loop up, and a cancelled picture leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cogs.scene_art.painters import Brief, Brush
from cogs.scene_art.painters.easel import Storyboard
from cogs.scene_art.painters.words import tables
from sandbox.waiting import wait_until


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def brief() -> Brief:
    return Brief(scene_id="0" * 16, system="", parts=(), scene="Dusk at sea.", cast=())


async def test_the_loop_goes_on_while_a_picture_is_drawn(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    drawing = asyncio.create_task(Storyboard(tmp_path, threads, tables()).paint(brief(), Brush()))
    rounds = 0
    while not drawing.done():
        await asyncio.sleep(0.001)
        rounds += 1

    assert rounds > 5
    assert (await drawing).path.is_file()


@pytest.mark.parametrize("begun", [True, False])
async def test_a_cancelled_picture_leaves_no_file(tmp_path: Path, threads: ThreadPoolExecutor, *, begun: bool) -> None:
    painter = Storyboard(tmp_path, threads, tables())
    before = None if begun else asyncio.create_task(painter.paint(brief(), Brush()))
    drawing = asyncio.create_task(painter.paint(brief(), Brush()))
    await wait_until(lambda: threads._work_queue.qsize() == (0 if begun else 1))

    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    kept = [] if before is None else [(await before).path]
    await asyncio.to_thread(threads.shutdown)

    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == kept

"""What is written down of a scene's requests, before and after each."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.domain.scene import Scene, SceneState
from cogs.scene_art.errors import CancelledError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.pipeline.progress import RenderProgress, begun, cancelled_sentence
from cogs.scene_art.store.scenes import SceneRepository
from tests.service_kit import CHANNEL, a_scene, repository_of
from tests.stage import memory_url


@pytest.fixture
async def repository() -> AsyncIterator[SceneRepository]:
    async with open_docket(memory_url(), "scene_art") as (_, client):
        yield repository_of(client)


async def work_on(repository: SceneRepository, scene: Scene) -> RenderProgress:
    await repository.add(scene)
    return RenderProgress(scene, repository, time.time)


async def test_a_request_is_written_down_before_it_leaves_and_settled_after_it(repository: SceneRepository) -> None:
    work = await work_on(repository, a_scene(1, SceneState.PAINTING))
    work.change(reserved=0.036)
    await work.count_request()
    kept = await repository.scene(CHANNEL, work.scene.id)
    assert kept is not None
    assert (kept.reserved, kept.attempts, kept.progress, kept.is_charged) == (0.036, 1, "painting", True)
    await work.note_answer(0.0018, charged=True)
    work.change(reserved=0.036)
    await work.count_request()
    await work.note_answer(0.0, charged=False)
    kept = await repository.scene(CHANNEL, work.scene.id)
    assert kept is not None
    assert (kept.reserved, kept.attempts, kept.cost, kept.charged) == (None, 2, 0.0018, True)


async def test_what_was_cancelled_does_not_leave(repository: SceneRepository) -> None:
    work = await work_on(repository, a_scene(1, SceneState.PAINTING, attempts=1))
    await repository.ask_to_cancel(work.scene)
    work.change(reserved=0.036)
    with pytest.raises(CancelledError):
        await work.count_request()
    assert (work.scene.reserved, work.scene.attempts, work.scene.is_charged) == (None, 1, False)
    assert cancelled_sentence(work.scene).endswith("nothing is charged.")


async def test_nothing_more_leaves_for_a_scene_that_nobody_waits_for(repository: SceneRepository) -> None:
    work = await work_on(repository, a_scene(1, SceneState.PAINTING))
    work.change(reserved=0.036)
    await work.count_request()
    work.is_left = True
    await work.note_answer(0.0, charged=False)
    work.change(reserved=0.036)
    with pytest.raises(CancelledError):
        await work.count_request()


def test_what_a_dead_process_left_under_way_is_spent_once() -> None:
    scene = a_scene(1, SceneState.PAINTING, cost=0.0018, reserved=0.036, attempts=2)
    again = begun(scene, 1.0)
    assert (again.cost, again.reserved, again.charged, again.attempts) == (0.0378, None, True, 2)
    assert begun(again, 2.0).cost == 0.0378


async def test_an_end_counts_what_is_still_under_way_until_its_answer_comes(repository: SceneRepository) -> None:
    work = await work_on(repository, a_scene(1, SceneState.PAINTING))
    work.change(reserved=0.036)
    await work.count_request()
    ended = work.ended(SceneState.CANCELLED)
    assert (ended.cost, ended.reserved, ended.charged) == (0.036, None, True)
    work.is_left = True
    await work.note_answer(0.0354, charged=True)
    assert work.scene.settled().cost == 0.0354

"""Uploads: who may is decided before a byte is read, they take turns, and a refused command leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.requests import SceneDraft
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.errors import BudgetSpentError, CannotDoError, ReferenceUnavailableError, TransientError
from cogs.scene_art.i18n import gettext
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.services.uploads import COMMANDS, UploadReader
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.uploads import RETRY_SECONDS
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from sandbox import wait_until
from tests.redis_server import client_of
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau
from tests.stage import portrait


class Given:
    """A file at a Discord that answers when the test wants it."""

    def __init__(self, data: bytes = b"", *, large: bool = False) -> None:
        self.data = data or portrait("teal")
        self.large = large
        self.asked = asyncio.Event()
        self.sent = asyncio.Event()
        self.sent.set()

    def check(self) -> None:
        if self.large:
            raise CannotDoError(gettext("That picture is too large. The limit is {limit} MB.", limit=8))

    async def read(self) -> bytes:
        self.asked.set()
        await self.sent.wait()
        return self.data


def slow() -> Given:
    given = Given()
    given.sent.clear()
    return given


@pytest.fixture
async def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WorkerProcesses]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with WorkerProcesses(WorkerConfig(folder=Path(), painter="storyboard")) as opened:
        yield opened


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def bureau(client: RedisClient, workers: WorkerProcesses) -> Bureau:
    return Bureau(client, workers=workers, rerenders_per_user=1, rerenders_per_channel=50)


async def kept(redis_url: str) -> list[bytes]:
    async with client_of(redis_url) as redis:
        return [key async for key in redis.scan_iter(match="*:upload:*")]


async def test_what_is_refused_is_not_even_read(bureau: Bureau, redis_url: str) -> None:
    await bureau.picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA))
    given = Given()
    with pytest.raises(CannotDoError, match="already have a picture in progress"):
        await bureau.picture_service.draw(CHANNEL, SceneDraft("A crow."), by=Requester(MIRA), uploads=[given])
    with pytest.raises(CannotDoError, match="too large"):
        await bureau.picture_service.draw(
            CHANNEL, SceneDraft("A crow."), by=Requester(TOM), uploads=[given, Given(large=True)]
        )

    assert not given.asked.is_set()
    assert await kept(redis_url) == []


async def test_without_money_for_a_picture_nothing_is_read_or_kept(
    client: RedisClient, workers: WorkerProcesses, redis_url: str
) -> None:
    poor = Bureau(client, workers=workers, gemini_api_key="k", budget_day=0.01)
    given = Given()
    for _ in range(3):
        with pytest.raises(BudgetSpentError, match="Today's picture budget"):
            await poor.picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[given])

    assert not given.asked.is_set()
    assert await kept(redis_url) == []
    assert (await poor.limits.quote(CHANNEL, by=Requester(MIRA))).left == 60, "and it counts for nothing"


async def test_what_came_to_nothing_keeps_its_uploads_for_another_try_alone(bureau: Bureau, redis_url: str) -> None:
    async def seconds_left() -> int:
        async with client_of(redis_url) as redis:
            [key] = await kept(redis_url)
            return int(await redis.ttl(key))

    scene = await bureau.picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[Given()])
    assert await seconds_left() > RETRY_SECONDS
    failed = scene.moved(SceneState.FAILED)
    await bureau.uploads.keep_as_long_as(failed)
    assert 0 < await seconds_left() <= RETRY_SECONDS

    again = failed.moved(SceneState.POSTED, rerender_of=scene.id, painted_at=1.0)
    await bureau.uploads.keep_as_long_as(again)
    await bureau.uploads.keep_as_long_as(again.moved(SceneState.FAILED, painted_at=None))
    assert await seconds_left() > RETRY_SECONDS, "a picture has them, and shows them again when it is varied"


async def test_what_fails_leaves_nothing_and_counts_nowhere(bureau: Bureau, redis_url: str, tmp_path: Path) -> None:
    with pytest.raises(ReferenceUnavailableError):
        await bureau.picture_service.draw(
            CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[Given(), Given(b"no picture")]
        )
    assert await kept(redis_url) == []
    await wait_until(lambda: not list(tmp_path.rglob("given-*")))

    scene = await bureau.picture_service.draw(
        CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[Given(), Given()]
    )
    assert len(scene.uploads) == len(await kept(redis_url)) == 2


async def test_what_cannot_be_written_down_takes_its_uploads_with_it(
    bureau: Bureau, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise TransientError("Redis: ConnectionError")

    with monkeypatch.context() as patch:
        patch.setattr(bureau.repository, "add", away)
        with pytest.raises(TransientError):
            await bureau.picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[Given()])
    assert await kept(redis_url) == []
    await bureau.picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA), uploads=[Given()])


async def test_commands_that_wait_hold_no_bytes_and_keep_no_other_server_waiting(
    workers: WorkerProcesses, bureau: Bureau
) -> None:
    reader = UploadReader(workers, bureau.uploads)
    flood = [slow() for _ in range(20)]
    waiting = [
        asyncio.create_task(reader.prepared([given], CHANNEL, by=Requester(f"{number}", guild_id="7")))
        for number, given in enumerate(flood)
    ]
    await wait_until(
        lambda: sum(given.asked.is_set() for given in flood) == COMMANDS.at_once_of_server < COMMANDS.at_once
    )

    assert len(await reader.prepared([Given()], "43", by=Requester(TOM, guild_id="8"))) == 1
    assert sum(given.asked.is_set() for given in flood) == COMMANDS.at_once_of_server
    for given in flood:
        given.sent.set()
    assert len(await asyncio.gather(*waiting)) == 20


async def test_one_persons_commands_are_read_one_after_the_other(workers: WorkerProcesses, bureau: Bureau) -> None:
    reader = UploadReader(workers, bureau.uploads)
    first, second = slow(), slow()
    waiting = [asyncio.create_task(reader.prepared([given], CHANNEL, by=Requester(MIRA))) for given in (first, second)]
    await first.asked.wait()
    assert (await reader.prepared([Given()], CHANNEL, by=Requester(TOM)))[0].mime == "image/png"
    assert not second.asked.is_set()
    first.sent.set()
    await second.asked.wait()
    second.sent.set()
    await asyncio.gather(*waiting)

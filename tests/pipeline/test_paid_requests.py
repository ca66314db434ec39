"""The rules that hold for every paid request, whatever the answers are and whoever asks."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.scene_art.domain.painting import ModelAndKey, Painting, Prompt
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.errors import (
    ConfigurationError,
    KeyForbiddenError,
    KeyRejectedError,
    LostAnswerError,
    ModelRetiredError,
    NoImageError,
    QuotaError,
    RefusedError,
    RequestLimitError,
    SceneArtError,
    UnavailableError,
)
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.pipeline.paid_requests import (
    HELD_SECONDS,
    LONGEST_GAP_SECONDS,
    MOST_REQUESTS,
    PaidRequests,
    gap_after,
)
from cogs.scene_art.pipeline.progress import RenderProgress
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.key_pool import KeyPool
from cogs.scene_art.store.scenes import SceneRepository
from cogs.scene_art.worker_process import WorkerProcesses
from tests.service_kit import a_scene
from tests.stage import memory_url

MODELS = ["gemini-nano-banana-2.1", "gemini-3-pro-image"]
PROMPT = Prompt(scene_id="0" * 16, system="", parts=(), scene="", cast=())
T = TypeVar("T")
START = 1_800_000_000.0
ALMOST = 0.002  # times are written down in milliseconds


class QuickSelector(selectors.DefaultSelector):
    """A selector that skips the time of waiting."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Whatever is ready now; if nothing is, the time that would have been waited has passed."""
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop on which hours pass in a moment."""

    def __init__(self) -> None:
        self.quick = QuickSelector()
        super().__init__(self.quick)

    def time(self) -> float:
        """Seconds of this loop's own time."""
        return self.quick.skipped


def played(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` to its end on such a loop."""
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        runner.run(asyncio.wait_for(work(), 10**7))


def now() -> float:
    return START + asyncio.get_running_loop().time()


class Log(RenderProgress):
    """A scene's record."""

    def __init__(self, attempts: int = 0, asked_at: float | None = None) -> None:
        scene = a_scene(1, SceneState.PAINTING, attempts=attempts, asked_at=asked_at)
        super().__init__(scene, cast("SceneRepository", None), now)
        self.sent: list[float] = []

    async def count_request(self) -> None:
        """As the store would."""
        self.change(attempts=self.scene.attempts + 1, asked_at=now())


class Service:
    """In the worker processes's place: gives these answers, one after the other, then the last one for ever."""

    def __init__(self, answers: Iterator[SceneArtError | None], seconds: float = 0.3) -> None:
        self.answers = answers
        self.seconds = seconds
        self.requests: list[tuple[float, ModelAndKey]] = []
        self.open_again: dict[ModelAndKey, float] = {}
        self.in_flight = 0
        self.most_in_flight = 0

    async def paint(
        self, prompt: Prompt, model_and_key: ModelAndKey, upload_limit: int, *, group: str = ""
    ) -> Painting:
        """One request: not before a delay is over that this key was told."""
        assert now() >= self.open_again.get(model_and_key, 0.0) - ALMOST, "a told delay was not kept"
        self.requests.append((now(), model_and_key))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        answer = next(self.answers)
        if answer is None:
            return cast("Painting", object())
        if isinstance(answer, (QuotaError, UnavailableError)) and answer.retry_after:
            self.open_again[model_and_key] = now() + max(1.0, answer.retry_after)
        # Another one each time, as the pipe of the worker processes makes it.
        raise type(answer)(answer.detail, retry_after=answer.retry_after)

    def way(self, client: RedisClient, keys: int, models: list[str]) -> PaidRequests:
        """The way to it, as a process that has just started has it."""
        ring = KeyPool(client, namespace="scene_art", keys=[f"key-{n}" for n in range(keys)], models=models, now=now)
        return PaidRequests(cast("WorkerProcesses", self), ring, now)


class Stubborn:
    """A scene of the worst kind: it goes on after any answer, and after a restart knows only what its record holds."""

    def __init__(self, new_way: Callable[[], PaidRequests], restarts: Iterator[bool]) -> None:
        self.log = Log()
        self.new_way = new_way
        self.restarts = restarts
        self.way = new_way()
        self.rejected = frozenset[ModelAndKey]()

    async def ask_without_end(self) -> None:
        """Until it may not ask any more, or days have passed."""
        with contextlib.suppress(RequestLimitError):
            while now() < START + 10**6:
                if next(self.restarts):
                    self.way, self.rejected = self.new_way(), frozenset()
                await self.ask_once()

    async def ask_once(self) -> None:
        """One request, or the wait for the next time that it may be sent."""
        try:
            permit = await self.way.acquire_permit(self.log, rejected=self.rejected)
        except (QuotaError, ConfigurationError) as exc:
            self.rejected = frozenset()
            await asyncio.sleep(exc.retry_after or 1)
            return
        self.log.sent.append(now())
        try:
            async with self.way.held(permit):
                await self.way.send(permit, self.log, PROMPT, 10**7)
        except ConfigurationError:
            self.rejected |= {permit.model_and_key}
        except SceneArtError:
            pass


ERRORS: list[SceneArtError | None] = [
    None,
    QuotaError("429"),
    QuotaError("429", retry_after=0.0),
    QuotaError("429", retry_after=3.0),
    QuotaError("429", retry_after=30.0),
    UnavailableError("503"),
    UnavailableError("503", retry_after=5.0),
    LostAnswerError("reset"),
    RefusedError("SAFETY"),
    NoImageError("NO_IMAGE"),
    KeyForbiddenError("403"),
    KeyRejectedError("400"),
    ModelRetiredError("404"),
]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(ERRORS), min_size=1, max_size=40),
    st.integers(1, 3),
    st.integers(1, 2),
    st.lists(st.booleans(), min_size=1, max_size=20),
    st.integers(1, 3),
)
def test_whatever_is_answered_a_scene_is_bounded_in_number_and_rate(
    answers: list[SceneArtError | None], keys: int, models: int, restarts: list[bool], scenes: int
) -> None:
    service = Service(_repeated(answers))
    logs: list[Log] = []

    async def work() -> None:
        async with open_docket(memory_url(), "scene_art") as (_, client):
            new_way = partial(service.way, client, keys, MODELS[:models])
            asking = [Stubborn(new_way, _repeated(restarts)) for _ in range(scenes)]
            logs.extend(one.log for one in asking)
            await asyncio.gather(*(one.ask_without_end() for one in asking))

    played(work)
    assert len(service.requests) <= MOST_REQUESTS * scenes
    for log in logs:
        assert len(log.sent) <= log.scene.attempts == MOST_REQUESTS or log.scene.attempts < MOST_REQUESTS
        gaps = [later - earlier for earlier, later in pairwise(log.sent)]
        assert all(gap >= gap_after(number) - ALMOST for number, gap in enumerate(gaps, start=1)), gaps


def _repeated(given_ones: list[T]) -> Iterator[T]:
    yield from given_ones
    while True:
        yield given_ones[-1]


def test_the_distance_grows() -> None:
    gaps = [gap_after(number) for number in range(MOST_REQUESTS + 1)]
    assert gaps[0] == 0
    assert gaps == sorted(gaps)
    assert 0.1 < gaps[1] < 0.5
    assert gaps[-1] == LONGEST_GAP_SECONDS


@pytest.mark.parametrize("trouble", [QuotaError("429"), UnavailableError("503")])
def test_while_a_service_is_in_trouble_one_request_of_all_processes_tries_it(trouble: SceneArtError) -> None:
    """Sixteen scenes of two processes; four probes fail, and the fifth opens the way for all."""
    service = Service(iter([trouble] * 5 + [None] * 99), seconds=1.0)
    finished: list[float] = []

    async def one_scene(way: PaidRequests, log: Log, delay: float) -> None:
        await asyncio.sleep(delay)
        while True:
            try:
                permit = await way.acquire_permit(log)
            except QuotaError as exc:
                await asyncio.sleep(exc.retry_after or 0)
                continue
            try:
                async with way.held(permit):
                    await way.send(permit, log, PROMPT, 10**7)
            except (QuotaError, UnavailableError):
                continue
            finished.append(now())
            return

    async def work() -> None:
        async with open_docket(memory_url(), "scene_art") as (_, client):
            ways = [service.way(client, 1, MODELS[:1]) for _ in range(2)]
            await asyncio.gather(*(one_scene(ways[n % 2], Log(), 1.5 if n else 0.0) for n in range(16)))

    played(work)
    times = [at for at, _ in service.requests]
    pauses = [later - earlier - service.seconds for earlier, later in pairwise(times[:6])]
    wanted = [2, 4, 8, 16, 32]
    assert all(want <= pause <= want * 1.15 + HELD_SECONDS for want, pause in zip(wanted, pauses, strict=True)), pauses
    assert len(times) == 5 + 16, "nobody asked in vain but the probes"
    assert len(finished) == 16
    assert max(finished) - min(finished) <= HELD_SECONDS + 3


def test_a_clock_that_was_put_back_costs_a_gap_at_most() -> None:
    async def work() -> None:
        async with open_docket(memory_url(), "scene_art") as (_, client):
            way = Service(_repeated([None])).way(client, 1, MODELS[:1])
            await way.acquire_permit(Log(attempts=5, asked_at=now() + 3600))
            assert asyncio.get_running_loop().time() < 2 * gap_after(5)

    played(work)


def test_after_the_last_request_nothing_is_asked() -> None:
    async def work() -> None:
        async with open_docket(memory_url(), "scene_art") as (_, client):
            with pytest.raises(RequestLimitError):
                await Service(_repeated([None])).way(client, 1, MODELS[:1]).acquire_permit(Log(attempts=MOST_REQUESTS))

    played(work)

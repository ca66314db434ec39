"""The loader of references: one fetch for concurrent callers, a bounded cache, and files that outlive their entry."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Final, Self

from ..domain.painting import Picture
from ..errors import FolderError, ReferenceUnavailableError
from ..heavy_work import background_threads, step, step_of_thread
from ..lanes import Bounds, FairSemaphore, LaneFullError, Ticket
from ..scratch import folder_error, make_private
from .decode import Budget, Hold, prepare, prepare_file, stamp
from .encode import scaled_down
from .fetch import Fetcher
from .outcomes import DEFAULT_RULES, CacheRules, Outcome
from .problems import NOT_REACHED, LastingProblemError, named, plain_address
from .sheets import contact_sheet

log = logging.getLogger(__name__)

_DECODERS: Final = 3
_DECODERS_OF_GROUP: Final = 2
"""Most decoders of one group, so that slow pictures delay only those of their own server."""
_INSIDE_OF_GROUP: Final = 1_024
"""Most references of one group that are fetched or wait: those of sixteen scenes with 64 each."""
_DECODE_SECONDS: Final = 45.0
"""Time limit of one picture, which takes some seconds of a processor. After it the decoder counts as hung."""
_BODY_IN_MEMORY: Final = 256 * 1024
"""Most bytes of a body in memory while it is fetched or waits for a decoder; a larger one is in a file meanwhile."""
_IN_USE_SECONDS: Final = 120.0
"""Time for which a scene may still read a file after loading it, since it waits for a key, say, or retries."""
_SHEET_BYTES: Final = 60_000_000
"""Memory of a sheet and one of its pictures, each in several copies."""
_SCALING_BYTES: Final = 40_000_000
"""Memory of a prepared picture in several copies."""
_Key = tuple[str | int, ...]


class ReferenceLoader:
    """Loads pictures for painters from addresses and local files.

    Use it as an async context manager; leaving it cancels all loading. The files in `folder` stay, since the folder
    belongs to the caller. `clock` returns monotonic seconds. What is not cached stays for `CacheRules.linger`.

    Every method raises `ReferenceUnavailableError` when the file or the address cannot be read or is no picture, when
    the new file cannot be written, and when the loader is closed.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        folder: Path,
        fresh_for: timedelta,
        *,
        rules: CacheRules = DEFAULT_RULES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._fresh_for = fresh_for.total_seconds()
        self._rules = rules
        self._clock = clock
        self._fetcher = fetcher
        self._budget = Budget()
        limits = fetcher.limits
        self._timeout = limits.timeout.total_seconds()
        # Held until a body is decoded, so that there are never more bodies than turns.
        self._turns = FairSemaphore(Bounds(limits.at_once, limits.per_group, _INSIDE_OF_GROUP))
        self._tickets: dict[_Key, Ticket] = {}
        self._decoding = FairSemaphore(Bounds(_DECODERS, _DECODERS_OF_GROUP, _INSIDE_OF_GROUP))
        self._cache: OrderedDict[_Key, Outcome] = OrderedDict()
        self._running: dict[_Key, asyncio.Task[Outcome]] = {}
        self._leaving: dict[Path, float] = {}
        self._writing = 0
        self._pool: ThreadPoolExecutor | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            pool = background_threads(_DECODERS, "reference-decode")
            # Shutting down waits for the decoders, so it happens in yet another thread.
            stack.push_async_callback(asyncio.to_thread, pool.shutdown, cancel_futures=True)
            with suppress(OSError):
                # A failure here repeats itself, with a reason, where a file is written.
                await asyncio.get_running_loop().run_in_executor(pool, make_private, self._folder)
            await stack.enter_async_context(self._fetcher)
            stack.push_async_callback(self._end_running)
            self._pool = pool
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._pool = None
        await self._stack.aclose()

    async def load(self, source: str, *, group: str = "") -> Picture:
        """Load the picture behind an http or https address, from the cache while it is fresh.

        Downloads are shared out among groups (a group is a guild, say): see `Limits.per_group`.
        """
        key = ("url", source)
        ticket = self._tickets.get(key)
        if ticket is not None:
            # Another caller wants it too: the one whose turn comes first fetches it for both.
            self._turns.join(ticket, group)
        return await self._once(key, partial(self._in_turn, key, source, group))

    async def load_file(self, path: Path) -> Picture:
        """Load a local picture, from the cache unless its size or time of change differs."""
        size, changed = await asyncio.get_running_loop().run_in_executor(self._open_pool(), stamp, path)
        work = partial(prepare_file, path, self._folder)
        return await self._once(("file", str(path), size, changed), partial(self._written, work))

    async def load_given(self, path: Path, *, group: str = "") -> Picture:
        """Load an uploaded picture from a temporary file. Not cached. Groups share decoders out like downloads."""
        return await self._lingering(partial(prepare_file, path, self._folder), group)

    async def sheet(self, entries: Sequence[tuple[str, Path]], *, group: str = "") -> Picture:
        """Draw a contact sheet of prepared pictures, each with its name. Not cached. `ValueError`: no entries."""
        work = partial(contact_sheet, tuple(entries), self._folder)
        return await self._lingering(partial(_holding, _SHEET_BYTES, work), group)

    async def scaled_down(self, path: Path, side: int, *, group: str = "") -> Picture:
        """Scale a prepared picture to at most `side` pixels, on white. Not cached."""
        work = partial(scaled_down, path, side, self._folder)
        return await self._lingering(partial(_holding, _SCALING_BYTES, work), group)

    async def _lingering(self, work: Callable[[Hold], Picture], group: str = "") -> Picture:
        picture = await self._written(work, group)
        self._leave(picture.path)
        return picture

    async def _in_turn(self, key: _Key, source: str, group: str) -> Picture:
        ticket = self._tickets[key] = _ask(self._turns, group)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._fetched(source, await ticket.served)
        except TimeoutError:
            detail = f"{plain_address(source)}: too many others are at work"
            raise ReferenceUnavailableError(detail, sentence=NOT_REACHED) from None
        finally:
            del self._tickets[key]
            self._turns.end(ticket)

    async def _fetched(self, source: str, group: str) -> Picture:
        def work(hold: Hold) -> Picture:
            body.seek(0)
            return prepare(body.read(), self._folder, hold)

        with SpooledTemporaryFile[bytes](_BODY_IN_MEMORY, dir=str(self._folder)) as body:
            await self._fetcher.download(source, partial(self._spool, body))
            # The decoder knows nothing of addresses.
            with named(plain_address(source)):
                return await self._written(work, group)

    def _spool(self, body: SpooledTemporaryFile[bytes], data: bytes) -> None:
        try:
            if not self._folder.exists():
                make_private(self._folder)
            body.write(data)
        except OSError as exc:
            # Must not be mistaken for a problem of the network.
            raise folder_error(self._folder, exc) from None

    async def _once(self, key: _Key, make: Callable[[], Awaitable[Picture]]) -> Picture:
        """Return the cached outcome of `key`, or await the one task that makes it."""
        if (known := self._remembered(key)) is not None:
            return known.unwrap()
        task = self._running.get(key)
        if task is None:
            self._open_pool()
            task = asyncio.create_task(self._outcome(key, make), name="reference")
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # One caller's cancellation must not take the picture from the others.
        return (await asyncio.shield(task)).unwrap()

    async def _outcome(self, key: _Key, make: Callable[[], Awaitable[Picture]]) -> Outcome:
        try:
            picture = await self._with_room(make)
        except asyncio.CancelledError:
            # By the loader itself, at its end; those who wait are not cancelled.
            return Outcome(0, problem=_closed())
        except ReferenceUnavailableError as exc:
            log.debug("Reference not loaded: %s", exc.detail)
            lasting = isinstance(exc, LastingProblemError)
            kept_for = self._rules.failures_for.total_seconds() if lasting else 0.0
            # Not `exc` itself: its traceback holds every frame that it passed, and with them whole bodies.
            kind = FolderError if isinstance(exc, FolderError) else ReferenceUnavailableError
            problem = kind(exc.detail, sentence=exc.sentence)
            outcome = Outcome(self._clock() + kept_for, problem=problem)
        else:
            outcome = Outcome(self._clock() + self._fresh_for, picture=picture, used=self._clock())
        self._remember(key, outcome)
        return outcome

    async def _with_room(self, make: Callable[[], Awaitable[Picture]]) -> Picture:
        """Make a file. When the folder is full, remove the files that were used longest ago, and try again."""
        while True:
            try:
                return await make()
            except FolderError as exc:
                if not exc.is_full or not self._make_room():
                    raise

    def _make_room(self) -> bool:
        """Remove files that no scene may still be reading, at most a quarter of the cache. False: none was removed."""
        before = self._clock() - _IN_USE_SECONDS
        shown = {key: outcome for key, outcome in self._cache.items() if outcome.picture is not None}
        idle = [key for key, outcome in shown.items() if outcome.used <= before][: len(shown) // 4 + 1]
        left = [path for path, due in self._leaving.items() if due <= before + self._rules.linger.total_seconds()]
        gone = {*left, *(picture.path for key in idle if (picture := self._cache.pop(key).picture) is not None)}
        gone -= {outcome.picture.path for outcome in self._cache.values() if outcome.picture is not None}
        for path in gone:
            self._leaving.pop(path, None)
            path.unlink(missing_ok=True)
        return bool(gone)

    def _finished(self, key: _Key, task: asyncio.Task[Outcome]) -> None:
        del self._running[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Our errors are outcomes, so this one is a bug; the callers get it as well.
            log.error("Loading a reference failed unexpectedly: %s", type(error).__name__)

    def _remembered(self, key: _Key) -> Outcome | None:
        outcome = self._cache.get(key)
        if outcome is None or outcome.until <= self._clock():
            return None
        if outcome.picture is not None and not outcome.picture.path.exists():
            return None
        outcome = self._cache[key] = replace(outcome, used=self._clock())
        self._cache.move_to_end(key)
        return outcome

    def _remember(self, key: _Key, outcome: Outcome) -> None:
        former = [self._cache.pop(key, None)]
        if outcome.until > self._clock():
            self._cache[key] = outcome
        else:
            former.append(outcome)
        while len(self._cache) > self._rules.entries:
            former.append(self._cache.popitem(last=False)[1])
        for gone in former:
            if gone is not None and gone.picture is not None:
                self._leave(gone.picture.path)
        self._sweep()

    def _leave(self, path: Path) -> None:
        """Remove `path` after `linger`, unless a cache entry has it by then."""
        self._leaving.pop(path, None)
        self._leaving[path] = self._clock() + self._rules.linger.total_seconds()
        self._sweep()

    def _sweep(self) -> None:
        # Never while a file is being written: it may be a due one that is made anew.
        if self._writing:
            return
        while self._leaving:
            path, due = next(iter(self._leaving.items()))
            if due > self._clock():
                return
            del self._leaving[path]
            if not any(kept.picture is not None and kept.picture.path == path for kept in self._cache.values()):
                path.unlink(missing_ok=True)

    async def _written(self, work: Callable[[Hold], Picture], group: str = "") -> Picture:
        """Run `work`, which makes a file, in a thread when the turn of `group` has come.

        The turn ends with the work, even when its caller is cancelled. The caller must note the file before it next
        awaits, or it may be removed.
        """
        ticket = _ask(self._decoding, group)
        self._writing += 1
        try:
            step(None)
            await ticket.served
            hold = partial(self._hold, step_of_thread(_DECODE_SECONDS))
            running = self._open_pool().submit(work, hold)
        except BaseException:
            self._ended(ticket)
            raise
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._ended, ticket))
        waiting = asyncio.wrap_future(running)
        del running
        try:
            return await waiting
        finally:
            # An error's traceback holds this frame. If the frame held the error, whole bodies would stay in memory.
            del waiting

    def _ended(self, ticket: Ticket) -> None:
        self._decoding.end(ticket)
        self._writing -= 1

    @contextmanager
    def _hold(self, begun: Callable[[], None], need_bytes: int) -> Iterator[None]:
        """Wait for memory, and then call `begun`."""
        with self._budget.hold(need_bytes):
            begun()
            yield

    def _open_pool(self) -> ThreadPoolExecutor:
        if self._pool is None:
            raise _closed()
        return self._pool

    async def _end_running(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _ask(lane: FairSemaphore, group: str) -> Ticket:
    try:
        return lane.ask(group)
    except LaneFullError:
        raise ReferenceUnavailableError("too many of this server's are at work", sentence=NOT_REACHED) from None


def _closed() -> ReferenceUnavailableError:
    return ReferenceUnavailableError("the loader of references is closed")


def _holding(need_bytes: int, work: Callable[[], Picture], hold: Hold) -> Picture:
    with hold(need_bytes):
        return work()

"""The client of one worker process: starts it, sends calls to it, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import LostAnswerError, TransientError, from_wire
from ..text import cut_on_word, one_line
from .protocol import (
    MAX_LINE_BYTES,
    Answer,
    Call,
    Cancel,
    Deadline,
    FromHost,
    Heartbeat,
    LogLine,
    ToHost,
    Worker,
    WorkerConfig,
    WorkerRequest,
    line_of,
)

log = logging.getLogger(__name__)

_FAREWELL_SECONDS = 3.0
MOST_TOLD = 2_000
"""Most characters of a worker's log line."""
SILENT_SECONDS = 60.0
"""A worker without any message for so long, not even a heartbeat, counts as hung and is killed."""
_EVERYBODYS: Final = re.compile(
    "PATH|HOME|LANG|LANGUAGE|LC_(ALL|CTYPE|MESSAGES)|TZ|TMPDIR|TEMP|TMP|(LD|DYLD)_LIBRARY_PATH|SSL_CERT_(FILE|DIR)"
    # Without these Windows opens no sockets, and finds no libraries.
    "|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA"
    "|PYTHON(HOME|EXECUTABLE|PLATLIBDIR|USERBASE|NOUSERSITE|SAFEPATH|CASEOK|_FROZEN_MODULES|DONTWRITEBYTECODE"
    "|PYCACHEPREFIX|OPTIMIZE|HASHSEED|INTMAXSTRDIGITS|UTF8|COERCECLOCALE|IOENCODING|UNBUFFERED|LEGACYWINDOWSFSENCODING"
    "|LEGACYWINDOWSSTDIO|_CPU_COUNT|_GIL|_JIT|MALLOC|MALLOCSTATS|DEBUG|DEVMODE|VERBOSE|WARNINGS|WARNDEFAULTENCODING"
    "|NODEBUGRANGES|FAULTHANDLER|TRACEMALLOC|ASYNCIODEBUG|PROFILEIMPORTTIME|PERFSUPPORT|_PERF_JIT_SUPPORT)"
    "|MALLOC_(ARENA_MAX|ARENA_TEST|CHECK_|CONF|MMAP_MAX_|MMAP_THRESHOLD_|PERTURB_|TOP_PAD_|TRIM_THRESHOLD_)"
)
"""Variables for Python, TLS and the allocator, each by its whole name: a host may call its secrets what it likes."""
_PAINTERS: Final = re.compile(
    # A proxy's address may hold a password, and no proxy is used for other people's pictures.
    "(HTTPS?|NO)_PROXY|(https?|no)_proxy|GOOGLE_(GEMINI|VERTEX)_BASE_URL"
    "|GOOGLE_GENAI_(USE_ENTERPRISE|USE_VERTEXAI|API_VERSION|HTTP_CLIENT)"
    # With a client certificate the enterprise platform also takes an account, whose file these name.
    "|GOOGLE_API_(USE_CLIENT_CERTIFICATE|USE_MTLS_ENDPOINT|CERTIFICATE_CONFIG|ENABLE_RUNTIME_BOUND_TOKEN)"
    "|CLOUDSDK_(CONFIG|CONTEXT_AWARE_(USE_CLIENT_CERTIFICATE|CERTIFICATE_CONFIG_FILE_PATH))|REQUESTS_CA_BUNDLE"
    "|GOOGLE_(APPLICATION_CREDENTIALS|CLOUD_(PROJECT|LOCATION|QUOTA_PROJECT)|EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES)"
    "|GCLOUD_PROJECT"
)
"""Variables that Google's client reads when it is given a key. Keys come through the pipe."""
# glibc raises this bound by itself to the largest block that was freed, and then keeps the memory of pictures: 330 MB
# after one of each kind, 630 MB after all together. Once set, it stays; this is glibc's initial value.
_MEMORY: Final = {"MALLOC_MMAP_THRESHOLD_": "131072"}


class WorkerLostError(LostAnswerError):
    """The process ended during a call, or hung and was killed."""

    def __init__(self, detail: str, *, at_work: bool = False, too_slow: bool = False) -> None:
        """`at_work`: the call was not waiting for others. `too_slow`: its time limit is the reason for the kill."""
        super().__init__(detail)
        self.at_work = at_work
        self.too_slow = too_slow


@dataclass
class _Waiting:
    """A call without an answer yet."""

    answer: asyncio.Future[Answer]
    limit: asyncio.Timeout
    at_work: bool = False

    def within(self, seconds: float | None) -> None:
        """Limit the step that begins now to so many seconds. None: it may wait as long as the process is alive."""
        self.at_work = seconds is not None
        if not self.limit.expired():
            self.limit.reschedule(asyncio.get_running_loop().time() + (seconds or SILENT_SECONDS))


class WorkerClient:
    """One worker process, started by the first call or by `warm_up`. Close it with `aclose`."""

    def __init__(self, worker_config: WorkerConfig) -> None:
        self._worker_config = worker_config
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._next = 0
        self._starting = asyncio.Lock()
        self._closed = False

    async def aclose(self) -> None:
        """End the process. Calls under way, and later ones, raise `WorkerLostError`."""
        self._closed = True
        async with self._starting:  # one that is being started would else be left behind
            await self._stop_process()

    async def warm_up(self) -> None:
        """Start the process now, so that the first scene does not wait for it."""
        with suppress(TransientError):
            await self._running()

    async def call(self, request: WorkerRequest, data: bytes = b"") -> Answer:
        """Send `request` with `data`, and return the answer. Starts the process if needed.

        Raises:
            WorkerLostError: the process ended during the call, or hung and was killed.
            SceneArtError: the error that the handler raised.
        """
        process = await self._running()
        number, self._next = self._next, self._next + 1
        try:
            async with asyncio.timeout(SILENT_SECONDS) as limit:
                waiting = self._waiting[number] = _Waiting(asyncio.get_running_loop().create_future(), limit)
                await _send(process, Call(number=number, request=request, size=len(data)), data)
                answer = await waiting.answer
        except TimeoutError:
            log.error("The worker process hangs in %s and is ended", request.kind)  # noqa: TRY400
            with suppress(ProcessLookupError):
                process.kill()
            at_work = waiting.at_work
            raise WorkerLostError(f"{request.kind} took too long", at_work=at_work, too_slow=at_work) from None
        except asyncio.CancelledError:
            with suppress(OSError):
                await _send(process, Cancel(number=number))
            raise
        except OSError:
            raise _gone() from None
        finally:
            self._waiting.pop(number, None)
        if answer.error is not None:
            raise from_wire(answer.error)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        """Return the process, started if there is none.

        It counts as alive as long as its output is read: a call that is noted meanwhile gets an answer, or the error
        of the process's end.
        """
        async with self._starting:
            if self._process is None or self._reader is None or self._reader.done():
                if self._closed:
                    raise _gone()
                await self._stop_process()
                self._process = await self._start()
            return self._process

    async def _start(self) -> asyncio.subprocess.Process:
        # The package may be installed, in a checkout, or in somebody's cogs folder: the worker imports it under the
        # very name that it has here, from the same place.
        package = __package__ or ""
        root = Path(__file__).parents[package.count(".") + 1]
        path = os.pathsep.join([str(root), *filter(None, sys.path)])
        worker = self._worker_config.worker
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"{package}.server",
                worker,  # for people who read a list of processes
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**environment_of(worker, os.environ), "PYTHONPATH": path},
                # Ctrl-C in the host's terminal concerns the host alone; a worker ends when its input is closed.
                process_group=0 if os.name == "posix" else None,
                limit=MAX_LINE_BYTES,
            )
        except OSError as exc:
            raise TransientError(f"the worker process cannot be started ({type(exc).__name__})") from None
        self._process, self._reader = process, asyncio.create_task(self._read(process), name=f"scene-art {worker}")
        try:
            await _send(process, self._worker_config)
        except OSError:
            raise _gone() from None
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()  # without its configuration it is of no use
            raise
        return process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101  # PIPE was asked for
        try:
            while line := await process.stdout.readline():
                await self._take(line, process.stdout)
        finally:
            for waiting in self._waiting.values():
                if not waiting.answer.done():
                    waiting.answer.set_exception(_gone(at_work=waiting.at_work))
            if not self._closed:
                log.warning("A worker process ended and is started again when it is needed")

    async def _take(self, line: bytes, lines: asyncio.StreamReader) -> None:
        match ToHost.validate_json(line):
            case LogLine() as entry:
                text = cut_on_word(one_line(entry.text), MOST_TOLD)
                logging.getLogger(one_line(entry.logger)[:100]).log(entry.level, "%s", text)
            case Answer() as answer:
                data = await lines.readexactly(answer.size)
                waiting = self._waiting.get(answer.number)
                if waiting is not None and not waiting.answer.done():
                    waiting.answer.set_result(answer.model_copy(update={"data": data}))
            case Deadline(number=number, seconds=seconds) if number in self._waiting:
                self._waiting[number].within(seconds)
            case Heartbeat():
                # The process is alive, which extends the time of the calls that wait for others.
                for waiting in self._waiting.values():
                    if not waiting.at_work:
                        waiting.within(None)

    async def _stop_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None


def environment_of(worker: Worker, host: Mapping[str, str]) -> dict[str, str]:
    """Select the variables of `host` that Python, TLS and the worker's own task need."""
    needed = (_EVERYBODYS, _PAINTERS) if worker is Worker.PAINTER else (_EVERYBODYS,)
    return _MEMORY | {name: text for name, text in host.items() if any(names.fullmatch(name) for names in needed)}


async def _send(process: asyncio.subprocess.Process, message: WorkerConfig | FromHost, data: bytes = b"") -> None:
    assert process.stdin is not None  # noqa: S101  # PIPE was asked for
    process.stdin.write(line_of(message))
    process.stdin.write(data)
    await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process by closing its input; kill it when it does not end within `_FAREWELL_SECONDS`."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _gone(*, at_work: bool = False) -> WorkerLostError:
    return WorkerLostError("the worker process ended during the work", at_work=at_work)

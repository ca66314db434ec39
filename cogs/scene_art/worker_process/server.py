"""The server of a worker process, which reads calls from its standard input until that ends.

`client.py` runs it as a module; the host never imports it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .. import faults
from ..errors import SceneArtError
from ..heavy_work import ANNOUNCE
from ..redaction import Redactor
from ..text import one_line
from .handlers import Handlers, open_handlers
from .protocol import (
    MAX_LINE_BYTES,
    Answer,
    Call,
    Deadline,
    FromWorker,
    Heartbeat,
    LogLine,
    ToWorker,
    Worker,
    WorkerConfig,
    line_of,
)

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
FIRST_TO_GO = 500
"""Score of 1,000: when a machine's memory is used up, Linux kills this process rather than one with more to lose."""


class Server:
    """Reads lines, runs a task for each call, and sends lines."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.hide: Callable[[str], str] = str
        """Removes the keys from log lines."""
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def send(self, message: FromWorker, data: bytes = b"") -> None:
        """Send a line to the host, with the bytes behind it. May be called in any thread; blocks until it is sent."""
        with suppress(BrokenPipeError, ValueError):
            # In one piece, so that lines of other threads come before it or behind it.
            self._out.write(line_of(message) + data)
            self._out.flush()

    async def serve(self, lines: asyncio.StreamReader) -> None:
        """Handle calls until the host closes the pipe."""
        worker_config = WorkerConfig.model_validate_json(await lines.readline())
        self.hide = Redactor(worker_config.keys).hide
        if worker_config.worker is Worker.PICTURES:
            _let_it_go_first()
        try:
            async with open_handlers(worker_config) as handlers:
                self._tasks[-1] = asyncio.create_task(self._beat(), name="heartbeat")
                while line := await lines.readline():
                    await self._take(handlers, line, lines)
                await self._stop()
        finally:
            if worker_config.worker is Worker.PICTURES:
                # Usually the host removes the folder; this is for a host that was killed.
                shutil.rmtree(worker_config.folder, ignore_errors=True)

    async def _beat(self) -> None:
        while True:
            self.send(Heartbeat())
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _take(self, handlers: Handlers, line: bytes, lines: asyncio.StreamReader) -> None:
        message = ToWorker.validate_json(line)
        if isinstance(message, Call):
            data = await lines.readexactly(message.size)
            task = asyncio.create_task(self._work(handlers, message, data), name=f"call {message.number}")
            self._tasks[message.number] = task
            task.add_done_callback(lambda _: self._tasks.pop(message.number, None))
        elif message.number in self._tasks:
            self._tasks[message.number].cancel()

    async def _work(self, handlers: Handlers, call: Call, data: bytes) -> None:
        number = call.number
        ANNOUNCE.set(lambda seconds: self.send(Deadline(number=number, seconds=seconds)))
        try:
            answer = await handlers.handle(call.request, data)
        except SceneArtError as exc:
            self.send(Answer(number=number, error=exc.to_wire()))
        except Exception as exc:  # noqa: BLE001  # every call gets an answer
            error = SceneArtError(f"{call.request.kind}: {faults.summary(exc)}")
            self.send(Answer(number=number, error=error.to_wire()))
        else:
            # Megabytes wait for the host to read them, so a thread sends them while other calls go on.
            size = {"number": number, "size": len(answer.data)}
            await asyncio.to_thread(self.send, answer.model_copy(update=size), answer.data)

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _let_it_go_first() -> None:
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(f"{FIRST_TO_GO}", encoding="ascii")


class _Forward(logging.Handler):
    """A handler that sends log records to the host's log."""

    def __init__(self, server: Server) -> None:
        super().__init__(logging.WARNING)
        self._server = server

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record as one line."""
        text = self._server.hide(one_line(record.getMessage()))
        self._server.send(LogLine(level=record.levelno, logger=record.name, text=text))


def _forward_fault(fault: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
    """Log what nobody can catch, such as a fault of a thread, without its words, which Python would write out."""
    log.error("A fault outside of every call: %s", faults.summary(fault.exc_value or fault.exc_type()))


async def _main(out: BinaryIO) -> None:
    server = Server(out)
    logging.getLogger().addHandler(_Forward(server))
    # Libraries put a service's texts into warnings, which would go to the terminal unredacted.
    logging.captureWarnings(True)
    threading.excepthook = sys.unraisablehook = _forward_fault
    lines = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb")
    )
    try:
        await server.serve(lines)
    except Exception as exc:  # noqa: BLE001  # the operator reads one line, and the host starts another process
        reason = exc.detail if isinstance(exc, SceneArtError) else faults.summary(exc)
        server.send(LogLine(level=logging.ERROR, logger=__package__ or __name__, text=f"cannot work: {reason}"))


def main() -> None:
    """Keep standard output for the host alone, ignore Ctrl-C, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    asyncio.run(_main(out))


if __name__ == "__main__":
    main()

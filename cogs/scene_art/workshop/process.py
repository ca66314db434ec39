"""The workshop's own side: a process that reads orders from its standard input until that ends.

Run as a module by `client.py`, never imported by the host.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import BinaryIO

from .. import faults
from ..errors import SceneArtError
from ..redaction import Redactor
from ..text import one_line
from .bench import Bench
from .wire import MAX_LINE_BYTES, Answer, Call, Cancel, Equipment, LogLine, Ready, ToWorkshop

log = logging.getLogger(__name__)


class Desk:
    """Takes lines in, keeps a task per call, sends lines out."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.hide: Callable[[str], str] = str
        """Takes the keys out of what is logged."""
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def send(self, message: Answer | LogLine | Ready) -> None:
        """One line to the host. Short: pictures travel as files."""
        with suppress(BrokenPipeError, ValueError):
            self._out.write(message.model_dump_json().encode() + b"\n")
            self._out.flush()

    async def serve(self, lines: asyncio.StreamReader) -> None:
        """Work until the host closes the pipe."""
        equipment = ToWorkshop.validate_json(await lines.readline())
        if not isinstance(equipment, Equipment):
            raise TypeError("the first line must be the equipment")
        self.hide = Redactor(equipment.keys).hide
        try:
            async with AsyncExitStack() as stack:
                bench = await stack.enter_async_context(Bench(equipment))
                self.send(Ready())
                while line := await lines.readline():
                    self._take(bench, line)
                await self._stop()
        finally:
            # Normally the host removes the folder; this is for a host that was killed.
            shutil.rmtree(equipment.folder, ignore_errors=True)

    def _take(self, bench: Bench, line: bytes) -> None:
        message = ToWorkshop.validate_json(line)
        if isinstance(message, Call):
            task = asyncio.create_task(self._work(bench, message), name=f"call {message.number}")
            self._tasks[message.number] = task
            task.add_done_callback(lambda _: self._tasks.pop(message.number, None))
        elif isinstance(message, Cancel) and message.number in self._tasks:
            self._tasks[message.number].cancel()

    async def _work(self, bench: Bench, call: Call) -> None:
        try:
            self.send(await bench.work(call.number, call.order))
        except SceneArtError as exc:
            self.send(Answer(number=call.number, error=exc.to_wire()))
        except Exception as exc:  # noqa: BLE001  # every call gets an answer
            error = SceneArtError(f"{call.order.kind}: {_reason(exc)}")
            self.send(Answer(number=call.number, error=error.to_wire()))

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reason(exc: Exception) -> str:
    return exc.detail if isinstance(exc, SceneArtError) else faults.told(exc)


class _Forward(logging.Handler):
    """Log records as lines for the host's log."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(logging.WARNING)
        self._desk = desk

    def emit(self, record: logging.LogRecord) -> None:
        """One line per record."""
        self._desk.send(
            LogLine(level=record.levelno, logger=record.name, text=self._desk.hide(one_line(record.getMessage())))
        )


async def _main(out: BinaryIO) -> None:
    desk = Desk(out)
    logging.getLogger().addHandler(_Forward(desk))
    # Libraries put what a service said into warnings, and these would go to the terminal as they are.
    logging.captureWarnings(True)
    lines = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb")
    )
    try:
        await desk.serve(lines)
    except Exception as exc:  # noqa: BLE001  # the operator reads one line, and the host starts another process
        desk.send(LogLine(level=logging.ERROR, logger=__package__ or __name__, text=f"cannot work: {_reason(exc)}"))


def main() -> None:
    """Keep standard output for the host alone, leave Ctrl-C to the host, and work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    asyncio.run(_main(out))


if __name__ == "__main__":
    main()

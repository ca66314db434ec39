"""The process in which inputs are tried. It writes down what it is about to do, for whoever finds it dead."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from .memory import forget_peak, peak_bytes, resident_bytes
from .target import Target

MOST_ADDRESSABLE = 3 * 1024**3
"""An input that wants more fails in its worker, and not on the machine."""
WARM_SHARE = 0.25
"""After so much of the inputs, memory should not grow any more."""


class Slate(ctypes.Structure):
    """What a worker tells while it works; in shared memory."""

    _fields_ = (
        ("number", ctypes.c_longlong),  # of the input in work; -1 while there is none
        ("began", ctypes.c_double),  # time.monotonic(), which all processes share
        ("began_processor", ctypes.c_double),
        ("tried", ctypes.c_longlong),
        ("accepted", ctypes.c_longlong),
        ("slowest", ctypes.c_double),  # seconds of processor time
        ("idle", ctypes.c_longlong),  # bytes
        ("warm", ctypes.c_longlong),
        ("last", ctypes.c_longlong),
        ("peak", ctypes.c_longlong),
    )


@dataclass(frozen=True)
class RenderProgress:
    """Which inputs of a target: every `step`-th number from `start` until `end`."""

    target: Target
    seed: int
    start: int
    end: int
    step: int
    deadline: float
    """`time.monotonic()`; nothing is begun any more from then on."""


def work(job: RenderProgress, slate: Slate, findings: Connection) -> None:
    """Try the inputs; send `(number, traceback)` for each that fails."""
    _settle_in()
    with tempfile.TemporaryDirectory(prefix="scene-art-fuzz-") as scratch:
        corpus = job.target.corpus(Path(scratch))
        slate.idle = resident_bytes()
        for number in range(job.start, job.end, job.step):
            if time.monotonic() > job.deadline:
                break
            data = job.target.input(job.seed, number, corpus)
            with _note(slate, number):
                slate.accepted += _tried(job.target, data, number, Path(scratch), findings)
            if number - job.start < (job.end - job.start) * WARM_SHARE:
                slate.warm = resident_bytes()
    gc.collect()
    slate.last = resident_bytes()


@contextlib.contextmanager
def _note(slate: Slate, number: int) -> Iterator[None]:
    """While it lasts, the slate says what is in work; then what it cost. The making of the input does not count."""
    forget_peak()
    slate.began, slate.began_processor = time.monotonic(), time.process_time()
    slate.number = number
    yield
    slate.slowest = max(slate.slowest, time.process_time() - slate.began_processor)
    slate.number = -1
    slate.tried += 1
    slate.peak = max(slate.peak, peak_bytes())


def _tried(target: Target, data: bytes, number: int, scratch: Path, findings: Connection) -> bool:
    """Whether the input was accepted; an exception becomes a finding."""
    try:
        return target.trial(data, scratch)
    except Exception:  # noqa: BLE001  # finding them is what we are here for
        findings.send((number, traceback.format_exc()))
        return False


def _settle_in() -> None:
    # Thousands of refusals are logged on purpose, and broken pictures are warned about.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  # Unix has it

        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSABLE, MOST_ADDRESSABLE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

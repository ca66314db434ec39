"""The same worker processes as in `tests/worker_process`."""

from __future__ import annotations

from tests.worker_process.conftest import sandbox, scratch, workers

__all__ = ["sandbox", "scratch", "workers"]

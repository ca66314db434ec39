"""The same workshop as in `tests/workshop`."""

from __future__ import annotations

from tests.worker_process.conftest import sandbox, scratch, workers

__all__ = ["sandbox", "scratch", "workers"]

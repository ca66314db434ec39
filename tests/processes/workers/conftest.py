"""The same workshop as in `tests/workshop`."""

from __future__ import annotations

from tests.worker_process.conftest import sandbox, scratch, workshop

__all__ = ["sandbox", "scratch", "workshop"]

"""The same workshop as in `tests/workshop`."""

from __future__ import annotations

from tests.workshop.conftest import sandbox, scratch, workshop

__all__ = ["sandbox", "scratch", "workshop"]

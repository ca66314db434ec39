"""`python shifted_clock.py SECONDS`: bot.py on a machine whose clock is so far off.

Only what Python tells of the wall clock is moved; the steady clock that the event loop uses stays, as it does on a
machine whose time is set wrong.
"""

from __future__ import annotations

import datetime as module
import runpy
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

SHIFT = float(sys.argv[1])
_time = time.time


class _Kind(type):
    """Makes instances of the real class count as instances of the shifted one."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, datetime)


class Shifted(datetime, metaclass=_Kind):
    """datetime with another present."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The present, moved."""
        return datetime.now(tz) + timedelta(seconds=SHIFT)  # type: ignore[return-value]

    @classmethod
    def utcnow(cls) -> Self:
        """Return the shifted time without a zone."""
        return cls.now(module.UTC).replace(tzinfo=None)


time.time = lambda: _time() + SHIFT
time.time_ns = lambda: int(time.time() * 1e9)
module.datetime = Shifted  # type: ignore[misc]
HOST = Path(__file__).parents[2] / "bot.py"
sys.path[0] = str(HOST.parent)
sys.argv = [str(HOST)]
runpy.run_path(str(HOST), run_name="__main__")

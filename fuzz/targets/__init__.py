"""All that is fuzzed."""

from __future__ import annotations

from ..target import Target
from .events import EVENTS
from .pictures import PICTURES

TARGETS: tuple[Target, ...] = (EVENTS, PICTURES)

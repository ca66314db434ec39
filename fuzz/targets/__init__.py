"""All that is fuzzed."""

from __future__ import annotations

from ..target import Target
from .addresses import ADDRESSES
from .answers import ANSWERS
from .commands import COMMANDS
from .events import EVENTS
from .pictures import PICTURES
from .records import RECORDS
from .texts import TEXTS_TARGET

TARGETS: tuple[Target, ...] = (EVENTS, TEXTS_TARGET, ADDRESSES, PICTURES, ANSWERS, RECORDS, COMMANDS)

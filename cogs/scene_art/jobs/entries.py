"""Reads the entries of docket's stream, which anybody with access to Redis may have written.

docket unpickles their arguments, and a pickle can name any function. So an entry's arguments are read here first, as
plain data, and docket gets them in a pickle of this process.
"""

from __future__ import annotations

import inspect
import logging
import pickle
import pickletools
import re
from typing import Any

from docket import Docket, Execution
from docket.dependencies import CurrentExecution

log = logging.getLogger(__name__)

LARGEST_BYTES = 4096
"""Most bytes of pickled arguments. Ours are two ids."""
LONGEST_NAME = 80
_PLAIN = re.compile(
    "PROTO|FRAME|STOP|MARK|MEMOIZE|BINPUT|BINGET|NONE|NEWTRUE|NEWFALSE|BININT[12]?|LONG1|BINFLOAT"
    "|(SHORT_)?BINUNICODE|EMPTY_TUPLE|TUPLE[123]?|EMPTY_DICT|SETITEMS?"
)
"""Opcodes that make texts, numbers, tuples and mappings. None calls anything, or takes more memory than its bytes."""

Message = dict[bytes, bytes]
Value = str | int | float | None


class UnsoundEntryError(Exception):
    """The entry would end docket's worker, call something or fill the log; the text names the fault."""


async def unknown_job(*_: Any, execution: Execution = CurrentExecution(), **__: Any) -> None:  # noqa: B008
    """Drop a job of a kind that only another version knows; the reconciler finds its work item again."""
    log.warning("A job that this version does not know is dropped: %s", named(execution.function_name.encode()))


async def sound(docket: Docket, message: Message, message_id: bytes | None = None) -> tuple[Message, Execution]:
    """Return the entry with its arguments in a pickle of our own, and what docket's worker makes of that.

    Raises:
        UnsoundEntryError: docket's worker could not run it.
    """
    args, kwargs = arguments_of(message)
    ours = message | {b"args": pickle.dumps(args), b"kwargs": pickle.dumps(kwargs)}
    try:
        execution = await Execution.from_message(
            docket, ours, message_id=message_id, sync=False, fallback_task=unknown_job
        )
        execution.call_repr()
        inspect.signature(execution.function).bind(*args, **kwargs)
    except Exception as exc:  # noqa: BLE001  # anything can be raised by bytes of anybody's
        raise UnsoundEntryError(type(exc).__name__) from None
    if not execution.key.isprintable():
        raise UnsoundEntryError("its key is no name")
    return ours, execution


def arguments_of(message: Message) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Read the arguments of an entry: positional and by name.

    Raises:
        UnsoundEntryError: they are more than texts and numbers.
    """
    args, kwargs = (_plain(message.get(field, b"")) for field in (b"args", b"kwargs"))
    if not isinstance(args, tuple) or not isinstance(kwargs, dict) or not all(isinstance(key, str) for key in kwargs):
        raise UnsoundEntryError("its arguments are none")
    if not all(isinstance(value, Value) for value in (*args, *kwargs.values())):
        raise UnsoundEntryError("its arguments are more than texts and numbers")
    return args, kwargs


def named(name: bytes) -> str:
    """Quote a name that anybody may have written, for a log line."""
    return repr(name.decode("utf-8", "replace")[:LONGEST_NAME])


def _plain(raw: bytes) -> Any:
    try:
        if len(raw) <= LARGEST_BYTES and all(_PLAIN.fullmatch(opcode.name) for opcode, _, _ in pickletools.genops(raw)):
            return pickle.loads(raw)  # noqa: S301  # its opcodes are harmless
    except Exception as exc:  # noqa: BLE001  # anything can be raised by bytes of anybody's
        raise UnsoundEntryError(type(exc).__name__) from None
    raise UnsoundEntryError("its arguments are no plain data")

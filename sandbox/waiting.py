"""Waiting for something to become true, in place of sleeping for a guessed time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def wait_until(predicate: Callable[[], object], timeout: float = 5.0, interval: float = 0.01) -> None:  # noqa: ASYNC109 - a harness names its limit where it is used
    """Return as soon as `predicate()` is true; it is asked every `interval` seconds.

    Raises:
        TimeoutError: it was still false after `timeout` seconds.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    while not predicate():
        if loop.time() >= end:
            raise TimeoutError(f"still not true after {timeout:g} s: {_name(predicate)}")
        await asyncio.sleep(interval)


def _name(predicate: Callable[[], object]) -> str:
    code = getattr(predicate, "__code__", None)
    if code is None:
        return repr(predicate)
    return f"{predicate.__qualname__} ({code.co_filename}:{code.co_firstlineno})"

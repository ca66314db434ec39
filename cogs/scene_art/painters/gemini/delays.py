"""Finds the delay that the service, or a relay in front of it, asks for: in an error's details, a header, or its words.

Google's RetryInfo is a text such as "34.07s". Clients of other languages write it as an object or a number, relays send
`Retry-After`, and some answers say it in the message alone ("Please retry in 14.5s.").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_DELAY_SECONDS = 25 * 3600.0
_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "ms|msecs?|milliseconds?": 1e-3,
    "s|secs?|seconds?": 1.0,
    "m|mins?|minutes?": 60.0,
    "h|hrs?|hours?": 3600.0,
    "d|days?": 86400.0,
}
"""Seconds in each unit."""
_NUMBER = r"\d+(?:\.\d+)?"
_PIECE = re.compile(rf"({_NUMBER}) ?({'|'.join(_UNITS)})(?![a-z])", re.IGNORECASE | re.ASCII)
_ONE = rf"{_NUMBER} ?(?:{'|'.join(_UNITS)})(?![a-z])"
_LENGTH = rf"{_ONE}(?:,? ?(?:and )?{_ONE})*"
_LENGTH_ALONE = re.compile(_LENGTH, re.IGNORECASE | re.ASCII)
_TOLD = re.compile(
    r"\b(?:retry|again|wait|resets?|available)"
    rf"(?:[^.\d]{{0,30}}({_LENGTH})|[^.\d]{{0,20}}after[^.\w]{{0,3}}({_NUMBER})(?![\w:/-]))",
    re.IGNORECASE | re.ASCII,
)
"""Finds a delay in a sentence. A number without a unit is in seconds, as after "retry_after="."""


def in_details(details: Sequence[Mapping[str, object]]) -> float | None:
    """Read the first valid `retryDelay`, in seconds: a text, a number, or an object of seconds and nanos."""
    delays = (_seconds_of(item.get("retryDelay")) for item in details)
    return next((seconds for seconds in delays if seconds is not None), None)


def in_headers(headers: Mapping[str, str] | None) -> float | None:
    """Read `retry-after-ms` or `Retry-After`, in seconds. The latter holds seconds or a date."""
    if headers is None:
        return None
    text = str(headers.get("Retry-After", ""))[:60].strip()
    delays = _seconds_of(f"{headers.get('retry-after-ms', '')}ms"), _seconds_of(text), _seconds_until(text)
    return next((seconds for seconds in delays if seconds is not None), None)


def in_words(message: str) -> float | None:
    """Find a delay in the words of `message`, in seconds."""
    found = _TOLD.search(message)
    return _seconds_of(found[1] or found[2]) if found else None


def _seconds_of(value: object) -> float | None:
    if isinstance(value, dict) and value:
        value = f"{value.get('seconds', 0)}s{value.get('nanos', 0)}ns"
    text = str(value)
    if re.fullmatch(_NUMBER, text, re.ASCII):
        return min(float(text), LONGEST_DELAY_SECONDS)
    if not _LENGTH_ALONE.fullmatch(text):
        return None
    return min(sum(float(number) * _unit(unit) for number, unit in _PIECE.findall(text)), LONGEST_DELAY_SECONDS)


def _unit(name: str) -> float:
    return next(seconds for form, seconds in _UNITS.items() if re.fullmatch(form, name, re.IGNORECASE))


def _seconds_until(text: str) -> float | None:
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the year 99999999999
        return None
    seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_DELAY_SECONDS)

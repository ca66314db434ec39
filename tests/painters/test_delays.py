"""The delays that the service asks for, in all known forms."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.gemini.delays import LONGEST_DELAY_SECONDS, in_details, in_headers, in_words

LENGTHS = [
    ("34s", 34.0),
    ("34.07s", 34.07),
    ("14.5s", 14.5),
    ("0s", 0.0),
    ("9500ms", 9.5),
    ("939.5ms", 0.9395),
    ("0m9s", 9.0),
    ("1m30s", 90.0),
    ("1h2m3.5s", 3723.5),
    ("2 minutes", 120.0),
    ("1 min 30 sec", 90.0),
    ("1 minute and 5 seconds", 65.0),
    ("20 seconds", 20.0),
    ("20 SECONDS", 20.0),
    ("1 hour, 1 second", 3601.0),
]


@pytest.mark.parametrize(("text", "seconds"), LENGTHS)
def test_a_length_is_read_in_each_unit(text: str, seconds: float) -> None:
    assert in_details([{"retryDelay": text}]) == pytest.approx(seconds)
    assert in_headers({"Retry-After": text}) == pytest.approx(seconds)
    assert in_words(f"Resource exhausted. Please retry in {text}. Thank you.") == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (9, 9.0),
        (9.5, 9.5),
        ("9", 9.0),
        ({"seconds": 9, "nanos": 0}, 9.0),
        ({"seconds": "9", "nanos": 500_000_000}, 9.5),
        ({"nanos": 500_000_000}, 0.5),
        ({"seconds": 9}, 9.0),
        ({"seconds": 10**9}, LONGEST_DELAY_SECONDS),
        ("9" * 400 + "s", LONGEST_DELAY_SECONDS),
        ({"seconds": -9}, None),
        ({"seconds": None}, None),
        ({"seconds": True}, None),
        ({}, None),
        ([], None),
        (True, None),
        (float("nan"), None),
        ("soon", None),
        ("", None),
        ("-5s", None),
        ("s", None),
        ("5 parsecs", None),
        (None, None),
    ],
)
def test_a_delay_may_have_any_form_that_json_has(value: object, seconds: float | None) -> None:
    assert in_details([{"@type": "Help"}, {"retryDelay": value}]) == seconds


def test_the_first_delay_that_can_be_read_counts() -> None:
    assert in_details([{"retryDelay": "soon"}, {"retryDelay": "7s"}, {"retryDelay": "8s"}]) == 7
    assert in_details([]) is None


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please retry in 14.5s.", 14.5),
        ("Quota exceeded. Please retry in 38.386687717s.", 38.386687717),
        ("retry after 20 seconds", 20.0),
        ("Try again in 2 minutes", 120.0),
        ("Retry-After: 20s", 20.0),
        ("retry_after=20", 20.0),
        ("Retry after 20.", 20.0),
        ("You may retry your request in about 20 seconds", 20.0),
        ("Please wait 30 seconds before retrying.", 30.0),
        ("Limit: 10 requests per 60 seconds. Try again in 5 seconds.", 5.0),
        ("<html><p>Please wait for 30 seconds</p></html>", 30.0),
        ("The quota resets in 45s", 45.0),
        ("Available again in 3 min.", 180.0),
        ("Please retry in 999999999 hours.", LONGEST_DELAY_SECONDS),
        ("Please try again later.", None),
        ("Please retry in a few minutes.", None),
        ("You exceeded your limit of 10 requests per 60 seconds.", None),
        ("Limit: 10 requests per 60 seconds. Please retry later.", None),
        ("retry up to 3 times", None),
        ("Retry after 2026-11-30T00:00:00Z", None),
        ("Do not retry. The request took 30 s.", None),
        ("", None),
    ],
)
def test_a_delay_may_stand_in_the_words_alone(message: str, seconds: float | None) -> None:
    assert in_words(message) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "99999999"}, LONGEST_DELAY_SECONDS),
        ({"retry-after-ms": "9000"}, 9.0),
        ({"retry-after-ms": "9000", "Retry-After": "10"}, 9.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "Sun, 29 Nov 2099 20:00:00 GMT"}, LONGEST_DELAY_SECONDS),
        ({"Retry-After": "Sun, 29 Nov 99999999999 20:00:00 GMT"}, None),
        ({"Retry-After": "Sun, 29 Nov 2099 20:00:00 +99999999999999999999"}, None),
        ({"Retry-After": "Sun, 29 Nov 1999 20:00:00 GMT"}, 0.0),
        ({}, None),
        (None, None),
    ],
)
def test_a_relays_header_names_a_delay_too(headers: dict[str, str] | None, seconds: float | None) -> None:
    assert in_headers(headers) == seconds


def test_the_header_may_hold_a_date() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < (in_headers({"Retry-After": until}) or 0) <= 90


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(),
        lambda inner: st.dictionaries(st.sampled_from(["seconds", "nanos"]), inner),
        max_leaves=3,
    ),
    st.text(alphabet="retry in0123456789.msh -,"),
)
def test_whatever_is_told_is_a_length_within_bounds_or_nothing(value: Any, text: str) -> None:
    for told in (in_details([{"retryDelay": value}]), in_headers({"Retry-After": text}), in_words(text)):
        assert told is None or 0 <= told <= LONGEST_DELAY_SECONDS


@pytest.mark.parametrize("piece", ["retry ", "retry in 1", "1s ", "1m and ", "1", "wait 1.", "retry-after:"])
def test_a_long_message_takes_no_time(piece: str) -> None:
    text = (piece * 4_000)[:4_000]
    before = time.process_time()
    in_words(text)
    in_details([{"retryDelay": text}])
    assert time.process_time() - before < 0.2, "seconds"

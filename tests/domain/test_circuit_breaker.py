"""The circuit breaker of one key and model, as a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.circuit_breaker import Cause, Circuit, read_circuit

NOW = 1_800_000_000.0


def test_the_pause_doubles_with_every_probe_that_fails_up_to_a_minute() -> None:
    circuit, pauses, now = Circuit(), [], NOW
    for _ in range(8):
        circuit = circuit.failed(Cause.QUOTA, sent_at=now, now=now + 0.5)
        pauses.append(circuit.until - circuit.changed_at)
        now = circuit.until
    wanted = [2, 4, 8, 16, 32, 60, 60, 60]
    assert all(want <= pause <= want * 1.15 for want, pause in zip(wanted, pauses, strict=True)), pauses


def test_many_that_failed_at_once_are_one_failure() -> None:
    opened = Circuit().failed(Cause.UNAVAILABLE, sent_at=NOW, now=NOW + 1)
    for sent_at in (NOW, NOW + 0.2, NOW + 0.9):
        assert opened.failed(Cause.UNAVAILABLE, sent_at=sent_at, now=NOW + 1.5) is opened


def test_failures_from_before_it_closed_do_not_open_it_again() -> None:
    closed = Circuit(changed_at=NOW + 5)
    assert closed.failed(Cause.QUOTA, sent_at=NOW + 0.5, now=NOW + 6) is closed
    assert closed.failed(Cause.QUOTA, sent_at=NOW + 6, now=NOW + 7).failures == 1


@given(st.integers(0, 10**6), st.floats(0, NOW), st.floats(0, NOW + 60), st.sampled_from(Cause))
def test_what_was_written_is_read(failures: int, changed_at: float, until: float, cause: Cause) -> None:
    written = Circuit(failures, round(changed_at, 3), round(until, 3), cause)
    assert read_circuit(written.to_text().encode(), NOW) == written


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"1",
        b"1800000000.000",
        b"\xff 1 1 quota",
        b"-1 1 1 quota",
        b"1 nan 1 quota",
        b"1 1 inf quota",
        b"1 1 1900000000 quota",
        b"1 1900000000 1 quota",
        b"1 1 1 of_2028",
    ],
)
def test_what_cannot_be_one_is_a_closed_one(raw: bytes | None) -> None:
    assert read_circuit(raw, NOW) == Circuit()


@given(st.binary(max_size=96))
def test_whatever_stands_there_is_read(raw: bytes) -> None:
    assert read_circuit(raw, NOW).until <= NOW + 71

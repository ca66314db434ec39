"""Errors: what they carry, in one piece over pipes and queues, and fit for a log."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import DETAIL_LIMIT, QuotaError, RefusedError, SceneArtError, TransientError, from_wire
from cogs.scene_art.i18n import gettext


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ("gone\r\n2026-01-01 ERROR forged", "gone 2026-01-01 ERROR forged"),
        ("\x1b[2J\x1b]0;owned\x07 red", "[2J]0;owned red"),
        ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
        ("\u202egnp.\u2066x\u2069", "gnp.x"),
        ("word " * 1_000, "word " * 99 + "word…"),
        ("", ""),
    ],
)
def test_what_a_library_said_becomes_one_line(said: str, detail: str) -> None:
    error = TransientError(said)
    assert (error.detail, str(error)) == (detail, detail)


@given(st.text(), st.none() | st.floats(0, 1e6), st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), st.booleans())
def test_an_error_arrives_as_it_was_sent(
    detail: str, retry_after: float | None, tokens: tuple[int, int], is_relaxed: bool
) -> None:
    sent = QuotaError(
        detail,
        sentence=gettext("Later, {name}.", name=detail),
        retry_after=retry_after,
        tokens=tokens,
        is_relaxed=is_relaxed,
    )
    for arrived in (from_wire(json.loads(json.dumps(sent.to_wire()))), pickle.loads(pickle.dumps(sent))):  # noqa: S301
        assert type(arrived) is QuotaError
        assert arrived.to_wire() == sent.to_wire()
        assert (arrived.tokens, arrived.is_relaxed) == (tokens, is_relaxed)
        assert arrived.sentence.template == "Later, {name}."
        assert len(arrived.detail) <= DETAIL_LIMIT
        assert len(arrived.detail.splitlines()) <= 1


def test_an_unknown_kind_is_still_an_error() -> None:
    error = from_wire({"code": "of a newer version", "detail": "what it said"})
    assert (type(error), error.detail, error.sentence) == (
        SceneArtError,
        "what it said",
        SceneArtError.default_sentence,
    )


def test_people_never_read_the_detail() -> None:
    assert "secret" not in RefusedError("a secret of the service").sentence

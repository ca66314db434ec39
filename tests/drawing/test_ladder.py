"""The refusal ladder: what is asked after a refusal, and that it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.drawing.ladder import PROBES, Ladder, Variant
from cogs.scene_art.errors import (
    ConfigurationError,
    InputRefusedError,
    LostAnswerError,
    NoImageError,
    RefusedError,
    TransientError,
)

BLOCKED = InputRefusedError("blocked")


class Service:
    """Blocks every request that shows one of `bad`; counts what it painted."""

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad
        self.requests: list[Variant] = []
        self.paid = 0

    def paint(self, ladder: Ladder, cast: int) -> frozenset[int] | None:
        """Requests until a picture is shown, or none comes: whose picture went along."""
        shown: frozenset[int] | None = None
        while len(self.requests) < 50:
            self.requests.append(ladder.variant)
            sent = frozenset(range(cast)) - ladder.variant.without
            if sent & self.bad:
                if ladder.after(BLOCKED) is None:
                    return shown
                continue
            self.paid += 1
            shown = sent
            if ladder.passed():
                return shown
        raise AssertionError("it does not end")


@given(st.integers(1, 14), st.data())
def test_one_bad_reference_is_found_and_costs_nobody_else_their_picture(cast: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, cast - 1))
    service = Service({bad})
    shown = service.paint(Ladder(range(cast), attempts=4), cast)
    assert shown == frozenset(range(cast)) - {bad}
    assert len(service.requests) <= 1 + PROBES
    assert service.paid <= 3
    if cast <= 4:
        assert service.paid == 1, "what is blocked costs nothing, what passes is paid"


@given(st.integers(0, 14), st.data())
def test_whatever_is_blocked_it_ends_and_nothing_blocked_is_shown(cast: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(0, max(0, cast - 1)))) if cast else set()
    service = Service(bad)
    shown = service.paint(Ladder(range(cast), attempts=4), cast)
    assert len(service.requests) <= 2 + PROBES
    assert shown is None or not shown & bad
    if cast <= 4:
        assert shown is not None, "without any picture the text alone is painted"


def test_a_text_that_is_blocked_itself_gets_one_softened_try() -> None:
    ladder = Ladder([], attempts=4)
    assert ladder.after(BLOCKED) == 0
    assert ladder.variant.softened
    assert ladder.after(BLOCKED) is None


def test_a_blocked_output_gets_one_softened_try() -> None:
    ladder = Ladder([0, 1], attempts=4)
    assert ladder.after(RefusedError("IMAGE_SAFETY")) == 0
    assert ladder.variant == Variant(softened=True)
    assert ladder.after(RefusedError("IMAGE_SAFETY")) is None


def test_an_empty_answer_gets_one_more_try_as_it_is() -> None:
    ladder = Ladder([0], attempts=4)
    assert ladder.after(NoImageError("NO_IMAGE")) == 0
    assert ladder.variant == Variant()
    assert ladder.after(NoImageError("NO_IMAGE")) is None


def test_what_passes_by_itself_is_waited_for_ever_longer() -> None:
    ladder = Ladder([], attempts=4)
    waits = [ladder.after(TransientError("503")) for _ in range(4)]
    assert waits[3] is None
    first, second, third = (wait or 0 for wait in waits[:3])
    assert 0.8 <= first <= 1.3 < second <= 2.6 < third <= 5.2


def test_a_request_that_may_have_been_paid_is_repeated_once() -> None:
    ladder = Ladder([], attempts=9)
    assert ladder.after(LostAnswerError("timeout")) is not None
    assert ladder.after(TransientError("503")) is not None
    assert ladder.after(LostAnswerError("reset")) is None


def test_another_model_gets_patience_of_its_own() -> None:
    ladder = Ladder([], attempts=1)
    assert ladder.after(TransientError("503")) is None
    ladder = Ladder([], attempts=2)
    ladder.after(TransientError("503"))
    ladder.be_fresh()
    assert ladder.after(TransientError("503")) is not None


@pytest.mark.parametrize("error", [ConfigurationError("no")])
def test_what_no_other_request_would_change_ends_it(error: ConfigurationError) -> None:
    assert Ladder([0], attempts=4).after(error) is None

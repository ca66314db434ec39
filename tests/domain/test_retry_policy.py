"""The refusal ladder: what is asked after a refusal, and that it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.retry_policy import PROBES, RequestVariant, RetryPolicy
from cogs.scene_art.errors import (
    ConfigurationError,
    InputRefusedError,
    InvalidRequestError,
    LostAnswerError,
    NoImageError,
    ProhibitedError,
    RefusedError,
    RequestTooLargeError,
    SceneArtError,
    TransientError,
    UnavailableError,
    UnreadableImageError,
)

BLOCKED = InputRefusedError("blocked")


class Service:
    """Blocks every request that shows one of `bad`; counts what it painted."""

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad
        self.requests: list[RequestVariant] = []
        self.paid = 0

    def paint(self, policy: RetryPolicy, cast: int) -> frozenset[int] | None:
        """Requests until a picture is shown, or none comes: whose picture went along."""
        shown: frozenset[int] | None = None
        while len(self.requests) < 50:
            self.requests.append(policy.variant)
            sent = frozenset(range(cast)) - policy.variant.without
            if sent & self.bad:
                if policy.after(BLOCKED) is None:
                    return shown
                continue
            self.paid += 1
            shown = sent
            if policy.passed():
                return shown
        raise AssertionError("it does not end")


@given(st.integers(1, 14), st.data())
def test_one_bad_reference_is_found_and_costs_nobody_else_their_picture(cast: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, cast - 1))
    service = Service({bad})
    shown = service.paint(RetryPolicy(range(cast), attempts=4), cast)
    assert shown == frozenset(range(cast)) - {bad}
    assert len(service.requests) <= 1 + PROBES
    assert service.paid <= 3
    if cast <= 4:
        assert service.paid == 1, "what is blocked costs nothing, what passes is paid"


@given(st.integers(0, 14), st.data())
def test_whatever_is_blocked_it_ends_and_nothing_blocked_is_shown(cast: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(0, max(0, cast - 1)))) if cast else set()
    service = Service(bad)
    shown = service.paint(RetryPolicy(range(cast), attempts=4), cast)
    assert len(service.requests) <= 2 + PROBES
    assert shown is None or not shown & bad
    if cast <= 4:
        assert shown is not None, "without any picture the text alone is painted"


def test_a_text_that_is_blocked_itself_gets_one_softened_try() -> None:
    policy = RetryPolicy([], attempts=4)
    assert policy.after(BLOCKED) == 0
    assert policy.variant.softened
    assert policy.after(BLOCKED) is None


def test_a_blocked_output_gets_one_softened_try() -> None:
    policy = RetryPolicy([0, 1], attempts=4)
    assert policy.after(RefusedError("IMAGE_SAFETY")) == 0
    assert policy.variant == RequestVariant(softened=True)
    assert policy.after(RefusedError("IMAGE_SAFETY")) is None


def test_an_empty_answer_gets_one_more_try_as_it_is() -> None:
    policy = RetryPolicy([0], attempts=4)
    assert policy.after(NoImageError("NO_IMAGE")) == 0
    assert policy.variant == RequestVariant()
    assert policy.after(NoImageError("NO_IMAGE")) is None


def test_what_the_service_cannot_work_with_is_final() -> None:
    assert RetryPolicy([0, 1], attempts=4).after(InvalidRequestError("400")) is None


def test_a_picture_that_cannot_be_read_is_searched_for_and_nothing_is_softened() -> None:
    policy = RetryPolicy([0, 1], attempts=4)
    seen = []
    while policy.after(UnreadableImageError("400")) is not None:
        seen.append(policy.variant)
    assert [variant.without for variant in seen] == [{0}, {1}, {0, 1}]
    assert not any(variant.softened for variant in seen)


def test_a_request_that_is_too_large_gets_one_smaller_try() -> None:
    policy = RetryPolicy([0, 1], attempts=4)
    assert policy.after(RequestTooLargeError("413")) == 0
    assert policy.variant == RequestVariant(smaller=True)
    assert policy.after(RequestTooLargeError("413")) is None
    assert RetryPolicy([], attempts=4).after(RequestTooLargeError("413")) is None, "there is nothing to make smaller"


ERRORS = [
    InputRefusedError("OTHER"),
    UnreadableImageError("400"),
    ProhibitedError("PROHIBITED_CONTENT"),
    InvalidRequestError("400"),
    RequestTooLargeError("413"),
    NoImageError("NO_IMAGE"),
    RefusedError("IMAGE_SAFETY"),
    TransientError("408"),
    UnavailableError("503"),
    LostAnswerError("reset"),
]


@given(st.integers(0, 14), st.lists(st.sampled_from([*ERRORS, None]), max_size=40))
def test_what_is_prohibited_is_asked_once_more_without_references_and_never_softened(
    cast: int, answers: list[SceneArtError | None]
) -> None:
    policy, everything, prohibited = RetryPolicy(range(cast), attempts=4), frozenset(range(cast)), 0
    answered_without = 0
    for answer in answers:
        if prohibited:
            assert policy.variant.without == everything
            assert not policy.variant.softened
            answered_without += not isinstance(answer, TransientError)
        prohibited += isinstance(answer, ProhibitedError)
        if policy.passed() if answer is None else policy.after(answer) is None:
            break
    assert answered_without <= 1


@pytest.mark.parametrize("answer", [ProhibitedError("again"), RefusedError("IMAGE_SAFETY"), NoImageError("NO_IMAGE")])
def test_a_restart_does_not_forget_what_was_prohibited(answer: RefusedError) -> None:
    policy = RetryPolicy([0, 1], attempts=4, prohibited=1)
    assert policy.variant == RequestVariant(without=frozenset({0, 1}))
    assert policy.after(answer) is None


def test_the_circuit_breaker_says_when_an_overloaded_service_is_asked_again() -> None:
    policy = RetryPolicy([], attempts=3)
    assert [policy.after(UnavailableError("503")) for _ in range(3)] == [0.0, 0.0, None]


def test_what_passes_by_itself_is_waited_for_ever_longer() -> None:
    policy = RetryPolicy([], attempts=4)
    waits = [policy.after(TransientError("408")) for _ in range(4)]
    assert waits[3] is None
    first, second, third = (wait or 0 for wait in waits[:3])
    assert 0.8 <= first <= 1.3 < second <= 2.6 < third <= 5.2


def test_a_request_that_may_have_been_paid_is_repeated_once() -> None:
    policy = RetryPolicy([], attempts=9)
    assert policy.after(LostAnswerError("timeout")) is not None
    assert policy.after(TransientError("503")) is not None
    assert policy.after(LostAnswerError("reset")) is None


def test_another_model_gets_patience_of_its_own() -> None:
    policy = RetryPolicy([], attempts=1)
    assert policy.after(TransientError("503")) is None
    policy = RetryPolicy([], attempts=2)
    policy.after(TransientError("503"))
    policy.reset()
    assert policy.after(TransientError("503")) is not None


@pytest.mark.parametrize("error", [ConfigurationError("no")])
def test_what_no_other_request_would_change_ends_it(error: ConfigurationError) -> None:
    assert RetryPolicy([0], attempts=4).after(error) is None

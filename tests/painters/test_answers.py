"""Gemini's answers as errors that say what to do next: the table of the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from google.genai import errors, types
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import (
    InputRefusedError,
    KeyRejectedError,
    ModelRetiredError,
    NoImageError,
    QuotaError,
    RefusedError,
    SceneArtError,
    TransientError,
)
from cogs.scene_art.painters.answers import error_of_api, refusal_of, seconds_to_reset
from sandbox import gemini_answers as answers

MODEL = "gemini-nano-banana-2.1"


def api_error(answer: answers.Answer) -> SceneArtError:
    assert isinstance(answer.body, dict)
    return error_of_api(errors.APIError(answer.status, answer.body), MODEL)


def refusal(answer: answers.Answer) -> SceneArtError:
    assert isinstance(answer.body, dict)
    return refusal_of(types.GenerateContentResponse.model_validate(answer.body))


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        (answers.blocked_prompt("OTHER"), InputRefusedError, "blocked the input: OTHER"),
        (answers.blocked_prompt("PROHIBITED_CONTENT"), InputRefusedError, "PROHIBITED_CONTENT"),
        (answers.finished("IMAGE_SAFETY"), RefusedError, "blocked the picture: IMAGE_SAFETY"),
        (answers.finished("IMAGE_PROHIBITED_CONTENT"), RefusedError, "IMAGE_PROHIBITED_CONTENT"),
        (answers.finished("PROHIBITED_CONTENT"), RefusedError, "PROHIBITED_CONTENT"),
        (answers.finished("SAFETY"), RefusedError, "SAFETY"),
        (answers.finished("RECITATION"), RefusedError, "RECITATION"),
        (answers.text_only("I would rather not."), RefusedError, "words only: I would rather not."),
        (answers.parts(answers.text_part("Cut", thought=False), reason="MAX_TOKENS"), RefusedError, "words only: Cut"),
        (answers.no_image(), NoImageError, "NO_IMAGE"),
        (answers.parts(answers.text_part("Only a thought.", thought=True)), NoImageError, "is empty: STOP"),
        (answers.empty(), NoImageError, "without a candidate"),
    ],
)
def test_every_answer_without_a_picture_says_what_it_was(
    answer: answers.Answer, kind: type[SceneArtError], detail: str
) -> None:
    error = refusal(answer)
    assert type(error) is kind
    assert detail in error.detail


@pytest.mark.filterwarnings("ignore:.*is not a valid:UserWarning")
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.finished("REASON_OF_2028"), RefusedError),
        (answers.blocked_prompt("REASON_OF_2028"), InputRefusedError),
    ],
)
def test_an_unknown_reason_is_a_plain_block(answer: answers.Answer, kind: type[SceneArtError]) -> None:
    error = refusal(answer)
    assert type(error) is kind
    assert "REASON_OF_2028" in error.detail


def test_what_the_model_said_is_the_operators_to_read_and_nobody_elses() -> None:
    error = refusal(answers.text_only("Because " + "of many reasons, " * 100 + "\nand more."))
    assert len(error.detail) < 250
    assert "\n" not in error.detail
    assert "reasons" not in error.sentence


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.wrong_key(), KeyRejectedError),
        (answers.error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), KeyRejectedError),
        (answers.error(401, "UNAUTHENTICATED", "No."), KeyRejectedError),
        (answers.forbidden(), KeyRejectedError),
        (answers.retired_model(), ModelRetiredError),
        (answers.error(400, "FAILED_PRECONDITION", "Your location is not supported."), KeyRejectedError),
        (answers.invalid_argument(), RefusedError),
        (answers.rate_limited(), QuotaError),
        (answers.rate_limited(None), QuotaError),
        (answers.daily_quota(), QuotaError),
        (answers.free_tier(), KeyRejectedError),
        (answers.server_error(), TransientError),
        (answers.overloaded(), TransientError),
        (answers.error(408, "DEADLINE_EXCEEDED", "Too slow."), TransientError),
        (answers.error(499, "CANCELLED", "Gone."), TransientError),
        (answers.error(504, "DEADLINE_EXCEEDED", "Too slow."), TransientError),
        (answers.error(413, "", "Too large."), RefusedError),
        (answers.error(400, "INVALID_ARGUMENT", "Unable to process input image."), InputRefusedError),
    ],
)
def test_every_error_says_what_to_do_next(answer: answers.Answer, kind: type[SceneArtError]) -> None:
    assert type(api_error(answer)) is kind


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("34s", 34.0), ("34.07s", 34.07), ("0s", 0.0), (None, None), ("soon", None), ("", None), ("-5s", None)],
)
def test_the_delay_that_the_service_names_is_kept(delay: str | None, seconds: float | None) -> None:
    assert api_error(answers.rate_limited(delay)).retry_after == seconds


def test_daily_and_missing_quotas_are_told_apart_for_the_operator() -> None:
    assert "until midnight Pacific" in api_error(answers.daily_quota()).detail
    assert "needs billing" in api_error(answers.free_tier()).detail


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-07-01T06:00:00+00:00", 1),  # summer: midnight is 07:00 UTC
        ("2026-07-01T07:00:00+00:00", 24),
        ("2026-12-01T06:00:00+00:00", 2),  # winter: 08:00 UTC
        ("2026-11-01T07:00:00+00:00", 25),  # the day on which the clocks go back
    ],
)
def test_a_daily_quota_begins_anew_at_midnight_in_california(now: str, hours: int) -> None:
    assert seconds_to_reset(datetime.fromisoformat(now)) == hours * 3600


def test_a_daily_quota_names_its_end_and_not_the_delay_beside_it() -> None:
    assert 34 < (api_error(answers.daily_quota("34s")).retry_after or 0) <= 25 * 3600


def test_a_retired_model_is_named() -> None:
    assert MODEL in api_error(answers.retired_model()).detail


@given(
    st.integers(400, 599),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["error", "details", "violations", "quotaId", "retryDelay", "status", "message", "code"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
)
def test_whatever_shape_an_error_has_it_becomes_one_of_ours_on_one_line(code: int, body: Any) -> None:
    exc = errors.APIError(code, {"error": {"code": code, "status": "X", "message": "m"}})
    exc.details = body
    error = error_of_api(exc, MODEL)
    assert len(error.detail.splitlines()) == 1
    assert len(error.detail) < 400


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.just({"a": 1})
)


@given(st.integers(400, 599), st.dictionaries(st.sampled_from(["code", "status", "message", "details"]), ODD))
def test_an_error_of_any_shape_is_told(status: int, error: dict[str, Any]) -> None:
    """The client takes over what stands in the body, whatever it is."""
    told = error_of_api(errors.APIError(status, {"error": error}), MODEL)
    assert len(told.detail.splitlines()) == 1
    if status >= 500 and "code" not in error:
        assert isinstance(told, TransientError)

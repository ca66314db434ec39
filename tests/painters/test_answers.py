"""Gemini's answers as errors that say what to do next: the table of the public documentation."""

from __future__ import annotations

import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.genai import errors, types
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.errors import (
    InputRefusedError,
    InvalidRequestError,
    KeyForbiddenError,
    KeyRejectedError,
    ModelRetiredError,
    NoImageError,
    ProhibitedError,
    QuotaError,
    RefusedError,
    RequestTooLargeError,
    SceneArtError,
    TierDeclinedError,
    TransientError,
    UnavailableError,
    UnreadableImageError,
)
from cogs.scene_art.painters.gemini.answers import error_of_api, names_an_input_image, refusal_of, seconds_to_reset
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
        (answers.blocked_prompt("PROHIBITED_CONTENT"), ProhibitedError, "blocked the input: PROHIBITED_CONTENT"),
        (answers.blocked_prompt("BLOCKLIST"), ProhibitedError, "BLOCKLIST"),
        (answers.finished("BLOCKLIST"), ProhibitedError, "blocked the picture: BLOCKLIST"),
        (answers.finished("IMAGE_SAFETY"), RefusedError, "blocked the picture: IMAGE_SAFETY"),
        (answers.finished("IMAGE_PROHIBITED_CONTENT"), RefusedError, "IMAGE_PROHIBITED_CONTENT"),
        (answers.finished("PROHIBITED_CONTENT"), ProhibitedError, "PROHIBITED_CONTENT"),
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
        (answers.forbidden(), KeyForbiddenError),
        (answers.retired_model(), ModelRetiredError),
        (answers.error(400, "FAILED_PRECONDITION", "Your location is not supported."), KeyRejectedError),
        (answers.invalid_argument(), InvalidRequestError),
        (answers.rate_limited(), QuotaError),
        (answers.rate_limited(None), QuotaError),
        (answers.daily_quota(), QuotaError),
        (answers.free_tier(), KeyRejectedError),
        (answers.server_error(), UnavailableError),
        (answers.overloaded(), UnavailableError),
        (answers.error(408, "DEADLINE_EXCEEDED", "Too slow."), TransientError),
        (answers.error(499, "CANCELLED", "Gone."), TransientError),
        (answers.error(504, "DEADLINE_EXCEEDED", "Too slow."), UnavailableError),
        (answers.error(413, "", "Too large."), RequestTooLargeError),
    ],
)
def test_every_error_says_what_to_do_next(answer: answers.Answer, kind: type[SceneArtError]) -> None:
    assert type(api_error(answer)) is kind


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Provided image is not valid", UnreadableImageError),
        ("Provided image is not valid.", UnreadableImageError),
        ("Unable to process input image. Please retry or report.", UnreadableImageError),
        ("Unsupported MIME type: image/webp", UnreadableImageError),
        ("Unsupported MIME type: png", UnreadableImageError),
        (
            "* GenerateContentRequest.contents[0].parts[1].inline_data.mime_type: MIME type must be image/png.",
            UnreadableImageError,
        ),
        ("Invalid value at 'contents[0].parts[2].inline_data.data', Base64 decoding failed", UnreadableImageError),
        ("image media type not supported", UnreadableImageError),
        ("Failed to decode the picture.", UnreadableImageError),
        ("Request payload size exceeds the limit: 20971520 bytes.", RequestTooLargeError),
        ("Maximum request body size 1048576 exceeded, actual body size 1056562", RequestTooLargeError),
        ("Request contains an invalid argument.", InvalidRequestError),
        ("image_size must be one of '1K', '2K', '4K'.", InvalidRequestError),
        ("Unknown name \"x\" at 'generation_config.image_config'.", InvalidRequestError),
        ("Image generation is not available in your country.", InvalidRequestError),
        ("Model does not support the requested response modalities: image,text", InvalidRequestError),
        ("The input token count (40000) exceeds the maximum number of tokens allowed.", InvalidRequestError),
    ],
)
def test_what_a_400_is_about_is_read_from_its_words(message: str, kind: type[SceneArtError]) -> None:
    assert type(api_error(answers.invalid_argument(message))) is kind


@pytest.mark.parametrize(
    ("answer", "at_standard"),
    [
        (answers.invalid_argument("service_tier FLEX is not supported for this model."), InvalidRequestError),
        (answers.invalid_argument('Unknown name "serviceTier": Cannot find field.'), InvalidRequestError),
        (answers.invalid_argument("Invalid value for enum field: FLEX"), InvalidRequestError),
        (answers.error(400, "FAILED_PRECONDITION", "Billing is needed."), KeyRejectedError),
        (answers.error(401, "UNAUTHENTICATED", "No."), KeyRejectedError),
        (answers.forbidden("Flex inference is not enabled for this project"), KeyForbiddenError),
        (answers.forbidden(), KeyForbiddenError),
        (answers.error(404, "NOT_FOUND", "flex tier not available for model"), ModelRetiredError),
        (answers.retired_model(), ModelRetiredError),
        (answers.error(422, "", "The tier is unknown."), InvalidRequestError),
        (answers.rate_limited("30s"), QuotaError),
        (answers.daily_quota(), QuotaError),
        (answers.free_tier(), KeyRejectedError),
        (answers.server_error(), UnavailableError),
        (answers.error(500, "INTERNAL", "Flex is broken."), UnavailableError),
        (answers.error(501, "UNIMPLEMENTED", "Flex is not implemented"), UnavailableError),
        (answers.error(501, "UNIMPLEMENTED", "No."), UnavailableError),
        (answers.overloaded(), UnavailableError),
    ],
)
def test_what_the_relaxed_tier_says_of_key_model_and_service_counts_when_the_standard_one_says_it_too(
    answer: answers.Answer, at_standard: type[SceneArtError]
) -> None:
    assert isinstance(answer.body, dict)
    error = errors.APIError(answer.status, answer.body)

    assert type(error_of_api(error, MODEL, is_relaxed=True)) is TierDeclinedError
    assert type(error_of_api(error, MODEL)) is at_standard


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.invalid_argument(), InvalidRequestError),
        (answers.invalid_argument("Provided image is not valid."), UnreadableImageError),
        (answers.error(413, "", "Too large."), RequestTooLargeError),
        (answers.error(499, "CANCELLED", "Gone."), TransientError),
    ],
)
def test_what_is_about_the_request_alone_is_the_same_at_each_tier(
    answer: answers.Answer, kind: type[SceneArtError]
) -> None:
    assert isinstance(answer.body, dict)
    assert type(error_of_api(errors.APIError(answer.status, answer.body), MODEL, is_relaxed=True)) is kind


def test_the_header_that_relays_use_names_a_delay_too() -> None:
    for code in (429, 503):
        exc = errors.APIError(code, {"error": {"message": "Later."}})
        exc.response = cast("Any", SimpleNamespace(headers={"Retry-After": "7"}))
        assert error_of_api(exc, MODEL).retry_after == 7


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        ("34s", 34.0),
        ("34.07s", 34.07),
        ("9500ms", 9.5),
        ("0s", 0.0),
        (None, None),
        ("soon", None),
        ("", None),
        ("-5s", None),
    ],
)
def test_the_delay_that_the_service_names_is_kept(delay: str | None, seconds: float | None) -> None:
    assert api_error(answers.rate_limited(delay)).retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        answers.rate_limited(None, message="Resource has been exhausted. Please retry in 14.5s."),
        answers.error(503, "UNAVAILABLE", "Overloaded. Try again in 14.5 seconds."),
        answers.error(503, "UNAVAILABLE", "", {"retryDelay": {"seconds": 14, "nanos": 500_000_000}}),
        answers.rate_limited("14.5s", message="Please retry in 3s."),
    ],
)
def test_a_delay_is_kept_wherever_it_stands(answer: answers.Answer) -> None:
    assert api_error(answer).retry_after == pytest.approx(14.5)


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


@pytest.mark.parametrize(
    "message",
    [
        "Provided image is not valid.",
        "Unable to process input image. Please retry or report.",
        "Unable to process one of the provided input_images.",
        "Request contains an invalid image for image generation.",
        "Image size is too small: 4x4 pixels of input picture",
        "Image size is too small.",
        "The image size exceeds 7 MB.",
        "The image is too small",
        "Failed to decode image at index 2",
        "Unsupported MIME type: image/webp",
        "Unsupported MIME type: png",
        "mimeType parameter is not supported",
        "Unsupported media type application/octet-stream for part 4",
        "contents.parts[2].inlineData: unsupported media",
        "image media type not supported",
        "Invalid value at 'contents[0].parts[3].inline_data.data' (TYPE_BYTES), Base64 decoding failed",
        "* GenerateContentRequest.contents[0].parts[1].inline_data.mime_type: MIME type must be image/png.",
        "Could not load JPEG: corrupt data",
        "cannot identify JPG file",
        "PNG: IDAT: incorrect data check",
        "The provided photo could not be decoded.",
        "Photograph 3 is unreadable.",
        "Invalid file format: webp is not supported",
        "Unsupported file type.",
        "inputImages[1] is corrupt",
        "INPUT_IMAGE_INVALID",
        "Reference image 2 could not be read.",
        "Could not edit the supplied images.",
        "The data of part 3 is corrupted.",
        "Picture 2 has too many pixels.",
        "Unable to generate an image from the provided photo.",
        "The input image's aspect ratio must be between 1:3 and 3:1.",
        "Input image aspect ratio is too extreme.",
        "models/gemini-3-pro-image cannot read the uploaded picture.",
        "Input image size is too small.",
        "Attachment 2 is not supported.",
        "Animated GIFs are not supported.",
        "Unsupported colour space: CMYK.",
        "Image exceeds the maximum size of 7 MB.",
        "Image input modality is not enabled for models/gemini-x.",
    ],
)
def test_these_name_a_picture_that_was_sent(message: str) -> None:
    assert names_an_input_image(message)


@pytest.mark.parametrize(
    "message",
    [
        "Request contains an invalid argument.",
        "Invalid value for image_config.aspect_ratio",
        "Invalid value for imageConfig.aspectRatio",
        "Invalid aspect ratio for image: 7:3",
        "Image aspect ratio 7:3 is not supported.",
        "image_size 8K is not supported",
        "imageSize must be one of '1K', '2K', '4K'.",
        "The image size 8K is not supported.",
        "Image generation is not available in your country",
        "Image-generation is disabled for this project.",
        "Unable to generate images for this prompt.",
        "The model cannot create an image of this.",
        "The requested image could not be produced.",
        "This model does not support image output.",
        "Generated images are limited to 4.",
        "number_of_images must be 1.",
        "numberOfImages must be 1.",
        "Unknown name \"x\" at 'generation_config.image_config'.",
        "Unknown name \"personGeneration\" at 'generation_config.image_config': Cannot find field.",
        "Invalid value at 'generation_config.response_modalities[1]' (Modality), \"IMAGE\"",
        "Model does not support the requested response modalities: image,text",
        "The requested combination of response modalities (TEXT, IMAGE) is not supported by the model.",
        "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`.",
        "imageConfig.imageOutputOptions.mimeType: image/bmp is not supported.",
        "Output format webp is not supported.",
        "Unsupported output MIME type: image/webp",
        "Developer instruction is not enabled for models/gemini-2.5-flash-image",
        "gemini-3-pro-image-preview does not support thinking_level.",
        "Function calling is not supported for image models.",
        "The provided image_size is invalid.",
        "The given imageConfig is invalid.",
        "The requested 4K image is not available.",
        "Images cannot be generated for this prompt.",
        "No image was generated.",
        "Image editing is not available in your region.",
        "Image search is not enabled for this project.",
        "Invalid value for safety_settings: HARM_CATEGORY_IMAGE_HATE",
        "media_resolution is not supported",
        "Invalid value at 'contents[0].parts[0].text'",
        "Could not decode the JSON payload.",
        "Multi-modal output is not supported.",
        "The input token count (40000) exceeds the maximum number of tokens allowed.",
        'Unknown name "serviceTier": Cannot find field.',
        "User location is not supported for the API use.",
        "Imagine a better prompt.",
        "",
    ],
)
def test_these_name_none(message: str) -> None:
    assert not names_an_input_image(message)


@pytest.mark.parametrize(
    "piece", ["image size ", "generate a the any ", "modality ", "models/", "input ", "aA", "harm_"]
)
def test_a_long_message_takes_no_time(piece: str) -> None:
    before = time.process_time()
    names_an_input_image((piece * 4_000)[:4_000])
    assert time.process_time() - before < 0.2, "seconds"

"""Translates Gemini's refusals and errors into ours. Facts: the public documentation of November 2026.

The service's texts go into `detail` for the operator, cut and on one line, and never to people.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.genai import errors, types

from ...domain.painting import Usage
from ...errors import (
    ConfigurationError,
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
from ...i18n import gettext
from ...text import cut_on_word, one_line
from .delays import in_details, in_headers, in_words

Hide = Callable[[str], str]
"""Removes the keys from a text. Call it before cutting the text, since a part of a key is not recognized."""
MOST_READ = 4_000
"""Most characters of a service's text that are read."""
PROHIBITED = frozenset({"PROHIBITED_CONTENT", "BLOCKLIST"})
"""Reasons for which Google flags accounts."""
_TOO_LARGE = re.compile(r"(?:payload|request|body|content)\b[^.]{0,40}(?:exceed|too (?:large|long|big))", re.IGNORECASE)
# The relaxed tier is served only while there is capacity, and not to every project, so its errors say nothing about
# keys, models and the service.
_FOR_EVERYBODY = (ConfigurationError, QuotaError, UnavailableError)
_NAMES_TIER = re.compile(r"tier|flex", re.IGNORECASE)

# The subject of an error 400, by its words. They are not documented, and differ by service and by relay.
_WORDS_WITHIN_NAMES = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
"""The places at which `inputImage` and `input_image` are split."""
_MODEL = re.compile(r"\bmodels/\S+|\b(?:gemini|imagen)-\S+", re.IGNORECASE)
"""Names of models, which may contain "image"."""
_REST = r"(?:[^.]|\.(?=\S))*"
"""The rest of the sentence."""
_IMAGES = r"(?:images?|pictures?|photos?|photographs?)"
_SENT = re.compile(
    rf"\b(?:input|provided|uploaded|supplied|attached|given|reference|source) (?:{_IMAGES}|files?)\b"
    r"(?! (?:size|config|count|generation|output)\b)",
    re.IGNORECASE,
)
_WANTED = re.compile(
    rf"""\b(?:
    (?:generation|image)\ config\b{_REST} | image\ output\ options\b{_REST}
    | (?:{_IMAGES}\ )?aspect\ ratio\b{_REST}
    | (?:response\ )?modalit(?:y|ies)\b{_REST}
    | (?:output|response)\ (?:{_IMAGES}\ )?(?:file\ |media\ )?(?:mime|format|type)\b{_REST}
    | image\ size\b(?!\ (?:is\ )?(?:too|exceeds|below|above))
    | number\ of\ images
    | {_IMAGES}[ -](?:generation|creation|editing|output|count|models?|search)
    | (?:generated|output|requested|resulting)\ (?:\w+\ )?{_IMAGES}
    | {_IMAGES}\ (?:(?:can|could|may|cannot|is|are|was|were|not|be)\ )+(?:generated|created|produced|returned|drawn)
    | (?:generat|creat|produc|return|draw)\w*\ (?:(?:an?|the|any|new|more)\ )*{_IMAGES}
    | media\ resolution | harm\ category[\w ]*
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words about the requested picture, or about limits of the model or the region."""
_IMAGE = re.compile(
    rf"\b(?:{_IMAGES}|pixels?|bitmaps?|jpe?gs?|pngs?|webp|gifs?|hei[cf]|avif|tiff?|bmp|svg|exif|icc|cmyk"
    r"|mime|media|blobs?|attachments?|inline data|base64|file (?:format|type)s?|corrupt(?:ed)?)\b",
    re.IGNORECASE,
)


def usage_of(response: types.GenerateContentResponse) -> Usage:
    """Read the tokens that the service bills for `response`; zeros when it does not say."""
    figures = response.usage_metadata
    if figures is None:
        return Usage()
    return Usage(
        is_relaxed=_tier(response) == "flex",
        prompt_tokens=figures.prompt_token_count or 0,
        output_tokens=figures.candidates_token_count or 0,
        thought_tokens=figures.thoughts_token_count or 0,
    )


def _tier(response: types.GenerateContentResponse) -> str:
    """Read the tier that is billed, which the service names only in a header."""
    headers = (response.sdk_http_response.headers if response.sdk_http_response else None) or {}
    return next((value.lower() for name, value in headers.items() if name.lower() == "x-gemini-service-tier"), "")


def quote_text(text: object, hide: Hide, limit: int = 200) -> str:
    """Bring a service's text on one line, without keys, cut to `limit`; empty for anything that is no text."""
    return cut_on_word(hide(one_line(_text(text)[:MOST_READ])), limit)


def _text(value: object) -> str:
    """Return `value` if it is a text, else an empty one: the client does not check the types in an error's body."""
    return value if isinstance(value, str) else ""


def refusal_of(response: types.GenerateContentResponse, hide: Hide = str) -> SceneArtError:
    """Make the error for a `response` without a picture, with its tokens. An unknown reason counts as a plain block."""
    refusal = _refusal(response, hide)
    usage = usage_of(response)
    refusal.tokens, refusal.is_relaxed = usage.tokens, usage.is_relaxed
    return refusal


def _refusal(response: types.GenerateContentResponse, hide: Hide) -> SceneArtError:
    feedback = response.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        reason = name_of(feedback.block_reason, hide)
        kind = ProhibitedError if reason in PROHIBITED else InputRefusedError
        return kind(f"Gemini blocked the input: {reason}", sentence=InputRefusedError.default_sentence)
    candidate = response.candidates[0] if response.candidates else None
    if candidate is None:
        return NoImageError("Gemini answered without a candidate")
    words = quote_text(_words(candidate), hide)
    reason = name_of(candidate.finish_reason, hide)
    if reason == "NO_IMAGE":
        return NoImageError("Gemini made no picture: NO_IMAGE")
    if reason in {"STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED", ""}:
        if words:
            return RefusedError(f"Gemini answered with words only: {words}")
        return NoImageError(f"Gemini's answer is empty: {reason or 'no reason'}")
    blocked = ProhibitedError if reason in PROHIBITED else RefusedError
    return blocked(
        f"Gemini blocked the picture: {reason}" + (f": {words}" if words else ""),
        sentence=gettext("The painter's safety filter blocked this picture. Try milder words or notes."),
    )


def _words(candidate: types.Candidate) -> str:
    parts = (candidate.content.parts if candidate.content else None) or []
    return " ".join(part.text for part in parts if part.text and not part.thought)


def name_of(value: object, hide: Hide) -> str:
    """Bring one of the service's enumerated words on one short line, without keys; empty for None."""
    return quote_text(str(getattr(value, "value", value) or ""), hide, 60)


def error_of_api(exc: errors.APIError, model: str, hide: Hide = str, *, is_relaxed: bool = False) -> SceneArtError:
    """Translate the service's HTTP error into ours, whose kind says what to do next."""
    code, status = exc.code or 0, name_of(exc.status, hide)
    detail = f"Gemini answered {code} {status}: {quote_text(exc.message, hide)}"
    error = _error(exc, code, status, detail, model)
    if is_relaxed and (isinstance(error, _FOR_EVERYBODY) or _NAMES_TIER.search(_text(exc.message)[:MOST_READ])):
        return TierDeclinedError(f"the relaxed tier was declined: {detail}")
    return error


def _error(exc: errors.APIError, code: int, status: str, detail: str, model: str) -> SceneArtError:
    if code >= 500:
        return UnavailableError(detail, retry_after=_named_delay(exc))
    if code in {408, 499}:
        return TransientError(detail)
    return _quota(exc, detail) if code == 429 else _objection(exc, code, status, detail, model)


def _objection(exc: errors.APIError, code: int, status: str, detail: str, model: str) -> SceneArtError:
    """Make the error for an answer that repeating the same request would not change."""
    message = _text(exc.message)[:MOST_READ]
    if code == 404:
        return ModelRetiredError(f"Gemini does not know the model {model} (retired?): {code} {status}")
    if code == 403:
        return KeyForbiddenError(f"the key was turned away: {code} {status}")
    if code == 401 or status == "FAILED_PRECONDITION" or _is_key_invalid(exc):
        return KeyRejectedError(f"the key was turned away: {code} {status}")
    if code == 413 or _TOO_LARGE.search(message):
        return RequestTooLargeError(detail)
    if names_an_input_image(message):
        # A reference that the service cannot read is found like one that it blocks.
        return UnreadableImageError(detail)
    return InvalidRequestError(detail)


def names_an_input_image(message: str) -> bool:
    """Tell whether `message` is about a picture in the request, and not about the requested one."""
    words = _WORDS_WITHIN_NAMES.sub(" ", _MODEL.sub(" ", message))
    return _SENT.search(words) is not None or _IMAGE.search(_WANTED.sub(" ", words)) is not None


def _details(exc: errors.APIError) -> list[dict[str, object]]:
    """Read `error.details[]` of the decoded body; empty for a body of any other shape."""
    body = exc.details
    error = body.get("error", body) if isinstance(body, dict) else None
    return _objects(error.get("details")) if isinstance(error, dict) else []


def _objects(value: object) -> list[dict[str, object]]:
    """Return the objects in a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_key_invalid(exc: errors.APIError) -> bool:
    """Tell whether the key is invalid, which is a 400 with the reason in the details."""
    return exc.code == 400 and (
        any(item.get("reason") == "API_KEY_INVALID" for item in _details(exc))
        or "api key not valid" in _text(exc.message).lower()
    )


def _quota(exc: errors.APIError, detail: str) -> SceneArtError:
    quota_ids = [
        str(violation.get("quotaId", "")) for item in _details(exc) for violation in _objects(item.get("violations"))
    ]
    if any("FreeTier" in quota for quota in quota_ids):
        return KeyRejectedError("image models have no free tier; the key's project needs billing")
    if any("PerDay" in quota for quota in quota_ids):
        seconds = seconds_to_reset(datetime.now(UTC))
        return QuotaError("Gemini: the daily quota is used up until midnight Pacific time", retry_after=seconds)
    return QuotaError(detail, retry_after=_named_delay(exc))


def _named_delay(exc: errors.APIError) -> float | None:
    """Find the delay that the service asks for, in seconds, wherever it says so."""
    headers = getattr(getattr(exc.response, "_response", exc.response), "headers", None)
    told = in_details(_details(exc)), in_headers(headers), in_words(_text(exc.message)[:MOST_READ])
    return next((seconds for seconds in told if seconds is not None), None)


def seconds_to_reset(now: datetime) -> float:
    """Return the seconds until the next midnight in California, when daily quotas reset."""
    here = now.astimezone(_california())
    tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    # In UTC, since Python subtracts two times of one zone by their clock faces, even where the clocks go back.
    return (tomorrow.astimezone(UTC) - now).total_seconds()


def _california() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        # Windows has no time zone data. Standard time is an hour late in summer, which only means a longer wait.
        return timezone(timedelta(hours=-8))

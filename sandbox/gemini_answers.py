"""The pretended Gemini's answers: one small builder per shape of answer."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One answer; `draw` asks for the default picture of the request in place of a body."""

    status: int = 200
    body: JSON | bytes = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before it is sent."""
    draw: bool = False
    hang: bool = False
    reset: bool = False
    break_off: bool = False
    """The connection is cut when half of the body has been sent."""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_paid(self) -> bool:
        """True: Google would bill it, since it has output, even if the client never gets it."""
        if self.draw or self.hang or self.reset or self.break_off or isinstance(self.body, bytes):
            return True
        return bool(self.body.get("usageMetadata", {}).get("candidatesTokenCount"))


def image_part(data: bytes, mime: str = "image/png", *, thought: bool = False) -> JSON:
    """A part with a picture; `thought` marks it as a draft."""
    part: JSON = {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}
    return part | ({"thought": True} if thought else {})


def usage(prompt: int = 1200, output: int = 1120, thoughts: int = 0) -> JSON:
    """A `usageMetadata` document."""
    document: JSON = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": output,
        "totalTokenCount": prompt + output + thoughts,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": output}],
    }
    return document | ({"thoughtsTokenCount": thoughts} if thoughts else {})


def candidate(
    parts: list[JSON], reason: str | None = "STOP", *, message: str | None = None, tokens: JSON | None = None
) -> JSON:
    """A whole body with one candidate."""
    inner: JSON = {"index": 0, "content": {"role": "model", "parts": parts}}
    if not parts:
        del inner["content"]
    if reason is not None:
        inner["finishReason"] = reason
    if message is not None:
        inner["finishMessage"] = message
    return {"candidates": [inner], "usageMetadata": tokens or usage(), "modelVersion": "sandbox"}


def picture(data: bytes | None = None, *, mime: str = "image/png", delay: float = 0.0) -> Answer:
    """A picture; without data the default one, drawn from the request."""
    if data is None:
        return Answer(draw=True, delay=delay)
    return Answer(body=candidate([image_part(data, mime)]), delay=delay)


def parts(*given: JSON, reason: str = "STOP", delay: float = 0.0, tokens: JSON | None = None) -> Answer:
    """Several parts of your own; see `image_part` and `text_part`."""
    return Answer(body=candidate(list(given), reason, tokens=tokens), delay=delay)


def text_part(text: str, *, thought: bool = False) -> JSON:
    """A part with text."""
    return {"text": text} | ({"thought": True} if thought else {})


def drafts(draft: bytes, final: bytes, *, mime: str = "image/png") -> Answer:
    """A thinking model's answer: a thought, a draft picture, some text and the final picture."""
    return Answer(
        body=candidate(
            [
                text_part("First a rough arrangement.", thought=True),
                image_part(draft, mime, thought=True),
                text_part("Here is the scene."),
                image_part(final, mime),
            ],
            tokens=usage(thoughts=640),
        )
    )


def blocked_prompt(reason: str = "OTHER", *, message: str | None = None) -> Answer:
    """The input was blocked: no candidates."""
    feedback: JSON = {"blockReason": reason} | ({"blockReasonMessage": message} if message else {})
    return Answer(body={"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 1200}})


def finished(reason: str, *, message: str | None = None) -> Answer:
    """The output was blocked: a candidate with this `finishReason` (any string) and nothing in it."""
    return Answer(body=candidate([], reason, message=message, tokens=usage(output=0)))


def no_image() -> Answer:
    """The model was expected to draw and did not."""
    return finished("NO_IMAGE", message="Unable to show the generated image.")


def text_only(text: str = "I would rather describe this scene in words.") -> Answer:
    """The model declined or chatted."""
    return Answer(body=candidate([text_part(text)]))


def empty() -> Answer:
    """No candidates and no reason."""
    return Answer(body={"usageMetadata": usage(output=0)})


def error(status: int, name: str, message: str, *details: JSON) -> Answer:
    """An error document in Google's form."""
    document: JSON = {"code": status, "message": message, "status": name}
    if details:
        document["details"] = list(details)
    return Answer(status=status, body={"error": document})


def wrong_key() -> Answer:
    """400, the API key is not valid."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", info)


def invalid_argument(message: str = "Request contains an invalid argument.") -> Answer:
    """400."""
    return error(400, "INVALID_ARGUMENT", message)


def forbidden(message: str = "The caller does not have permission") -> Answer:
    """403."""
    return error(403, "PERMISSION_DENIED", message)


def retired_model(model: str = "gemini-2.5-flash-image") -> Answer:
    """404, as for a model past its shutdown date."""
    text = f"models/{model} is not found for API version v1beta, or is not supported for generateContent."
    return error(404, "NOT_FOUND", text)


def rate_limited(
    retry_delay: str | None = "34s",
    *,
    quota_id: str | None = "GenerateRequestsPerMinutePerProjectPerModel",
    message: str = "You exceeded your current quota, please check your plan and billing details.",
) -> Answer:
    """429 with QuotaFailure, Help and RetryInfo; each of the first and last can be left out."""
    details: list[JSON] = []
    if quota_id is not None:
        violation = {"quotaMetric": "generativelanguage.googleapis.com/requests", "quotaId": quota_id}
        details.append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]})
    links = [{"description": "Learn more", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]
    details.append({"@type": "type.googleapis.com/google.rpc.Help", "links": links})
    if retry_delay is not None:
        info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry_delay}
        details.append(info)
    return error(429, "RESOURCE_EXHAUSTED", message, *details)


def daily_quota(retry_delay: str | None = "34s") -> Answer:
    """429, the day's quota is used up."""
    return rate_limited(retry_delay, quota_id="GenerateRequestsPerDayPerProjectPerModel")


def free_tier() -> Answer:
    """429, the project has no billing and image models have no free tier."""
    return rate_limited("34s", quota_id="GenerateRequestsPerDayPerProjectPerModel-FreeTier")


def server_error() -> Answer:
    """500."""
    return error(500, "INTERNAL", "An internal error has occurred.")


def overloaded() -> Answer:
    """503."""
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def page(status: int, text: str, **headers: str) -> Answer:
    """An error page of a relay's own in front of the API."""
    return Answer(status=status, body=text.encode(), headers={"Content-Type": "text/html"} | headers)


def hang() -> Answer:
    """Never answers."""
    return Answer(hang=True)


def reset() -> Answer:
    """The connection is cut."""
    return Answer(reset=True)


def broken_off() -> Answer:
    """A picture whose second half never comes: the connection is cut."""
    return Answer(draw=True, break_off=True)


def broken_json() -> Answer:
    """200 with a document that ends in the middle."""
    return Answer(body=json.dumps(candidate([text_part("cut off")])).encode()[:-20])


def wrong_base64() -> Answer:
    """200 with a picture whose base64 is none."""
    part = {"inlineData": {"mimeType": "image/png", "data": "this is *not* base64!"}}
    return Answer(body=candidate([part]))


def not_a_picture() -> Answer:
    """200 with sound base64 of bytes that are no picture."""
    return picture(b"these bytes are no picture")

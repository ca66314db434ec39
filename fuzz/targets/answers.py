"""What Gemini may answer: `painters.gemini`, `painters.answers`, and `painters.fit` for the picture in it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from google.genai import errors, types
from PIL import Image

from cogs.scene_art.domain.painting import Painting, Prompt
from cogs.scene_art.errors import DETAIL_LIMIT, SceneArtError, from_wire
from cogs.scene_art.painters.fit import fit
from cogs.scene_art.painters.gemini.answers import error_of_api
from cogs.scene_art.painters.gemini.painter import GeminiPainter
from cogs.scene_art.redaction import Redactor

from ..containers import mutated_picture
from ..jsons import mutated_json
from ..target import Corpus, Target, promise
from . import pictures

KEY = "fuzz-key-0123456789abcdef"
"""Stands in what the pretended service says, and must stand in nothing that we say."""
_WORDS = "words-of-the-service"
_UPLOAD_LIMIT = 100_000
_FORMATS = {"image/png", "image/jpeg", "image/webp"}
_BRIEF = Prompt(scene_id="0" * 16, system="", parts=(), scene="", cast=())


def corpus(folder: Path) -> Corpus:
    """Answers, errors, and behind them the pictures."""
    blob = {"inlineData": {"mimeType": "image/png", "data": "cGljdHVyZQ=="}}
    figures = {"promptTokenCount": 7, "candidatesTokenCount": 9, "thoughtsTokenCount": 1}
    said = {"text": f"{_WORDS} {KEY}"}
    told = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}
    quota = {"violations": [{"quotaId": "GenerateRequestsPerMinute"}]}
    invalid = {"reason": "API_KEY_INVALID"}
    answers: tuple[dict[str, Any], ...] = (
        {"candidates": [{"content": {"parts": [said, blob]}, "finishReason": "STOP"}], "usageMetadata": figures},
        {"candidates": [{"content": {"parts": [{**said, "thought": True}]}, "finishReason": "IMAGE_SAFETY"}]},
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": f"m {KEY}"},
        {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": KEY, "details": [told, quota]}},
        {"error": {"code": 400, "status": f"INVALID {KEY}", "message": "process image", "details": [invalid]}},
    )
    return [*(json.dumps(answer).encode() for answer in answers), *pictures.corpus(folder)]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """JSON in the shape of an answer or an error; in a good part of the answers stands a broken picture."""
    answers, files = corpus[:5], corpus[5:]
    if dice.random() < 0.5:
        return mutated_json(dice, dice.choice(answers), answers)
    file = base64.b64encode(mutated_picture(dice, dice.choice(files), files)[:200_000])
    return answers[0].replace(b"cGljdHVyZQ==", file)


def trial(data: bytes, folder: Path) -> bool:
    """A picture that Discord takes, or an error of ours that repeats nothing it should not."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return False  # the client's own error, translated by the painter
    if not isinstance(body, dict):
        return False
    if "error" in body:
        _check_error(body)
        return False
    try:
        return _painted(body)
    except SceneArtError as exc:
        check_words(exc)
        return False


def _painted(body: dict[str, Any]) -> bool:
    """
    Raises:
        SceneArtError: it is no picture.
    """
    painter, loop = _painter()
    painting = loop.run_until_complete(_paint(painter, body))
    promise(KEY not in painting.model_dump_json(), "no key in a painting's record")
    check_fitted(fit(painting, _UPLOAD_LIMIT))
    return True


async def _paint(painter: GeminiPainter, body: dict[str, Any]) -> Painting:
    """As `GeminiPainter.paint` does it, with an answer that has come."""
    with painter._keys_hidden():
        async with painter._translated("a-model"):
            response = types.GenerateContentResponse.model_validate(body)
        return painter._painting(response, "a-model")


def check_fitted(painting: Painting) -> None:
    """What may go to Discord."""
    promise(painting.mime in _FORMATS, "a format that Discord shows")
    promise(painting.size == len(painting.data) <= _UPLOAD_LIMIT, "it fits")
    with Image.open(io.BytesIO(painting.data)) as image:
        promise(image.size == (painting.width, painting.height), "the size is the file's")


def check_words(exc: SceneArtError) -> None:
    """What an error says, and that it comes through a pipe."""
    promise(KEY not in exc.detail and KEY not in exc.sentence and KEY not in repr(exc), "no key in an error")
    promise(_WORDS not in exc.sentence, "people read our words alone")
    promise(len(exc.detail) <= DETAIL_LIMIT and "\n" not in exc.detail, "one line, and not a long one")
    wire = json.loads(json.dumps(exc.to_wire(), allow_nan=False))
    promise(from_wire(wire).to_wire() == exc.to_wire(), "it comes through a pipe")


def _check_error(body: dict[str, Any]) -> None:
    error = body["error"]
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    try:
        raised = errors.APIError(status, body)
    except Exception:  # noqa: BLE001  # the library's own trouble
        return
    check_words(error_of_api(raised, "a-model", Redactor([KEY]).hide))


@cache
def _painter() -> tuple[GeminiPainter, asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    return GeminiPainter(keys=[KEY], timeout=timedelta(seconds=1)), loop


ANSWERS = Target("answers", 6, 5.0, corpus, mutate, trial)

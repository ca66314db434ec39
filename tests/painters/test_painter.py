"""The Gemini painter: a real google-genai client against a pretended Gemini on loopback."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import pickle
import time
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cogs.scene_art.domain.painting import Label, ModelAndKey, Painting, Picture, Prompt, Shown
from cogs.scene_art.errors import (
    ConfigurationError,
    InputRefusedError,
    InvalidRequestError,
    KeyForbiddenError,
    KeyRejectedError,
    LostAnswerError,
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
)
from cogs.scene_art.painters.gemini.painter import GeminiPainter
from sandbox import gemini_answers as answers
from sandbox.gemini import GeminiSide
from sandbox.waiting import wait_until
from tests.test_redaction import DRESSES, survives

MODEL = "gemini-nano-banana-2.1"
MODEL_AND_KEY = ModelAndKey(model=MODEL)
KEYS = ("AIza-first-secret-key", "AIza-second-secret-key")


def png(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GeminiSide]:
    """A Gemini that knows both keys; the client finds it as an operator would say it."""
    side = GeminiSide(key=KEYS[0])
    side.keys.add(KEYS[1])
    await side.start()
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", side.base_url)
    yield side
    await side.stop()


MakePainter = Callable[..., GeminiPainter]


@pytest.fixture
async def make_painter(service: GeminiSide, tmp_path: Path) -> AsyncIterator[MakePainter]:
    painters: list[GeminiPainter] = []

    def made(keys: Sequence[str] = KEYS[:1], *, timeout: float = 10.0) -> GeminiPainter:
        painter = GeminiPainter(keys=keys, timeout=timedelta(seconds=timeout))
        painters.append(painter)
        return painter

    yield made
    for painter in painters:
        await painter.aclose()


@pytest.fixture
def painter(make_painter: MakePainter) -> GeminiPainter:
    return make_painter()


@pytest.fixture
def prompt(tmp_path: Path) -> Prompt:
    reference = tmp_path / "mira.png"
    reference.write_bytes(png("red"))
    return Prompt(
        scene_id="0123456789abcdef",
        system="Everybody is an adult.",
        parts=(
            Label(text="Image 1 is Mira: likeness only."),
            Shown(picture=Picture(path=reference, mime="image/png", width=40, height=30)),
            Label(text="The scene:\n«««\nMira lights a lantern.\n»»»"),
        ),
        scene="Mira lights a lantern.",
        cast=(),
        aspect_ratio="21:9",
        image_size="2K",
    )


async def test_one_request_carries_the_brief_in_its_order(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt
) -> None:
    await painter.paint(prompt, MODEL_AND_KEY)
    [request] = service.requests
    assert (request.key, request.model) == (KEYS[0], MODEL)
    assert request.system == "Everybody is an adult."
    assert [next(iter(part)) for part in request.parts] == ["text", "inlineData", "text"]
    assert request.references[0].label == "Image 1 is Mira: likeness only."
    assert request.images == [png("red")]
    assert request.scene == "Mira lights a lantern."
    assert request.image_config == {"aspectRatio": "21:9", "imageSize": "2K"}


async def test_what_the_model_cannot_do_is_not_asked_for(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt
) -> None:
    await painter.paint(
        prompt.model_copy(update={"aspect_ratio": "8:1"}), ModelAndKey(model="gemini-3.1-flash-lite-image")
    )
    assert service.requests[0].image_config == {"aspectRatio": "21:9", "imageSize": "1K"}


async def test_the_painters_own_bytes_are_kept(painter: GeminiPainter, service: GeminiSide, prompt: Prompt) -> None:
    service.script(answers.picture(png("green")))
    painting = await painter.paint(prompt, MODEL_AND_KEY)
    assert painting.data == png("green")
    assert (painting.mime, painting.painter, painting.model) == ("image/png", "gemini", "sandbox")
    assert painting.finish_reason == "STOP"
    assert (painting.usage.prompt_tokens, painting.usage.output_tokens) == (1200, 1120)


async def test_the_last_picture_that_is_no_draft_wins(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt
) -> None:
    service.script(
        answers.drafts(png("red"), png("green")),
        answers.parts(answers.image_part(png("red")), answers.text_part("Or so?"), answers.image_part(png("blue"))),
        answers.parts(answers.image_part(png("red")), answers.image_part(png("grey"), thought=True)),
    )
    pictures = [await painter.paint(prompt, MODEL_AND_KEY) for _ in range(3)]
    assert [painting.data for painting in pictures] == [png("green"), png("blue"), png("red")]
    assert pictures[0].usage.thought_tokens == 640


def written(data: bytes) -> str:
    return f"Here you are: ![scene](data:image/png;base64,{base64.b64encode(data).decode()}) Enjoy!"


@pytest.mark.parametrize(
    "part",
    [
        answers.image_part(png("green"), "application/octet-stream"),
        answers.image_part(png("green"), ""),
        answers.image_part(png("green"), "image/jpeg"),
        answers.text_part(written(png("green"))),
    ],
    ids=["no kind", "no label", "another kind", "in the text"],
)
async def test_a_picture_is_told_by_its_bytes(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt, part: dict[str, Any]
) -> None:
    """As relays in front of the API label it."""
    service.script(answers.parts(answers.text_part("A scene."), part))

    painting = await painter.paint(prompt, MODEL_AND_KEY)

    assert (painting.data, painting.mime) == (png("green"), "image/png")


@pytest.mark.parametrize(
    "part",
    [
        answers.image_part(b'{"status": "queued"}', "application/octet-stream"),
        answers.text_part("data:image/png;base64,AAAA"),
        answers.text_part(written(png()), thought=True),
    ],
    ids=["no picture", "no picture in the text", "a draft"],
)
async def test_what_is_no_picture_is_told_with_its_cost(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt, part: dict[str, Any]
) -> None:
    service.script(answers.parts(part))

    with pytest.raises(RefusedError) as error:
        await painter.paint(prompt, MODEL_AND_KEY)

    assert error.value.tokens == (1200, 1120)


async def test_a_relaxed_picture_is_asked_for_at_the_flex_tier_and_says_whether_it_was_served_there(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt
) -> None:
    relaxed = prompt.model_copy(update={"is_relaxed": True})
    served = [replace(answers.picture(png()), headers={"X-Gemini-Service-Tier": tier}) for tier in ("flex", "standard")]
    service.script(*served, answers.picture(png()))

    pictures = [await painter.paint(wanted, MODEL_AND_KEY) for wanted in (relaxed, relaxed, prompt)]

    assert [request.tier for request in service.requests] == ["flex", "flex", ""]
    assert [painting.usage.is_relaxed for painting in pictures] == [True, False, False]


@pytest.mark.parametrize(
    "answer",
    [
        answers.overloaded(),
        answers.rate_limited("30s"),
        answers.error(400, "INVALID_ARGUMENT", "Flex is not supported for this model"),
    ],
)
async def test_a_tier_that_is_declined_says_nothing_of_the_key(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt, answer: answers.Answer
) -> None:
    service.script(answer)
    with pytest.raises(TierDeclinedError) as error:
        await painter.paint(prompt.model_copy(update={"is_relaxed": True}), MODEL_AND_KEY)
    assert error.value.retry_after is None


async def test_a_picture_with_a_block_reason_beside_it_is_still_a_picture(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt
) -> None:
    """It is paid for, and the service let it out."""
    service.script(answers.parts(answers.image_part(png()), reason="MAX_TOKENS"))
    assert (await painter.paint(prompt, MODEL_AND_KEY)).finish_reason == "MAX_TOKENS"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.blocked_prompt("OTHER"), InputRefusedError),
        (answers.finished("IMAGE_SAFETY"), RefusedError),
        (answers.finished("PROHIBITED_CONTENT"), ProhibitedError),
        (answers.text_only(), RefusedError),
        (answers.parts(answers.image_part(png(), thought=True)), NoImageError),
        (answers.no_image(), NoImageError),
        (answers.empty(), NoImageError),
        (answers.Answer(body={}), NoImageError),
        (answers.invalid_argument(), InvalidRequestError),
        (answers.forbidden(), KeyForbiddenError),
        (answers.retired_model(), ModelRetiredError),
        (answers.rate_limited("34.07s"), QuotaError),
        (answers.daily_quota(), QuotaError),
        (answers.free_tier(), KeyRejectedError),
        (answers.server_error(), UnavailableError),
        (answers.overloaded(), UnavailableError),
        (answers.broken_json(), LostAnswerError),
        (answers.wrong_base64(), LostAnswerError),
        (answers.Answer(body=b"<html>Bad gateway</html>", status=502), LostAnswerError),
        (answers.Answer(body=b"<html>Welcome to the hotel</html>"), LostAnswerError),
        (answers.Answer(body={"promptFeedback": {"blockReason": {}}}), LostAnswerError),
        (answers.Answer(body={"candidates": [{"finishReason": [7]}]}), LostAnswerError),
        (answers.Answer(body={"error": {"code": "?", "message": 7}}, status=503), UnavailableError),
        (answers.page(502, "<html>Bad gateway</html>"), UnavailableError),
        (answers.page(413, "<html>Request Entity Too Large</html>"), RequestTooLargeError),
        (answers.Answer(body=b"[]"), NoImageError),
        (answers.Answer(body=b"null"), NoImageError),
        (answers.Answer(body={"candidates": "none"}), NoImageError),
        (answers.reset(), LostAnswerError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_every_answer_ends_in_a_picture_or_in_an_error_of_ours(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt, answer: answers.Answer, kind: type[SceneArtError]
) -> None:
    service.script(answer)
    with pytest.raises(SceneArtError) as error:
        await painter.paint(prompt, MODEL_AND_KEY)
    assert type(error.value) is kind
    assert len(service.requests) == 1, "every request may be paid: one call, one request"
    assert pickle.loads(pickle.dumps(error.value)).detail == error.value.detail  # noqa: S301  # our own bytes
    service.script(answers.picture(png()))
    assert (await painter.paint(prompt, MODEL_AND_KEY)).data, "the next scene is a fresh request"


@pytest.mark.filterwarnings(r"ignore:[\s\S]*is not a valid")  # the client says so with the words themselves
async def test_a_key_that_comes_back_in_any_dress_stands_in_no_error_and_no_record(
    make_painter: MakePainter, service: GeminiSide, prompt: Prompt
) -> None:
    key = "AIzaSyB7-kQ0x_Wm3Tz9LrVhE2uNcYp5Gd8Jf1Ao"
    service.keys.add(key)
    painter = make_painter([key])
    for dress in DRESSES.values():
        told = f"blocked for {dress(key)}."
        service.script(
            answers.error(400, told[:60], told), answers.text_only(told), answers.finished("IMAGE_SAFETY", message=told)
        )
        for _ in range(3):
            with pytest.raises(SceneArtError) as error:
                await painter.paint(prompt, MODEL_AND_KEY)
            assert survives(key, f"{error.value.detail} {error.value} {error.value.to_wire()}") == set()
        body = answers.candidate([answers.image_part(png(), "image/png")], told) | {"modelVersion": told}
        service.script(answers.Answer(body=body))
        assert survives(key, (await painter.paint(prompt, MODEL_AND_KEY)).model_dump_json()) == set()


@pytest.mark.parametrize("status", [429, 503])
async def test_the_delay_in_a_relays_header_reaches_us(
    painter: GeminiPainter, service: GeminiSide, prompt: Prompt, status: int
) -> None:
    service.script(answers.page(status, "<html>Later</html>", **{"Retry-After": "7"}))
    with pytest.raises(TransientError) as error:
        await painter.paint(prompt, MODEL_AND_KEY)
    assert error.value.retry_after == 7


async def test_the_brush_names_key_and_model(make_painter: MakePainter, service: GeminiSide, prompt: Prompt) -> None:
    await make_painter(KEYS).paint(prompt, ModelAndKey(model="gemini-3-pro-image", key=1))
    [request] = service.requests
    assert (request.key, request.model) == (KEYS[1], "gemini-3-pro-image")


async def test_a_look_at_key_and_model_paints_nothing(make_painter: MakePainter, service: GeminiSide) -> None:
    painter = make_painter([KEYS[0], "AIza-unknown-secret-key"])
    await painter.describe_model(MODEL_AND_KEY)
    with pytest.raises(KeyRejectedError):
        await painter.describe_model(ModelAndKey(model=MODEL, key=1))
    with pytest.raises(ModelRetiredError):
        await painter.describe_model(ModelAndKey(model="gemini-2.5-flash-image"))
    assert service.requests == []


async def test_what_a_refusal_cost_is_told(painter: GeminiPainter, service: GeminiSide, prompt: Prompt) -> None:
    service.script(answers.text_only())
    with pytest.raises(RefusedError) as error:
        await painter.paint(prompt, MODEL_AND_KEY)
    assert error.value.tokens == (1200, 1120)


async def test_a_service_that_never_answers_costs_the_time_that_was_allowed(
    make_painter: MakePainter, service: GeminiSide, prompt: Prompt
) -> None:
    service.script(answers.hang())
    before = time.monotonic()
    with pytest.raises(LostAnswerError, match=r"did not answer within 0\.3 s") as error:
        await make_painter(timeout=0.3).paint(prompt, MODEL_AND_KEY)
    assert time.monotonic() - before < 3
    assert error.value.sentence == "The painter took too long. Try again in a minute."
    assert len(service.requests) == 1


async def test_a_service_that_is_away_is_an_error_that_may_pass(
    make_painter: MakePainter, service: GeminiSide, prompt: Prompt
) -> None:
    painter = make_painter()
    await service.stop()
    with pytest.raises(TransientError, match="Gemini cannot be reached"):
        await painter.paint(prompt, MODEL_AND_KEY)


async def test_cancelling_ends_the_request(painter: GeminiPainter, service: GeminiSide, prompt: Prompt) -> None:
    service.script(answers.hang())
    task: asyncio.Task[Painting] = asyncio.create_task(painter.paint(prompt, MODEL_AND_KEY), name="scene-art test")
    await wait_until(lambda: service.requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "answer",
    [
        answers.wrong_key(),
        answers.error(400, "INVALID_ARGUMENT", f"API key not valid: {KEYS[0]}"),
        answers.error(403, "PERMISSION_DENIED", f"Key {KEYS[0]} may not"),
        answers.error(429, "RESOURCE_EXHAUSTED", f"Quota of {KEYS[0]}"),
        answers.error(500, "INTERNAL", f"Request with {KEYS[0]} failed"),
        answers.error(400, "INVALID_ARGUMENT", f"Bad header {KEYS[0]}"),
        answers.text_only(f"Your key is {KEYS[0]}"),
        answers.broken_json(),
        answers.reset(),
    ],
    ids=lambda answer: f"{answer.status}",
)
async def test_a_key_is_in_no_error_and_in_no_log(
    painter: GeminiPainter,
    service: GeminiSide,
    prompt: Prompt,
    answer: answers.Answer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not even when the service itself repeats it."""
    service.script(answer)
    with caplog.at_level(logging.DEBUG), pytest.raises(SceneArtError) as error:
        await painter.paint(prompt, MODEL_AND_KEY)
    shown = [*traceback.format_exception(error.value), error.value.detail, error.value.sentence, repr(painter)]
    assert not [text for text in shown if "secret-key" in text]
    assert "secret-key" not in caplog.text


async def test_without_a_key_there_is_no_painter(make_painter: MakePainter) -> None:
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY"):
        make_painter(())

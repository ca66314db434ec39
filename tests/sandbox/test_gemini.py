"""The pretended Gemini, asked by a real google-genai client."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from google import genai
from google.genai import errors, types
from PIL import Image

from sandbox import Sandbox, wait_until
from sandbox import gemini_answers as answers
from sandbox.gemini import MODELS, GeminiRequest, blocked_while_shown
from sandbox.gemini_picture import dimensions

MODEL = MODELS[0]

# google-genai 3.4 derives a class from aiohttp's session, which aiohttp discourages.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


def png(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


def client_for(sandbox: Sandbox, key: str | None = None) -> genai.Client:
    options = types.HttpOptions(base_url=sandbox.gemini.base_url, timeout=5000)
    return genai.Client(api_key=key or sandbox.gemini.key, http_options=options)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[genai.Client]:
    made = client_for(sandbox)
    yield made
    await made.aio.aclose()
    made.close()


async def ask(
    client: genai.Client, *, ratio: str = "16:9", size: str = "1K", model: str = MODEL
) -> types.GenerateContentResponse:
    contents: list[types.PartUnionDict] = [
        "Image 1 is Mira: likeness only",
        types.Part.from_bytes(data=png(), mime_type="image/png"),
        "Scene: Mira lights a lantern.",
    ]
    config = types.GenerateContentConfig(
        system_instruction="Everybody is an adult.",
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=ratio, image_size=size),
    )
    return await client.aio.models.generate_content(model=model, contents=contents, config=config)


def images(response: types.GenerateContentResponse) -> list[bytes]:
    parts = response.parts or []
    return [p.inline_data.data for p in parts if p.inline_data and p.inline_data.data and not p.thought]


async def test_the_default_picture_has_the_wanted_shape_and_is_logged(client: genai.Client, sandbox: Sandbox) -> None:
    response = await ask(client, ratio="16:9", size="1K")
    [data] = images(response)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == dimensions("16:9", "1K") == (1360, 768)
    assert response.usage_metadata is not None
    assert response.usage_metadata.candidates_token_count == 1120
    [request] = sandbox.gemini.requests
    assert (request.key, request.model) == (sandbox.gemini.key, MODEL)
    assert request.images == [png()]
    assert request.references[0].label == "Image 1 is Mira: likeness only"
    assert request.scene == "Mira lights a lantern."
    assert request.system == "Everybody is an adult."
    assert request.image_config == {"aspectRatio": "16:9", "imageSize": "1K"}


@pytest.mark.parametrize(
    ("texts", "scene"),
    [
        (["Image 1 is Mira", "The scene to paint, quoted:\n«««\nA door.\n»»»\nOne moment."], "A door."),
        (["Mira", "Scene: A door."], "A door."),
        (["short", "the longest of the texts"], "the longest of the texts"),
    ],
)
def test_the_scene_is_found_among_the_texts(texts: list[str], scene: str) -> None:
    body = {"contents": [{"parts": [{"text": text} for text in texts]}]}
    assert GeminiRequest(0.0, "", MODEL, body).scene == scene


async def test_every_request_waits_while_gemini_is_not_free(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.free.clear()
    asking = [asyncio.create_task(ask(client)) for _ in range(2)]
    await wait_until(lambda: len(sandbox.gemini.requests) == 2)
    await asyncio.sleep(0)
    assert not any(task.done() for task in asking)

    sandbox.gemini.free.set()

    assert all(answer.candidates for answer in await asyncio.gather(*asking))


async def test_thoughts_come_before_the_picture(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(answers.drafts(png("red"), png("green")))
    assert images(await ask(client)) == [png("green")]


async def test_a_blocked_prompt_has_no_candidates(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(answers.blocked_prompt("OTHER"))
    response = await ask(client)
    assert not response.candidates
    assert response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason == types.BlockedReason.OTHER


@pytest.mark.parametrize("reason", ["IMAGE_SAFETY", "PROHIBITED_CONTENT", "SAFETY", "NO_IMAGE", "SOMETHING_NEW"])
@pytest.mark.filterwarnings("ignore:SOMETHING_NEW is not a valid")
async def test_a_blocked_output_names_its_reason(client: genai.Client, sandbox: Sandbox, reason: str) -> None:
    sandbox.gemini.script(answers.finished(reason))
    response = await ask(client)
    assert response.candidates is not None
    assert response.candidates[0].finish_reason is not None
    assert response.candidates[0].finish_reason.value == reason
    assert images(response) == []


async def test_text_only_is_text(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(answers.text_only("No, thanks."))
    assert (await ask(client)).text == "No, thanks."


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (answers.invalid_argument(), 400, "INVALID_ARGUMENT"),
        (answers.forbidden(), 403, "PERMISSION_DENIED"),
        (answers.retired_model(), 404, "NOT_FOUND"),
        (answers.rate_limited("34.07s"), 429, "RESOURCE_EXHAUSTED"),
        (answers.daily_quota(), 429, "RESOURCE_EXHAUSTED"),
        (answers.free_tier(), 429, "RESOURCE_EXHAUSTED"),
        (answers.server_error(), 500, "INTERNAL"),
        (answers.overloaded(), 503, "UNAVAILABLE"),
    ],
)
async def test_errors_arrive_with_their_details(
    client: genai.Client, sandbox: Sandbox, answer: answers.Answer, code: int, status: str
) -> None:
    sandbox.gemini.script(answer)
    with pytest.raises(errors.APIError) as error:
        await ask(client)
    assert (error.value.code, error.value.status) == (code, status)
    assert error.value.details == answer.body


async def test_a_wrong_key_a_retired_model_and_a_wrong_size_are_refused(sandbox: Sandbox) -> None:
    stranger = client_for(sandbox, "another-key")
    with pytest.raises(errors.ClientError, match="API key not valid") as error:
        await ask(stranger)
    assert error.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    await stranger.aio.aclose()
    stranger.close()
    friend = client_for(sandbox)
    with pytest.raises(errors.ClientError, match="is not found"):
        await ask(friend, model="gemini-2.5-flash-image")
    with pytest.raises(errors.ClientError, match="image_size"):
        await ask(friend, size="1k")
    listed = [model.name async for model in await friend.aio.models.list()]
    assert set(listed) == {f"models/{name}" for name in MODELS}
    assert (await friend.aio.models.get(model=MODEL)).name == f"models/{MODEL}"
    await friend.aio.aclose()
    friend.close()


async def test_a_document_cut_short_raises(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(answers.broken_json())
    with pytest.raises((errors.APIError, ValueError)):
        await ask(client)


async def test_a_cut_connection_raises_at_once_when_retries_are_ours(sandbox: Sandbox) -> None:
    # Without retry options google-genai repeats a cut request once by itself, 1 to 10 s later.
    once = types.HttpRetryOptions(attempts=1)
    options = types.HttpOptions(base_url=sandbox.gemini.base_url, retry_options=once)
    client = genai.Client(api_key=sandbox.gemini.key, http_options=options)
    sandbox.gemini.script(answers.reset())
    with pytest.raises(aiohttp.ClientError):
        await ask(client)
    assert len(sandbox.gemini.requests) == 1
    await client.aio.aclose()
    client.close()


async def test_wrong_base64_and_bytes_that_are_no_picture(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(answers.not_a_picture(), answers.wrong_base64())
    assert images(await ask(client)) == [b"these bytes are no picture"]
    with pytest.raises(ValueError, match="base64"):
        await ask(client)


async def test_answers_can_be_slow_hang_depend_on_the_key_and_on_the_request(sandbox: Sandbox) -> None:
    sandbox.gemini.keys.add("second")
    sandbox.gemini.script(answers.server_error(), key="second")
    sandbox.gemini.script(answers.picture(png(), delay=0.05), answers.hang())
    sandbox.gemini.script(lambda request: answers.text_only(request.scene))
    first, second = client_for(sandbox), client_for(sandbox, "second")
    with pytest.raises(errors.ServerError):
        await ask(second)
    assert images(await ask(first)) == [png()]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(first), 0.2)
    assert (await ask(first)).text == "Mira lights a lantern."
    assert sandbox.gemini.pending == 0
    for client in (first, second):
        await client.aio.aclose()
        client.close()


async def test_the_input_is_blocked_while_a_certain_picture_is_in_it(client: genai.Client, sandbox: Sandbox) -> None:
    sandbox.gemini.script(blocked_while_shown("Mira"), blocked_while_shown("Tobin"))
    assert not (await ask(client)).candidates
    assert len(images(await ask(client))) == 1


async def test_what_google_would_bill_is_counted_whether_or_not_it_arrived(
    client: genai.Client, sandbox: Sandbox
) -> None:
    free = [answers.overloaded(), answers.rate_limited(), answers.blocked_prompt(), answers.no_image()]
    lost = [answers.reset(), answers.broken_json(), answers.broken_off()]
    sandbox.gemini.script(*free, answers.picture(), answers.text_only(), *lost)
    for _ in range(4 + 2):
        with contextlib.suppress(errors.APIError):
            await ask(client)
    assert len(sandbox.gemini.paid) == 2
    once = types.HttpOptions(base_url=sandbox.gemini.base_url, retry_options=types.HttpRetryOptions(attempts=1))
    own = genai.Client(api_key=sandbox.gemini.key, http_options=once)
    for _ in lost:
        with pytest.raises((aiohttp.ClientError, errors.APIError, ValueError)):
            await ask(own)
    assert len(sandbox.gemini.paid) == 5
    await own.aio.aclose()
    own.close()

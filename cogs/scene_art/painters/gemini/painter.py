"""Gemini through google-genai: one fresh request per picture, every answer mapped to our own errors.

It runs in a worker process, since the client's import takes a second and reading an answer of 8 MB holds the
interpreter for tens of milliseconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import aiohttp
from google import genai
from google.genai import errors, types

from ...domain.painting import Label, ModelAndKey, Painting, Prompt, longest_seconds
from ...errors import ConfigurationError, LostAnswerError, SceneArtError, UnavailableError
from ...i18n import gettext
from ...image_models import facts, nearest_ratio
from ...redaction import Guarded, Redactor
from .answers import error_of_api, name_of, quote_text, refusal_of, usage_of
from .pictures import picture_in


class GeminiPainter(Guarded):
    """The `Painter` of Gemini. Its callers choose the key and the model, and decide about retries."""

    def __init__(self, *, keys: Sequence[str], timeout: timedelta) -> None:
        if not keys:
            raise ConfigurationError("the Gemini painter needs a key: set GEMINI_API_KEY")
        self._hide = Redactor(keys).hide
        self._seconds = timeout.total_seconds()
        self._clients = [genai.Client(api_key=key, http_options=_options(self._seconds)) for key in keys]

    async def aclose(self) -> None:
        """Close the clients' connections."""
        for client in self._clients:
            await client.aio.aclose()

    async def paint(self, prompt: Prompt, model_and_key: ModelAndKey) -> Painting:
        """Send one request with this key and model."""
        client = self._clients[model_and_key.key]
        contents, config = _request(prompt, model_and_key.model, client)
        if prompt.is_relaxed:
            config.service_tier = types.ServiceTier.FLEX
            config.http_options = _options(longest_seconds(self._seconds, is_relaxed=True))
        with self._keys_hidden():
            async with self._translated(model_and_key.model, is_relaxed=prompt.is_relaxed):
                response = await client.aio.models.generate_content(
                    model=model_and_key.model, contents=contents, config=config
                )
            return self._painting(response, model_and_key.model)

    async def describe_model(self, model_and_key: ModelAndKey) -> None:
        """Check the key and the model by reading the model's description, which costs nothing.

        Raises:
            KeyRejectedError: the key does not work.
            ModelRetiredError: the service does not know the model.
        """
        client = self._clients[model_and_key.key]
        with self._keys_hidden():
            async with self._translated(model_and_key.model):
                await client.aio.models.get(model=model_and_key.model)

    @contextmanager
    def _keys_hidden(self) -> Iterator[None]:
        """Remove the keys from errors: a proxy in front of the service may repeat the key of the request."""
        try:
            yield
        except SceneArtError as exc:
            exc.detail = self._hide(exc.detail)
            exc.args = (exc.detail,)
            raise

    @asynccontextmanager
    async def _translated(self, model: str, *, is_relaxed: bool = False) -> AsyncIterator[None]:
        """Translate every error of the client into ours, whose kind says what to do next. Limits the time."""
        seconds = longest_seconds(self._seconds, is_relaxed=is_relaxed)
        try:
            async with asyncio.timeout(seconds):
                yield
        except errors.APIError as exc:
            raise error_of_api(exc, model, self._hide, is_relaxed=is_relaxed) from None
        except TimeoutError:
            sentence = gettext("The painter took too long. Try again in a minute.")
            raise LostAnswerError(f"Gemini did not answer within {seconds:g} s", sentence=sentence) from None
        except aiohttp.ClientConnectorError as exc:
            raise UnavailableError(f"Gemini cannot be reached ({type(exc).__name__})") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise LostAnswerError(f"Gemini's answer was lost ({type(exc).__name__})") from None
        except (ValueError, LookupError, TypeError, AttributeError, errors.UnknownApiResponseError) as exc:
            # Only the client's code runs here; an answer of a wrong shape makes it raise nearly anything.
            raise LostAnswerError(f"Gemini's answer cannot be read ({type(exc).__name__})") from None

    def _painting(self, response: types.GenerateContentResponse, model: str) -> Painting:
        picture = picture_in(response)
        if picture is None:
            raise refusal_of(response, self._hide)
        candidate = response.candidates[0] if response.candidates else None
        return Painting(
            data=picture.data,
            mime=picture.mime,
            width=0,
            height=0,
            painter="gemini",
            model=quote_text(response.model_version, self._hide, 80) or model,
            usage=usage_of(response),
            finish_reason=name_of(candidate.finish_reason if candidate else None, self._hide),
        )


def _request(prompt: Prompt, model: str, client: genai.Client) -> tuple[types.Content, types.GenerateContentConfig]:
    """Build the request. Reads the references' files here, which are small: a thread would take longer."""
    parts = [
        types.Part.from_text(text=part.text)
        if isinstance(part, Label)
        else types.Part.from_bytes(data=part.picture.path.read_bytes(), mime_type=part.picture.mime)
        for part in prompt.parts
    ]
    sizes = facts(model).sizes
    image = types.ImageConfig(
        aspect_ratio=nearest_ratio(prompt.aspect_ratio, model),
        image_size=prompt.image_size if prompt.image_size in sizes else sizes[0],
    )
    if client.vertexai:
        # Only the enterprise platform accepts this; the Developer API's client raises ValueError for it.
        image.person_generation = "ALLOW_ADULT"
    config = types.GenerateContentConfig(
        system_instruction=prompt.system,
        response_modalities=["TEXT", "IMAGE"],
        image_config=image,
    )
    return types.Content(role="user", parts=parts), config


def _options(seconds: float) -> types.HttpOptions:
    # Left to itself, the client re-sends the paid request after a connection error.
    return types.HttpOptions(timeout=int(seconds * 1000), retry_options=types.HttpRetryOptions(attempts=1))

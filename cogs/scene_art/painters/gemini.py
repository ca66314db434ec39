"""Gemini through google-genai: one fresh request per picture, every answer mapped to our own errors.

The only module that imports `google.genai`. It runs in the workshop process, since the client's import takes
a second and reading an answer of 8 MB holds the interpreter for tens of milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
from google import genai
from google.genai import errors, types
from pydantic import ValidationError

from ..errors import QuotaError, SceneArtError, TransientError
from . import Brief, Label, Painting, Usage
from .answers import error_of_api, refusal_of
from .keys import KeyRing
from .models import facts, nearest_ratio

log = logging.getLogger(__name__)

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class GeminiPainter:
    """A `Painter`. A key that is invalid or out of quota gives way to the next one."""

    def __init__(self, *, keys: Sequence[str], model: str, timeout: timedelta, folder: Path) -> None:
        self._model = model
        self._timeout = timeout
        self._folder = folder
        self._keys = KeyRing(keys)
        self._clients = {key: _client(key, timeout) for key in keys}

    async def aclose(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            await client.aio.aclose()

    async def paint(self, brief: Brief) -> Painting:
        """One paid request, repeated with another key only when the first was turned away unpaid."""
        contents, config = self._request(brief)
        for _ in self._clients:
            key = self._keys.current()
            try:
                return await self._keep(await self._ask(self._clients[key], contents, config), brief)
            except SceneArtError as exc:
                self._keys.hide_in(exc)
                if not self._keys.pass_on(key, exc):
                    raise
                log.warning("scene %s: a key was turned away, trying the next: %s", brief.scene_id, exc.detail)
        raise QuotaError("every Gemini key was turned away")

    def _request(self, brief: Brief) -> tuple[types.Content, types.GenerateContentConfig]:
        parts = [
            types.Part.from_text(text=part.text)
            if isinstance(part, Label)
            else types.Part.from_bytes(data=part.picture.path.read_bytes(), mime_type=part.picture.mime)
            for part in brief.parts
        ]
        sizes = facts(self._model).sizes
        image = types.ImageConfig(
            aspect_ratio=nearest_ratio(brief.aspect_ratio, self._model),
            image_size=brief.image_size if brief.image_size in sizes else sizes[0],
        )
        if any(client.vertexai for client in self._clients.values()):
            # The enterprise platform alone takes this; the Developer API's client raises ValueError for it.
            image.person_generation = "ALLOW_ADULT"
        config = types.GenerateContentConfig(
            system_instruction=brief.system,
            response_modalities=["TEXT", "IMAGE"],
            image_config=image,
        )
        return types.Content(role="user", parts=parts), config

    async def _ask(
        self, client: genai.Client, contents: types.Content, config: types.GenerateContentConfig
    ) -> types.GenerateContentResponse:
        """The client's answer.

        Raises:
            SceneArtError: of the kind that says what to do next.
        """
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await client.aio.models.generate_content(model=self._model, contents=contents, config=config)
        except errors.APIError as exc:
            raise error_of_api(exc, self._model) from None
        except TimeoutError:
            detail = f"Gemini did not answer within {self._timeout.total_seconds():g} s"
            raise TransientError(detail, sentence="The painter took too long. Please try again in a minute.") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise TransientError(f"Gemini cannot be reached ({type(exc).__name__})") from None
        except (
            json.JSONDecodeError,
            ValidationError,
            UnicodeDecodeError,
            errors.UnknownApiResponseError,
        ) as exc:
            raise TransientError(f"Gemini's answer cannot be read ({type(exc).__name__})") from None

    async def _keep(self, response: types.GenerateContentResponse, brief: Brief) -> Painting:
        blob = _last_picture(response)
        if blob is None or not blob.data:
            raise refusal_of(response)
        mime = blob.mime_type or "image/png"
        path = self._folder / f"{brief.scene_id}-{uuid.uuid4().hex[:8]}.{_ENDINGS.get(mime, 'img')}"
        await asyncio.to_thread(path.write_bytes, blob.data)
        candidate = response.candidates[0] if response.candidates else None
        reason = candidate.finish_reason.value if candidate and candidate.finish_reason else ""
        return Painting(
            path=path,
            mime=mime,
            width=0,
            height=0,
            painter="gemini",
            model=response.model_version or self._model,
            usage=_usage(response),
            finish_reason=reason,
        )


def _client(key: str, timeout: timedelta) -> genai.Client:
    return genai.Client(
        api_key=key,
        http_options=types.HttpOptions(
            timeout=int(timeout.total_seconds() * 1000),
            # Left to itself, the client re-sends the paid request after a connection error.
            retry_options=types.HttpRetryOptions(attempts=1),
        ),
    )


def _last_picture(response: types.GenerateContentResponse) -> types.Blob | None:
    """The last picture that is no draft; pictures may be in any part of any candidate."""
    found = None
    for candidate in response.candidates or ():
        for part in (candidate.content.parts if candidate.content else None) or ():
            blob = part.inline_data
            if blob is not None and not part.thought and (blob.mime_type or "image/").startswith("image/"):
                found = blob
    return found


def _usage(response: types.GenerateContentResponse) -> Usage:
    figures = response.usage_metadata
    if figures is None:
        return Usage()
    return Usage(
        prompt_tokens=figures.prompt_token_count or 0,
        output_tokens=figures.candidates_token_count or 0,
        thought_tokens=figures.thoughts_token_count or 0,
    )

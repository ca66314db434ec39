"""The pretended Gemini: `generateContent` on loopback, with answers that a test can write down."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from sandbox import gemini_answers as answers
from sandbox.gemini_answers import JSON, Answer
from sandbox.gemini_picture import SIDES, Order, Reference, draw
from sandbox.serving import LoopbackServer, hang, reset_connection

MODELS = ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-3.1-flash-lite-image")
RATIOS = frozenset(
    "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:4 4:1 1:8 8:1".split()  # noqa: SIM905 - reads as a table
)
MARKED = re.compile(r"(?s)(?:«{2,3}|\"{3}|<scene>)\s*(?P<scene>.+?)\s*(?:»{2,3}|\"{3}|</scene>)")
HEADED = re.compile(r"(?is)\A[^\n:]*\b(?:scene|narrative|story)\b[^\n:]*:\s*(?P<scene>.+)")
_URL_SAFE = str.maketrans("-_", "+/")
MAX_REFERENCES = 14
MAX_BODY = 100 * 1024 * 1024
CACHED_PICTURES = 32


@dataclass(frozen=True)
class GeminiRequest:
    """One request as it arrived."""

    time: float
    """Of the monotonic clock."""
    key: str
    model: str
    body: JSON = field(repr=False)

    @property
    def parts(self) -> list[JSON]:
        """The prompt's parts in order."""
        return [part for content in self.body.get("contents", []) for part in content.get("parts", [])]

    @property
    def texts(self) -> list[str]:
        """The texts of the prompt, without the system instruction."""
        return [part["text"] for part in self.parts if "text" in part]

    @property
    def images(self) -> list[bytes]:
        """The pictures of the prompt."""
        return [reference.data for reference in self.references]

    @property
    def references(self) -> list[Reference]:
        """The pictures of the prompt, each with the text right before it."""
        found, label = [], ""
        for part in self.parts:
            if "text" in part:
                label = part["text"]
            elif inline := part.get("inlineData") or part.get("inline_data"):
                found.append(Reference(label, _decoded(inline["data"])))
                label = ""
        return found

    @property
    def tier(self) -> str:
        """The service tier that was asked for; empty for the standard one."""
        return str(self.body.get("serviceTier", ""))

    @property
    def system(self) -> str:
        """The system instruction's text."""
        instruction = self.body.get("systemInstruction") or {}
        return "\n".join(part.get("text", "") for part in instruction.get("parts", []))

    @property
    def config(self) -> JSON:
        """`generationConfig`."""
        config: JSON = self.body.get("generationConfig") or {}
        return config

    @property
    def image_config(self) -> JSON:
        """`generationConfig.imageConfig`."""
        config: JSON = self.config.get("imageConfig") or {}
        return config

    @property
    def scene(self) -> str:
        """The scene among the texts: what stands between marks, else after a heading, else the longest."""
        for pattern in (MARKED, HEADED):
            for text in self.texts:
                if found := pattern.search(text):
                    return found.group("scene").strip()
        return max(self.texts, key=len, default="")


Scripted = Answer | Callable[[GeminiRequest], Answer]


def blocked_while_shown(*names: str, otherwise: Scripted | None = None) -> Scripted:
    """Block the input as long as a picture of one of `names` is in the request, then answer `otherwise`.

    A picture is of whom its label, the text right before it, names.
    """
    passed: Scripted = otherwise or answers.picture()

    def decide(request: GeminiRequest) -> Answer:
        if any(name in reference.label for reference in request.references for name in names):
            return answers.blocked_prompt("OTHER")
        return passed if isinstance(passed, Answer) else passed(request)

    return decide


class GeminiSide:
    """One Gemini on one loopback port."""

    def __init__(self, port: int = 0, *, key: str = "sandbox-key") -> None:
        self.key = key
        self.keys = {key}
        """Every accepted key; add more for a pool."""
        self.models = set(MODELS)
        """The models that are not retired."""
        self.default: Scripted = answers.picture()
        """The answer while nothing is scripted."""
        self.describes_models = True
        """Relays in front of the API lack `GET models/…`."""
        self.free = asyncio.Event()
        """Cleared: every request waits for its answer until it is set again."""
        self.free.set()
        self.requests: list[GeminiRequest] = []
        self.paid: list[GeminiRequest] = []
        """The requests that Google would bill."""
        self._scripts: dict[str | None, deque[Scripted]] = {}
        self._pictures: dict[str, bytes] = {}
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=MAX_BODY)
        for version in ("v1", "v1beta"):
            app.router.add_get(f"/{version}/models", self._list)
            app.router.add_get(f"/{version}/models/{{model}}", self._get)
            app.router.add_post(f"/{version}/models/{{model}}:generateContent", self._generate)
        self._server = LoopbackServer(app, port)

    async def start(self) -> Self:
        """Bind the port and serve."""
        await self._server.start()
        return self

    async def stop(self) -> None:
        """Close every connection; idempotent."""
        self._closing.set()
        self.free.set()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """For GOOGLE_GEMINI_BASE_URL."""
        return self._server.address

    def script(self, *given: Scripted, key: str | None = None) -> None:
        """Queue answers, one per request; with `key` only for requests with that API key.

        An answer may be a function of the request. See `gemini_answers` for the builders.
        """
        self._scripts.setdefault(key, deque()).extend(given)

    @property
    def pending(self) -> int:
        """Number of scripted answers that are left."""
        return sum(len(queue) for queue in self._scripts.values())

    def _next(self, request: GeminiRequest) -> Answer:
        scripted: Scripted = self.default
        for key in (request.key, None):
            if self._scripts.get(key):
                scripted = self._scripts[key].popleft()
                break
        return scripted if isinstance(scripted, Answer) else scripted(request)

    def _refusal(self, request: web.Request) -> Answer | None:
        if _key(request) not in self.keys:
            return answers.wrong_key()
        model = request.match_info.get("model")
        if model is not None and model not in self.models:
            return answers.retired_model(model)
        return None

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return _response(refusal)
        return web.json_response({"models": [_model(name) for name in sorted(self.models)]})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if not self.describes_models:
            return _response(answers.page(404, "<html>Not Found</html>"))
        if refusal := self._refusal(request):
            return _response(refusal)
        return web.json_response(_model(request.match_info["model"]))

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except ValueError:
            return _response(answers.invalid_argument("Invalid JSON payload received."))
        asked = GeminiRequest(time.monotonic(), _key(request), request.match_info["model"], body)
        self.requests.append(asked)
        refusal = self._refusal(request) or _objection(asked)
        answer = refusal or self._next(asked)
        if answer.is_paid:
            self.paid.append(asked)
        await asyncio.sleep(answer.delay)
        await self.free.wait()
        if answer.reset:
            reset_connection(request)
        if answer.hang:
            await hang(request, self._closing)
        drawn = await self._drawn(asked) if answer.draw else answer
        return await _broken_off(request, drawn) if answer.break_off else _response(drawn)

    async def _drawn(self, asked: GeminiRequest) -> Answer:
        config = asked.image_config
        order = Order(
            scene=asked.scene,
            references=tuple(asked.references),
            aspect_ratio=config.get("aspectRatio", "1:1"),
            image_size=config.get("imageSize", "1K"),
            seed=f"{asked.model}{asked.config.get('seed', '')}{''.join(asked.texts)}",
        )
        key = order.key()
        if key not in self._pictures:
            picture = await asyncio.to_thread(draw, order)
            while len(self._pictures) >= CACHED_PICTURES:
                del self._pictures[next(iter(self._pictures))]
            self._pictures[key] = picture
        prompt = sum(len(text) for text in asked.texts) // 4 + 1100 * len(order.references)
        tokens = answers.usage(prompt=prompt)
        return Answer(body=answers.candidate([answers.image_part(self._pictures[key])], tokens=tokens))


def _key(request: web.Request) -> str:
    return request.headers.get("x-goog-api-key") or request.query.get("key", "")


def _decoded(data: str) -> bytes:
    """Google's JSON takes the standard and the URL-safe alphabet of base64; its own client sends the latter."""
    return base64.b64decode(data.translate(_URL_SAFE), validate=True)


def _model(name: str) -> JSON:
    limits = {"inputTokenLimit": 65536, "outputTokenLimit": 32768}
    methods = {"supportedGenerationMethods": ["generateContent", "countTokens"]}
    return {"name": f"models/{name}", "displayName": name, "version": "sandbox"} | limits | methods


def _objection(asked: GeminiRequest) -> Answer | None:
    """Make Google's refusal of the request itself; None for a valid one."""
    config: dict[str, Any] = asked.image_config
    unknown = set(config) - {"aspectRatio", "imageSize"}
    if unknown:
        name = sorted(unknown)[0]
        return answers.invalid_argument(
            f"Invalid JSON payload received. Unknown name \"{name}\" at 'generation_config.image_config'."
        )
    if config.get("aspectRatio", "1:1") not in RATIOS:
        return answers.invalid_argument("aspect_ratio must be one of the supported values.")
    if config.get("imageSize", "1K") not in SIDES:
        return answers.invalid_argument("image_size must be one of '1K', '2K', '4K'.")
    try:
        count = len(asked.references)
    except (binascii.Error, KeyError, TypeError):
        return answers.invalid_argument("Base64 decoding failed for inline_data.")
    if count > MAX_REFERENCES:
        return answers.invalid_argument(f"At most {MAX_REFERENCES} images are supported.")
    return None if asked.parts else answers.invalid_argument("contents is not specified")


async def _broken_off(request: web.Request, answer: Answer) -> web.StreamResponse:
    whole = _response(answer)
    body = bytes(whole.body) if isinstance(whole.body, bytes) else b""
    stream = web.StreamResponse(status=answer.status, headers=whole.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    reset_connection(request)
    return stream


def _response(answer: Answer) -> web.Response:
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    headers = {"Content-Type": "application/json; charset=UTF-8"} | answer.headers
    return web.Response(status=answer.status, body=body, headers=headers)

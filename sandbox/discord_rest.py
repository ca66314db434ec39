"""The REST server's frame: tokens, faults, rate limits, the request log and error answers."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.errors import JSON, DiscordError, invalid_form, not_found, unauthorized
from sandbox.faults import Fault
from sandbox.limits import RateLimits
from sandbox.messages import Draft, Upload
from sandbox.serving import hang, reset_connection
from sandbox.world import World

PREFIX = "/api/v10"
BODY_LIMIT = 200 * 1024 * 1024
FILE_FIELD = re.compile(r"^files\[(\d+)\]$")
# These carry their own token in the path, or none at all.
OPEN_PATHS = re.compile(r"^/(?:gateway$|webhooks/\d+/[^/]+|interactions/\d+/)")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class LoggedRequest:
    """A request that reached the REST server, in the order of arrival."""

    time: float
    """Of the monotonic clock."""
    method: str
    path: str
    """Without the API's prefix: `/channels/1/messages`."""


class RestFrame:
    """The aiohttp middleware around every REST handler."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limits = RateLimits()
        self.faults: list[Fault] = []
        self.requests: list[LoggedRequest] = []
        self.closing = asyncio.Event()

    @property
    def middleware(self) -> Any:
        """The middleware; it leaves paths outside the API alone."""

        @web.middleware
        async def frame(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(PREFIX):
                return await handler(request)
            return await self._framed(request, handler)

        return frame

    async def _framed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        self.requests.append(LoggedRequest(time.monotonic(), request.method, path))
        fault = self._fault(request.method, path)
        if fault is None:
            return await self._answer(request, handler, path)
        if fault.after_storing or fault.only_slow:
            # The body must be read before the answer is spoiled, or the sender could not finish.
            answer = await self._answer(request, handler, path)
            await asyncio.sleep(fault.delay)
            return answer if fault.only_slow else await self._spoil(request, fault)
        await asyncio.sleep(fault.delay)
        if not fault.reset:
            await request.read()
        return await self._spoil(request, fault)

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.fits(method, path):
                return fault.use()
        return None

    async def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.reset:
            reset_connection(request)
        elif fault.hang:
            await hang(request, self.closing)
        body = fault.document()
        if isinstance(body, str):
            return web.Response(status=fault.status or 500, text=body, headers=fault.all_headers())
        return as_json(body, status=fault.status or 500, headers=fault.all_headers())

    async def _answer(self, request: web.Request, handler: Handler, path: str) -> web.StreamResponse:
        enforced = self._world.settings.rate_limits
        headers, wait = self._limits.take(request.method, path, enforced=enforced)
        if wait:
            await request.read()
            limit = Fault("*", re.compile(""), 429, retry_after=wait, headers=headers)
            return await self._spoil(request, limit)
        try:
            self._check_token(request, path)
            answer = await handler(request)
        except DiscordError as error:
            answer = as_json(error.body(), status=error.status)
        except web.HTTPNotFound:
            answer = as_json(not_found().body(), status=404)
        except web.HTTPMethodNotAllowed:
            text = {"message": "405: Method Not Allowed", "code": 0}
            answer = as_json(text, status=405)
        answer.headers.update(headers)
        return answer

    def _check_token(self, request: web.Request, path: str) -> None:
        if OPEN_PATHS.match(path):
            return
        if request.headers.get("Authorization") != f"Bot {self._world.settings.token}":
            raise unauthorized()


async def read_draft(request: web.Request) -> Draft:
    """Read a message's body, JSON or multipart.

    Raises:
        DiscordError: the body is neither.
    """
    if not request.content_type.startswith("multipart/"):
        return Draft(await read_json(request))
    body: JSON = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        field = FILE_FIELD.match(part.name or "")
        if part.name == "payload_json":
            body = _decode(data)
        elif field is not None:
            uploads.append(Upload(int(field.group(1)), part.filename or "file", data))
    return Draft(body, tuple(uploads))


async def read_json(request: web.Request) -> JSON:
    """Read a JSON object; an absent body is an empty one.

    Raises:
        DiscordError: it is no JSON object.
    """
    data = await request.read()
    return _decode(data) if data else {}


def _decode(data: bytes) -> JSON:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise DiscordError(400, 50109, "The request body contains invalid JSON.") from error
    if not isinstance(body, dict):
        raise invalid_form("_", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return body


def number(request: web.Request, name: str) -> int:
    """A snowflake of the path.

    Raises:
        DiscordError: 50035, it is no number.
    """
    text = request.match_info[name]
    if not text.isdigit():
        raise invalid_form(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
    return int(text)


def as_json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer with Discord's exact media type: discord.py decodes no other, not even a charset."""
    all_headers = {"Content-Type": "application/json"} | (headers or {})
    return web.Response(body=json.dumps(document).encode(), status=status, headers=all_headers)


def no_content() -> web.Response:
    """204."""
    return web.Response(status=204)

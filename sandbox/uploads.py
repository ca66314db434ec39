"""Files that the page's visitor gives, kept until a command or a turn uses them."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web

LARGEST = 8 * 1024 * 1024
MOST = 40
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
TOO_LARGE = "The file is larger than 8 MB. Please choose a smaller one."
NO_PICTURE = "The file is no PNG, JPEG, WebP or GIF. Please choose a picture."

Upload = tuple[str, bytes]
"""A file's name and its bytes."""


class Uploads:
    """Takes `POST /upload?name=…` and answers `{"id"}`, or `{"error"}` with a sentence."""

    def __init__(self, is_own: Callable[[str | None], bool]) -> None:
        """`is_own` tells whether a request with this Origin comes from the page."""
        self._is_own = is_own
        self._kept: OrderedDict[str, Upload] = OrderedDict()

    def add_to(self, app: web.Application) -> None:
        """Register the route."""
        app.router.add_post("/upload", self._receive)

    def get(self, upload_id: str) -> Upload:
        """A kept file.

        Raises:
            LookupError: it is not kept any more.
        """
        return self._kept[upload_id]

    async def _receive(self, request: web.Request) -> web.Response:
        if not self._is_own(request.headers.get("Origin")):
            raise web.HTTPForbidden
        if (request.content_length or 0) > LARGEST:
            return web.json_response({"error": TOO_LARGE})
        data = await request.content.read(LARGEST + 1)
        while len(data) <= LARGEST and (more := await request.content.read(LARGEST + 1 - len(data))):
            data += more
        if len(data) > LARGEST:
            return web.json_response({"error": TOO_LARGE})
        if not data.startswith(PICTURES):
            return web.json_response({"error": NO_PICTURE})
        upload_id = secrets.token_hex(8)
        self._kept[upload_id] = (request.query.get("name", "picture")[:100], data)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return web.json_response({"id": upload_id})

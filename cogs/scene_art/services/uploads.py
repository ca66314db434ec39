"""Takes in the pictures that people upload: in turn, so that no byte is held by anybody who waits. No Discord type."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..references.turns import Turns
from ..store.character_book import Prepared
from ..worker_process import WorkerProcesses

COMMANDS_AT_ONCE = 3
"""Whose pictures are read at the same time. Bounds the memory: 8 MB each, and 4 MB when they are prepared."""
COMMANDS_OF_SERVER = 2
COMMANDS_OF_PERSON = 1
ANYBODY = 1_000
UPLOAD_SECONDS = 45.0
"""For the wait and the reading; shorter than an allowance is kept for a scene that nobody has written down."""


class Upload(Protocol):
    """A picture that somebody gave and nobody has read yet."""

    def check(self) -> None:
        """By what is said of it.

        Raises:
            CannotDoError: it is too large.
        """

    async def read(self) -> bytes:
        """Its bytes.

        Raises:
            CannotDoError: it is gone.
        """
        ...


class UploadReader:
    """Reads and prepares uploads, in turn: per person, and per server."""

    def __init__(self, workers: WorkerProcesses) -> None:
        self._workers = workers
        self._people = Turns(ANYBODY, COMMANDS_OF_PERSON)
        self._servers = Turns(COMMANDS_AT_ONCE, COMMANDS_OF_SERVER)

    async def prepared(self, uploads: Sequence[Upload], channel_id: str, *, by: Requester) -> list[Prepared]:
        """Small, clean copies of `uploads`, which `by` gave in one command.

        Raises:
            CannotDoError: one is gone, or too many others wait.
            ReferenceUnavailableError: one is no picture.
        """
        server = by.guild_id or channel_id
        if not uploads:
            return []
        try:
            async with (
                asyncio.timeout(UPLOAD_SECONDS),
                self._people.turn(by.user_id),
                self._servers.turn(server),
            ):
                return [await self._prepared(upload, server) for upload in uploads]
        except TimeoutError:
            raise CannotDoError(
                gettext("Too many pictures are being checked right now. Try again in a minute.")
            ) from None

    async def _prepared(self, upload: Upload, server: str) -> Prepared:
        made = await self._workers.load_bytes(await upload.read(), group=server)
        return Prepared(await self._workers.bytes_of(made), made.mime, made.width, made.height)

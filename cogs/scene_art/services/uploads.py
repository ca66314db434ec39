"""The reader of people's uploads: in turn, so that no waiting request holds bytes. Without any Discord type."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from ..domain.painting import Picture, digest_of
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..lanes import Bounds, FairSemaphore
from ..store.character_book import Prepared
from ..store.uploads import Uploads
from ..worker_process import WorkerProcesses

COMMANDS = Bounds(at_once=3, at_once_of_server=2, inside_of_server=30, at_once_of_person=1, inside_of_person=5)
"""Commands whose pictures are read or wait. Those at once limit the memory: 8 MB each, and 4 MB prepared."""
UPLOAD_SECONDS = 45.0
"""Time limit of the wait and the reading. Shorter than the time for which a scene without a record counts."""


class Upload(Protocol):
    """An uploaded picture that is not read yet."""

    def check(self) -> None:
        """Check the file's declared properties. Raises `CannotDoError` where it is too large."""

    async def read(self) -> bytes:
        """Read the file. Raises `CannotDoError` where it is gone."""
        ...


class UploadReader:
    """Reads and prepares uploads, in turn: per person, and per server."""

    def __init__(self, workers: WorkerProcesses, store: Uploads) -> None:
        self._workers = workers
        self._store = store
        self._turns = FairSemaphore(COMMANDS)

    @asynccontextmanager
    async def keeping(
        self, uploads: Sequence[Upload], channel_id: str, *, by: Requester
    ) -> AsyncIterator[tuple[str, ...]]:
        """Read and keep `uploads` for a scene of the channel; yield their ids. Thrown away when the block fails.

        Raises:
            CannotDoError, ReferenceUnavailableError: see `prepared`.
        """
        pictures = await self.prepared(uploads, channel_id, by=by)
        async with self._store.keeping(channel_id, [picture.data for picture in pictures], by=by) as kept:
            yield kept

    async def from_address(self, url: str, channel_id: str, *, by: Requester) -> Prepared:
        """Fetch a small, clean copy of the picture at `url`.

        Raises:
            ReferenceUnavailableError: it is no picture, too large, or cannot be fetched.
        """
        return await self._as_prepared(await self._workers.load_url(url, group=by.server_of(channel_id)))

    async def from_bytes(self, raw: bytes, group: str) -> Prepared:
        """Make a small, clean copy of the picture in `raw`; each `group` has its turn with the helper process.

        Raises:
            ReferenceUnavailableError: it is no picture, or too large.
        """
        prepared = await self._as_prepared(await self._workers.load_bytes(raw, group=group))
        return replace(prepared, digest=digest_of(raw))

    async def prepared(self, uploads: Sequence[Upload], channel_id: str, *, by: Requester) -> list[Prepared]:
        """Read small, clean copies of `uploads`, which `by` gave in one command.

        Raises:
            CannotDoError: an upload is gone, or too many others wait.
            ReferenceUnavailableError: an upload is no picture.
        """
        server = by.server_of(channel_id)
        if not uploads:
            return []
        try:
            async with asyncio.timeout(UPLOAD_SECONDS), self._turns.turn(server, by.user_id):
                return [await self.from_bytes(await upload.read(), server) for upload in uploads]
        except TimeoutError:
            raise CannotDoError(
                gettext("Too many pictures are being checked right now. Try again in a minute.")
            ) from None

    async def _as_prepared(self, made: Picture) -> Prepared:
        return Prepared(await self._workers.bytes_of(made), made.mime, made.width, made.height)

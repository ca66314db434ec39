"""The reader of people's uploads: in turn, so that no waiting request holds bytes. Without any Discord type."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from ..domain.painting import Picture
from ..domain.permissions import Requester
from ..errors import CannotDoError
from ..i18n import gettext
from ..references.fair_semaphore import FairSemaphore
from ..store.character_book import Prepared
from ..store.uploads import Uploads
from ..worker_process import WorkerProcesses

COMMANDS_AT_ONCE = 3
"""Commands whose pictures are read at the same time. Limits the memory: 8 MB each, and 4 MB of prepared pictures."""
COMMANDS_OF_SERVER = 2
COMMANDS_OF_PERSON = 1
ANYBODY = 1_000
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
        self._people = FairSemaphore(ANYBODY, COMMANDS_OF_PERSON)
        self._servers = FairSemaphore(COMMANDS_AT_ONCE, COMMANDS_OF_SERVER)

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
        return await self._as_prepared(await self._workers.load_bytes(raw, group=group))

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
            async with asyncio.timeout(UPLOAD_SECONDS), self._people.turn(by.user_id), self._servers.turn(server):
                return [await self.from_bytes(await upload.read(), server) for upload in uploads]
        except TimeoutError:
            raise CannotDoError(
                gettext("Too many pictures are being checked right now. Try again in a minute.")
            ) from None

    async def _as_prepared(self, made: Picture) -> Prepared:
        return Prepared(await self._workers.bytes_of(made), made.mime, made.width, made.height)

"""What a server leaves behind goes when the bot leaves it, at once or, where no process was there, at a later look."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from itertools import islice

from cachetools import TTLCache

from ..discord_io.memberships import BotServers
from ..errors import TransientError
from ..store.blocks import Blocks
from ..store.memberships import Memberships
from ..store.opt_outs import OptOuts
from ..store.preferences import PreferenceRepository
from ..store.references import References
from ..store.scenes import SceneRepository
from ..store.uploads import Uploads

log = logging.getLogger(__name__)

ROUND_SECONDS = 15 * 60.0
ASKED_AT_ONCE = 10
"""Most questions to Discord in one round: each that finds nothing is an invalid request, of which 10,000 in ten minutes
ban an address."""
STILL_THERE_SECONDS = 24 * 3600.0
REMEMBERED = 10_000


class ServerRecords:
    """Everything that is kept of a server. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self,
        *,
        references: References,
        scenes: SceneRepository,
        uploads: Uploads,
        preferences: PreferenceRepository,
        blocks: Blocks,
        opt_outs: OptOuts,
    ) -> None:
        self._references = references
        self._scenes = scenes
        self._uploads = uploads
        self._preferences = preferences
        self._blocks = blocks
        self._opt_outs = opt_outs

    async def remove(self, server: str, channels: Collection[str]) -> None:
        """Remove it all. May be repeated, also after half of it was done.

        `channels` are those that are known; others are found where the server's uploads, settings and blocks name them.
        """
        named = await self._preferences.channels(server) | await self._blocks.of(server)
        with_uploads = await self._uploads.remove_server(server)
        for channel_id in sorted({*channels, *named, *with_uploads}):
            await self._scenes.remove_channel(channel_id)
        await self._references.remove_server(server)
        await self._opt_outs.remove(server)
        # Last, since they name channels.
        await self._blocks.remove(server)
        await self._preferences.remove(server)


class Departures:
    """Notices servers that the bot has left, and removes what they left behind."""

    def __init__(
        self, bot_servers: BotServers, *, memberships: Memberships, records: ServerRecords, references: References
    ) -> None:
        self._bot_servers = bot_servers
        self._memberships = memberships
        self._records = records
        self._references = references
        self._noted: frozenset[str] = frozenset()
        self._still_there: TTLCache[str, None] = TTLCache(REMEMBERED, STILL_THERE_SECONDS)

    async def run(self) -> None:
        """Look round again and again, until cancelled. To be started when the bot is ready."""
        while True:
            try:
                await self.make_round()
            except TransientError as exc:
                log.debug("The look at the servers is put off: %s", exc.detail)
            await asyncio.sleep(ROUND_SECONDS)

    async def make_round(self) -> None:
        """Note the servers of this process, remove what others left behind, and set the counts of some right."""
        bot_id, present = self._bot_servers.bot_id, self._bot_servers.present()
        await self._memberships.note(bot_id, present)
        self._noted = frozenset(present)
        noted = await self._memberships.servers(bot_id)
        absent = (server for server in noted if server not in present and self._is_to_be_asked(server))
        for server in islice(absent, ASKED_AT_ONCE):
            if await self._bot_servers.has_left(server):
                await self.left(server)
            else:
                self._still_there[server] = None
        await self._references.reconcile()

    def _is_to_be_asked(self, server: str) -> bool:
        return server not in self._still_there and self._bot_servers.would_know(server)

    async def joined(self, server: str) -> None:
        """Note a new server. May raise `TransientError`: Redis is away; the next look notes it."""
        if server not in self._noted:
            await self._memberships.note(self._bot_servers.bot_id, [server])
            self._noted |= {server}

    async def left(self, server: str, channels: Collection[str] = ()) -> None:
        """Remove what the server left behind, unless another bot of this namespace is in it. May be repeated.

        May raise `TransientError`: Redis is away; the rest is removed at the next look.
        """
        bot_id = self._bot_servers.bot_id
        if await self._memberships.is_with_another(bot_id, server):
            log.info("The bot has left server %s; another one is still in it", server)
        else:
            await self._records.remove(server, channels)
            log.info("The bot has left server %s; what was kept for it is removed", server)
        await self._memberships.forget(bot_id, server)
        self._noted -= {server}

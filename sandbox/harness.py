"""Everything together: one Discord, one Gemini and one file server on loopback."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from sandbox.discord_side import DiscordSide
from sandbox.files import FileServer
from sandbox.gemini import GeminiSide
from sandbox.turns import Publish


class Sandbox:
    """Binds free loopback ports (or the given ones) on entry and closes everything on exit."""

    def __init__(self, *, discord_port: int = 0, gemini_port: int = 0, files_port: int = 0) -> None:
        self.discord = DiscordSide(discord_port)
        self.gemini = GeminiSide(gemini_port)
        self.files = FileServer(files_port)
        self._stack = AsyncExitStack()

    @property
    def page_url(self) -> str:
        """The address of the pretended Discord's page."""
        return self.discord.page_url

    def publish_turns(self, publish: Publish) -> None:
        """Let the page's visitor play turns; `publish` tells the bot of them as a game would."""
        self.discord.turns.open(self.files.add, publish)

    async def __aenter__(self) -> Self:
        """Start the three servers.

        Raises:
            OSError: a given port is taken.
        """
        async with AsyncExitStack() as stack:
            for side in (self.discord, self.gemini, self.files):
                await side.start()
                stack.push_async_callback(side.stop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and port."""
        await self._stack.aclose()

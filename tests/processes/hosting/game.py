"""A host's own cog, as somebody else would write it: it asks for pictures and is told of every scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from discord.ext import commands

if TYPE_CHECKING:
    from cogs.scene_art import SceneArt, SceneStatus


class Game(commands.Cog):
    """Notes what it is told, in order."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.told: list[tuple[str, SceneStatus]] = []
        self.broken = False

    @property
    def art(self) -> SceneArt:
        """scene-art, if it is loaded."""
        return cast("SceneArt", self.bot.get_cog("SceneArt"))

    @commands.Cog.listener()
    async def on_scene_art_queued(self, scene: SceneStatus) -> None:
        """A scene begins to wait."""
        self._note("queued", scene)

    @commands.Cog.listener()
    async def on_scene_art_posted(self, scene: SceneStatus) -> None:
        """A picture stands in its channel."""
        self._note("posted", scene)

    @commands.Cog.listener()
    async def on_scene_art_failed(self, scene: SceneStatus) -> None:
        """A scene has ended without a picture."""
        self._note("failed", scene)

    def _note(self, event: str, scene: SceneStatus) -> None:
        self.told.append((event, scene))
        if self.broken:
            raise RuntimeError("the game's own fault")

    def of(self, channel_id: int) -> list[tuple[str, str, str]]:
        """List the announcements of a channel: (event, state, reason)."""
        return [(event, one.state, one.reason) for event, one in self.told if one.channel_id == channel_id]

"""A book of characters or places as scenes use it: what the text alone names counts where its owner may look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from ..domain.characters import Look
from ..domain.scene import Scene
from ..store.character_book import Cast, CharacterBook

MOST_OWNERS = 12
"""Most people whose sight is asked for by one scene."""


class Audience(Protocol):
    """The port to whoever knows who may see a channel."""

    async def may_view(self, user_id: str, *, guild_id: str, channel_id: str) -> bool: ...


class SceneBook:
    """Reads a book for scenes. May raise `TransientError`: Redis is away."""

    def __init__(self, book: CharacterBook, audience: Audience) -> None:
        self._book = book
        self._audience = audience

    async def cast(self, scene: Scene, game: str) -> Cast:
        """Read the characters of a game that the scene may use."""
        return await self._book.cast(scene.server_id, game, scene.channel_id)

    async def picture(self, scene: Scene, look: Look) -> bytes | None:
        """Read the picture of a look, unchecked; None when it is gone."""
        return await self._book.picture(scene.server_id, look)

    async def viewers(self, scene: Scene, owners: Iterable[str]) -> set[str]:
        """Select those of `owners` (user ids) who may see the scene's channel, of the first `MOST_OWNERS`.

        A direct conversation has a book of its own, whose owners are in it.
        """
        asked = list(dict.fromkeys(owners))
        if scene.guild_id is None:
            return set(asked)
        ids = {"guild_id": scene.guild_id, "channel_id": scene.channel_id}
        seen = await asyncio.gather(*(self._audience.may_view(owner, **ids) for owner in asked[:MOST_OWNERS]))
        return {owner for owner, may_view in zip(asked, seen, strict=False) if may_view}

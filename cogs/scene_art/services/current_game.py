"""The game that is played in a channel, and its players' characters. Without any Discord type."""

from __future__ import annotations

import asyncio

from ..domain.characters import fold
from ..store.game_state import GameState, character_of, read_game_context
from ..store.scenes import SceneRepository

LOOK_BACK_SCENES = 10


class CurrentGame:
    """Reads the game's state, and where that has no game, the channel's last scenes."""

    def __init__(self, state: GameState, repository: SceneRepository) -> None:
        self._state = state
        self._repository = repository

    async def name(self, channel_id: str) -> str:
        """Name the channel's game: that of its session, or else of its last scene; empty where none is known.

        Raises:
            TransientError: Redis is away.
        """
        session = (await read_game_context(self._state, channel_id)).session
        if session is not None and session.active and session.game_name:
            return session.game_name
        scenes = await self._repository.recent(channel_id, LOOK_BACK_SCENES)
        return next((scene.game_name for scene in scenes if scene.game_name), "")

    async def character_name(self, user_id: str) -> str:
        """Name a player's active character; empty where they have none, or the state cannot be read."""
        character = await character_of(self._state, user_id)
        return character.name if character is not None else ""

    async def names_of_others(self, channel_id: str, user_id: str) -> set[str]:
        """List the folded names of the active characters of everybody in the session but `user_id`."""
        session = (await read_game_context(self._state, channel_id)).session
        players = [player for player in session.players if player != user_id] if session is not None else []
        return {fold(name) for name in await asyncio.gather(*map(self.character_name, players)) if name}

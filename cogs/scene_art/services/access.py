"""Asks on every use who may: one place for the rules, and for what they depend on."""

from __future__ import annotations

from ..domain.characters import fold
from ..domain.permissions import Requester, check_moderator, check_not_blocked, check_owner, check_requester
from ..domain.scene import Scene
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.channel_settings import ChannelSettingsReader
from ..store.character_book import CharacterBook
from ..store.game_state import GameState, character_of


class AccessControl:
    """Every method may raise `TransientError`: Redis is away. Checks raise `CannotDoError`."""

    def __init__(
        self,
        settings: Settings,
        *,
        blocks: Blocks,
        channel_settings: ChannelSettingsReader,
        state: GameState,
        book: CharacterBook,
    ) -> None:
        self._settings = settings
        self._blocks = blocks
        self._channel_settings = channel_settings
        self._state = state
        self._book = book

    async def check_access(self, person: Requester, channel_id: str) -> None:
        """Let somebody in who may use scene-art in the channel."""
        blocked = await self._blocks.of(person.guild_id)
        roles = (await self._channel_settings.of(channel_id, person.guild_id)).roles
        check_requester(person, channel_id, self._settings, blocked, roles)

    async def check_moderator_access(self, person: Requester) -> None:
        """Let a moderator in whom the operator has not blocked, also where no pictures are painted."""
        check_not_blocked(person, self._settings, await self._blocks.of(person.guild_id))
        check_moderator(person)

    async def check_picture_access(self, person: Requester, scene: Scene) -> None:
        """Let somebody in who may take the scene's picture away or cover it."""
        if person.is_moderator and person.guild_id is not None:
            await self.check_moderator_access(person)
            return
        # Whoever is in a picture has a say in it, whatever their roles and wherever they may write.
        check_not_blocked(person, self._settings, await self._blocks.of(person.guild_id))
        check_owner(person, scene, is_depicted=await self.is_depicted(person, scene))

    async def is_depicted(self, person: Requester, scene: Scene) -> bool:
        """Tell whether a character of the person's is in the picture, by the game's state or by the cast book."""
        active = await character_of(self._state, person.user_id)
        if active is not None and fold(active.name) in map(fold, filter(None, scene.cast)):
            return True
        cast = await self._book.cast(scene.guild_id or scene.channel_id, scene.game_name)
        owners = {found.owner_id for name in scene.cast if (found := cast.find(name)) is not None}
        return person.user_id in owners

"""Asks on every use who may, and how many pictures: one place for the rules, and for what they depend on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from ..domain.depiction import Hidden
from ..domain.painting import Role
from ..domain.permissions import (
    Requester,
    check_moderator,
    check_not_blocked,
    check_owner,
    check_place,
    check_requester,
)
from ..domain.pricing import estimate, is_free, payer_of, request_tokens
from ..domain.scene import Scene
from ..errors import CannotDoError, TransientError
from ..i18n import Dollars, gettext
from ..settings import Settings
from ..store.allowances import Allowances
from ..store.blocks import Blocks
from ..store.budget import Budget
from ..store.channel_settings import ChannelSettingsReader
from ..store.character_book import Cast, CharacterBook
from ..store.game_state import GameState, character_of, read_ownership
from ..store.opt_outs import OptOuts

SHOWS_HIDDEN = gettext("That picture shows someone who is hidden now. Choose another one.")


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
        opt_outs: OptOuts,
    ) -> None:
        self._settings = settings
        self._opt_outs = opt_outs
        self._blocks = blocks
        self._channel_settings = channel_settings
        self._state = state
        self._book = book

    async def check_access(self, person: Requester, channel_id: str) -> None:
        """Let somebody in who may use scene-art in the channel."""
        blocked = await self._blocks.of(person.guild_id)
        roles = (await self._channel_settings.of(channel_id, person.guild_id)).roles
        check_requester(person, channel_id, self._settings, blocked, roles)

    async def may_ask(self, person: Requester, channel_id: str) -> bool:
        """Tell whether somebody may use scene-art in the channel.

        Raises:
            CannotDoError: they may not, and they are blocked, or neither a moderator nor the operator.
        """
        try:
            await self.check_access(person, channel_id)
        except CannotDoError:
            await self._check_not_blocked(person)
            if not (person.is_moderator or person.is_operator):
                raise
            return False
        return True

    async def check_manager_access(self, person: Requester) -> None:
        """Let in who decides what holds there: moderators, also in blocked channels, and whoever is alone."""
        await self._check_not_blocked(person)
        check_place(person.guild_id, self._settings)
        if not person.is_alone:
            check_moderator(person)

    async def check_moderator_access(self, person: Requester) -> None:
        """Let a moderator of a server in, also in blocked channels."""
        await self.check_manager_access(person)
        check_moderator(person)

    def check_reach(self, person: Requester) -> None:
        """Let somebody in who may set what every scene of a server uses: moderators, or members by the setting."""
        if not self._settings.members_pin:
            check_moderator(person)

    async def character_name(self, person: Requester) -> str:
        """Name a person's active character in the game; empty where none is known."""
        active = await character_of(self._state, person.user_id)
        return active.name if active is not None else ""

    async def check_picture_access(self, person: Requester, scene: Scene) -> None:
        """Let somebody in who may take the scene's picture away or cover it.

        Whoever is in a picture has a say in it: whatever their roles, wherever they may write, also where no more
        pictures are painted.
        """
        await self._check_not_blocked(person)
        check_owner(person, scene, is_depicted=not person.manages and await self.is_depicted(person, scene))

    async def _check_not_blocked(self, person: Requester) -> None:
        check_not_blocked(person, self._settings, await self._blocks.of(person.guild_id))

    async def is_depicted(self, person: Requester, scene: Scene) -> bool:
        """Tell whether a character of the person's is in the picture: whose it was when the picture was drawn.

        A name that the game gave to nobody then is theirs if their active character has it now. Records of earlier
        versions tell nothing of that; then whose a name is now counts, by the game or else by the cast book.
        """
        people = [ref for ref in scene.prompt_record.references if ref.role == Role.CHARACTER]
        if any(person.user_id in ref.people for ref in people):
            return True
        unknown = [ref.name for ref in people if ref.user_ids is None] if people else scene.character_names
        nobodys = [ref.name for ref in people if ref.user_ids == ()]
        ownership = await read_ownership(self._state, scene.channel_id, [person.user_id])
        server = scene.server_id
        cast = await self._book.cast(server, scene.game_name, scene.channel_id) if unknown else Cast()
        entries = [(name, cast.find(name)) for name in (*unknown, *nobodys) if name]
        return any(
            person.user_id in ownership.owners_of(name, entry.owner_id if entry is not None else "")
            for name, entry in entries
        )

    async def hidden(self, channel_id: str, by: Requester, game: str = "") -> Hidden:
        """Read who of the person's server is hidden, as far as the session of the channel agrees."""
        server = by.server_of(channel_id)
        wishes = await self._opt_outs.all(server)
        if not wishes:
            return Hidden()
        entries = (await self._book.cast(server, game, channel_id)).characters
        return Hidden.of(wishes, await read_ownership(self._state, channel_id), entries)


@dataclass(frozen=True)
class Quote:
    """The price of a picture, shown before it is asked for."""

    price: Dollars | None
    """An estimate; None where pictures are free, or prices are not to be shown."""
    left: int
    """Pictures that the person may still ask for within the hour."""
    most: int


class RequestLimits:
    """Admits requests. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        access: AccessControl,
        channel_settings: ChannelSettingsReader,
        allowances: Allowances,
        budget: Budget,
    ) -> None:
        self._settings = settings
        self._access = access
        self._channel_settings = channel_settings
        self._allowances = allowances
        self._budget = budget

    async def check_access(self, by: Requester, channel_id: str) -> None:
        """Let somebody in who may use scene-art in the channel; see `AccessControl`."""
        await self._access.check_access(by, channel_id)

    async def character_name(self, by: Requester) -> str:
        """Name the person's active character; see `AccessControl`."""
        return await self._access.character_name(by)

    def may_see_cost(self, by: Requester) -> bool:
        """Tell whether to show `by` what a picture cost; where prices are hidden, to moderators and the operator."""
        return self._settings.show_prices or by.is_moderator or by.is_operator

    async def quote(self, channel_id: str, *, by: Requester) -> Quote:
        """Estimate the price of a picture in the channel, and count what is left of the person's limit."""
        channel_settings = await self._channel_settings.of(channel_id, by.guild_id)
        price = estimate(self._settings, channel_settings) if self._settings.show_prices else None
        return Quote(price, *await self._allowances.left(by))

    @contextlib.asynccontextmanager
    async def admitted(self, scene: Scene, by: Requester) -> AsyncIterator[None]:
        """Count `scene` in the limits of `by`. What fails within the block costs them nothing.

        Raises:
            CannotDoError: a limit is reached.
            BudgetSpentError: there is no money for the cheapest picture.
        """
        await self._allowances.take(scene, by)
        try:
            await self._check_budget(scene)
            yield
        except BaseException:
            with contextlib.suppress(TransientError):
                await self._allowances.give_back(scene, by)
            raise

    async def count_recap(self, channel_id: str, by: Requester) -> None:
        """Count a recap of the channel in the limits of `by`. Raises `CannotDoError` where one is reached."""
        await self._allowances.take_recap(channel_id, by)

    async def _check_budget(self, scene: Scene) -> None:
        channel_settings = await self._channel_settings.of(scene.channel_id, scene.guild_id)
        if is_free(self._settings, channel_settings):
            return
        model = self._settings.model
        least_tokens = request_tokens(model, 0, 0, channel_settings.size)
        await self._budget.check(payer_of(scene, channel_settings), self._settings.price(model), least_tokens)

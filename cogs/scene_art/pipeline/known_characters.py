"""Known characters of a scene: their looks in the cast book, and the names of those who opted out of pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from ..domain.characters import Look, fold, names_in
from ..domain.painting import Picture
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..errors import ReferenceUnavailableError, TransientError
from ..store.character_book import Cast, CharacterBook
from ..store.opt_outs import OptOuts
from ..store.timeouts import retry
from ..worker_process import WorkerProcesses

HIDDEN_SECONDS = 10.0
"""Time to retry reading the opt-outs while Redis is away: respecting them matters more than some seconds."""

T = TypeVar("T")


@dataclass(frozen=True)
class KnownCharacters:
    """Looks and opt-outs of the characters that a scene may have."""

    server: str = ""
    cast: Cast = field(default_factory=Cast)
    hidden: tuple[str, ...] = ()

    def look_of(self, name: str) -> Look | None:
        """Return the look of the character called `name`, or None."""
        character = self.cast.find(name)
        return character.look if character is not None else None

    def hides(self, name: str) -> bool:
        """Tell whether the one called `name` opted out of pictures."""
        return fold(name) in self._folded

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(fold, self.hidden))

    def besides(self, named: Iterable[str], story: str, room: int) -> list[str]:
        """Find names in `story` besides `named`: up to `room` characters with a look, and all who opted out."""
        names = list(named)
        known = {fold(name) for name in names}
        # The names already known are searched, too: where `Mira Vael` stands, nobody called `Mira` is meant.
        found = names_in(story, [*names, *self.hidden, *(one.name for one in self.cast.characters)])
        fresh = [name for name in found if fold(name) not in known]
        shown = [name for name in fresh if not self.hides(name) and self.look_of(name)][: max(0, room)]
        return [name for name in fresh if name in shown or self.hides(name)]


class LookResolver:
    """Reads looks and opt-outs. A failure costs the look, never the picture."""

    def __init__(self, *, book: CharacterBook, opt_outs: OptOuts, workers: WorkerProcesses) -> None:
        self._book = book
        self._opt_outs = opt_outs
        self._workers = workers

    async def known_characters(self, scene: Scene, game_name: str) -> KnownCharacters:
        """Read what is known of the scene's characters in that game. Redis's failures leave it empty."""
        server = scene.guild_id or scene.channel_id
        hidden, cast = await asyncio.gather(
            self._asked(scene, lambda: retry(lambda: self._opt_outs.names(server), HIDDEN_SECONDS)),
            self._asked(scene, lambda: self._book.cast(server, game_name)),
        )
        return KnownCharacters(server, cast or Cast(), hidden or ())

    async def _asked(self, scene: Scene, question: Callable[[], Awaitable[T]]) -> T | None:
        try:
            return await question()
        except TransientError as exc:
            remark(scene.id, f"the cast book cannot be read: {exc.detail}")
            return None

    async def picture(self, server: str, look: Look) -> Picture:
        """Load the prepared picture of a look.

        Raises:
            ReferenceUnavailableError: it is gone, or not a picture.
            TransientError: Redis is away.
        """
        raw = await self._book.picture(server, look)
        if raw is None:
            raise ReferenceUnavailableError("the look in the cast book is gone")
        return await self._workers.load_bytes(raw, group=server)

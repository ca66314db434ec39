"""References of a scene besides its cast: the picture to vary, added pictures, places, and the previous picture."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from ..discord_io.posted_messages import PostedPictures
from ..domain.depiction import SHOWS_UNDEPICTED, Hidden, depicted_in
from ..domain.mentions import names_in
from ..domain.names import is_name
from ..domain.painting import CastMember, Depicted, Picture, Role
from ..domain.preferences import ChannelSettings
from ..domain.scene import Scene, SceneState, Source
from ..domain.scene_log import remark
from ..errors import ReferenceUnavailableError, SceneArtError
from ..references.problems import in_short
from ..store.scenes import SceneRepository
from ..store.uploads import Uploads
from ..worker_process import WorkerProcesses
from .cast import Gathered
from .scene_book import SceneBook

GONE = "it is gone"
MOST_PLATES = 2
LOOK_BACK_SCENES, LOOK_AT_ONCE = 10, 2
"""The scene itself is the newest one, and the picture before it mostly the next."""
LOOK_BACK_SECONDS = 6 * 3600.0
"""A picture that is older belongs to another session."""


@dataclass(frozen=True)
class _Candidate:
    """A picture that may go along, before it is fetched."""

    role: Role
    name: str
    shows: Depicted
    fetch: Callable[[], Awaitable[bytes | None]]


class ContextImages:
    """Gathers context images. Built once; every call is independent of every other. A missing one fails nothing."""

    def __init__(
        self,
        *,
        repository: SceneRepository,
        posted: PostedPictures,
        uploads: Uploads,
        places: SceneBook,
        workers: WorkerProcesses,
    ) -> None:
        self._repository = repository
        self._places = places
        self._posted = posted
        self._uploads = uploads
        self._workers = workers

    async def gather(
        self, scene: Scene, story: str, channel_settings: ChannelSettings, gathered: Gathered, *, room: int
    ) -> tuple[CastMember, ...]:
        """Gather the context images of `scene`, each as a member with a picture or the reason why there is none.

        `story` is the narrative without picture addresses. `room` is the number of references that still fit into a
        request; the channel's last picture is left out when the others fill it. A picture that shows somebody hidden
        is not used.
        """
        wanted = [*self._uploaded(scene, gathered.depicted(story)), *await self._plates(scene, story)]
        if scene.vary:
            wanted.append(await self._base(scene))
        found = list(await asyncio.gather(*(self._member(scene, one, gathered.hidden) for one in wanted)))
        if channel_settings.continuity and not scene.vary and room > len(found):
            found += await self._previous(scene, gathered.hidden)
        return tuple(found)

    def _uploaded(self, scene: Scene, shows: Depicted) -> list[_Candidate]:
        """List the pictures that a person added. Nobody says whom they show: perhaps anybody in the scene."""
        return [
            _Candidate(
                Role.UPLOAD, f"added picture {number}", shows, partial(self._uploads.get, scene.channel_id, upload_id)
            )
            for number, upload_id in enumerate(scene.uploads, start=1)
        ]

    async def _plates(self, scene: Scene, story: str) -> list[_Candidate]:
        """List the references of the places that the story names, at most `MOST_PLATES`.

        A place counts where its owner may see the scene's channel.
        """
        try:
            places = await self._places.cast(scene, "")
        except SceneArtError as exc:
            remark(scene.id, f"the places cannot be read: {exc.detail}")
            return []
        named = names_in(story, [place.name for place in places.characters if is_name(place.name)])
        found = [place for name in named if (place := places.find(name)) is not None]
        viewers = await self._places.viewers(scene, [place.owner_id for place in found])
        shown = [(place.name, place.look) for place in found if place.owner_id in viewers][:MOST_PLATES]
        return [
            _Candidate(Role.PLACE, name, look.shows or Depicted(), partial(self._places.picture, scene, look))
            for name, look in shown
            if look
        ]

    async def _base(self, scene: Scene) -> _Candidate:
        original = await self._repository.scene(scene.channel_id, scene.rerender_of or "")
        if original is None:
            return _Candidate(Role.BASE, "the picture to vary", Depicted(), _nothing)
        return self._posted_picture(Role.BASE, "the picture to vary", original)

    async def _previous(self, scene: Scene, hidden: Hidden) -> list[CastMember]:
        """List the channel's last picture, if there is one; or the reason why it is not used."""
        before = await self._before(scene, hidden)
        if before is None:
            return []
        previous = await self._member(scene, self._posted_picture(Role.PREVIOUS, "the picture before", before), hidden)
        return [previous] if previous.picture is not None or previous.missing_because == SHOWS_UNDEPICTED else []

    def _posted_picture(self, role: Role, name: str, shown: Scene) -> _Candidate:
        return _Candidate(role, name, depicted_in(shown), partial(self._posted.picture, shown))

    async def _member(self, scene: Scene, wanted: _Candidate, hidden: Hidden) -> CastMember:
        name, role = wanted.name, wanted.role
        if hidden.is_in(wanted.shows):
            remark(scene.id, f"no {name}: {SHOWS_UNDEPICTED}")
            return CastMember(name=name, role=role, missing_because=SHOWS_UNDEPICTED)
        try:
            picture = await self._opened(await wanted.fetch(), scene.server_id)
        except SceneArtError as exc:
            remark(scene.id, f"no {name}: {exc.detail}")
            return CastMember(name=name, role=role, missing_because=exc.detail, told_because=in_short(exc))
        return CastMember(name=name, role=role, picture=picture)

    async def _opened(self, raw: bytes | None, group: str) -> Picture:
        if raw is None:
            raise ReferenceUnavailableError(GONE)
        return await self._workers.load_bytes(raw, group=group)

    async def _before(self, scene: Scene, hidden: Hidden) -> Scene | None:
        """Find the channel's last recent picture of the same game; for a rerender, the one before the original.

        One that shows somebody hidden is returned only where there is no other.
        """
        refused = None
        with contextlib.suppress(SceneArtError):
            start = await self._start(scene)
            for skip in range(0, LOOK_BACK_SCENES, LOOK_AT_ONCE):
                some = await self._repository.recent(scene.channel_id, LOOK_AT_ONCE, skip=skip, but=scene.id)
                fitting = [one for one in some if _may_stand_before(one, scene, start)]
                for one in fitting:
                    if not hidden.is_in(depicted_in(one)):
                        return one
                refused = refused or next(iter(fitting), None)
                if not some and skip:
                    break
        return refused

    async def _start(self, scene: Scene) -> float:
        """Find the time at which the scene was told first, in unix seconds."""
        recent = await self._repository.recent(scene.channel_id, LOOK_BACK_SCENES) if scene.rerender_of else []
        return next((one.heard_at for one in recent if one.id == scene.rerender_of), scene.heard_at)


async def _nothing() -> None:
    """Fetch what is gone."""


def _may_stand_before(one: Scene, scene: Scene, start: float) -> bool:
    """Tell whether `one` is posted, belongs to the same game, and is not old at `start`."""
    return (
        one.state is SceneState.POSTED
        and one.message_id is not None
        and one.source is not Source.PERSON
        and one.game_name in {scene.game_name, ""}
        and start - LOOK_BACK_SECONDS <= one.heard_at < start
    )

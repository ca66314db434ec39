"""References of a scene besides its cast: the picture to vary, added pictures, places, and the previous picture."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Collection

from ..discord_io.posted_messages import PostedPictures
from ..domain.mentions import names_in
from ..domain.names import is_name
from ..domain.painting import CastMember, Picture, Role
from ..domain.preferences import ChannelSettings
from ..domain.scene import Scene, SceneState, Source
from ..domain.scene_log import remark
from ..domain.spelling import fold
from ..errors import ReferenceUnavailableError, SceneArtError
from ..references.problems import in_short
from ..store.scenes import SceneRepository
from ..store.uploads import Uploads
from ..worker_process import WorkerProcesses
from .cast import UNDEPICTED
from .scene_book import SceneBook

SHOWS_UNDEPICTED = "it shows somebody who wishes not to be depicted"
GONE = "it is gone"
MOST_PLATES = 2
LOOK_BACK_SCENES, LOOK_AT_ONCE = 10, 2
"""The scene itself is the newest one, and the picture before it mostly the next."""
LOOK_BACK_SECONDS = 6 * 3600.0
"""A picture that is older belongs to another session."""

Fetch = Awaitable[bytes | None]


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
        self, scene: Scene, story: str, channel_settings: ChannelSettings, *, room: int, hidden: Collection[str] = ()
    ) -> tuple[CastMember, ...]:
        """Gather the context images of `scene`, each as a member with a picture or the reason why there is none.

        `story` is the narrative without picture addresses. `room` is the number of references that still fit into a
        request; the channel's last picture is left out when the others fill it. Earlier pictures that show somebody
        of `hidden` are not used.
        """
        plates = await self._plates(scene, story)
        wanted = [
            self._member(scene, Role.UPLOAD, f"added picture {number}", self._uploads.get(scene.channel_id, upload_id))
            for number, upload_id in enumerate(scene.uploads, start=1)
        ]
        wanted += [self._member(scene, Role.PLACE, name, picture) for name, picture in plates]
        if scene.vary:
            wanted.append(self._member(scene, Role.BASE, "the picture to vary", self._base(scene, hidden)))
        found = list(await asyncio.gather(*wanted))
        if (
            channel_settings.continuity
            and not scene.vary
            and room > len(found)
            and (before := await self._before(scene, hidden))
        ):
            previous = await self._member(scene, Role.PREVIOUS, "the picture before", self._posted.picture(before))
            found += [previous] if previous.picture is not None else []
        return tuple(found)

    async def _plates(self, scene: Scene, story: str) -> list[tuple[str, Fetch]]:
        """List the references of the places that the story names, by name, at most `MOST_PLATES`.

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
        shown = [place for place in found if place.owner_id in viewers][:MOST_PLATES]
        return [(place.name, self._places.picture(scene, place.look)) for place in shown if place.look]

    async def _member(self, scene: Scene, role: Role, name: str, fetch: Fetch) -> CastMember:
        try:
            picture = await self._opened(await fetch, scene.guild_id or scene.channel_id)
        except SceneArtError as exc:
            remark(scene.id, f"no {name}: {exc.detail}")
            return CastMember(name=name, role=role, missing_because=exc.detail, told_because=in_short(exc))
        return CastMember(name=name, role=role, picture=picture)

    async def _opened(self, raw: bytes | None, group: str) -> Picture:
        if raw is None:
            raise ReferenceUnavailableError(GONE)
        return await self._workers.load_bytes(raw, group=group)

    async def _base(self, scene: Scene, hidden: Collection[str]) -> bytes | None:
        original = await self._repository.scene(scene.channel_id, scene.rerender_of or "")
        if original is not None and _shows_any(original, hidden):
            raise ReferenceUnavailableError(SHOWS_UNDEPICTED)
        return await self._posted.picture(original) if original is not None else None

    async def _before(self, scene: Scene, hidden: Collection[str]) -> Scene | None:
        """Find the channel's last recent picture of the same game; for a rerender, the one before the original."""
        with contextlib.suppress(SceneArtError):
            start = await self._start(scene)
            for skip in range(0, LOOK_BACK_SCENES, LOOK_AT_ONCE):
                some = await self._repository.recent(scene.channel_id, LOOK_AT_ONCE, skip=skip, but=scene.id)
                for one in some:
                    if _may_stand_before(one, scene, start) and not _shows_any(one, hidden):
                        return one
                if not some and skip:
                    break
        return None

    async def _start(self, scene: Scene) -> float:
        """Find the time at which the scene was told first, in unix seconds."""
        recent = await self._repository.recent(scene.channel_id, LOOK_BACK_SCENES) if scene.rerender_of else []
        return next((one.heard_at for one in recent if one.id == scene.rerender_of), scene.heard_at)


def _shows_any(scene: Scene, hidden: Collection[str]) -> bool:
    """Tell whether the picture of `scene` shows somebody of `hidden`."""
    drawn = [ref.name for ref in scene.prompt_record.references if ref.missing_because != UNDEPICTED]
    names = drawn if scene.prompt_record.references else scene.character_names
    return not set(map(fold, names)).isdisjoint(map(fold, hidden))


def _may_stand_before(one: Scene, scene: Scene, start: float) -> bool:
    """Tell whether `one` is posted, belongs to the same game, and is not old at `start`."""
    return (
        one.state is SceneState.POSTED
        and one.message_id is not None
        and one.source is not Source.PERSON
        and one.game_name in {scene.game_name, ""}
        and start - LOOK_BACK_SECONDS <= one.heard_at < start
    )

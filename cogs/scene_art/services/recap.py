"""The service for recaps: a session's pictures on one page, and as a chapter. Without any Discord type."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..discord_io.posted_messages import PostedPictures
from ..domain.depiction import depicted_in
from ..domain.dialogue import telling_sentence
from ..domain.painting import Chapter, Panel, Picture
from ..domain.permissions import Requester
from ..domain.scene import Scene
from ..errors import CannotDoError, SceneArtError
from ..i18n import ngettext, translate
from ..lanes import Bounds, FairSemaphore
from ..recap.page import MOST_PANELS
from ..text import cut_on_word, one_line
from ..worker_process import WorkerProcesses
from .access import AccessControl, RequestLimits
from .history import NO_PICTURES, HistoryService

SESSION_GAP_SECONDS = 8 * 3600.0
"""Pictures farther apart belong to different sessions."""
FETCHED_AT_ONCE = 4
RECAPS = Bounds(at_once=3, at_once_of_server=2, inside_of_server=6, inside_of_person=1)
"""Recaps that are made or wait. Each of those made holds some pictures at a time, and both of its files."""
ALT_LIMIT = 1_024


@dataclass(frozen=True)
class Recap:
    """A session's recap."""

    page: bytes
    """The comic page: a WebP or JPEG."""
    page_name: str
    chapter: bytes
    """The chapter: HTML in UTF-8."""
    alt: str
    """The page's alt text."""
    scenes: tuple[Scene, ...]
    missing: int
    """The number of pictures that were gone."""
    hidden: int
    """The number of pictures that are left out, since somebody in them is hidden."""


class RecapService:
    """Makes few recaps at a time, since each takes some processor time and some downloads."""

    def __init__(
        self,
        *,
        history: HistoryService,
        access: AccessControl,
        limits: RequestLimits,
        posted: PostedPictures,
        workers: WorkerProcesses,
    ) -> None:
        self._history = history
        self._access = access
        self._limits = limits
        self._posted = posted
        self._workers = workers
        self._turns = FairSemaphore(RECAPS)

    async def bind(self, channel_id: str, title: str, *, by: Requester, locale: str, upload_limit: int) -> Recap:
        """Make the recap of the channel's last session. `upload_limit` is the most bytes of each file.

        Raises:
            CannotDoError: `by` may not, has one in the making, or has had too many, or there is no picture.
            SceneArtError: the recap could not be made.
        """
        await self._limits.check_access(by, channel_id)
        async with self._turns.turn(by.server_of(channel_id), by.user_id):
            scenes = session_of(await self._history.pictures(channel_id, by=by))
            if not scenes:
                raise CannotDoError(NO_PICTURES)
            hidden = await self._access.hidden(channel_id, by, scenes[-1].game_name)
            shown = [scene for scene in scenes if not hidden.is_in(depicted_in(scene))]
            await self._limits.count_recap(channel_id, by)
            return await self._bound(scenes, shown, one_line(title), locale, upload_limit)

    async def _bound(
        self, scenes: Sequence[Scene], shown: Sequence[Scene], title: str, locale: str, upload_limit: int
    ) -> Recap:
        found = dict(zip((scene.id for scene in shown), await self._pictures(shown), strict=True))
        pictures = [found.get(scene.id) for scene in scenes]
        chapter = Chapter(
            title=next((scene.game_name for scene in scenes if scene.game_name), "") or title,
            subtitle=translate(
                ngettext(
                    "{count} scene, {day}",
                    "{count} scenes, {day}",
                    len(scenes),
                    count=len(scenes),
                    day=time.strftime("%Y-%m-%d", time.gmtime(scenes[-1].heard_at)),
                ),
                locale,
            ),
            foot=translate(
                ngettext(
                    "{count} scene · drawn by scene-art",
                    "{count} scenes · drawn by scene-art",
                    len(scenes),
                    count=len(scenes),
                ),
                locale,
            ),
            language=locale.partition("-")[0],
            panels=tuple(_panel(scene, picture) for scene, picture in zip(scenes, pictures, strict=True)),
        )
        group = scenes[-1].server_id
        page = await self._workers.draw_page(chapter, upload_limit, group=group)
        return Recap(
            page=page.data,
            page_name=f"recap_{page.digest}.{page.mime.rpartition('/')[2].replace('jpeg', 'jpg')}",
            chapter=await self._workers.bind_chapter(chapter, upload_limit, group=group),
            alt=cut_on_word(" ".join(panel.caption for panel in chapter.panels), ALT_LIMIT),
            scenes=tuple(scenes),
            missing=list(found.values()).count(None),
            hidden=len(scenes) - len(shown),
        )

    async def _pictures(self, scenes: Sequence[Scene]) -> list[Picture | None]:
        turns = asyncio.Semaphore(FETCHED_AT_ONCE)

        async def fetched(scene: Scene) -> Picture | None:
            async with turns:
                try:
                    if (raw := await self._posted.picture(scene)) is not None:
                        return await self._workers.load_bytes(raw, group=scene.server_id)
                except SceneArtError:
                    pass
                return None

        return list(await asyncio.gather(*map(fetched, scenes)))


def session_of(newest_first: Sequence[Scene]) -> list[Scene]:
    """Select the last session's scenes, the oldest first. The newest rerender takes the place of its original."""
    session: list[Scene] = []
    for scene in newest_first:
        if session and session[-1].heard_at - scene.heard_at > SESSION_GAP_SECONDS:
            break
        session.append(scene)
    known = {scene.id: scene for scene in session}
    newest: dict[str, Scene] = {}
    for scene in session:
        newest.setdefault(_root(scene, known).id, scene)
    roots = sorted(newest, key=lambda root: known[root].heard_at)
    return [newest[root] for root in roots][-MOST_PANELS:]


def _root(scene: Scene, known: dict[str, Scene]) -> Scene:
    """Find the scene that a rerender goes back to, as far as `known` has it."""
    seen = {scene.id}
    while scene.rerender_of in known and scene.rerender_of not in seen:
        seen.add(scene.rerender_of)
        scene = known[scene.rerender_of]
    return scene


def _panel(scene: Scene, picture: Picture | None) -> Panel:
    return Panel(
        picture=picture,
        story=scene.narrative,
        caption=one_line(telling_sentence(scene.narrative)),
        alt=cut_on_word(one_line(scene.narrative), ALT_LIMIT),
        names=scene.cast,
        when=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(scene.heard_at)),
    )

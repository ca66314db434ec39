"""The one recipe: from a scene to a finished picture.

Who is in the picture, with which references, told how, painted by whom. Nothing here knows Discord or docket.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from .brief import Sheet, compose, prompt_text
from .errors import NoImageError, QuotaError, ReferenceUnavailableError, SceneArtError, TransientError
from .game import GameState, Surroundings, look_around, look_up_cast
from .painters import Brief, CastMember, Painting, Picture, Role
from .painters.models import DEFAULT_RATIO, facts, nearest_ratio
from .personas import Persona, Personas
from .references.narrative import extract_picture_urls
from .references.sheets import plan_sheets
from .scene import BriefRecord, Scene, UsedReference
from .settings import Settings
from .styles import Styles
from .text import one_line
from .workshop import Workshop

log = logging.getLogger(__name__)

Report = Callable[[str], Awaitable[None]]
"""Takes one line for the person who watches, such as `fetching 3 of 4`."""

EMPTY_ANSWERS_ALLOWED = 1
"""Gemini's NO_IMAGE often passes with one more try, and seldom with two."""
LONGEST_WAIT_SECONDS = 60.0
"""A service that asks for more patience than this gets its scene failed, with the sentence that says so."""


class Illustrator:
    """Paints scenes. Built once; every call is independent of every other."""

    def __init__(
        self, settings: Settings, *, workshop: Workshop, state: GameState, personas: Personas, styles: Styles
    ) -> None:
        self._settings = settings
        self._workshop = workshop
        self._state = state
        self._personas = personas
        self._styles = styles
        self._own_pictures: dict[Path, Picture] = {}

    async def prepare(self, scene: Scene, report: Report) -> Brief:
        """The brief of `scene` with all its references. Never fails for a reference that cannot be had."""
        story, story_urls = extract_picture_urls(scene.narrative)
        cast, game_name = await self._cast(scene, story_urls)
        members = await self._gather(scene.id, cast, report)
        sheets = await self._sheets(members)
        return compose(
            scene.model_copy(update={"game_name": game_name}),
            story=story,
            cast=members,
            sheets=sheets,
            style=self._styles.chosen(scene.style),
            house_rules=self._settings.house_rules,
            image_size=self._settings.image_size,
            aspect_ratio=nearest_ratio(scene.aspect_ratio or DEFAULT_RATIO, self._settings.model),
        )

    async def paint(self, brief: Brief, upload_limit: int, before_retry: Callable[[], Awaitable[None]]) -> Painting:
        """The picture, with another try for what may pass by itself. `before_retry` is awaited before each of those.

        Raises:
            SceneArtError: the last one, when no try succeeded.
        """
        empty_answers = 0
        for attempt in range(1, self._settings.paint_attempts + 1):
            try:
                return await self._workshop.paint(brief, upload_limit)
            except (TransientError, NoImageError) as exc:
                empty_answers += isinstance(exc, NoImageError)
                wait = _wait_before_retry(exc, attempt)
                last = attempt == self._settings.paint_attempts or empty_answers > EMPTY_ANSWERS_ALLOWED
                if last or wait > LONGEST_WAIT_SECONDS:
                    raise
                log.warning("scene %s: another try in %.1f s: %s", brief.scene_id, wait, exc.detail)
                await asyncio.sleep(wait)
            await before_retry()
        raise TransientError("no try was allowed")

    async def shrink(self, painting: Painting, upload_limit: int) -> Painting:
        """`painting` in a smaller encoding, for a channel that takes less than was thought."""
        return await self._workshop.shrink(painting, upload_limit)

    async def _cast(self, scene: Scene, story_urls: Sequence[str]) -> tuple[list[_Wanted], str]:
        """Everybody who is to be seen, the game master first, each with where the picture is to be had."""
        around = await look_around(self._state, scene.channel_id)
        if around.problem:
            log.warning("scene %s: %s", scene.id, around.problem)
        game_name = scene.game_name or (around.session.game_name if around.session else "")
        master = self._personas.on_duty(
            game_name=game_name,
            dark_flag=around.dark_loopmother,
            crown_holder=around.session.crown_holder if around.session else None,
        )
        wanted = [_Wanted.of_persona(master)] if master else []
        wanted += await self._characters(scene, around)
        known = {entry.source for entry in wanted}
        fresh = [url for url in dict.fromkeys(story_urls) if url not in known]
        wanted += [_Wanted(f"story picture {number}", Role.STORY, url) for number, url in enumerate(fresh, start=1)]
        return wanted, game_name

    async def _characters(self, scene: Scene, around: Surroundings) -> list[_Wanted]:
        pairs = paired(scene.character_names, scene.character_urls)
        if not pairs and scene.look_up_cast:
            found, problem = await look_up_cast(self._state, around.session)
            if problem:
                log.warning("scene %s: %s", scene.id, problem)
            pairs = [(character.name, character.image_url) for character in found]
        return [
            _Wanted(one_line(name) or f"character {number}", Role.CHARACTER, url)
            for number, (name, url) in enumerate(pairs, start=1)
        ]

    async def _gather(self, scene_id: str, wanted: Sequence[_Wanted], report: Report) -> list[CastMember]:
        """All references side by side. What could not be had stays in the cast, with the reason."""
        total = sum(1 for entry in wanted if entry.source)
        done = 0

        async def fetch(entry: _Wanted) -> CastMember:
            nonlocal done
            member = await self._fetch(scene_id, entry)
            if entry.source:
                done += 1
                await report(f"fetching {done} of {total}")
            return member

        if total:
            await report(f"fetching 0 of {total}")
        return list(await asyncio.gather(*(fetch(entry) for entry in wanted)))

    async def _fetch(self, scene_id: str, entry: _Wanted) -> CastMember:
        if not entry.source:
            return entry.member(missing_because="no picture was named")
        try:
            return entry.member(picture=await self._load(entry))
        except SceneArtError as exc:
            log.warning("scene %s: no picture of %s: %s", scene_id, entry.name, exc.detail)
            return entry.member(missing_because=exc.detail)

    async def _load(self, entry: _Wanted) -> Picture:
        if entry.source.startswith(("http://", "https://")):
            return await self._workshop.load_url(entry.source)
        if entry.role is not Role.GAME_MASTER:
            # Files are the operator's; what came from the game or a player is an address or nothing.
            raise ReferenceUnavailableError("not an http or https address")
        return await self._own_picture(Path(entry.source))

    async def _own_picture(self, file: Path) -> Picture:
        """A persona's picture, prepared once: it goes along with every scene."""
        known = self._own_pictures.get(file)
        if known is None or not _is_there(known):
            known = self._own_pictures[file] = await self._workshop.load_file(file)
        return known

    async def _sheets(self, cast: Sequence[CastMember]) -> list[Sheet]:
        """Contact sheets for those who are beyond the number of pictures that the model takes."""
        shown = [member for member in cast if member.picture is not None]
        plan = plan_sheets(len(shown), facts(self._settings.model).references)
        sheets: list[Sheet] = []
        for indexes in plan.sheets:
            members = tuple(shown[index] for index in indexes)
            entries = [(member.name, member.picture.path) for member in members if member.picture]
            picture = await self._workshop.make_sheet(entries)
            sheets.append((CastMember(name="contact sheet", role=Role.SHEET, picture=picture), members))
        return sheets


class _Wanted:
    """Somebody who is to be seen, before the picture was looked for."""

    def __init__(self, name: str, role: Role, source: str, description: str = "") -> None:
        self.name = name
        self.role = role
        self.source = source
        self._description = description

    @classmethod
    def of_persona(cls, persona: Persona) -> _Wanted:
        return cls(persona.name, Role.GAME_MASTER, persona.picture, persona.description)

    def member(self, *, picture: Picture | None = None, missing_because: str = "") -> CastMember:
        return CastMember(
            name=self.name,
            role=self.role,
            picture=picture,
            description=self._description,
            missing_because=missing_because,
        )


def _is_there(picture: Picture) -> bool:
    """Whether the workshop still keeps the file; a look-up of microseconds in a folder of our own."""
    return picture.path.exists()


def paired(names: Sequence[str], urls: Sequence[str]) -> list[tuple[str, str]]:
    """(name, address) by position. Names beyond the pictures have no address; a picture may have no name."""
    length = max(len(names), len(urls))
    padded = zip([*names, *[""] * (length - len(names))], [*urls, *[""] * (length - len(urls))], strict=True)
    return [(name, url) for name, url in padded if name or url]


def record_of(brief: Brief) -> BriefRecord:
    """What the ledger keeps of a brief: the text, and which references arrived."""
    return BriefRecord(
        prompt=prompt_text(brief),
        references=tuple(
            UsedReference(
                name=member.name,
                role=member.role.value,
                arrived=member.picture is not None,
                missing_because=member.missing_because,
            )
            for member in brief.cast
        ),
    )


def _wait_before_retry(exc: SceneArtError, attempt: int) -> float:
    """Seconds: what the service named, else a growing pause with jitter, so that channels do not come in step."""
    if isinstance(exc, NoImageError):
        return 0.0
    if exc.retry_after is not None:
        return exc.retry_after
    base = 4.0 if isinstance(exc, QuotaError) else 1.0
    return base * 2.0 ** (attempt - 1) * random.uniform(0.8, 1.3)  # noqa: S311  # no secret depends on it

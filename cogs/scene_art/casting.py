"""Who is to be seen in a scene, and with which reference pictures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from .attachments import AttachmentLinks
from .errors import ReferenceUnavailableError, SceneArtError
from .game import GameState, Surroundings, look_around, look_up_cast
from .painters import CastMember, Picture, Role
from .personas import Persona, Personas
from .references.problems import NOT_REACHED
from .scene import Scene
from .text import one_line
from .workshop import Workshop

log = logging.getLogger(__name__)

MISSING_TOLD = 5

Report = Callable[[str], Awaitable[None]]
"""Takes one line for the person who watches, such as `fetching 3 of 4`."""


class Casting:
    """Gathers casts. Built once; every call is independent of every other."""

    def __init__(self, *, workshop: Workshop, state: GameState, personas: Personas, links: AttachmentLinks) -> None:
        self._workshop = workshop
        self._links = links
        self._state = state
        self._personas = personas
        self._own_pictures: dict[Path, Picture] = {}

    async def gather(
        self, scene: Scene, story_urls: Sequence[str], report: Report
    ) -> tuple[tuple[CastMember, ...], str]:
        """The cast of `scene`, the game master first, and the game's name.

        `story_urls` are picture addresses of the narrative. Never fails for a picture that cannot be had: its member
        carries the reason.
        """
        wanted, game_name = await self._wanted(scene, story_urls)
        return tuple(await self._fetch_all(scene, wanted, report)), game_name

    async def _wanted(self, scene: Scene, story_urls: Sequence[str]) -> tuple[list[_Wanted], str]:
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

    async def _fetch_all(self, scene: Scene, wanted: Sequence[_Wanted], report: Report) -> list[CastMember]:
        """All references side by side. What could not be had stays in the cast, with the reason."""
        total = sum(1 for entry in wanted if entry.source)
        done = 0
        await self._renew_expired(scene.id, wanted)

        async def fetch(entry: _Wanted) -> CastMember:
            nonlocal done
            member = await self._fetch(scene, entry)
            if entry.source:
                done += 1
                await report(f"fetching {done} of {total}")
            return member

        if total:
            await report(f"fetching 0 of {total}")
        members = list(await asyncio.gather(*(fetch(entry) for entry in wanted)))
        named = [entry.source != "" for entry in wanted]
        _tell_missing(
            scene, [m for m, was_named in zip(members, named, strict=True) if was_named and m.picture is None]
        )
        return members

    async def _renew_expired(self, scene_id: str, wanted: Sequence[_Wanted]) -> None:
        """Links of Discord's that have expired, all at once."""
        links = self._links
        expired = [w for w in wanted if w.is_address and links.is_one(w.source) and links.is_expired(w.source)]
        if not expired:
            return
        renewed = await links.renew([entry.source for entry in expired], scene_id)
        for entry in expired:
            entry.renewed = renewed.get(entry.source, "")

    async def _fetch(self, scene: Scene, entry: _Wanted) -> CastMember:
        if not entry.source:
            return entry.member(missing_because="no picture was named")
        try:
            return entry.member(picture=await self._load(scene, entry))
        except SceneArtError as exc:
            return entry.member(missing_because=exc.detail)

    async def _load(self, scene: Scene, entry: _Wanted) -> Picture:
        if entry.is_address:
            return await self._load_address(scene, entry)
        if entry.role is not Role.GAME_MASTER:
            # Files are the operator's; what came from the game or a player is an address or nothing.
            raise ReferenceUnavailableError("not an http or https address")
        return await self._own_picture(Path(entry.source))

    async def _load_address(self, scene: Scene, entry: _Wanted) -> Picture:
        group = scene.guild_id or scene.channel_id
        try:
            return await self._workshop.load_url(entry.renewed or entry.source, group=group)
        except ReferenceUnavailableError as exc:
            # Whoever deleted a link's query, or a message and its picture, is told apart by asking Discord.
            if entry.renewed or exc.sentence != NOT_REACHED or not self._links.is_one(entry.source):
                raise
            renewed = (await self._links.renew([entry.source], scene.id)).get(entry.source)
            if renewed is None:
                raise
        return await self._workshop.load_url(renewed, group=group)

    async def _own_picture(self, file: Path) -> Picture:
        """A persona's picture, prepared once: it goes along with every scene."""
        known = self._own_pictures.get(file)
        if known is None or not _is_there(known):
            known = self._own_pictures[file] = await self._workshop.load_file(file)
        return known


def _tell_missing(scene: Scene, missing: Sequence[CastMember]) -> None:
    """A line each for the first ones: an event may name 64 addresses that lead nowhere."""
    for member in missing[:MISSING_TOLD]:
        log.warning("scene %s: no picture of %s: %s", scene.id, member.name, member.missing_because)
    if len(missing) > MISSING_TOLD:
        log.warning("scene %s: nor of %d others", scene.id, len(missing) - MISSING_TOLD)


class _Wanted:
    """Somebody who is to be seen, before the picture was looked for."""

    def __init__(self, name: str, role: Role, source: str, description: str = "") -> None:
        self.name = name
        self.role = role
        self.source = source
        self.renewed = ""
        """The link to open instead of `source`, which has expired."""
        self._description = description

    @classmethod
    def of_persona(cls, persona: Persona) -> _Wanted:
        return cls(persona.name, Role.GAME_MASTER, persona.picture, persona.description)

    @property
    def is_address(self) -> bool:
        """Whether the picture is elsewhere."""
        return self.source.startswith(("http://", "https://"))

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

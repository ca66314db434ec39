"""The cast resolver: the people in a scene, with their reference pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from ..discord_io.attachment_links import AttachmentLinks
from ..domain.characters import Look
from ..domain.mentions import names_in
from ..domain.names import is_name
from ..domain.painting import CastMember, Picture, Role
from ..domain.personas import Personas
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..domain.spelling import fold
from ..errors import ReferenceUnavailableError, SceneArtError, TransientError
from ..references.narrative import extract_picture_urls
from ..references.problems import NOT_ALLOWED, NOT_REACHED, in_short
from ..store.character_book import Cast
from ..store.game_state import GameContext, GameState, look_up_cast, read_game_context
from ..store.opt_outs import OptOuts
from ..store.timeouts import retry
from ..text import cut_on_word, one_line
from ..worker_process import WorkerProcesses
from .prompt import SCENE_LIMIT
from .scene_book import SceneBook

MISSING_TOLD = 5
ENOUGH_CHARACTERS = 8
"""Known characters that only the story mentions are added up to this number."""
SILHOUETTE = "drawn as a dark silhouette without face or details, at their own wish"
UNDEPICTED = "wishes not to be depicted"
NOT_GIVEN = "nobody has given one"
HIDDEN_SECONDS = 10.0
"""Time to retry reading the opt-outs while Redis is away: respecting them matters more than some seconds."""

T = TypeVar("T")

Report = Callable[[str], Awaitable[None]]
"""Takes one line for the person who watches, such as `fetching 3 of 4`."""


class CastResolver:
    """Gathers casts. Built once; every call is independent of every other."""

    def __init__(
        self,
        *,
        workers: WorkerProcesses,
        state: GameState,
        personas: Personas,
        links: AttachmentLinks,
        book: SceneBook,
        opt_outs: OptOuts,
    ) -> None:
        self._workers = workers
        self._links = links
        self._state = state
        self._personas = personas
        self._book = book
        self._opt_outs = opt_outs
        self._own_pictures: dict[Path, Picture] = {}

    async def gather(
        self, scene: Scene, story_urls: Sequence[str], report: Report
    ) -> tuple[tuple[CastMember, ...], str]:
        """Gather the cast of `scene`, the game master first, and the game's name.

        `story_urls` are picture addresses of the narrative. Never fails for a missing picture: its member carries the
        reason.
        """
        wanted, game_name = await self._wanted(scene, story_urls)
        await self._fetch_all(scene, wanted, report)
        return tuple(entry.member() for entry in wanted), game_name

    async def _wanted(self, scene: Scene, story_urls: Sequence[str]) -> tuple[list[_Wanted], str]:
        """List everybody in the scene with their sources, the game master first, and name the game."""
        around = await read_game_context(self._state, scene.channel_id)
        if around.problem:
            remark(scene.id, around.problem)
        game_name = scene.game_name or (around.session.game_name if around.session else "")
        master = self._personas.select_persona(
            game_name=game_name,
            dark_flag=around.dark_loopmother,
            crown_holder=around.session.crown_holder if around.session else None,
        )
        wanted = [_Wanted(master.name, Role.GAME_MASTER, master.picture, master.description)] if master else []
        people = await self._characters(scene, around)
        # Those who opted out are among them: their picture must not come in as one of the story's.
        known = {entry.source for entry in [*wanted, *people]}
        cast, opted_out = await self._book_of(scene, game_name)
        dressed = _dressed(scene, people, [one.name for one in wanted], cast, opted_out)
        wanted += await self._shown(scene, dressed)
        fresh = [url for url in dict.fromkeys(story_urls) if url not in known]
        wanted += [_Wanted(f"story picture {number}", Role.STORY, url) for number, url in enumerate(fresh, start=1)]
        return wanted, game_name

    async def _characters(self, scene: Scene, around: GameContext) -> list[_Wanted]:
        pairs = paired(scene.character_names, scene.character_urls)
        if not pairs and scene.look_up_cast:
            found, problem = await look_up_cast(self._state, around.session)
            if problem:
                remark(scene.id, problem)
            pairs = [(character.name, character.image_url) for character in found]
        return [
            _Wanted(one_line(name) or f"character {number}", Role.CHARACTER, url)
            for number, (name, url) in enumerate(pairs, start=1)
        ]

    async def _book_of(self, scene: Scene, game_name: str) -> tuple[Cast, Sequence[str]]:
        """Read the characters of the game, and the names that opted out. A failure costs these, never the picture."""
        server = scene.guild_id or scene.channel_id
        return await asyncio.gather(
            _read(scene, self._book.cast(scene, game_name), Cast()),
            _read(scene, retry(lambda: self._opt_outs.names(server), HIDDEN_SECONDS), ()),
        )

    async def _shown(self, scene: Scene, people: Sequence[_Wanted]) -> list[_Wanted]:
        """Leave out whom the text alone names with a look whose owner may not see the channel, and too many of them."""
        mentioned = [entry for entry in people if entry.is_mentioned and not entry.is_hidden]
        viewers = await self._book.viewers(scene, [entry.owner_id for entry in mentioned if entry.look])
        seen = [entry for entry in mentioned if entry.look and entry.owner_id in viewers]
        named = sum(not entry.is_mentioned for entry in people)
        kept = seen[: max(0, ENOUGH_CHARACTERS - named)]
        return [entry for entry in people if entry not in mentioned or entry in kept]

    async def _fetch_all(self, scene: Scene, wanted: Sequence[_Wanted], report: Report) -> None:
        """Load all references at once. A member whose picture is missing stays in the cast, with the reason."""
        await self._renew(scene.id, [entry for entry in wanted if self._is_expired(entry)])
        await self._try_all(scene, wanted, report)
        again = await self._renew(scene.id, [entry for entry in wanted if self._is_worth_renewing(entry)])
        await asyncio.gather(*(self._try(entry, self._load(scene, entry)) for entry in again))
        failed = [entry for entry in wanted if entry.problem is not None and entry.source]
        await asyncio.gather(*(self._try(entry, self._look(scene, entry.look)) for entry in failed if entry.look))
        _tell_missing(scene, [entry.member() for entry in wanted if entry.problem])

    async def _try_all(self, scene: Scene, wanted: Sequence[_Wanted], report: Report) -> None:
        sources = [entry for entry in wanted if entry.source or entry.look]
        done = 0

        async def fetch(entry: _Wanted) -> None:
            nonlocal done
            await self._try(entry, self._load(scene, entry))
            done += 1
            await report(f"fetching {done} of {len(sources)}")

        if sources:
            await report(f"fetching 0 of {len(sources)}")
        await asyncio.gather(*(fetch(entry) for entry in sources))

    async def _renew(self, scene_id: str, entries: Sequence[_Wanted]) -> list[_Wanted]:
        """Renew Discord's links in one request, and return the entries whose link has changed, to be tried anew."""
        if not entries:
            return []
        failed = {entry.link for entry in entries if entry.problem}
        renewed = await self._links.renew([entry.source for entry in entries], scene_id, failed)
        changed = [entry for entry in entries if renewed.get(entry.source, entry.link) != entry.link]
        for entry in entries:
            entry.is_lost = entry.source not in renewed
            entry.link = renewed.get(entry.source, entry.link)
        for entry in changed:
            entry.problem = None
        return changed

    def _is_expired(self, entry: _Wanted) -> bool:
        return entry.is_address and self._links.is_one(entry.source) and self._links.is_expired(entry.source)

    def _is_worth_renewing(self, entry: _Wanted) -> bool:
        """Tell whether another link may help. A link whose query somebody cut, say, does not show its expiry."""
        reached = entry.problem is None or entry.problem.sentence != NOT_REACHED
        return not reached and not entry.is_lost and entry.is_address and self._links.is_one(entry.source)

    async def _try(self, entry: _Wanted, loading: Awaitable[Picture]) -> None:
        """Note the picture. When there is none, the first problem stays."""
        try:
            entry.picture, entry.problem = await loading, None
        except SceneArtError as exc:
            entry.problem = entry.problem or exc

    async def _load(self, scene: Scene, entry: _Wanted) -> Picture:
        if entry.look is not None and not entry.source:
            return await self._look(scene, entry.look)
        if entry.is_address:
            return await self._workers.load_url(entry.link, group=scene.guild_id or scene.channel_id)
        if entry.role is not Role.GAME_MASTER:
            # Files are the operator's; what came from the game or a player is an address or nothing.
            raise ReferenceUnavailableError("not an http or https address", sentence=NOT_ALLOWED)
        return await self._own_picture(Path(entry.source))

    async def _look(self, scene: Scene, look: Look) -> Picture:
        raw = await self._book.picture(scene, look)
        if raw is None:
            raise ReferenceUnavailableError("the look in the cast book is gone")
        return await self._workers.load_bytes(raw, group=scene.guild_id or scene.channel_id)

    async def _own_picture(self, file: Path) -> Picture:
        """Load a persona's picture once per process, since every scene uses it."""
        known = self._own_pictures.get(file)
        if known is None or not _is_there(known):
            known = self._own_pictures[file] = await self._workers.load_file(file)
        return known


async def _read(scene: Scene, reading: Awaitable[T], nothing: T) -> T:
    try:
        return await reading
    except TransientError as exc:
        remark(scene.id, f"the cast book cannot be read: {exc.detail}")
        return nothing


def _tell_missing(scene: Scene, missing: Sequence[CastMember]) -> None:
    """Note the first missing pictures, a line each: an event may name 64 addresses that lead nowhere."""
    for member in missing[:MISSING_TOLD]:
        remark(scene.id, f"no picture of {member.name}: {member.missing_because}")
    if len(missing) > MISSING_TOLD:
        remark(scene.id, f"nor of {len(missing) - MISSING_TOLD} others")


def _dressed(
    scene: Scene, people: Sequence[_Wanted], others: Sequence[str], cast: Cast, opted_out: Sequence[str]
) -> list[_Wanted]:
    """Add to `people` whom only the story mentions, and apply looks and opt-outs to all of them.

    `others` are names that are shown already. Entries whose name is none, as earlier versions took it, are not looked
    for.
    """
    story = cut_on_word(extract_picture_urls(scene.narrative)[0], SCENE_LIMIT)
    named = [*others, *(entry.name for entry in people)]
    # The names already known are searched, too: where `Mira Vael` stands, nobody called `Mira` is meant.
    meant = filter(is_name, [*opted_out, *(one.name for one in cast.characters)])
    found = names_in(story, [*named, *meant], sure=[*named, *opted_out])
    known, hidden = set(map(fold, named)), set(map(fold, opted_out))
    added = [_Wanted(name, Role.CHARACTER, "", is_mentioned=True) for name in found if fold(name) not in known]
    for entry in [*people, *added]:
        entry.dress(cast, hidden)
    return [*people, *added]


@dataclass(eq=False)
class _Wanted:
    """Somebody in the scene, and the outcome of loading the picture. Mutable, while the cast is gathered."""

    name: str
    role: Role
    source: str
    description: str = ""
    is_lost: bool = False
    """True: Discord was asked for another link and gave none."""
    picture: Picture | None = None
    problem: SceneArtError | None = None
    look: Look | None = None
    """The look in the cast book, used where the source is missing or fails."""
    owner_id: str = ""
    """The user who owns the look in the cast book."""
    is_hidden: bool = False
    is_mentioned: bool = False
    """True: the story's text alone names them."""

    def __post_init__(self) -> None:
        self.link = self.source
        """The address to open: `source`, or the link that Discord gave instead of it."""

    def dress(self, cast: Cast, hidden: Collection[str]) -> None:
        """Add the look of the cast book, if any, or remove every picture of those `hidden` (names by `fold`)."""
        if fold(self.name) in hidden:
            self.source = self.link = ""
            self.is_hidden, self.description = True, SILHOUETTE
        elif (character := cast.find(self.name)) is not None:
            self.look, self.owner_id = character.look, character.owner_id

    @property
    def is_address(self) -> bool:
        """True: the source is an http(s) address."""
        return self.source.startswith(("http://", "https://"))

    def member(self) -> CastMember:
        return CastMember(
            name=self.name,
            role=self.role,
            picture=self.picture,
            description=self.description,
            missing_because=self._why_missing(),
            told_because=in_short(self.problem) if self.problem is not None else None,
            silhouette=self.is_hidden,
        )

    def _why_missing(self) -> str:
        if self.is_hidden:
            return UNDEPICTED
        if self.problem is not None:
            return self.problem.detail
        return "" if self.source or self.look else NOT_GIVEN


def _is_there(picture: Picture) -> bool:
    """Check that the file still exists. Takes microseconds, since the folder is local."""
    return picture.path.exists()


def paired(names: Sequence[str], urls: Sequence[str]) -> list[tuple[str, str]]:
    """Pair names and addresses by position. Either is empty where the other list is longer; empty pairs are dropped."""
    return [(name, url) for name, url in zip_longest(names, urls, fillvalue="") if name or url]

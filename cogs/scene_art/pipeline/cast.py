"""The cast resolver: the people in a scene, with their reference pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from ..discord_io.attachment_links import AttachmentLinks
from ..domain.characters import Look
from ..domain.depiction import SHOWS_UNDEPICTED, UNDEPICTED, Hidden, address_key
from ..domain.mentions import names_in
from ..domain.ownership import Ownership
from ..domain.painting import CastMember, Depicted, Picture, Role
from ..domain.personas import Personas
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..domain.spelling import fold
from ..errors import ReferenceUnavailableError, SceneArtError, TransientError
from ..references.narrative import extract_picture_urls
from ..references.problems import NOT_ALLOWED, NOT_REACHED, in_short
from ..store.character_book import Cast
from ..store.game_state import GameCharacter, GameContext, GameState, named_pairs, read_game_context, read_players
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
NOT_GIVEN = "nobody has given one"
HIDDEN_SECONDS = 10.0
"""Time to retry reading the opt-outs while Redis is away: respecting them matters more than some seconds."""

T = TypeVar("T")

Report = Callable[[str], Awaitable[None]]
"""Takes one line for the person who watches, such as `fetching 3 of 4`."""


@dataclass(frozen=True)
class Gathered:
    """The cast of a scene, and what else was learnt on the way."""

    members: tuple[CastMember, ...]
    """The game master first."""
    game_name: str
    hidden: Hidden
    mentioned: tuple[str, ...]
    """The user ids of players whose character only the story names, but for those who are hidden."""

    def depicted(self, story: str) -> Depicted:
        """Tell whom a picture may show that somebody added to the scene: anybody in it."""
        people = [member for member in self.members if member.role is Role.CHARACTER]
        user_ids = {user_id for member in people for user_id in (*member.user_ids, member.owner_id)} - {""}
        return Depicted(names=tuple(one.name for one in people), user_ids=tuple(user_ids), story=story)


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

    async def gather(self, scene: Scene, story_urls: Sequence[str], report: Report) -> Gathered:
        """Gather the cast of `scene`. `story_urls` are picture addresses of the narrative.

        Never fails for a missing picture: its member carries the reason.
        """
        wanted, gathered = await self._wanted(scene, story_urls)
        await self._fetch_all(scene, wanted, report)
        return replace(gathered, members=tuple(entry.member() for entry in wanted))

    async def _wanted(self, scene: Scene, story_urls: Sequence[str]) -> tuple[list[_Wanted], Gathered]:
        """List everybody in the scene with their sources, the game master first."""
        around, players = await self._game_of(scene)
        game_name = scene.game_name or (around.session.game_name if around.session else "")
        masters = self._masters(around, game_name)
        people = _characters(scene, players if around.session and around.session.active else ())
        # Those who opted out are among them: their picture must not come in as one of the story's.
        known = {entry.source for entry in [*masters, *people]}
        wardrobe = await self._wardrobe(scene, game_name, people, players)
        story = cut_on_word(extract_picture_urls(scene.narrative)[0], SCENE_LIMIT)
        dressed = _dressed(story, people, [one.name for one in masters], wardrobe)
        people = await self._shown(scene, dressed)
        gathered = Gathered(
            tuple(one.member() for one in people), game_name, wardrobe.hidden, wardrobe.mentioned(story)
        )
        fresh = [url for url in dict.fromkeys(story_urls) if url not in known]
        return [*masters, *people, *_story_pictures(fresh, gathered, story)], gathered

    async def _game_of(self, scene: Scene) -> tuple[GameContext, Sequence[GameCharacter]]:
        """Read the game's session, and the active characters of its players."""
        around = await read_game_context(self._state, scene.channel_id)
        players, problem = await read_players(self._state, around.session)
        for told in filter(None, (around.problem, problem)):
            remark(scene.id, told)
        return around, players

    def _masters(self, around: GameContext, game_name: str) -> list[_Wanted]:
        """List the game master, if the game has one."""
        master = self._personas.select_persona(
            game_name=game_name,
            dark_flag=around.dark_loopmother,
            crown_holder=around.session.crown_holder if around.session else None,
        )
        return [_Wanted(master.name, Role.GAME_MASTER, master.picture, master.description)] if master else []

    async def _wardrobe(
        self, scene: Scene, game_name: str, people: Sequence[_Wanted], players: Sequence[GameCharacter]
    ) -> _Wardrobe:
        """Read the characters of the game, and who is hidden. A failure costs these, never the picture."""
        server = scene.server_id
        book, wishes = await asyncio.gather(
            _read(scene, self._book.cast(scene, game_name), Cast()),
            _read(scene, retry(lambda: self._opt_outs.all(server), HIDDEN_SECONDS), {}),
        )
        ownership = Ownership(named_pairs(players))
        hidden = Hidden.of(wishes, ownership, book.characters)
        pictures = [*((one.name, one.source) for one in people), *((one.name, one.image_url) for one in players)]
        theirs = [url for name, url in pictures if url and hidden.hides(name, ownership.players_of(name))]
        return _Wardrobe(book, ownership, replace(hidden, addresses=frozenset(map(address_key, theirs))))

    async def _shown(self, scene: Scene, people: Sequence[_Wanted]) -> list[_Wanted]:
        """Leave out whom the text alone names with a look whose owner may not see the channel, and too many of them."""
        mentioned = [entry for entry in people if entry.is_mentioned and not entry.is_hidden]
        viewers = await self._book.viewers(scene, [entry.look_owner for entry in mentioned if entry.look])
        seen = [entry for entry in mentioned if entry.look and entry.look_owner in viewers]
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
            return await self._workers.load_url(entry.link, group=scene.server_id)
        if entry.role is not Role.GAME_MASTER:
            # Files are the operator's; what came from the game or a player is an address or nothing.
            raise ReferenceUnavailableError("not an http or https address", sentence=NOT_ALLOWED)
        return await self._own_picture(Path(entry.source))

    async def _look(self, scene: Scene, look: Look) -> Picture:
        raw = await self._book.picture(scene, look)
        if raw is None:
            raise ReferenceUnavailableError("the look in the cast book is gone")
        return await self._workers.load_bytes(raw, group=scene.server_id)

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


def _characters(scene: Scene, players: Sequence[GameCharacter]) -> list[_Wanted]:
    """List the characters that the event names, or those of the session's players where it was to be looked up."""
    pairs = paired(scene.character_names, scene.character_urls)
    if not pairs and scene.look_up_cast:
        pairs = [(one.name, one.image_url) for one in players if one.name or one.image_url]
    return [
        _Wanted(one_line(name) or f"character {number}", Role.CHARACTER, url)
        for number, (name, url) in enumerate(pairs, start=1)
    ]


def _dressed(story: str, people: Sequence[_Wanted], others: Sequence[str], wardrobe: _Wardrobe) -> list[_Wanted]:
    """Add to `people` whom only the story mentions, and apply looks and opt-outs to all of them.

    `others` are names that are shown already. Entries whose name is none, as earlier versions took it, are not looked
    for.
    """
    named = [*others, *(entry.name for entry in people)]
    # The names already known are searched, too: where `Mira Vael` stands, nobody called `Mira` is meant.
    found = names_in(story, [*named, *wardrobe.names], sure=[*named, *wardrobe.hidden.names.values()])
    known = set(map(fold, named))
    added = [_Wanted(name, Role.CHARACTER, "", is_mentioned=True) for name in found if fold(name) not in known]
    for entry in [*people, *added]:
        wardrobe.dress(entry)
    return [*people, *added]


def _story_pictures(urls: Sequence[str], gathered: Gathered, story: str) -> list[_Wanted]:
    """List the pictures in the story. Nobody says whom they show: perhaps anybody in the scene."""
    pictures = [_Wanted(f"story picture {number}", Role.STORY, url) for number, url in enumerate(urls, start=1)]
    shown = gathered.depicted(story)
    for entry in pictures:
        if gathered.hidden.is_in(shown.model_copy(update={"address": entry.source})):
            entry.refuse()
    return pictures


@dataclass(frozen=True)
class _Wardrobe:
    """The cast book, the owners of names and the hidden people: together they decide how somebody is drawn."""

    book: Cast
    ownership: Ownership
    hidden: Hidden

    @property
    def names(self) -> list[str]:
        """The names that are looked for in a story: such as it can mean, since earlier versions took any word."""
        named = [*self.hidden.names.values(), *(one.name for one in self.book.characters)]
        return list(filter(self.ownership.is_name, named))

    def mentioned(self, story: str) -> tuple[str, ...]:
        """List the user ids of players whose character the story names, but for the hidden ones."""
        found = {
            user_id
            for name in names_in(story, self.ownership.names, sure=self.ownership.names)
            for user_id in self.ownership.players_of(name)
        }
        return tuple(sorted(found - self.hidden.user_ids))

    def dress(self, entry: _Wanted) -> None:
        """Add the look of the cast book, if any, or remove every picture of somebody hidden."""
        players, in_book = self.ownership.players_of(entry.name), self.book.find(entry.name)
        entry.user_ids = tuple(sorted(players))
        entry.owner_id = in_book.owner_id if in_book and not players else ""
        if self.hidden.hides(entry.name, players):
            entry.hide()
            return
        if self.hidden.is_in(Depicted(address=entry.source)):
            entry.refuse()
        entry.look, entry.look_owner = self.book.look_of(entry.name, self.ownership) or (None, "")
        if entry.look and entry.look.shows and self.hidden.is_in(entry.look.shows):
            entry.refuse_look()


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
    look_owner: str = ""
    """The user who owns the look's entry."""
    is_hidden: bool = False
    is_mentioned: bool = False
    """True: the story's text alone names them."""
    user_ids: tuple[str, ...] = ()
    owner_id: str = ""

    def __post_init__(self) -> None:
        self.link = self.source
        """The address to open: `source`, or the link that Discord gave instead of it."""

    def hide(self) -> None:
        """Make this a silhouette, without any picture."""
        self.source = self.link = ""
        self.is_hidden, self.description = True, SILHOUETTE

    def refuse(self) -> None:
        """Leave the picture at `source` out, since it shows somebody hidden."""
        self.source = self.link = ""
        self.problem = ReferenceUnavailableError(SHOWS_UNDEPICTED)

    def refuse_look(self) -> None:
        """Leave the look out, since it comes from a picture of somebody hidden."""
        self.look = None
        if not self.source:
            self.refuse()

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
            user_ids=self.user_ids,
            owner_id=self.owner_id,
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

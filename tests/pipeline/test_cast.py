"""The cast of a scene and the source of each picture; looks and opt-outs, neither of which ever costs the picture."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.characters import Character, Look
from cogs.scene_art.domain.depiction import SHOWS_UNDEPICTED, UNDEPICTED
from cogs.scene_art.domain.ownership import Ownership
from cogs.scene_art.domain.painting import CastMember, Picture
from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.personas import Personas
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import ReferenceUnavailableError, TransientError
from cogs.scene_art.i18n import Sentence
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.pipeline import cast as casting
from cogs.scene_art.pipeline.cast import (
    ENOUGH_CHARACTERS,
    MISSING_TOLD,
    CastResolver,
    paired,
)
from cogs.scene_art.pipeline.scene_book import SceneBook
from cogs.scene_art.references.problems import NOT_A_PICTURE, NOT_ALLOWED, NOT_REACHED, TOO_LARGE
from cogs.scene_art.store.character_book import Cast, CharacterBook, Prepared
from cogs.scene_art.store.characters import CharacterRepository
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.game_state import GameCharacter, GameSession
from cogs.scene_art.store.opt_outs import OptOuts
from cogs.scene_art.worker_process import WorkerProcesses
from tests.stage import memory_url, open_stage, portrait

NAMES = st.lists(st.text(max_size=3), max_size=5)
PICTURE = Picture(path=Path("mira.png"), mime="image/png", width=1, height=1)


MOD = Requester("1", "7", is_moderator=True)
LOOK = Prepared(b"a picture", "image/png", 3, 4)


class Game:
    """A game that tells nothing but whose character is called what."""

    def __init__(self) -> None:
        self.players: dict[str, str] = {}

    async def session(self, channel_id: str) -> GameSession | None:
        return GameSession(players=tuple(self.players)) if self.players else None

    async def character(self, user_id: str) -> GameCharacter | None:
        return GameCharacter(name=self.players[user_id])

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        return False


class Strangers:
    """A book without characters, and nobody who opted out."""

    async def cast(self, server: str, game: str, channel_id: str = "") -> Cast:
        return Cast()

    async def all(self, server: str) -> dict[str, Sequence[str]]:
        return {}


class Everybody:
    """People who see every channel, but those of `blind` (user ids); whoever asks is noted."""

    def __init__(self, *blind: str) -> None:
        self.blind = set(blind)
        self.asked: list[str] = []

    async def may_view(self, user_id: str, *, guild_id: str, channel_id: str) -> bool:
        self.asked.append(user_id)
        return user_id not in self.blind


class Shelf:
    """A workshop: pictures by address, problems by address, and who asked on whose behalf."""

    def __init__(self, problem: Sentence) -> None:
        self.problem = problem
        self.asked: list[tuple[str, str]] = []

    async def load_url(self, url: str, *, group: str = "") -> Picture:
        self.asked.append((url, group))
        if "new" in url:
            return PICTURE
        raise ReferenceUnavailableError("answered", sentence=self.problem)


class Links:
    """Every address is an attachment's; the one with `old` in it has expired. A list of what was renewed."""

    def __init__(self, gives: dict[str, str]) -> None:
        self.gives = gives
        self.calls: list[list[str]] = []

    def is_one(self, url: str) -> bool:
        return True

    def is_expired(self, url: str) -> bool:
        return "old" in url

    async def renew(self, urls: Sequence[str], scene_id: str, failed: Collection[str] = ()) -> dict[str, str]:
        self.calls.append(list(urls))
        return {url: self.gives[url] for url in urls if url in self.gives}


async def ignore_progress(_: str) -> None:
    """Nobody watches."""


async def cast_of(repository: Shelf, links: Links, *urls: str, **fields: Any) -> list[bool]:
    """Gather a cast, and tell for each address whether it gave a picture."""
    cast_resolver = CastResolver(
        workers=cast("WorkerProcesses", repository),
        state=Game(),
        personas=Personas([], dark_names=[], crown_bearers=[]),
        links=links,
        book=SceneBook(cast("CharacterBook", Strangers()), Everybody()),
        opt_outs=cast("OptOuts", Strangers()),
    )
    scene = Scene(id="0" * 16, channel_id="1", source=Source.TURN, narrative="A gate.", character_urls=urls, **fields)
    gathered = await cast_resolver.gather(scene, [], ignore_progress)
    return [member.picture is not None for member in gathered.members]


@given(NAMES, NAMES)
def test_names_and_addresses_are_paired_by_position(names: list[str], urls: list[str]) -> None:
    pairs = paired(names, urls)
    assert [name for name, _ in pairs if name] == [name for name in names if name]
    assert [url for _, url in pairs if url] == [url for url in urls if url]
    assert all(name or url for name, url in pairs)


@pytest.mark.parametrize(("guild_id", "group"), [("7", "7"), (None, "1")])
async def test_pictures_are_fetched_on_behalf_of_the_guild_or_the_channel(guild_id: str | None, group: str) -> None:
    repository = Shelf(NOT_REACHED)
    await cast_of(repository, Links({}), "https://a/new", guild_id=guild_id)
    assert repository.asked == [("https://a/new", group)]


@pytest.mark.parametrize(("problem", "calls"), [(NOT_REACHED, 1), (TOO_LARGE, 0), (NOT_A_PICTURE, 0), (NOT_ALLOWED, 0)])
async def test_only_what_was_not_reached_is_renewed_after_all(problem: Sentence, calls: int) -> None:
    links = Links({"https://a/1": "https://a/new1", "https://a/2": "https://a/new2"})
    found = await cast_of(Shelf(problem), links, "https://a/1", "https://a/2", "https://a/new")
    assert found == [bool(calls), bool(calls), True]
    assert links.calls == [["https://a/1", "https://a/2"]] * calls


async def test_what_expired_is_renewed_before_it_is_opened_and_the_rest_once() -> None:
    links = Links({"https://a/old1": "https://a/new1"})
    repository = Shelf(NOT_REACHED)
    assert await cast_of(repository, links, "https://a/old1", "https://a/old2", "https://a/3") == [True, False, False]
    assert links.calls == [["https://a/old1", "https://a/old2"], ["https://a/3"]]
    assert [url for url, _ in repository.asked] == ["https://a/new1", "https://a/old2", "https://a/3"]


async def test_the_first_missing_pictures_are_named_on_the_scenes_line_and_the_others_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_stage() as stage:
        channel = stage.channel()
        caplog.set_level("INFO")
        gone = [stage.sandbox.files.url(f"gone-{number}.png") for number in range(40)]
        good = stage.sandbox.files.add("good.png", portrait("green"))
        await stage.request(channel, "A feast.", character_urls=[*gone, good])
        await stage.picture(channel)
        await stage.settled(channel)
        [scene] = await stage.scenes(channel)
    [about] = [line for line in caplog.messages if scene["id"] in line]
    assert about.count("no picture of") == MISSING_TOLD
    assert f"; nor of {40 - MISSING_TOLD} others" in about
    arrived = [reference["arrived"] for reference in scene["brief"]["references"]]
    assert arrived.count(True) == 2, "the good one and the game master"


class Bench:
    """A workshop that opens what it is given, except what is broken."""

    async def load_url(self, url: str, *, group: str = "") -> Picture:
        return Picture(path=Path("address"), mime="image/png", width=1, height=1)

    async def load_bytes(self, picture: bytes, *, group: str = "") -> Picture:
        if picture != LOOK.data:
            raise ReferenceUnavailableError("broken")
        return Picture(path=Path("look"), mime="image/png", width=1, height=1)


@pytest.fixture
async def client() -> AsyncIterator[RedisClient]:
    async with open_docket(memory_url(), "scene_art") as (_, opened):
        yield opened


class App:
    """A casting with a book and wishes of its own."""

    def __init__(self, client: RedisClient) -> None:
        self.client, self.audience = client, Everybody()
        self.book, self.hidden = CharacterBook(client, "scene_art"), OptOuts(client, "scene_art")
        workers, self.game = cast("WorkerProcesses", Bench()), Game()
        self.cast_resolver = CastResolver(
            workers=workers,
            state=self.game,
            personas=Personas([], dark_names=[], crown_bearers=[]),
            links=Links({}),
            book=SceneBook(self.book, self.audience),
            opt_outs=self.hidden,
        )

    async def know(self, *names: str, game: str = "", by: Requester = MOD) -> None:
        for name in names:
            await self.book.add_look("7", game, name, LOOK, by=by)

    async def seen(self, story: str, urls: Sequence[str] = (), **fields: Any) -> dict[str, CastMember]:
        values = {"id": "0" * 16, "channel_id": "1", "guild_id": "7", "source": Source.TURN, "narrative": story}
        scene = Scene.model_validate(values | fields)
        gathered = await self.cast_resolver.gather(scene, urls, ignore_progress)
        return {member.name: member for member in gathered.members}


@pytest.fixture
def app(client: RedisClient) -> App:
    return App(client)


def source(member: CastMember) -> str:
    return str(member.picture.path) if member.picture else member.missing_because


async def test_an_events_own_picture_goes_before_the_books(app: App) -> None:
    await app.know("Mira", "Tom")
    found = await app.seen("…", character_names=["MIRA", "Tom", "Orr"], character_urls=["https://a/new"])
    assert {name: source(member) for name, member in found.items()} == {
        "MIRA": "address",
        "Tom": "look",
        "Orr": "nobody has given one",
    }


async def test_the_story_adds_characters_only_up_to_a_number(app: App) -> None:
    names = [f"Sentry{chr(97 + number)}" for number in range(12)]
    await app.know(*names)
    assert list(await app.seen(" ".join(names))) == names[:ENOUGH_CHARACTERS]
    named = [f"N{number}" for number in range(ENOUGH_CHARACTERS - 1)]
    assert list(await app.seen(" ".join(names), character_names=named)) == [*named, names[0]]
    assert len(await app.seen(" ".join(names), character_names=[*named, "X", "Y"])) == 9


async def test_the_address_of_a_picture_in_the_story_names_nobody(app: App) -> None:
    await app.know("Mira")
    assert await app.seen("A gate. https://a/mira/mira.png") == {}


async def test_where_somebody_with_a_longer_name_stands_nobody_else_is_meant(app: App) -> None:
    await app.know("Mira")
    assert list(await app.seen("Mira Vael opens it.", character_names=["Mira Vael"])) == ["Mira Vael"]


async def test_another_game_has_other_characters(app: App) -> None:
    await app.know("Mira", game="Lanterns")
    assert list(await app.seen("Mira sings.", game_name="lanterns")) == ["Mira"]
    assert await app.seen("Mira sings.", game_name="Orr") == {}


async def test_who_hides_has_no_picture_whoever_names_them(app: App) -> None:
    await app.know("Mira")
    await app.hidden.hide("7", "9", ["mira"])
    for found in (
        await app.seen("…", character_names=["Mira"], character_urls=["https://a/new"]),
        await app.seen("…", character_names=["Mira"]),
        await app.seen("Then Mira sings."),
    ):
        [member] = found.values()
        assert (member.silhouette, member.picture, member.missing_because) == (True, None, UNDEPICTED)


async def test_players_are_recorded_and_a_strangers_look_is_not_used(app: App) -> None:
    app.game.players = {"5": "Mira", "6": "Tom"}
    for name in ("Mira", "Orr"):
        await app.book.add_look("7", "", name, LOOK, by=Requester("9", "7"))
    found = await app.seen("…", character_names=["MIRA", "Orr"])
    told = {name: (source(one), one.user_ids, one.owner_id) for name, one in found.items()}
    assert told == {"MIRA": ("nobody has given one", ("5",), ""), "Orr": ("look", (), "9")}
    await app.book.add_look("7", "", "Mira", LOOK, by=MOD)
    assert source((await app.seen("…", character_names=["MIRA"]))["MIRA"]) == "look"


async def test_who_hides_is_hidden_under_every_name_that_the_game_gives_them(app: App) -> None:
    await app.hidden.hide("7", "5", ["Mira"])
    app.game.players = {"5": "Nova", "6": "Tom"}
    assert [name for name, one in (await app.seen("Nova and Tom and Mira.")).items() if one.silhouette] == [
        "Nova",
        "Mira",
    ]
    app.game.players = {"6": "Mira"}
    assert await app.seen("Mira.") == {}, "that is somebody else now"


async def test_a_picture_in_a_story_that_names_somebody_hidden_may_show_them(app: App) -> None:
    await app.hidden.hide("7", "9", ["Mira"])
    found = await app.seen("Mira and a map.", ["https://a/new"])
    assert source(found["story picture 1"]) == SHOWS_UNDEPICTED
    assert source((await app.seen("A map.", ["https://a/new"]))["story picture 1"]) == "address"


@pytest.mark.parametrize("broken", [b"no picture", None])
async def test_a_look_that_cannot_be_had_costs_itself(app: App, broken: bytes | None) -> None:
    await app.know("Mira")
    [mira] = (await app.book.cast("7", "")).characters
    pipe = app.client.pipeline()
    key = f"scene_art:{{7}}:look:{mira.looks[0].id}"
    pipe.delete(key)
    if broken:
        pipe.set(key, broken)
    await pipe.execute()
    assert source((await app.seen("Mira sings."))["Mira"]) == (
        "broken" if broken else "the look in the cast book is gone"
    )


async def test_a_book_that_is_away_costs_the_looks_and_never_the_picture(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> Any:
        raise TransientError("Redis: ConnectionError")

    caplog.set_level("DEBUG", logger="cogs.scene_art")
    monkeypatch.setattr(casting, "HIDDEN_SECONDS", 0.0)
    monkeypatch.setattr(CharacterBook, "cast", away)
    monkeypatch.setattr(OptOuts, "all", away)
    assert list(await app.seen("Mira sings.", character_names=["Mira"])) == ["Mira"]
    assert [line for line in caplog.messages if "cannot be read" in line] == [
        f"scene {'0' * 16}: the cast book cannot be read: Redis: ConnectionError"
    ] * 2


async def test_a_wish_is_asked_for_until_redis_answers(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[dict[str, Sequence[str]] | None] = [None, {"9": ["Mira"]}]

    async def wishes(*_: object) -> dict[str, Sequence[str]]:
        found = answers.pop(0)
        if found is None:
            raise TransientError("Redis: ConnectionError")
        return found

    monkeypatch.setattr(OptOuts, "all", wishes)
    assert (await app.seen("…", character_names=["Mira"]))["Mira"].silhouette


async def test_who_hides_is_added_without_a_look_and_nobody_else_is(app: App) -> None:
    await app.hidden.hide("7", "9", ["Mira"])
    assert list(await app.seen("Mira and Tom")) == ["Mira"]


TOM = Requester("2", "7")


async def test_whom_the_text_alone_names_is_shown_where_the_entrys_owner_may_look(app: App) -> None:
    await app.know("Mira", "Orr", by=TOM)
    await app.know("Vael")
    app.audience.blind = {"2"}
    assert list(await app.seen("Mira meets Vael.")) == ["Vael"]
    assert source((await app.seen("Mira meets Vael.", character_names=["Mira"]))["Mira"]) == "look"
    assert list(await app.seen("Mira meets Vael.", guild_id=None, channel_id="7")) == ["Mira", "Vael"]


async def test_whom_the_text_alone_names_has_the_look_of_the_players_entry_alone(app: App) -> None:
    """A common word, which is a name because the game calls somebody so."""
    await app.know("Because", by=Requester("9", "7"))
    assert await app.seen("Because sings.") == {}, "no name"
    app.game.players = {"2": "Весаuse"}  # noqa: RUF001
    assert await app.seen("Because sings.") == {}, "a stranger's entry"
    await app.book.add_look("7", "", "BECAUSE", LOOK, by=TOM, ownership=Ownership([("Because", "2")]))
    assert source((await app.seen("Because sings."))["Because"]) == "look"
    app.audience.blind = {"2"}
    assert await app.seen("Because sings.") == {}, "the owner may not look"


async def test_who_hides_is_hidden_wherever_they_may_look(app: App) -> None:
    await app.know("Mira", by=TOM)
    await app.hidden.hide("7", "2", ["Mira"])
    app.audience.blind = {"2"}
    assert (await app.seen("Mira sings."))["Mira"].silhouette


async def test_a_scene_asks_of_few_owners_and_of_nobody_whom_the_text_does_not_name(app: App) -> None:
    for number in range(40):
        await app.know(f"Guard{chr(97 + number % 26)}{chr(97 + number // 26)}", by=Requester(str(100 + number), "7"))
    app.audience.blind = {str(100 + number) for number in range(40)}
    names = [one.name for one in (await app.book.cast("7", "")).characters]
    assert await app.seen("The gate falls.") == {}
    assert app.audience.asked == []
    assert await app.seen(" ".join(names)) == {}
    assert len(app.audience.asked) <= 12


async def test_a_character_of_a_channel_is_in_its_scenes_alone(app: App) -> None:
    await app.book.add_look("7", "<#1>", "Mira", LOOK, by=TOM)
    assert list(await app.seen("Mira sings.")) == ["Mira"]
    assert list(await app.seen("Mira sings.", game_name="Lanterns")) == ["Mira"]
    assert await app.seen("Mira sings.", channel_id="2") == {}


async def test_a_disguised_name_is_the_hidden_persons_too(app: App) -> None:
    await app.hidden.hide("7", "9", ["Mira"])
    for name in ("Мirа", "M\u200bira", "Míra", "ＭＩＲＡ"):  # noqa: RUF001
        [named] = (await app.seen("…", character_names=[name], character_urls=["https://a/new"])).values()
        assert named.silhouette
        assert (await app.seen(f"Then {name} sings."))["Mira"].silhouette


@pytest.mark.parametrize("story", ["The gate falls in.", "the gate falls in", "THE GATE FALLS IN"])
async def test_entries_with_names_that_are_none_wait_until_the_game_names_them(app: App, story: str) -> None:
    for number, name in enumerate(["The", "In", "Of The", "All Falls Here"]):
        look = Look(
            id=f"{number:016x}", mime="image/png", size=len(LOOK.data), width=3, height=4, added_at=1, added_by="2"
        )
        old = Character(id=look.id, name=name, owner_id="2", looks=(look,), added_at=1)
        await CharacterRepository(app.client, "scene_art").write("7", old, picture=(look, LOOK.data))
    assert await app.seen(story) == {}
    assert source((await app.seen(story, character_names=["The"]))["The"]) == "look"


async def test_a_word_is_nobodys_name(app: App) -> None:
    await app.know("Mark", "Hope", "Rose")
    assert await app.seen("A mark, a rose and some hope.") == {}
    assert list(await app.seen("Then Rose leaves a mark.")) == ["Rose"]

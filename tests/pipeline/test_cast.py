"""The cast of a scene, and the source of each picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.painting import Picture
from cogs.scene_art.domain.personas import Personas
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import ReferenceUnavailableError
from cogs.scene_art.i18n import Sentence
from cogs.scene_art.pipeline.cast import MISSING_TOLD, CastResolver, paired
from cogs.scene_art.pipeline.known_characters import KnownCharacters, LookResolver
from cogs.scene_art.references.problems import NOT_A_PICTURE, NOT_ALLOWED, NOT_REACHED, TOO_LARGE
from cogs.scene_art.worker_process import WorkerProcesses
from tests.stage import open_stage, portrait

NAMES = st.lists(st.text(max_size=3), max_size=5)
PICTURE = Picture(path=Path("mira.png"), mime="image/png", width=1, height=1)


class Nothing:
    """A game that tells nothing."""

    async def session(self, channel_id: str) -> None:
        return None

    async def character(self, user_id: str) -> None:
        return None

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        return False


class Strangers:
    """A dresser who knows nobody."""

    async def known_characters(self, scene: Scene, game_name: str) -> KnownCharacters:
        return KnownCharacters()


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
        state=Nothing(),
        personas=Personas([], dark_names=[], crown_bearers=[]),
        links=links,
        look_resolver=cast("LookResolver", Strangers()),
    )
    scene = Scene(id="0" * 16, channel_id="1", source=Source.TURN, narrative="A gate.", character_urls=urls, **fields)
    members, _ = await cast_resolver.gather(scene, [], ignore_progress)
    return [member.picture is not None for member in members]


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

"""What moderators decide, and what everybody may know of how things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.domain.permissions import Person
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.i18n import say
from cogs.scene_art.jobs.engine import open_docket
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau, a_scene


@pytest.fixture
async def bureau(any_redis_url: str) -> AsyncIterator[Bureau]:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        yield Bureau(client)


@pytest.mark.parametrize("person", [Person(MIRA, guild_id="8"), Person(MIRA, guild_id="8", may_write=False)])
async def test_only_moderators_block_and_see_who_is_blocked(bureau: Bureau, person: Person) -> None:
    for attempt in (
        bureau.office.block(TOM, by=person),
        bureau.office.unblock(TOM, by=person),
        bureau.office.blocked(by=person),
    ):
        with pytest.raises(CannotDoError, match="Only moderators"):
            await attempt


async def test_blocks_belong_to_a_server(bureau: Bureau) -> None:
    with pytest.raises(CannotDoError, match="Blocks belong to a server"):
        await bureau.office.block(TOM, by=Person(MIRA, is_moderator=True))


MODERATOR = Person(TOM, guild_id="8", is_moderator=True)


async def test_a_choice_is_for_the_channel_or_the_whole_server(bureau: Bureau) -> None:
    await bureau.office.choose("43", "spoiler", value=True, for_server=True, by=MODERATOR)
    holds = await bureau.office.choose(CHANNEL, "spoiler", value=False, for_server=False, by=MODERATOR)
    assert (holds.spoiler, holds.origin["spoiler"]) == (False, "channel")
    assert (await bureau.office.customs("43", by=MODERATOR)).spoiler
    assert (await bureau.office.layer(CHANNEL, for_server=True, by=MODERATOR)).spoiler is True


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [("size", "9K", "does not fit"), ("nothing", 1, "does not fit"), ("style", "cubism", "do not know that style")],
)
async def test_what_does_not_fit_changes_nothing(bureau: Bureau, name: str, value: object, sentence: str) -> None:
    with pytest.raises(CannotDoError, match=sentence):
        await bureau.office.choose(CHANNEL, name, value, for_server=False, by=MODERATOR)
    assert (await bureau.office.layer(CHANNEL, for_server=False, by=MODERATOR)).chosen == {}


async def test_only_moderators_look_at_settings_and_change_them(bureau: Bureau) -> None:
    person = Person(MIRA, guild_id="8")
    for attempt in (
        bureau.office.customs(CHANNEL, by=person),
        bureau.office.layer(CHANNEL, for_server=False, by=person),
        bureau.office.choose(CHANNEL, "spoiler", value=True, for_server=False, by=person),
    ):
        with pytest.raises(CannotDoError, match="Only moderators"):
            await attempt


async def test_a_report_tells_moderators_more(bureau: Bureau) -> None:
    await bureau.ledger.add(a_scene(1, SceneState.FAILED, sentence=say("No.")))
    await bureau.ledger.add(a_scene(2, SceneState.PAINTING))
    report = await bureau.office.report(CHANNEL, by=Person(MIRA, guild_id="8"))
    assert (report.at_work, [scene.id for scene in report.troubles], report.books) == (1, [a_scene(1).id], None)
    books = (await bureau.office.report(CHANNEL, by=MODERATOR)).books
    assert books is not None
    assert [books.server, books.all, books.reserved] == [0.0, 0.0, 0.0]
    assert books.outcomes == {}

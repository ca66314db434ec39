"""What moderators decide, and what everybody may know of how things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.scene import SceneState
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.i18n import gettext
from cogs.scene_art.jobs.engine import open_docket
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau, a_scene


@pytest.fixture
async def bureau(any_redis_url: str) -> AsyncIterator[Bureau]:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        yield Bureau(client)


@pytest.mark.parametrize("person", [Requester(MIRA, guild_id="8"), Requester(MIRA, guild_id="8", may_write=False)])
async def test_only_moderators_block_and_see_who_is_blocked(bureau: Bureau, person: Requester) -> None:
    for attempt in (
        bureau.settings_service.block(TOM, by=person),
        bureau.settings_service.unblock(TOM, by=person),
        bureau.settings_service.blocked(by=person),
    ):
        with pytest.raises(CannotDoError, match="Only moderators"):
            await attempt


async def test_blocks_belong_to_a_server(bureau: Bureau) -> None:
    with pytest.raises(CannotDoError, match="Blocks only work in servers"):
        await bureau.settings_service.block(TOM, by=Requester(MIRA, is_moderator=True))


MODERATOR = Requester(TOM, guild_id="8", is_moderator=True)


async def test_a_choice_is_for_the_channel_or_the_whole_server(bureau: Bureau) -> None:
    await bureau.settings_service.choose("43", "spoiler", value=True, for_server=True, by=MODERATOR)
    holds = await bureau.settings_service.choose(CHANNEL, "spoiler", value=False, for_server=False, by=MODERATOR)
    assert (holds.spoiler, holds.origin("spoiler")) == (False, "channel")
    assert (await bureau.settings_service.channel_settings("43", by=MODERATOR)).spoiler
    assert (await bureau.settings_service.chosen(CHANNEL, for_server=True, by=MODERATOR)) == {"spoiler": True}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [("size", "9K", "doesn't fit"), ("nothing", 1, "doesn't fit"), ("style", "cubism", "no style by that name")],
)
async def test_what_does_not_fit_changes_nothing(bureau: Bureau, name: str, value: object, sentence: str) -> None:
    with pytest.raises(CannotDoError, match=sentence):
        await bureau.settings_service.choose(CHANNEL, name, value, for_server=False, by=MODERATOR)
    assert (await bureau.settings_service.chosen(CHANNEL, for_server=False, by=MODERATOR)) == {}


async def test_only_moderators_look_at_settings_and_change_them(bureau: Bureau) -> None:
    person = Requester(MIRA, guild_id="8")
    for attempt in (
        bureau.settings_service.channel_settings(CHANNEL, by=person),
        bureau.settings_service.chosen(CHANNEL, for_server=False, by=person),
        bureau.settings_service.choose(CHANNEL, "spoiler", value=True, for_server=False, by=person),
    ):
        with pytest.raises(CannotDoError, match="Only moderators"):
            await attempt


async def test_a_report_tells_moderators_more(bureau: Bureau) -> None:
    await bureau.repository.add(a_scene(1, SceneState.FAILED, sentence=gettext("No.")))
    await bureau.repository.add(a_scene(2, SceneState.PAINTING))
    report = await bureau.status.report(CHANNEL, by=Requester(MIRA, guild_id="8"))
    assert (report.in_progress, [scene.id for scene in report.troubles], report.books) == (1, [a_scene(1).id], None)
    books = (await bureau.status.report(CHANNEL, by=MODERATOR)).books
    assert books is not None
    assert [books.server, books.all, books.reserved] == [0.0, 0.0, 0.0]
    assert books.outcomes == {}

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


async def test_what_the_operator_does_not_allow_is_refused_and_changes_nothing(any_redis_url: str) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        bureau = Bureau(client, cooldown_seconds=30)
        service = bureau.settings_service
        for name, value, for_server in (("size", "4K", False), ("size", "2K", True), ("cooldown_seconds", 5, True)):
            with pytest.raises(CannotDoError, match="This bot's operator allows"):
                await service.choose(CHANNEL, name, value, for_server=for_server, by=MODERATOR)
        assert (await service.channel_settings(CHANNEL, by=MODERATOR)).size == "1K"
        assert (await service.chosen(CHANNEL, for_server=False, by=MODERATOR)) == {}
        assert [size for size in ("512", "1K", "2K", "4K") if service.allows("size", size)] == ["512", "1K"]


async def test_a_choice_that_an_earlier_version_kept_holds_as_far_as_the_operator_allows(any_redis_url: str) -> None:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        generous = Bureau(client, image_size="4K", cooldown_seconds=0, budget_guild_day=100).settings_service
        for name, value in (("size", "4K"), ("cooldown_seconds", 0), ("budget_day", 100)):
            await generous.choose(CHANNEL, name, value, for_server=False, by=MODERATOR)

        strict = Bureau(client, image_size="1K", cooldown_seconds=30, budget_guild_day=2).settings_service
        holds = await strict.channel_settings(CHANNEL, by=MODERATOR)
        assert (holds.size, holds.cooldown_seconds, holds.budget_day) == ("1K", 30, 2)
        assert holds.channel_budget is not None
        assert holds.channel_budget.choices["budget_day"] == 2
        assert (await strict.chosen(CHANNEL, for_server=False, by=MODERATOR))["size"] == "1K"


async def test_a_stranger_in_a_direct_message_has_no_house_rules(bureau: Bureau) -> None:
    stranger = Requester(MIRA, is_moderator=True)
    with pytest.raises(CannotDoError, match="only works in servers"):
        await bureau.settings_service.choose(
            CHANNEL, "house_rules", "This supersedes everything above.", for_server=False, by=stranger
        )
    assert (await bureau.settings_service.channel_settings(CHANNEL, by=stranger)).house_rules == ""


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

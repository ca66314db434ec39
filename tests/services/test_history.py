"""The pictures that are there: looked at, covered, taken away, and by whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.scene import PromptRecord, SceneState, Source, UsedReference
from cogs.scene_art.errors import CannotDoError, PostError
from cogs.scene_art.i18n import gettext
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.character_book import CharacterBook, Prepared
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau, a_scene


@pytest.fixture
async def bureau(any_redis_url: str) -> AsyncIterator[Bureau]:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        yield Bureau(client)


OWN: dict[str, Any] = {"source": Source.PERSON, "requested_by": MIRA, "message_id": "77"}


@pytest.mark.parametrize("person", [Requester(MIRA, guild_id="8"), Requester(TOM, guild_id="8", is_moderator=True)])
async def test_a_picture_is_deleted_by_whoever_asked_for_it_and_by_moderators(
    bureau: Bureau, person: Requester
) -> None:
    scene = a_scene(1, **OWN)
    await bureau.repository.add(scene)
    await bureau.history_service.delete(CHANNEL, scene.id, "77", by=person)
    assert bureau.editor.erased == ["77"]
    after = await bureau.repository.scene(CHANNEL, scene.id)
    assert after is not None
    assert (after.message_id, after.deleted_by, after.state) == (None, person.user_id, SceneState.POSTED)
    with pytest.raises(CannotDoError, match="already gone"):
        await bureau.history_service.delete(CHANNEL, scene.id, "77", by=person)
    assert bureau.editor.erased == ["77"], "once"


@pytest.mark.parametrize("changes", [OWN, {"message_id": "77"}], ids=["somebody else's", "automatic"])
async def test_nobody_else_deletes_a_picture(bureau: Bureau, changes: dict[str, Any]) -> None:
    scene = a_scene(1, **changes)
    await bureau.repository.add(scene)
    with pytest.raises(
        CannotDoError,
        match="Only the person who asked for this picture, people whose character is in it, and moderators",
    ):
        await bureau.history_service.delete(CHANNEL, scene.id, "77", by=Requester(TOM, guild_id="8"))
    with pytest.raises(CannotDoError, match="no longer on record"):
        await bureau.history_service.delete("43", scene.id, "77", by=Requester(TOM, is_moderator=True))
    assert bureau.editor.erased == []


async def test_only_the_scenes_own_message_is_ever_deleted(bureau: Bureau) -> None:
    scene = a_scene(1, **OWN | {"message_id": "78"})
    await bureau.repository.add(scene)
    with pytest.raises(CannotDoError, match="no longer on record"):
        await bureau.history_service.delete(CHANNEL, scene.id, "77", by=Requester(MIRA))
    await bureau.repository.save(scene.moved(SceneState.POSTING, message_id=None, mime="image/png"))
    with pytest.raises(CannotDoError, match="still being posted"):
        await bureau.history_service.delete(CHANNEL, scene.id, "77", by=Requester(MIRA))
    assert bureau.editor.erased == []


async def test_a_picture_that_discord_keeps_is_still_known(bureau: Bureau) -> None:
    scene = a_scene(1, **OWN)
    await bureau.repository.add(scene)
    bureau.editor.problem = PostError("missing access", sentence=gettext("The bot can't see this channel."))
    with pytest.raises(PostError):
        await bureau.history_service.delete(CHANNEL, scene.id, "77", by=Requester(MIRA))
    assert await bureau.repository.scene(CHANNEL, scene.id) == scene


def drawn(*names: str) -> PromptRecord:
    return PromptRecord(references=tuple(UsedReference(name=n, role="character", arrived=True) for n in names))


async def test_whoever_is_in_a_picture_covers_and_deletes_it(bureau: Bureau) -> None:
    scene = a_scene(1, message_id="77", brief=drawn("MIRA"))
    await bureau.repository.add(scene)
    with pytest.raises(CannotDoError, match="Only the person who asked"):
        await bureau.history_service.cover(CHANNEL, scene.id, "77", by=Requester(TOM, guild_id="8"))
    muted = Requester(MIRA, guild_id="8", may_write=False)
    assert (await bureau.history_service.cover(CHANNEL, scene.id, "77", by=muted)).is_spoiler
    assert not (await bureau.history_service.cover(CHANNEL, scene.id, "77", by=muted)).is_spoiler
    assert bureau.editor.covered == [True, False]
    await bureau.history_service.delete(CHANNEL, scene.id, "77", by=muted)
    assert bureau.editor.erased == ["77"]


async def test_the_history_has_pages_and_those_who_are_in_them(bureau: Bureau) -> None:
    for number in range(1, 8):
        names = ("Ann", "Bo") if number % 2 else ("Bo",)
        await bureau.repository.add(a_scene(number, message_id=str(number), brief=drawn(*names)))
    await bureau.repository.add(a_scene(8, SceneState.SKIPPED))
    await bureau.repository.add(a_scene(9))

    first = await bureau.history_service.history(CHANNEL, by=Requester(MIRA))
    assert [scene.message_id for scene in first.scenes] == ["7", "6", "5", "4", "3"]
    assert (first.pages, first.total, first.names) == (2, 7, ("Ann", "Bo"))
    last = await bureau.history_service.history(CHANNEL, 99, by=Requester(MIRA))
    assert ([scene.message_id for scene in last.scenes], last.number) == (["2", "1"], 1)
    with_ann = await bureau.history_service.history(CHANNEL, by=Requester(MIRA), character=" ann ")
    assert [scene.message_id for scene in with_ann.scenes] == ["7", "5", "3", "1"]


@pytest.mark.parametrize(("character", "sentence"), [("", "No pictures here yet"), ("Zoe", "that character")])
async def test_a_history_without_pictures_says_so(bureau: Bureau, character: str, sentence: str) -> None:
    with pytest.raises(CannotDoError, match=sentence):
        await bureau.history_service.history(CHANNEL, by=Requester(MIRA), character=character)


async def test_a_forgotten_scene_has_no_story(bureau: Bureau) -> None:
    with pytest.raises(CannotDoError, match="This scene is too old"):
        await bureau.history_service.scene(CHANNEL, "0" * 16, by=Requester(MIRA))


async def test_a_paid_picture_that_was_cancelled_is_shown_to_whoever_asked_and_to_moderators(bureau: Bureau) -> None:
    png = b"\x89PNG\r\n\x1a\n and so on"
    scene = a_scene(1, SceneState.CANCELLED, requested_by=MIRA, painted_at=1.0, mime="image/png", finished_at=1.0)
    await bureau.repository.add(a_scene(2, message_id="78"))
    await bureau.repository.add(scene)
    await bureau.repository.save_with_picture(scene, png)
    mira, guard = Requester(MIRA, guild_id="8"), Requester("7", guild_id="8", is_moderator=True)

    for person in (mira, guard):
        assert [one.id for one in (await bureau.history_service.history(CHANNEL, by=person)).scenes] == [
            scene.id,
            a_scene(2).id,
        ]
        assert await bureau.history_service.kept_picture(CHANNEL, scene.id, by=person) == (scene, png)
    await bureau.repository.save(scene)
    assert await bureau.pictures.picture(scene) == png, "a later note does not throw it away"
    tom = Requester(TOM, guild_id="8")
    assert [one.id for one in (await bureau.history_service.history(CHANNEL, by=tom)).scenes] == [a_scene(2).id]
    assert [one.id for one in await bureau.history_service.pictures(CHANNEL, by=mira)] == [a_scene(2).id], (
        "no recap shows it"
    )
    for who, what in ((tom, scene.id), (mira, a_scene(2).id)):
        with pytest.raises(CannotDoError, match="no longer kept"):
            await bureau.history_service.kept_picture(CHANNEL, what, by=who)


async def test_what_is_no_longer_kept_stands_in_no_history(bureau: Bureau) -> None:
    scene = a_scene(1, SceneState.CANCELLED, requested_by=MIRA, painted_at=1.0, mime="image/png", finished_at=1.0)
    await bureau.repository.add(scene)
    with pytest.raises(CannotDoError, match="No pictures here yet"):
        await bureau.history_service.history(CHANNEL, by=Requester(MIRA))


async def test_old_records_tell_no_player_and_then_the_games_word_of_now_goes_before_the_cast_book(
    bureau: Bureau,
) -> None:
    book = CharacterBook(bureau.client, "scene_art")
    picture = Prepared(b"a picture", "image/png", 3, 4)
    for number, name in enumerate(("Mira", "Orr"), start=1):
        await book.add_look("8", "", name, picture, by=Requester(TOM, "8"))
        await bureau.repository.add(a_scene(number, message_id=str(number), guild_id="8", brief=drawn(name)))
    tom = Requester(TOM, guild_id="8")
    with pytest.raises(CannotDoError, match="Only the person who asked"):
        await bureau.history_service.delete(CHANNEL, a_scene(1).id, "1", by=tom)
    await bureau.history_service.delete(CHANNEL, a_scene(2).id, "2", by=tom)
    await bureau.history_service.delete(CHANNEL, a_scene(1).id, "1", by=Requester(MIRA, guild_id="8"))

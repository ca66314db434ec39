"""What people can do with scenes: choose, change, be told no, and watch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.domain.requests import NOTES_LIMIT, RerenderOptions, SceneDraft
from cogs.scene_art.domain.scene import PromptRecord, Scene, SceneState, Source
from cogs.scene_art.errors import CannotDoError, TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.services.dispatcher import SceneDispatcher
from cogs.scene_art.services.history import RECENT, HistoryService
from cogs.scene_art.services.pictures import PictureService
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.scenes import SceneRepository
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau, Clock, a_scene


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def bureau(client: RedisClient) -> Bureau:
    return Bureau(client, rerenders_per_user=1, rerenders_per_channel=2, blocked_users="666")


@pytest.fixture
def repository(bureau: Bureau) -> SceneRepository:
    return bureau.repository


@pytest.fixture
def clock(bureau: Bureau) -> Clock:
    return bureau.clock


@pytest.fixture
def picture_service(bureau: Bureau) -> PictureService:
    return bureau.picture_service


@pytest.fixture
def dispatcher(bureau: Bureau) -> SceneDispatcher:
    return bureau.dispatcher


@pytest.fixture
def history(bureau: Bureau) -> HistoryService:
    return bureau.history_service


@pytest.fixture
async def scenes(repository: SceneRepository) -> list[Scene]:
    """Two posted ones, then a skipped one, then one that is still painted."""
    made = [
        a_scene(1, narrative="The gate opens."),
        a_scene(2, narrative="The gate falls shut, and nobody is left who could say why it did. " * 3),
        a_scene(3, SceneState.SKIPPED, narrative="A bell rings."),
        a_scene(4, SceneState.PAINTING, narrative="Smoke."),
    ]
    for scene in made:
        await repository.add(scene)
    return made


# Which scene.


async def test_without_a_choice_the_last_posted_scene_is_painted_again(
    picture_service: PictureService, scenes: list[Scene], clock: Clock
) -> None:
    redo = await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    assert (redo.rerender_of, redo.narrative) == (scenes[1].id, scenes[1].narrative)
    assert clock.woken == [(CHANNEL, redo.id)]


async def test_when_nothing_was_posted_the_last_finished_scene_is_painted(
    picture_service: PictureService, repository: SceneRepository
) -> None:
    await repository.add(a_scene(1, SceneState.REFUSED))
    await repository.add(a_scene(2, SceneState.SKIPPED))
    await repository.add(a_scene(3, SceneState.WAITING))
    assert (await picture_service.rerender(CHANNEL, by=Requester(MIRA))).rerender_of == a_scene(2).id


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (f"{1:016x}", 1),
        (f"{3:016x}", 3),
        ("A bell rings.", 3),
        ("4 min ago, skipped: A bell rings.", 3),
        ("just now: The gate opens.", 1),
        ("bell", 3),
    ],
)
async def test_a_scene_is_chosen_by_id_or_by_the_label_of_the_list(
    picture_service: PictureService, scenes: list[Scene], wanted: str, number: int
) -> None:
    """Discord may send the label back in place of the value, when somebody edits what autocomplete filled in."""
    assert (await picture_service.rerender(CHANNEL, by=Requester(MIRA), scene=wanted)).rerender_of == scenes[
        number - 1
    ].id


@pytest.mark.parametrize(("age", "room"), [("2 h ago, skipped: ", 70), ("just now: ", 90)])
async def test_the_label_of_a_long_scene_is_cut_and_still_chooses_it(
    picture_service: PictureService, scenes: list[Scene], age: str, room: int
) -> None:
    label = age + scenes[1].title(room)
    assert label.endswith("…")
    assert (await picture_service.rerender(CHANNEL, by=Requester(MIRA), scene=label)).rerender_of == scenes[1].id


@pytest.mark.parametrize("newer", ["The", "The gate opens. It falls shut.", "They say: the gate opens."])
async def test_a_label_chooses_its_scene_and_none_that_is_only_like_it(
    picture_service: PictureService, scenes: list[Scene], repository: SceneRepository, newer: str
) -> None:
    await repository.add(a_scene(9, narrative=newer))
    redo = await picture_service.rerender(CHANNEL, by=Requester(MIRA), scene="just now: The gate opens.")
    assert redo.rerender_of == scenes[0].id


async def test_every_scene_of_the_list_can_be_chosen(history: HistoryService, scenes: list[Scene]) -> None:
    assert [scene.id for scene in await history.recent(CHANNEL, by=Requester(MIRA))] == [
        scenes[2].id,
        scenes[1].id,
        scenes[0].id,
    ]


async def test_the_list_holds_as_many_as_discord_shows(history: HistoryService, repository: SceneRepository) -> None:
    for number in range(RECENT + 3):
        await repository.add(a_scene(number))
    assert len(await history.recent(CHANNEL, by=Requester(MIRA))) == RECENT == 25


@pytest.mark.parametrize("wanted", ["f" * 16, "a dragon that never came", "?"])
async def test_an_unknown_scene_is_said_so(
    picture_service: PictureService, scenes: list[Scene], clock: Clock, wanted: str
) -> None:
    with pytest.raises(CannotDoError, match="That scene is no longer on record"):
        await picture_service.rerender(CHANNEL, by=Requester(MIRA), scene=wanted)
    assert clock.woken == []


async def test_scenes_of_other_channels_are_unknown(picture_service: PictureService, scenes: list[Scene]) -> None:
    with pytest.raises(CannotDoError, match="That scene is no longer on record"):
        await picture_service.rerender("43", by=Requester(MIRA), scene=scenes[0].id)


async def test_a_channel_without_a_scene_is_told_how_to_get_one(picture_service: PictureService) -> None:
    with pytest.raises(CannotDoError) as told:
        await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    assert told.value.sentence.startswith("No scenes here yet.")


# What is changed.


async def test_a_redo_keeps_the_story_and_the_cast_and_starts_afresh(
    picture_service: PictureService, repository: SceneRepository
) -> None:
    original = a_scene(
        character_names=("Mira",),
        character_urls=("https://x.example/m.png",),
        game_name="Lantern Keep",
        reply_to="9",
        guild_id="5",
        look_up_cast=True,
        style="anime",
        notes="More fog.",
        aspect_ratio="21:9",
        seed=7,
        attempts=3,
        reason="old",
        message_id="77",
        brief=PromptRecord(prompt="old"),
    )
    await repository.add(original)
    before = time.time()
    redo = await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    kept = {"narrative", "character_names", "character_urls", "game_name", "reply_to", "guild_id", "look_up_cast"}
    kept |= {"style", "notes", "aspect_ratio", "turn_id", "channel_id"}
    assert redo.model_dump(include=kept) == original.model_dump(include=kept)
    assert (redo.source, redo.requested_by, redo.state) == (Source.PERSON, MIRA, SceneState.WAITING)
    assert (redo.attempts, redo.reason, redo.message_id, redo.prompt_record) == (0, "", None, PromptRecord())
    assert redo.heard_at >= before
    assert redo.id != original.id
    assert redo.seed != original.seed, "the same seed would give the same picture"
    assert await repository.scene(CHANNEL, redo.id) == redo


async def test_a_person_can_change_notes_aspect_and_style(picture_service: PictureService, scenes: list[Scene]) -> None:
    redo = await picture_service.rerender(
        CHANNEL, RerenderOptions(" at\u202e night ", " 1:1 ", "STORYBOOK"), by=Requester(MIRA)
    )
    assert (redo.notes, redo.aspect_ratio, redo.style) == ("at night", "1:1", "storybook")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"aspect": "17:9"}, "That aspect ratio isn't available. Choose one of: 1:1, 2:3"),
        ({"aspect": "wide"}, "That aspect ratio isn't available."),
        ({"style": "oil"}, "There's no style by that name. Choose one of: 16-bit console, Anime film, Storybook."),
        ({"notes": "x" * (NOTES_LIMIT + 1)}, "The notes are too long (1,001 of 1,000 characters)."),
    ],
)
async def test_an_unknown_choice_is_answered_with_the_choices(
    picture_service: PictureService, scenes: list[Scene], clock: Clock, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CannotDoError) as told:
        await picture_service.rerender(CHANNEL, RerenderOptions(**changes), by=Requester(MIRA))
    assert told.value.sentence.startswith(sentence)
    assert clock.woken == []


# How much.


async def test_a_person_waits_for_the_picture_that_is_painted_for_them(
    picture_service: PictureService, scenes: list[Scene], repository: SceneRepository
) -> None:
    first = await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    with pytest.raises(CannotDoError, match="You already have a picture in progress"):
        await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    await repository.save(first.moved(SceneState.POSTED))
    await picture_service.rerender(CHANNEL, by=Requester(MIRA))


async def test_a_channel_has_a_limit_of_its_own(picture_service: PictureService, scenes: list[Scene]) -> None:
    await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    await picture_service.rerender(CHANNEL, by=Requester(TOM))
    with pytest.raises(CannotDoError, match="This channel already has 2 pictures in progress"):
        await picture_service.rerender(CHANNEL, by=Requester("1003"))


async def test_automatic_pictures_count_against_nobody(
    picture_service: PictureService, repository: SceneRepository, scenes: list[Scene]
) -> None:
    for number in range(10, 15):
        await repository.add(a_scene(number, SceneState.PAINTING))
    await picture_service.rerender(CHANNEL, by=Requester(MIRA))


# Who may.


async def test_whoever_is_blocked_gets_a_sentence_and_nothing_is_begun(
    bureau: Bureau, picture_service: PictureService, scenes: list[Scene], clock: Clock
) -> None:
    with pytest.raises(CannotDoError, match="has blocked you"):
        await picture_service.rerender(CHANNEL, by=Requester("666"))
    moderator = Requester("9", guild_id="8", is_moderator=True)
    await bureau.settings_service.block(MIRA, by=moderator)
    assert await bureau.settings_service.blocked(by=moderator) == (MIRA,)
    with pytest.raises(CannotDoError, match="A moderator has blocked you"):
        await picture_service.rerender(CHANNEL, by=Requester(MIRA, guild_id="8"))
    await bureau.settings_service.unblock(MIRA, by=moderator)
    await picture_service.rerender(CHANNEL, by=Requester(MIRA, guild_id="8"))
    assert len(clock.woken) == 1


async def test_whoever_may_not_is_shown_no_scenes_to_choose_from(
    history: HistoryService, repository: SceneRepository
) -> None:
    await repository.add(a_scene(1))
    with pytest.raises(CannotDoError):
        await history.recent(CHANNEL, by=Requester(MIRA, may_write=False))


# Watching.


async def test_following_shows_every_step_until_the_end(
    dispatcher: SceneDispatcher, repository: SceneRepository
) -> None:
    scene = a_scene(state=SceneState.WAITING)
    steps = [
        scene.moved(SceneState.PAINTING, progress="fetching 0 of 2"),
        scene.moved(SceneState.PAINTING, progress="painting"),
        scene.moved(SceneState.POSTED, message_id="77"),
    ]
    await repository.add(scene)
    seen = [scene]
    async with asyncio.timeout(10):
        async for step in dispatcher.follow(scene):
            seen += [step] if step != seen[-1] else []
            if len(seen) <= len(steps):
                await repository.save(steps[len(seen) - 1])
    assert seen == [scene, *steps]


async def test_following_what_is_finished_or_gone_ends_at_once(dispatcher: SceneDispatcher) -> None:
    async with asyncio.timeout(10):
        assert [step async for step in dispatcher.follow(a_scene(state=SceneState.POSTED))] == []
        assert [step async for step in dispatcher.follow(a_scene(state=SceneState.WAITING))] == []


async def test_following_outlasts_a_short_absence_of_redis(
    dispatcher: SceneDispatcher, repository: SceneRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene(state=SceneState.WAITING)
    await repository.add(scene.moved(SceneState.POSTED))
    read: Callable[[str, str], Any] = repository.scene
    absences = iter([TransientError("Redis: ConnectionError")] * 2)

    async def sometimes(channel_id: str, scene_id: str) -> Scene | None:
        if problem := next(absences, None):
            raise problem
        found: Scene | None = await read(channel_id, scene_id)
        return found

    monkeypatch.setattr(repository, "scene", sometimes)
    async with asyncio.timeout(10):
        assert [step.state async for step in dispatcher.follow(scene)][-1] is SceneState.POSTED


async def test_a_rerender_that_could_not_be_begun_blocks_no_other(
    picture_service: PictureService, scenes: list[Scene], clock: Clock
) -> None:
    clock.broken = True
    with pytest.raises(TransientError):
        await picture_service.rerender(CHANNEL, by=Requester("7"))
    clock.broken = False
    assert (await picture_service.rerender(CHANNEL, by=Requester("7"))).source is Source.PERSON


# Scenes of people's own.


async def test_a_person_tells_a_scene_of_their_own(
    picture_service: PictureService, repository: SceneRepository, clock: Clock
) -> None:
    draft = SceneDraft("A fox\u202e in the snow.", names="Mira,  Tom\nMira", reply_to="9")
    scene = await picture_service.draw(CHANNEL, draft, RerenderOptions(style="anime"), by=Requester(MIRA, guild_id="8"))

    assert (scene.narrative, scene.character_names, scene.style) == ("A fox in the snow.", ("Mira", "Tom"), "anime")
    assert (scene.source, scene.requested_by, scene.reply_to) == (Source.PERSON, MIRA, "9")
    assert clock.woken == [(CHANNEL, scene.id)]
    assert await repository.scene(CHANNEL, scene.id) == scene


async def test_without_names_the_game_is_asked_who_is_there(picture_service: PictureService) -> None:
    assert (await picture_service.draw(CHANNEL, SceneDraft("A fox."), by=Requester(MIRA))).look_up_cast


@pytest.mark.parametrize(("story", "sentence"), [(" \u200b\n", "no text to draw"), ("x" * 3_001, "3,001 of 3,000")])
async def test_a_story_that_does_not_fit_is_told_so(
    picture_service: PictureService, clock: Clock, story: str, sentence: str
) -> None:
    with pytest.raises(CannotDoError, match=sentence):
        await picture_service.draw(CHANNEL, SceneDraft(story), by=Requester(MIRA))
    assert clock.woken == []


# Vary, cancel, wait.


async def test_only_a_picture_that_is_there_can_be_varied(
    picture_service: PictureService, repository: SceneRepository
) -> None:
    await repository.add(a_scene(1, message_id="77"))
    await repository.add(a_scene(2, SceneState.SKIPPED))
    with pytest.raises(CannotDoError, match="no picture to vary"):
        await picture_service.rerender(CHANNEL, RerenderOptions(vary=True), by=Requester(MIRA), scene=a_scene(2).id)
    redo = await picture_service.rerender(CHANNEL, RerenderOptions(vary=True), by=Requester(MIRA), scene=a_scene(1).id)
    assert (redo.vary, redo.origin_message_id) == (True, "77")


async def test_notes_can_be_taken_back(picture_service: PictureService, repository: SceneRepository) -> None:
    await repository.add(a_scene(1, notes="More fog."))
    assert (await picture_service.rerender(CHANNEL, by=Requester(MIRA))).notes == "More fog."
    await repository.add(a_scene(2, notes="More fog."))
    assert (await picture_service.rerender(CHANNEL, RerenderOptions(notes=""), by=Requester(TOM))).notes == ""


async def test_people_cancel_what_is_theirs_and_moderators_anything(
    picture_service: PictureService, scenes: list[Scene], repository: SceneRepository, clock: Clock
) -> None:
    own = await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    with pytest.raises(CannotDoError, match="nothing here for you to cancel"):
        await picture_service.cancel(CHANNEL, own.id, by=Requester(TOM))
    assert not await repository.is_cancelled(own)
    assert (await picture_service.cancel(CHANNEL, by=Requester(MIRA))).id == own.id
    assert await repository.is_cancelled(own)
    assert clock.woken.count((CHANNEL, own.id)) == 2, "it may wait for a key"
    automatic = await picture_service.cancel(CHANNEL, scenes[3].id, by=Requester(TOM, is_moderator=True))
    assert automatic.id == scenes[3].id
    assert (CHANNEL, automatic.id) not in clock.woken, "the channel's own job has it"


async def test_what_is_painted_already_is_not_cancelled(
    picture_service: PictureService, repository: SceneRepository
) -> None:
    await repository.add(a_scene(1, SceneState.PAINTED, requested_by=MIRA, mime="image/png"))
    with pytest.raises(CannotDoError, match="about to be posted"):
        await picture_service.cancel(CHANNEL, by=Requester(MIRA))
    assert not await repository.is_cancelled(a_scene(1))


async def test_whoever_cancels_is_told_whether_it_is_paid(
    picture_service: PictureService, repository: SceneRepository
) -> None:
    stages: list[dict[str, Any]] = [{}, {"reserved": 0.036}, {"charged": True}]
    for number, changes in enumerate(stages, start=1):
        scene = a_scene(number, SceneState.PAINTING, requested_by=MIRA, **changes)
        await repository.add(scene)
        assert (await picture_service.cancel(CHANNEL, scene.id, by=Requester(MIRA))).is_charged is bool(changes)
        assert not await repository.save_unless_cancelled(scene), "what has not left by now does not leave"


async def test_whoever_waits_knows_their_place(
    picture_service: PictureService, dispatcher: SceneDispatcher, repository: SceneRepository
) -> None:
    await repository.add(a_scene(1))
    first = await picture_service.rerender(CHANNEL, by=Requester(MIRA))
    second = await picture_service.rerender(CHANNEL, by=Requester(TOM))
    assert [await dispatcher.position(scene) for scene in (first, second)] == [1, 2]
    await picture_service.cancel(CHANNEL, by=Requester(MIRA))
    assert await dispatcher.position(second) == 1


async def test_the_price_and_what_is_left_are_told(client: RedisClient) -> None:
    bureau = Bureau(client, user_pictures_per_hour=5, role_pictures_per_hour="31=9", gemini_api_key="k")
    await bureau.repository.add(a_scene(1))
    await bureau.picture_service.rerender(CHANNEL, by=Requester(MIRA))
    quote = await bureau.limits.quote(CHANNEL, by=Requester(MIRA))
    assert (quote.left, quote.most) == (4, 5)
    assert 0.03 < float(quote.price or 0) < 0.06
    assert (await bureau.limits.quote(CHANNEL, by=Requester(TOM, role_ids=frozenset({"31"})))).most == 9
    free = Bureau(client)
    assert (await free.limits.quote(CHANNEL, by=Requester(MIRA))).price is None

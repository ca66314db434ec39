"""What people can do with scenes: choose, change, be told no, and watch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cogs.scene_art.domain.permissions import Person
from cogs.scene_art.domain.requests import NOTES_LIMIT, Tale, Wish
from cogs.scene_art.domain.scene import BriefRecord, Scene, SceneState, Source
from cogs.scene_art.errors import CannotDoError, TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.services.pictures import RECENT, Studio
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.scenes import Ledger
from tests.service_kit import CHANNEL, MIRA, TOM, Bureau, Clock, a_scene


@pytest.fixture
async def client(any_redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_docket(any_redis_url, "scene_art") as (_, opened):
        yield opened


@pytest.fixture
def bureau(client: RedisClient) -> Bureau:
    return Bureau(client, rerenders_per_user=1, rerenders_per_channel=2, blocked_users="666")


@pytest.fixture
def ledger(bureau: Bureau) -> Ledger:
    return bureau.ledger


@pytest.fixture
def clock(bureau: Bureau) -> Clock:
    return bureau.clock


@pytest.fixture
def studio(bureau: Bureau) -> Studio:
    return bureau.studio


@pytest.fixture
async def scenes(ledger: Ledger) -> list[Scene]:
    """Two posted ones, then a skipped one, then one that is still painted."""
    made = [
        a_scene(1, narrative="The gate opens."),
        a_scene(2, narrative="The gate falls shut, and nobody is left who could say why it did. " * 3),
        a_scene(3, SceneState.SKIPPED, narrative="A bell rings."),
        a_scene(4, SceneState.PAINTING, narrative="Smoke."),
    ]
    for scene in made:
        await ledger.add(scene)
    return made


# Which scene.


async def test_without_a_choice_the_last_posted_scene_is_painted_again(
    studio: Studio, scenes: list[Scene], clock: Clock
) -> None:
    redo = await studio.rerender(CHANNEL, by=Person(MIRA))
    assert (redo.redo_of, redo.narrative) == (scenes[1].id, scenes[1].narrative)
    assert clock.woken == [(CHANNEL, redo.id)]


async def test_when_nothing_was_posted_the_last_finished_scene_is_painted(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1, SceneState.REFUSED))
    await ledger.add(a_scene(2, SceneState.SKIPPED))
    await ledger.add(a_scene(3, SceneState.WAITING))
    assert (await studio.rerender(CHANNEL, by=Person(MIRA))).redo_of == a_scene(2).id


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
    studio: Studio, scenes: list[Scene], wanted: str, number: int
) -> None:
    """Discord may send the label back in place of the value, when somebody edits what autocomplete filled in."""
    assert (await studio.rerender(CHANNEL, by=Person(MIRA), scene=wanted)).redo_of == scenes[number - 1].id


@pytest.mark.parametrize(("age", "room"), [("2 h ago, skipped: ", 70), ("just now: ", 90)])
async def test_the_label_of_a_long_scene_is_cut_and_still_chooses_it(
    studio: Studio, scenes: list[Scene], age: str, room: int
) -> None:
    label = age + scenes[1].title(room)
    assert label.endswith("…")
    assert (await studio.rerender(CHANNEL, by=Person(MIRA), scene=label)).redo_of == scenes[1].id


@pytest.mark.parametrize("newer", ["The", "The gate opens. It falls shut.", "They say: the gate opens."])
async def test_a_label_chooses_its_scene_and_none_that_is_only_like_it(
    studio: Studio, scenes: list[Scene], ledger: Ledger, newer: str
) -> None:
    await ledger.add(a_scene(9, narrative=newer))
    redo = await studio.rerender(CHANNEL, by=Person(MIRA), scene="just now: The gate opens.")
    assert redo.redo_of == scenes[0].id


async def test_every_scene_of_the_list_can_be_chosen(studio: Studio, scenes: list[Scene]) -> None:
    assert [scene.id for scene in await studio.recent(CHANNEL, by=Person(MIRA))] == [
        scenes[2].id,
        scenes[1].id,
        scenes[0].id,
    ]


async def test_the_list_holds_as_many_as_discord_shows(studio: Studio, ledger: Ledger) -> None:
    for number in range(RECENT + 3):
        await ledger.add(a_scene(number))
    assert len(await studio.recent(CHANNEL, by=Person(MIRA))) == RECENT == 25


@pytest.mark.parametrize("wanted", ["f" * 16, "a dragon that never came", "?"])
async def test_an_unknown_scene_is_said_so(studio: Studio, scenes: list[Scene], clock: Clock, wanted: str) -> None:
    with pytest.raises(CannotDoError, match="I do not know that scene any more"):
        await studio.rerender(CHANNEL, by=Person(MIRA), scene=wanted)
    assert clock.woken == []


async def test_scenes_of_other_channels_are_unknown(studio: Studio, scenes: list[Scene]) -> None:
    with pytest.raises(CannotDoError, match="I do not know that scene any more"):
        await studio.rerender("43", by=Person(MIRA), scene=scenes[0].id)


async def test_a_channel_without_a_scene_is_told_how_to_get_one(studio: Studio) -> None:
    with pytest.raises(CannotDoError) as told:
        await studio.rerender(CHANNEL, by=Person(MIRA))
    assert told.value.sentence.startswith("There is no scene in this channel yet.")


# What is changed.


async def test_a_redo_keeps_the_story_and_the_cast_and_starts_afresh(studio: Studio, ledger: Ledger) -> None:
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
        brief=BriefRecord(prompt="old"),
    )
    await ledger.add(original)
    before = time.time()
    redo = await studio.rerender(CHANNEL, by=Person(MIRA))
    kept = {"narrative", "character_names", "character_urls", "game_name", "reply_to", "guild_id", "look_up_cast"}
    kept |= {"style", "notes", "aspect_ratio", "turn_id", "channel_id"}
    assert redo.model_dump(include=kept) == original.model_dump(include=kept)
    assert (redo.source, redo.requested_by, redo.state) == (Source.PERSON, MIRA, SceneState.WAITING)
    assert (redo.attempts, redo.reason, redo.message_id, redo.brief) == (0, "", None, BriefRecord())
    assert redo.heard_at >= before
    assert redo.id != original.id
    assert redo.seed != original.seed, "the same seed would give the same picture"
    assert await ledger.scene(CHANNEL, redo.id) == redo


async def test_a_person_can_change_notes_aspect_and_style(studio: Studio, scenes: list[Scene]) -> None:
    redo = await studio.rerender(CHANNEL, Wish(" at\u202e night ", " 1:1 ", "STORYBOOK"), by=Person(MIRA))
    assert (redo.notes, redo.aspect_ratio, redo.style) == ("at night", "1:1", "storybook")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"aspect": "17:9"}, "I do not know that aspect. Please choose one of 1:1, 2:3"),
        ({"aspect": "wide"}, "I do not know that aspect."),
        ({"style": "oil"}, "I do not know that style. Please choose one of 16-bit console, Anime film, Storybook."),
        ({"notes": "x" * (NOTES_LIMIT + 1)}, "Notes can have up to 1,000 characters; these have 1,001."),
    ],
)
async def test_an_unknown_choice_is_answered_with_the_choices(
    studio: Studio, scenes: list[Scene], clock: Clock, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CannotDoError) as told:
        await studio.rerender(CHANNEL, Wish(**changes), by=Person(MIRA))
    assert told.value.sentence.startswith(sentence)
    assert clock.woken == []


# How much.


async def test_a_person_waits_for_the_picture_that_is_painted_for_them(
    studio: Studio, scenes: list[Scene], ledger: Ledger
) -> None:
    first = await studio.rerender(CHANNEL, by=Person(MIRA))
    with pytest.raises(CannotDoError, match="I am still painting for you"):
        await studio.rerender(CHANNEL, by=Person(MIRA))
    await ledger.save(first.moved(SceneState.POSTED))
    await studio.rerender(CHANNEL, by=Person(MIRA))


async def test_a_channel_has_a_limit_of_its_own(studio: Studio, scenes: list[Scene]) -> None:
    await studio.rerender(CHANNEL, by=Person(MIRA))
    await studio.rerender(CHANNEL, by=Person(TOM))
    with pytest.raises(CannotDoError, match="I am painting 2 pictures for this channel already"):
        await studio.rerender(CHANNEL, by=Person("1003"))


async def test_automatic_pictures_count_against_nobody(studio: Studio, ledger: Ledger, scenes: list[Scene]) -> None:
    for number in range(10, 15):
        await ledger.add(a_scene(number, SceneState.PAINTING))
    await studio.rerender(CHANNEL, by=Person(MIRA))


# Who may.


async def test_whoever_is_blocked_gets_a_sentence_and_nothing_is_begun(
    bureau: Bureau, studio: Studio, scenes: list[Scene], clock: Clock
) -> None:
    with pytest.raises(CannotDoError, match="has blocked you"):
        await studio.rerender(CHANNEL, by=Person("666"))
    moderator = Person("9", guild_id="8", is_moderator=True)
    await bureau.office.block(MIRA, by=moderator)
    assert await bureau.office.blocked(by=moderator) == (MIRA,)
    with pytest.raises(CannotDoError, match="A moderator has blocked you"):
        await studio.rerender(CHANNEL, by=Person(MIRA, guild_id="8"))
    await bureau.office.unblock(MIRA, by=moderator)
    await studio.rerender(CHANNEL, by=Person(MIRA, guild_id="8"))
    assert len(clock.woken) == 1


async def test_whoever_may_not_is_shown_no_scenes_to_choose_from(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1))
    with pytest.raises(CannotDoError):
        await studio.recent(CHANNEL, by=Person(MIRA, may_write=False))


# Watching.


async def test_following_shows_every_step_until_the_end(studio: Studio, ledger: Ledger) -> None:
    scene = a_scene(state=SceneState.WAITING)
    steps = [
        scene.moved(SceneState.PAINTING, progress="fetching 0 of 2"),
        scene.moved(SceneState.PAINTING, progress="painting"),
        scene.moved(SceneState.POSTED, message_id="77"),
    ]
    await ledger.add(scene)
    seen = [scene]
    async with asyncio.timeout(10):
        async for step in studio.follow(scene):
            seen += [step] if step != seen[-1] else []
            if len(seen) <= len(steps):
                await ledger.save(steps[len(seen) - 1])
    assert seen == [scene, *steps]


async def test_following_what_is_finished_or_gone_ends_at_once(studio: Studio) -> None:
    async with asyncio.timeout(10):
        assert [step async for step in studio.follow(a_scene(state=SceneState.POSTED))] == []
        assert [step async for step in studio.follow(a_scene(state=SceneState.WAITING))] == []


async def test_following_outlasts_a_short_absence_of_redis(
    studio: Studio, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene(state=SceneState.WAITING)
    await ledger.add(scene.moved(SceneState.POSTED))
    read: Callable[[str, str], Any] = ledger.scene
    absences = iter([TransientError("Redis: ConnectionError")] * 2)

    async def sometimes(channel_id: str, scene_id: str) -> Scene | None:
        if problem := next(absences, None):
            raise problem
        found: Scene | None = await read(channel_id, scene_id)
        return found

    monkeypatch.setattr(ledger, "scene", sometimes)
    async with asyncio.timeout(10):
        assert [step.state async for step in studio.follow(scene)][-1] is SceneState.POSTED


async def test_a_rerender_that_could_not_be_begun_blocks_no_other(
    studio: Studio, scenes: list[Scene], clock: Clock
) -> None:
    clock.broken = True
    with pytest.raises(TransientError):
        await studio.rerender(CHANNEL, by=Person("7"))
    clock.broken = False
    assert (await studio.rerender(CHANNEL, by=Person("7"))).source is Source.PERSON


# Scenes of people's own.


async def test_a_person_tells_a_scene_of_their_own(studio: Studio, ledger: Ledger, clock: Clock) -> None:
    tale = Tale("A fox\u202e in the snow.", names="Mira,  Tom\nMira", reply_to="9")
    scene = await studio.draw(CHANNEL, tale, Wish(style="anime"), by=Person(MIRA, guild_id="8"))

    assert (scene.narrative, scene.character_names, scene.style) == ("A fox in the snow.", ("Mira", "Tom"), "anime")
    assert (scene.source, scene.requested_by, scene.reply_to) == (Source.PERSON, MIRA, "9")
    assert clock.woken == [(CHANNEL, scene.id)]
    assert await ledger.scene(CHANNEL, scene.id) == scene


async def test_without_names_the_game_is_asked_who_is_there(studio: Studio) -> None:
    assert (await studio.draw(CHANNEL, Tale("A fox."), by=Person(MIRA))).look_up_cast


@pytest.mark.parametrize(("story", "sentence"), [(" \u200b\n", "no text to draw"), ("x" * 3_001, "has 3,001")])
async def test_a_story_that_does_not_fit_is_told_so(studio: Studio, clock: Clock, story: str, sentence: str) -> None:
    with pytest.raises(CannotDoError, match=sentence):
        await studio.draw(CHANNEL, Tale(story), by=Person(MIRA))
    assert clock.woken == []


# Vary, cancel, wait.


async def test_only_a_picture_that_is_there_can_be_varied(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1, message_id="77"))
    await ledger.add(a_scene(2, SceneState.SKIPPED))
    with pytest.raises(CannotDoError, match="no picture of this scene"):
        await studio.rerender(CHANNEL, Wish(vary=True), by=Person(MIRA), scene=a_scene(2).id)
    redo = await studio.rerender(CHANNEL, Wish(vary=True), by=Person(MIRA), scene=a_scene(1).id)
    assert (redo.vary, redo.origin_message_id) == (True, "77")


async def test_notes_can_be_taken_back(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1, notes="More fog."))
    assert (await studio.rerender(CHANNEL, by=Person(MIRA))).notes == "More fog."
    await ledger.add(a_scene(2, notes="More fog."))
    assert (await studio.rerender(CHANNEL, Wish(notes=""), by=Person(TOM))).notes == ""


async def test_people_cancel_what_is_theirs_and_moderators_anything(
    studio: Studio, scenes: list[Scene], ledger: Ledger, clock: Clock
) -> None:
    own = await studio.rerender(CHANNEL, by=Person(MIRA))
    with pytest.raises(CannotDoError, match="Nothing is being painted"):
        await studio.cancel(CHANNEL, own.id, by=Person(TOM))
    assert not await ledger.is_cancelled(own)
    assert (await studio.cancel(CHANNEL, by=Person(MIRA))).id == own.id
    assert await ledger.is_cancelled(own)
    assert clock.woken.count((CHANNEL, own.id)) == 2, "it may wait for a key"
    automatic = await studio.cancel(CHANNEL, scenes[3].id, by=Person(TOM, is_moderator=True))
    assert automatic.id == scenes[3].id
    assert (CHANNEL, automatic.id) not in clock.woken, "the channel's own job has it"


async def test_what_is_painted_already_is_not_cancelled(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1, SceneState.PAINTED, requested_by=MIRA, mime="image/png"))
    with pytest.raises(CannotDoError, match="about to be posted"):
        await studio.cancel(CHANNEL, by=Person(MIRA))
    assert not await ledger.is_cancelled(a_scene(1))


async def test_whoever_cancels_is_told_whether_it_is_paid(studio: Studio, ledger: Ledger) -> None:
    stages: list[dict[str, Any]] = [{}, {"reserved": 0.036}, {"charged": True}]
    for number, changes in enumerate(stages, start=1):
        scene = a_scene(number, SceneState.PAINTING, requested_by=MIRA, **changes)
        await ledger.add(scene)
        assert (await studio.cancel(CHANNEL, scene.id, by=Person(MIRA))).is_charged is bool(changes)
        assert not await ledger.save_unless_cancelled(scene), "what has not left by now does not leave"


async def test_whoever_waits_knows_their_place(studio: Studio, ledger: Ledger) -> None:
    await ledger.add(a_scene(1))
    first = await studio.rerender(CHANNEL, by=Person(MIRA))
    second = await studio.rerender(CHANNEL, by=Person(TOM))
    assert [await studio.position(scene) for scene in (first, second)] == [1, 2]
    await studio.cancel(CHANNEL, by=Person(MIRA))
    assert await studio.position(second) == 1


async def test_the_price_and_what_is_left_are_told(client: RedisClient) -> None:
    bureau = Bureau(client, user_pictures_per_hour=5, role_pictures_per_hour="31=9", gemini_api_key="k")
    await bureau.ledger.add(a_scene(1))
    await bureau.studio.rerender(CHANNEL, by=Person(MIRA))
    quote = await bureau.studio.quote(CHANNEL, by=Person(MIRA))
    assert (quote.left, quote.most) == (4, 5)
    assert 0.03 < float(quote.price or 0) < 0.06
    assert (await bureau.studio.quote(CHANNEL, by=Person(TOM, role_ids=frozenset({"31"})))).most == 9
    free = Bureau(client)
    assert (await free.studio.quote(CHANNEL, by=Person(MIRA))).price is None

"""Today's bot goes on with what an earlier version left in Redis and at Discord, while everything had other names."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from sandbox import InteractionAnswer, Message, User, wait_until
from sandbox.gemini_answers import picture
from sandbox.world import walk
from tests.faults.support import until
from tests.redis_server import RedisServer, client_of, redis_binary
from tests.stage import (
    TIMEOUT_SECONDS,
    Stage,
    answered,
    ended,
    is_listening,
    open_stage,
    portrait,
    running_bot,
    words_of,
)
from tests.version_before import VersionBefore

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINK = "https://discord.com/channels/"
"""Whoever asked for a picture is told where it stands."""
PARKED_SECONDS = 4.0
"""So long the only key of the stage still rests, by the word of the version before."""
LOCKED_SECONDS = 3.0
"""So long a process of the version before, which was killed, still has the channel `painted`."""
OLD_DOLLARS = 0.35
"""At least so much was spent before; the pictures that are still to come cost about 0.2."""
NARRATIVES = {
    "busy": ["The long bridge.", "Beyond the bridge lies Vael."],
    "closed": ["The gate closes."],
    "fallback": ["The ferry waits at dawn."],
    "found": ["The lantern is found."],
    "lost": ["The lantern is lost."],
    "painted": ["The garden sleeps."],
    "quota": ["The market opens."],
}
"""Scenes that waited in the channels' plans and inboxes."""
PAINTED = {"closed", "found", "lost", "painted"}
"""Scenes that had been paid for."""


@pytest.fixture(scope="module")
def durable() -> Iterator[str]:
    """The address of a Redis that keeps its data, so that nothing about it needs to be logged."""
    server = RedisServer(redis_binary(), durable=True)
    try:
        server.start()
        yield server.url
    finally:
        server.close()


@pytest.fixture(scope="module")
def warnings() -> Iterator[list[str]]:
    """Collect the lines that today's version logs above INFO."""
    found: list[str] = []

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, handler = logging.getLogger("cogs.scene_art"), Notes(logging.WARNING)
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


@asynccontextmanager
async def after_the_update(redis_url: str) -> AsyncIterator[tuple[Stage, VersionBefore]]:
    """A stage whose bot was just started in the place of the version before."""
    async with open_stage(redis_url, bots=0, listening=False) as stage:
        stage.sandbox.gemini.default = picture(portrait("gold"))
        before = VersionBefore(stage)
        async with client_of(redis_url) as redis:
            await before.load(redis)
        async with running_bot(stage.sandbox) as bot:
            stage.bots.append(bot)
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            yield stage, before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def updated(durable: str, warnings: list[str]) -> AsyncIterator[tuple[Stage, VersionBefore]]:
    async with after_the_update(durable) as opened:
        yield opened


@pytest.fixture
def stage(updated: tuple[Stage, VersionBefore]) -> Stage:
    return updated[0]


@pytest.fixture
def before(updated: tuple[Stage, VersionBefore]) -> VersionBefore:
    return updated[1]


@pytest.fixture
def somebody(stage: Stage) -> User:
    """A player who has asked for nothing yet."""
    return stage.sandbox.discord.add_user("Somebody")


def chapter(before: VersionBefore, number: int) -> Message:
    """An old post of the gallery."""
    posts = [message for message in before.messages if message.channel is before.channels["gallery"]]
    return [message for message in posts if message.attachments and message.buttons][number - 1]


async def settled(stage: Stage, before: VersionBefore) -> None:
    """Wait until nothing of the old plans is open."""
    for name in NARRATIVES:
        await stage.settled(before.channels[name])


async def test_what_waited_is_posted_once_and_nothing_is_paid_again(stage: Stage, before: VersionBefore) -> None:
    await settled(stage, before)

    for name, narratives in NARRATIVES.items():
        posts = stage.posts(before.channels[name])
        told = [post.attachments[0].description or "" for post in posts]
        assert [text.startswith(story) for text, story in zip(told, narratives, strict=True)] == [True] * len(told)
        assert [scene["state"] for scene in await stage.scenes(before.channels[name])] == ["posted"] * len(narratives)
        for narrative in narratives:
            assert len(stage.asked_now(narrative)) == (0 if name in PAINTED else 1)
    for name in PAINTED:
        [post] = stage.posts(before.channels[name])
        assert post.attachments[0].data in before.picture.values()


async def test_a_key_rests_as_long_as_it_was_told_to(stage: Stage, before: VersionBefore) -> None:
    await settled(stage, before)

    first = min(request.time for request in stage.sandbox.gemini.requests) - time.monotonic() + time.time()
    assert first >= before.now + PARKED_SECONDS - 0.1


async def test_a_channel_is_left_to_the_process_that_works_on_it(stage: Stage, before: VersionBefore) -> None:
    [post] = await stage.pictures(before.channels["painted"])

    assert post.created.timestamp() >= before.now + LOCKED_SECONDS - 0.1


async def test_what_is_done_is_noted_where_the_version_before_had_noted_it(stage: Stage, before: VersionBefore) -> None:
    await settled(stage, before)
    ids = {str(before.channels[name].id) for name in NARRATIVES}

    async def none_is_left() -> bool:
        pipe = stage.redis.pipeline()
        pipe.zrange("scene_art:open", 0, -1)
        pipe.zrange("scene_art:queue", 0, -1)
        still_open, queue = await pipe.execute()
        return not queue and ids.isdisjoint(raw.decode() for raw in still_open)

    await until(none_is_left)


async def test_a_post_that_discord_took_and_nobody_heard_of_is_found_again(stage: Stage, before: VersionBefore) -> None:
    await settled(stage, before)

    [post] = stage.posts(before.channels["found"])
    [scene] = await stage.scenes(before.channels["found"])
    assert post in before.messages
    assert scene["message_id"] == str(post.id)


async def test_events_in_the_inbox_are_paired_and_reply_to_their_narrative(stage: Stage, before: VersionBefore) -> None:
    await settled(stage, before)

    _, second = stage.posts(before.channels["busy"])
    [narrative] = [said for said in before.messages if said.channel is second.channel]
    assert second.reference == narrative.id


async def test_what_people_waited_for_is_drawn_with_the_upload_and_the_look_that_go_along(
    stage: Stage, before: VersionBefore
) -> None:
    [drawn] = await stage.pictures(before.channels["wish"])
    again = (await stage.pictures(before.channels["gallery"], 7))[6]

    [asked] = stage.asked_now("A lamp in the snow.")
    assert sum(image in before.picture.values() for image in asked.images) == 2
    assert any("Mirabel" in text for text in asked.texts)
    assert "A lamp in the snow." in str(drawn.attachments[0].description)
    assert again.content.endswith(f"/{chapter(before, 2).id}")


async def test_the_history_shows_the_old_scenes_and_its_old_page_turns(stage: Stage, before: VersionBefore) -> None:
    mira, gallery = before.people["Mira"], before.channels["gallery"]
    fresh = await stage.sandbox.discord.run_command(gallery, mira, "scene-art history", options={"character": "Ann"})
    text = await answered(fresh)
    assert [f"Chapter {number}" in text for number in (1, 3, 5)] == [True, True, True]

    page = before.shown("history")
    turned = await stage.sandbox.discord.press(page, page.button("Older").custom_id, mira)
    await turned.wait_for(lambda _: "Chapter 1" in words_of(page), TIMEOUT_SECONDS)
    await stage.sandbox.discord.press(page, page.button("Newer").custom_id, mira)
    await turned.wait_for(lambda _: "Chapter 6" in words_of(page), TIMEOUT_SECONDS)
    [names] = [part for part in walk(page.components) if part.get("custom_id") == "scene_art:who"]
    [bo] = [option["value"] for option in names["options"] if option["label"] == "Bo"]
    await stage.sandbox.discord.select(page, "scene_art:who", [bo], mira)
    await turned.wait_for(
        lambda _: "Chapter 6" in words_of(page) and "Chapter 5" not in words_of(page), TIMEOUT_SECONDS
    )


@pytest.mark.parametrize(("label", "pictures"), [("Rerender", 2), ("Vary", 3)])
async def test_an_old_picture_is_painted_again(
    stage: Stage, before: VersionBefore, somebody: User, label: str, pictures: int
) -> None:
    assert LINK in await stage.pressed(chapter(before, 1), label, somebody)

    asked = stage.asked_now("Chapter 1 begins.")[-1]
    assert any("Ann" in text for text in asked.texts)
    assert len(asked.images) == pictures, "the game master, Ann, and what is varied"


async def test_why_tells_what_the_version_before_noted(stage: Stage, before: VersionBefore, somebody: User) -> None:
    answer = await stage.sandbox.discord.press(
        chapter(before, 1), chapter(before, 1).button("Why?").custom_id, somebody
    )
    told = await ended(answer)

    assert "Ann" in told
    assert "$0.0" in told
    assert answer.original is not None
    assert b"Chapter 1 begins." in answer.original.attachments[0].data


async def test_a_form_opens_under_an_old_picture(stage: Stage, before: VersionBefore, somebody: User) -> None:
    message = chapter(before, 4)
    opened = await stage.sandbox.discord.press(message, message.button("Change").custom_id, somebody)
    await wait_for_end(await stage.sandbox.discord.submit_modal(opened, {"notes": "by moonlight"}))

    assert any("by moonlight" in text for text in stage.asked_now("Chapter 4 begins.")[-1].texts)


async def test_a_spoiler_goes_on_and_off(stage: Stage, before: VersionBefore) -> None:
    guard = before.people["Guard"]
    plain, covered = chapter(before, 5), chapter(before, 6)
    assert covered.attachments[0].filename.startswith("SPOILER_")

    await stage.pressed(plain, "Spoiler", guard)
    await stage.pressed(covered, "No spoiler", guard)

    assert plain.attachments[0].filename.startswith("SPOILER_")
    assert not covered.attachments[0].filename.startswith("SPOILER_")


async def test_an_old_picture_is_deleted(stage: Stage, before: VersionBefore) -> None:
    message = next(post for post in before.messages if post.channel is before.channels["found"])
    await settled(stage, before)
    await stage.pressed(message, "Delete", before.people["Guard"])

    assert message.deleted


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_what_was_refused_or_failed_or_cancelled_is_tried_again(
    stage: Stage, before: VersionBefore, number: int
) -> None:
    notices = [message for message in before.messages if message.channel is before.channels["troubles"]]
    offered = [message for message in notices if any(button.label == "Try again" for button in message.buttons)]
    assert len(offered) == 3

    who = offered[number].ephemeral_to or stage.sandbox.discord.add_user("Somebody")
    assert LINK in await stage.pressed(offered[number], "Try again", who)


async def test_the_list_of_characters_turns_its_page(stage: Stage, before: VersionBefore, somebody: User) -> None:
    page = before.shown("cast")
    assert "Mirabel" not in page.content
    turned = await stage.sandbox.discord.press(page, page.button("On").custom_id, somebody)

    await turned.wait_for(lambda _: "Mirabel" in page.content, TIMEOUT_SECONDS)


async def test_forms_that_were_open_during_the_update_are_taken(stage: Stage, before: VersionBefore) -> None:
    discord = stage.sandbox.discord
    await wait_for_end(await discord.submit_modal(before.form("change"), {"notes": "under water"}))
    assert any("under water" in text for text in stage.asked_now("Chapter 3 begins.")[-1].texts)

    panel = before.shown("panel")
    taken = await discord.submit_modal(before.form("setting"), {"cooldown_seconds": "0.007"})
    await taken.wait_for(lambda _: "0.007" in words_of(panel), TIMEOUT_SECONDS)


async def test_the_settings_of_channel_and_server_hold_and_the_old_panel_shows_them(
    stage: Stage, before: VersionBefore
) -> None:
    guard, panel, discord = before.people["Guard"], before.shown("panel"), stage.sandbox.discord
    assert chosen_in(await discord.select(panel, "scene_art:setting:server", ["style"], guard)) == ["storybook"]
    turned = await discord.press(panel, "scene_art:scope:channel", guard)
    await turned.wait_for(lambda _: "scene_art:setting:channel" in str(panel.components), TIMEOUT_SECONDS)
    assert chosen_in(await discord.select(panel, "scene_art:setting:channel", ["notices"], guard)) == ["on"]

    still = before.channels["still"]
    await stage.request(still, "Nobody sees this either.", turn_id="s-2")

    async def both_known() -> bool:
        return len(await stage.scenes(still)) == 2

    await until(both_known)
    assert [scene["state"] for scene in await stage.scenes(still)] == ["skipped", "skipped"]


async def test_look_place_and_opt_out_hold(stage: Stage, before: VersionBefore) -> None:
    story = "Mirabel meets Tomas in the Hall of Orr."
    channel = stage.channel()
    url = stage.sandbox.files.add("tomas.png", portrait("olive"))
    await stage.shown(channel, story, character_names=["Tomas", "Mirabel"], character_urls=[url])

    [scene] = await stage.scenes(channel)
    arrived = {reference["name"]: reference["arrived"] for reference in scene["brief"]["references"]}
    assert arrived | {"Mirabel": True, "Tomas": False, "Hall of Orr": True} == arrived


async def test_who_was_blocked_stays_so(stage: Stage, before: VersionBefore, somebody: User) -> None:
    count = len(stage.sandbox.gemini.requests)
    refused = [
        await stage.pressed(chapter(before, 2), "Rerender", before.people["Rook"]),
        await stage.typed(before.channels["quiet"], somebody, "draw", text="A bell rings."),
    ]

    assert not any(LINK in line for line in refused)
    assert len(stage.sandbox.gemini.requests) == count


async def test_what_somebody_asked_for_counts_within_the_hour(stage: Stage, before: VersionBefore) -> None:
    assert "59" in await stage.typed(before.channels["gallery"], before.people["Tom"], "status"), "of sixty pictures"


async def test_no_record_was_passed_over(stage: Stage, before: VersionBefore, warnings: list[str]) -> None:
    await settled(stage, before)
    assert warnings == []


@pytest.mark.asyncio(loop_scope="function")
async def test_an_old_line_still_cancels_and_money_is_counted_on(redis_url: str) -> None:
    async with after_the_update(redis_url) as (stage, before):
        line, mira, guard = before.shown("rerender"), before.people["Mira"], before.people["Guard"]
        await wait_for_end(await stage.sandbox.discord.press(line, line.button("Cancel").custom_id, mira))
        spent = re.search(r"\$(\d+\.\d+)", await stage.typed(before.channels["gallery"], guard, "status"))
        assert spent is not None
        assert float(spent[1]) >= OLD_DOLLARS
        await stage.ended(before.channels["gallery"], "cancelled")
        await stage.pictures(before.channels["wish"])

        assert stage.asked_now("Chapter 2 begins.") == []


async def wait_for_end(answer: InteractionAnswer) -> str:
    """Wait for the last words told to whoever pressed or sent something."""
    assert not answer.failed
    return await ended(answer)


def chosen_in(form: InteractionAnswer) -> list[str]:
    """What a form that was just opened has chosen already."""
    assert form.modal is not None
    options = [option for part in walk(form.modal["components"]) for option in part.get("options", [])]
    return [option["value"] for option in options if option.get("default")]

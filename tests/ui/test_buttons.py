"""The buttons under a picture, pressed by a player, a stranger and a moderator, before and after a restart."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from cogs.scene_art.discord_io import captions as words
from cogs.scene_art.services.services import Services
from cogs.scene_art.ui.components import progress
from cogs.scene_art.ui.responses import OWN_FAULT
from sandbox import Channel, Message, User, wait_until
from sandbox.gemini_answers import blocked_prompt, picture
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

pytestmark = pytest.mark.asyncio(loop_scope="module")

LABELS = ["Rerender", "Change", "Vary", "Why?", "Delete", "Spoiler"]


def plain(message: Message) -> list[str]:
    return [button.label.partition(" (")[0] for button in message.buttons]


async def test_every_picture_has_the_same_buttons_and_the_price_stands_on_them(stage: Stage, channel: Channel) -> None:
    message = await stage.shown(channel)

    assert plain(message) == LABELS
    assert message.button("Rerender").label == "Rerender ($0.036)"
    assert message.button("Why?").label == "Why?"


async def test_a_redone_picture_links_back_and_is_varied_from_the_picture(
    stage: Stage, channel: Channel, mira: User
) -> None:
    first = await stage.shown(channel, "Rain over Orr.")
    await stage.pressed(first, "Rerender", mira)
    stage.sandbox.gemini.script(picture(portrait("gold")))
    await stage.pressed(first, "Vary", mira)

    _, again, varied = stage.posts(channel)
    link = f"https://discord.com/channels/{stage.guild.id}/{channel.id}/{first.id}"
    assert again.content == f"Rerendered from {link}"
    assert varied.content == f"Variation of {link}"
    asked = stage.asked_now("Rain over Orr.")
    assert not any("as it was painted before" in text for text in asked[1].texts)
    assert any("this very scene as it was painted before" in text for text in asked[2].texts)
    assert len(asked[2].images) == len(asked[1].images) + 1


def enormous() -> bytes:
    """A picture of Gemini's of 4K, as a WebP: it takes 278 MB to open."""
    buffer = io.BytesIO()
    Image.new("RGB", (5504, 3072), "gold").save(buffer, "WEBP", quality=50, method=0)
    return buffer.getvalue()


async def test_a_picture_too_large_to_be_opened_again_is_varied_and_kept_in_mind_by_a_small_copy(
    stage: Stage, channel: Channel, mira: User
) -> None:
    stage.sandbox.gemini.script(picture(enormous(), mime="image/webp"))
    first = await stage.shown(channel, "A golden sea.")
    assert first.attachments[0].data == enormous(), "the painter's own bytes"

    await stage.pressed(first, "Vary", mira)
    await stage.shown(channel, "A silver sea.")

    varied, following = stage.asked_now("A golden sea.")[1], stage.asked_now("A silver sea.")[0]
    for asked in (varied, following):
        sizes = [Image.open(io.BytesIO(image)).size for image in asked.images]
        assert (1536, 857) in sizes


async def test_nothing_is_painted_or_paid_where_the_picture_to_vary_is_gone(
    stage: Stage, channel: Channel, mira: User
) -> None:
    first = await stage.shown(channel, "Snow on Orr.")
    first.attachments.clear()

    told = await stage.pressed(first, "Vary", mira)

    assert told.startswith("The picture to vary couldn't be loaded, so nothing was drawn and nothing is charged.")
    assert len(stage.asked_now("Snow on Orr.")) == 1


async def test_a_variation_is_not_painted_without_the_picture_that_the_service_blocks(
    stage: Stage, channel: Channel, mira: User
) -> None:
    """It would be another picture than the one that somebody asked and paid for."""
    first = await stage.shown(channel, "Hail on Orr.")
    before = len(stage.sandbox.gemini.requests)
    stage.sandbox.gemini.script(*[blocked_prompt("OTHER")] * 3)

    await stage.pressed(first, "Vary", mira)

    asked = stage.sandbox.gemini.requests[before:]
    assert asked
    assert all(any("as it was painted before" in text for text in request.texts) for request in asked)


async def test_the_form_is_filled_in_and_what_it_says_is_painted(stage: Stage, channel: Channel, mira: User) -> None:
    message = await stage.shown(channel, "A tower in the fog.", aspect_ratio="1:1")
    discord = stage.sandbox.discord

    opened = await discord.press(message, message.button("Change").custom_id, mira)
    assert opened.modal is not None
    values = {"notes": "at night", "aspect": ["9:16"], "style": ["storybook"]}
    assert (await ended(await discord.submit_modal(opened, values))).startswith("Here's your picture:")

    asked = stage.asked_now("A tower in the fog.")[-1]
    assert asked.image_config["aspectRatio"] == "9:16"
    assert any("«at night»" in text for text in asked.texts)
    newest = stage.posts(channel)[-1]
    again = await discord.press(newest, newest.button("Change").custom_id, mira)
    assert "at night" in str(again.modal), "what it has now"
    await ended(await discord.submit_modal(again, {"notes": ""}))
    assert not any("at night" in text for text in stage.asked_now("A tower in the fog.")[-1].texts)


async def test_why_claims_no_picture_of_which_the_storyboard_painter_knows_nothing() -> None:
    async with open_stage(painter="storyboard") as stage:
        channel = stage.channel()
        await stage.shown(channel, "A tower in the fog.")
        message = await stage.shown(channel, "A bridge in the fog.")
        told = await ended(
            await stage.sandbox.discord.press(
                message, message.button("Why?").custom_id, stage.sandbox.discord.add_user("Tom")
            )
        )

    assert "▫️ the picture before: the storyboard painter doesn't use their picture." in told


async def test_why_tells_the_person_alone_how_it_came_about(stage: Stage, channel: Channel, tom: User) -> None:
    url = stage.sandbox.files.add("mira.png", portrait("red"))
    message = await stage.shown(
        channel,
        "Two meet on a bridge.",
        character_names=["Mira", "Nobody *bold*"],
        character_urls=[url, "http://127.0.0.1:1/gone.png"],
    )

    answer = await stage.sandbox.discord.press(message, message.button("Why?").custom_id, tom)
    told = await ended(answer)

    assert answer.ephemeral
    assert "✅ Mira: reference picture used." in told
    assert "❌ Nobody \\*bold\\*: reference picture not used" in told
    for part in ("Tokens: ", "Cost: $0.0", "Requests: 1.", " ms."):
        assert part in told
    assert answer.original is not None
    [prompt] = answer.original.attachments
    assert b"Two meet on a bridge." in prompt.data


async def test_a_spoiler_goes_on_and_off_and_keeps_the_picture_and_its_words(
    stage: Stage, channel: Channel, guard: User, tom: User
) -> None:
    message = await stage.shown(channel)
    before = message.attachments[0]
    assert "Only the person who asked for this picture" in await stage.pressed(message, "Spoiler", tom)

    assert "Marked as a spoiler." in await stage.pressed(message, "Spoiler", guard)
    assert message.attachments[0].filename == f"SPOILER_{before.filename}"
    assert (message.attachments[0].data, message.attachments[0].description) == (before.data, before.description)
    assert "Spoiler removed." in await stage.pressed(message, "Remove spoiler", guard)
    assert message.attachments[0].filename == before.filename
    assert plain(message) == LABELS


async def test_whoever_is_in_the_picture_covers_it_and_takes_it_away(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Mira of Orr", "image_url": ""})
    message = await stage.shown(channel, character_names=["Mira of Orr"])

    assert "Marked as a spoiler." in await stage.pressed(message, "Spoiler", mira)
    assert "Only the person who asked" in await stage.pressed(message, "Delete", tom)
    assert (await stage.pressed(message, "Delete", mira)).startswith("Picture deleted.")
    assert message.deleted


async def test_whoever_meets_a_fault_of_the_bot_reads_so_and_what_they_see_stays(
    stage: Stage, channel: Channel, guard: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(_: object) -> Services:
        raise ZeroDivisionError("a player's own words")

    discord = stage.sandbox.discord
    message = await stage.shown(channel, character_names=["Ann"])
    history = await discord.run_command(channel, guard, "scene-art history")
    settings = await discord.run_command(channel, guard, "scene-art settings")
    shown = [await answered(history), await answered(settings)]
    monkeypatch.setattr(type(stage.cog.app), "services", property(break_down))
    assert history.original is not None
    assert settings.original is not None

    told = [await stage.pressed(message, label, guard) for label in LABELS if label != "Change"]
    form = await discord.press(message, message.button("Change").custom_id, guard)
    filtered = await discord.select(history.original, "scene_art:who", ["0"], guard)
    listed = await discord.select(settings.original, "scene_art:setting:channel", ["style"], guard)
    switched = await discord.press(settings.original, settings.original.button("Server defaults").custom_id, guard)

    for answer in (form, filtered, listed, switched):
        await answer.wait_for(lambda a: a.texts, timeout=TIMEOUT_SECONDS)
        told += answer.texts
    assert told == [str(OWN_FAULT)] * 9
    assert [words_of(history.original), words_of(settings.original)] == shown
    assert "ZeroDivisionError in " in caplog.text
    assert "a player's own words" not in caplog.text


async def test_two_people_delete_a_picture_at_once(stage: Stage, channel: Channel, guard: User) -> None:
    message = await stage.shown(channel)

    told = await asyncio.gather(*(stage.pressed(message, "Delete", guard) for _ in range(2)))

    assert message.deleted
    assert all(line.startswith(("Picture deleted.", "This picture is already gone.")) for line in told)


@pytest.mark.asyncio(loop_scope="function")
async def test_all_buttons_work_after_a_restart_of_the_bot(redis_url: str) -> None:
    async with open_stage(redis_url, painter="storyboard") as stage:
        channel, discord = stage.channel(), stage.sandbox.discord
        guard = discord.add_user("Guard", permissions=1 << 13)
        message = await stage.shown(channel)
        await stage.bot.close()

        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            assert (await stage.pressed(message, "Rerender", guard)).startswith("Here's your picture:")
            assert (await stage.pressed(message, "Vary", guard)).startswith("Here's your picture:")
            assert "How this picture was made" in await stage.pressed(message, "Why?", guard)
            opened = await discord.press(message, message.button("Change").custom_id, guard)
            assert (await ended(await discord.submit_modal(opened, {"notes": "dusk"}))).startswith(
                "Here's your picture:"
            )
            assert "Marked as a spoiler." in await stage.pressed(message, "Spoiler", guard)
            assert "Picture deleted." in await stage.pressed(message, "Delete", guard)

    assert len(stage.posts(channel)) == 3


async def test_what_comes_after_the_line_is_over_mentions_the_asker_alone(
    stage: Stage, channel: Channel, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The line's quarter of an hour, in this test a second and a half.
    for module in (progress, words):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 1.5)
    message = await stage.shown(channel)
    stage.sandbox.gemini.script(picture(portrait("red"), delay=2.5))

    answer = await stage.sandbox.discord.press(message, message.button("Rerender").custom_id, mira)
    await wait_until(lambda: len(stage.posts(channel)) == 2, timeout=TIMEOUT_SECONDS)

    late = stage.posts(channel)[1]
    assert late.content.startswith(f"<@{mira.id}>, here's the picture you asked for.")
    assert late.mentions == [mira]
    assert not answer.content.startswith("Here's your picture")


async def test_earlier_pictures_of_those_who_hide_go_along_no_more(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Mira of Ulm", "image_url": ""})
    message = await stage.shown(channel, "Mira of Ulm waits.", character_names=["Mira of Ulm"])
    assert "silhouette" in await stage.typed(channel, mira, "cast hide")

    assert "someone who is hidden now" in await stage.pressed(message, "Vary", tom)
    assert len(stage.asked_now("Mira of Ulm waits.")) == 1, "without the picture to vary nothing is paid"
    await stage.shown(channel, "Mira of Ulm goes home.", character_names=["Mira of Ulm"])

    next_one = stage.asked_now("Mira of Ulm goes home.")[-1]
    assert any("silhouette" in text for text in next_one.texts)
    assert next_one.images, "the silhouette itself may go along"

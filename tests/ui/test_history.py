"""History and status: what people see of the pictures and of how things stand."""

from __future__ import annotations

import hashlib

import pytest

from sandbox import Channel, User
from sandbox.components import THUMBNAIL
from sandbox.gemini_answers import finished
from sandbox.world import walk
from tests.stage import Stage, answered, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_history_is_leafed_through_and_filtered(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord
    for number in range(1, 8):
        names = ["Ann"] if number % 2 else ["Bo"]
        await stage.shown(channel, f"Chapter {number} begins.", character_names=names)

    history = await discord.run_command(channel, mira, "scene-art history")
    text = await answered(history)
    assert history.ephemeral
    assert "Page 1 of 2 · 7 pictures" in text
    assert history.original is not None
    pictures = [item for item in walk(history.original.components) if item["type"] == THUMBNAIL]
    assert [item["description"][:9] for item in pictures] == [f"Chapter {n}" for n in (7, 6, 5, 4, 3)]
    assert all("/attachments/" in item["media"]["url"] for item in pictures)
    assert [f"Chapter {n}" in text for n in range(1, 8)] == [False, False, True, True, True, True, True]
    newest = stage.posts(channel)[-1]
    assert f"https://discord.com/channels/{stage.guild.id}/{channel.id}/{newest.id}" in text

    await discord.press(history.original, history.original.button("Older").custom_id, mira)
    await history.wait_for(lambda h: "Page 2 of 2" in words_of(h.original))
    assert history.original.button("Older").disabled
    await discord.press(history.original, history.original.button("Newer").custom_id, mira)
    await history.wait_for(lambda h: "Page 1 of 2" in words_of(h.original))

    ann = await discord.run_command(channel, mira, "scene-art history", options={"character": "ann"})
    text = await answered(ann)
    assert "4 pictures" in text
    assert "Chapter 2" not in text
    choices = await discord.autocomplete(channel, mira, "scene-art history", {}, "character")
    assert {choice.value for choice in choices} == {"Ann", "Bo"}


async def test_a_filter_knows_a_name_in_any_spelling_and_by_the_mark_of_an_earlier_version(
    stage: Stage, channel: Channel, mira: User
) -> None:
    discord = stage.sandbox.discord
    for name in ("Zoë", "Bo"):
        await stage.shown(channel, f"{name} comes.", character_names=[name])
    for character in ("zoe", "ZO\u200bE\u0308", "Zоё"):  # noqa: RUF001
        history = await discord.run_command(channel, mira, "scene-art history", options={"character": character})
        assert "1 picture" in await answered(history)

    history = await discord.run_command(channel, mira, "scene-art history")
    await answered(history)
    assert history.original is not None
    old = hashlib.sha256("Zoë".casefold().encode()).hexdigest()[:8]
    newer = next(item for item in walk(history.original.components) if "page:newer" in item.get("custom_id", ""))
    newer |= {"custom_id": f"scene_art:page:newer:0:{old}", "disabled": False}
    await discord.press(history.original, newer["custom_id"], mira)
    await history.wait_for(lambda h: "1 picture" in words_of(h.original))


async def test_a_deleted_picture_is_told_in_words(stage: Stage, channel: Channel, mira: User) -> None:
    message = await stage.shown(channel)
    stage.sandbox.discord.delete(message)

    text = await answered(await stage.sandbox.discord.run_command(channel, mira, "scene-art history"))

    assert "Picture deleted, or not available right now" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({}, "No pictures here yet."), ({"character": "Zoe"}, "No pictures of that character")],
)
async def test_an_empty_history_says_what_to_do(
    stage: Stage, channel: Channel, mira: User, options: dict[str, str], sentence: str
) -> None:
    answer = await stage.sandbox.discord.run_command(channel, mira, "scene-art history", options=options)

    assert sentence in await answered(answer)


async def test_status_tells_everybody_how_things_stand_and_moderators_what_was_spent(
    stage: Stage, channel: Channel, mira: User, guard: User
) -> None:
    await stage.shown(channel)
    stage.sandbox.gemini.script(finished("IMAGE_SAFETY"), finished("IMAGE_SAFETY"))
    await stage.request(channel, "Something that cannot be shown.")
    await stage.ended(channel, "refused")

    told = await stage.typed(channel, mira, "status")
    assert "**scene-art 0.1.0**" in told
    assert "Painter: Gemini (gemini-nano-banana-2.1). API keys: 1." in told
    assert "safety filter blocked this picture" in told
    assert "Something that cannot be shown" not in told, "keys and troubles without their texts"
    assert "Spent today" not in told
    assert "Spent today: $" in await stage.typed(channel, guard, "status")


async def test_the_looks_are_listed_with_samples(stage: Stage, channel: Channel, mira: User) -> None:
    answer = await stage.sandbox.discord.run_command(channel, mira, "scene-art style")

    text = await answered(answer)
    for name in ("16-bit console", "Anime film", "Storybook"):
        assert f"**{name}**" in text
    assert answer.original is not None
    assert len(answer.original.attachments) == 3
    assert all(file.content_type == "image/webp" for file in answer.original.attachments)

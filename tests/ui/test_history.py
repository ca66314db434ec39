"""History and status: what people see of the pictures and of how things stand."""

from __future__ import annotations

import hashlib
import re

import pytest

from sandbox import Channel, Permission, User, payloads, wait_until
from sandbox.components import THUMBNAIL
from sandbox.gemini_answers import finished
from sandbox.world import walk
from tests.stage import (
    TIMEOUT_SECONDS,
    Stage,
    answered,
    ended,
    is_listening,
    open_stage,
    photo,
    running_bot,
    words_of,
)

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
    assert "Painter: Gemini.\n" in told
    assert "safety filter blocked this picture" in told
    assert "Something that cannot be shown" not in told, "troubles without their texts"
    assert "Spent today" not in told

    told = await stage.typed(channel, guard, "status")
    assert re.search(r"Spent today: \$0\.\d+ in this server\.\n", told)
    assert "- Drawn: " in told
    assert "in total" not in told, "that is the operator's alone"
    assert "Painter: Gemini.\n" in told


async def test_status_tells_the_operator_of_all_servers_wherever_they_ask(stage: Stage, channel: Channel) -> None:
    await stage.shown(channel)
    discord = stage.sandbox.discord
    for place in (channel, discord.add_dm(discord.world.operator)):
        told = await stage.typed(place, discord.world.operator, "status")
        assert "Painter: Gemini (gemini-nano-banana-2.1). API keys: 1." in told
        assert re.search(r"Spent today: \$[\d.]+ here, \$0\.\d+ in total\.", told)


async def test_status_tells_nobody_in_direct_messages_what_others_spent(stage: Stage, mira: User, guard: User) -> None:
    discord = stage.sandbox.discord
    await stage.typed(discord.add_dm(mira), mira, "draw", text="A fox in the snow.")
    for person in (mira, guard):
        told = await stage.typed(discord.add_dm(person), person, "status")
        assert "Pictures left this hour: " in told
        for others in ("Spent today", "in total", "Drawn", "Reserved", "API keys", "gemini-"):
            assert others not in told


async def test_whoever_is_blocked_gets_no_status(stage: Stage, channel: Channel, mira: User, guard: User) -> None:
    await stage.sandbox.discord.run_command(channel, guard, "scene-art-mod block", {"user": mira})

    assert "A moderator has blocked you" in await stage.typed(channel, mira, "status")


async def test_status_tells_problems_only_to_whoever_may_use_it_there(
    stage: Stage, channel: Channel, guard: User, tom: User
) -> None:
    stage.sandbox.gemini.script(finished("IMAGE_SAFETY"), finished("IMAGE_SAFETY"))
    await stage.request(channel, "Something that cannot be shown.")
    await stage.ended(channel, "refused")
    assert "safety filter blocked this picture" in await stage.typed(channel, guard, "status")

    await stage.sandbox.discord.run_command(channel, guard, "scene-art-mod block", {"channel": channel})

    told = await stage.typed(channel, guard, "status")
    assert "safety filter" not in told
    assert "Spent today" in told, "the server's money is its moderators' business all the same"
    assert "has turned pictures off in this channel" in await stage.typed(channel, tom, "status")


@pytest.mark.asyncio(loop_scope="function")
async def test_a_team_is_the_operator_but_for_those_invited_and_those_who_only_read() -> None:
    async with open_stage(bots=0, listening=False) as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        people = {name: discord.add_user(name) for name in ("owner", "developer", "admin", "read_only", "invited")}
        discord.world.team += [
            {
                "user": payloads.user(person),
                "membership_state": 1 if name == "invited" else 2,
                "role": name if name in {"developer", "read_only"} else "admin",
                "permissions": ["*"],
                "team_id": "1",
            }
            for name, person in people.items()
        ]
        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            told = {name: await stage.typed(channel, person, "status") for name, person in people.items()}
            told["before"] = await stage.typed(channel, discord.world.operator, "status")

    assert [name for name, text in told.items() if "in total" in text] == ["owner", "developer", "admin"]


@pytest.mark.asyncio(loop_scope="function")
async def test_whoever_the_operator_blocked_gets_no_status_though_they_moderate() -> None:
    async with open_stage(bots=0, listening=False, painter="storyboard") as stage:
        discord, channel = stage.sandbox.discord, stage.channel()
        guard = discord.add_user("Guard", permissions=int(Permission.MANAGE_GUILD))
        stage.patch.setenv("SCENE_ART_BLOCKED_USERS", str(guard.id))
        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            assert "The bot owner has blocked you" in await stage.typed(channel, guard, "status")


async def test_the_looks_are_listed_with_samples(stage: Stage, channel: Channel, mira: User) -> None:
    answer = await stage.sandbox.discord.run_command(channel, mira, "scene-art style")

    text = await answered(answer)
    for name in ("16-bit console", "Anime film", "Storybook"):
        assert f"**{name}**" in text
    assert answer.original is not None
    assert len(answer.original.attachments) == 3
    assert all(file.content_type == "image/webp" for file in answer.original.attachments)


async def test_status_tells_a_person_their_own_space_and_a_moderator_the_servers(
    stage: Stage, tom: User, guard: User
) -> None:
    discord = stage.sandbox.discord
    channel = discord.add_text_channel(discord.add_guild("Harbour of Orr"), "story")
    picture = ("orla.png", photo(900))
    await ended(
        await discord.run_command(channel, tom, "scene-art cast add", options={"name": "Orla", "picture": picture})
    )

    told = await stage.typed(channel, tom, "status")
    [own] = [line for line in told.splitlines() if "Your reference pictures" in line]
    assert re.fullmatch(r"Your reference pictures: [01]\.[1-9] of 16 MB, across all servers and direct messages\.", own)
    assert "of this server" not in told

    of_guard = await stage.typed(channel, guard, "status")
    assert "Your reference pictures: 0.0 of 16 MB" in of_guard
    assert re.search(r"Reference pictures in this server: [01]\.[1-9] of 64 MB\.", of_guard)

"""Wherever Discord lets people use it: threads, forum posts, direct messages, and places where the bot is not."""

from __future__ import annotations

import pytest

from sandbox import Channel, Message, User
from sandbox.commands import CommandError
from tests.stage import TIMEOUT_SECONDS, Stage, answered, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("kind", ["thread", "post", "dm"])
async def test_everything_works_in_threads_forum_posts_and_direct_messages(stage: Stage, mira: User, kind: str) -> None:
    discord = stage.sandbox.discord
    places = {
        "thread": lambda: discord.add_thread(stage.channel(), "aside"),
        "post": lambda: discord.add_thread(discord.add_forum(stage.guild, "tales"), "A tale"),
        "dm": lambda: discord.add_dm(mira),
    }
    place: Channel = places[kind]()

    assert (await stage.typed(place, mira, "draw", text="A fox in the snow.")).startswith("Here's your picture:")
    [message] = stage.posts(place)
    assert (await stage.pressed(message, "Rerender", mira)).startswith("Here's your picture:")
    assert "2 pictures" in await answered(await discord.run_command(place, mira, "scene-art history"))
    assert "Picture deleted." in await stage.pressed(message, "Delete", mira)


async def test_a_thread_has_its_channels_settings(stage: Stage, channel: Channel, guard: User) -> None:
    await stage.typed(channel, guard, "style", preset="storybook")
    thread = stage.sandbox.discord.add_thread(channel, "aside")

    await stage.shown(thread, "A fox in a thread.")

    [asked] = stage.asked_now("A fox in a thread.")
    assert any("ink and watercolour" in text for text in asked.texts)


@pytest.fixture
def guest(stage: Stage) -> User:
    """Somebody who installed the bot for themselves."""
    user = stage.sandbox.discord.add_user("Guest")
    user.has_installed = True
    return user


@pytest.mark.parametrize("kind", ["server", "group"])
async def test_whoever_installed_the_bot_draws_where_it_is_not(stage: Stage, guest: User, tom: User, kind: str) -> None:
    discord = stage.sandbox.discord
    guild = discord.add_guild("Elsewhere", bot=False)
    place = discord.add_text_channel(guild, "there") if kind == "server" else discord.add_group("Friends")
    with pytest.raises(CommandError):
        await discord.run_command(place, tom, "scene-art draw", options={"text": "Nothing."})

    answer = await discord.run_command(place, guest, "scene-art draw", options={"text": "A fox far away."})
    assert (await ended(answer)).startswith("Here's your picture:")
    [message] = stage.posts(place)
    assert message in answer.messages
    assert message.attachments[0].description == "A fox far away. With Stargazer."

    assert "How this picture was made" in await stage.pressed(message, "Why?", guest)
    varied = await discord.press(message, message.button("Vary").custom_id, guest)
    assert (await ended(varied)).startswith("Here's your picture:")
    asked = stage.asked_now("A fox far away.")
    assert any("this very scene as it was painted before" in text for text in asked[-1].texts)
    assert len(asked[-1].images) == len(asked[0].images) + 1
    assert "Marked as a spoiler." in await told_below(stage, message, "Spoiler", guest)
    assert message.attachments[0].filename.startswith("SPOILER_")
    again = await discord.press(message, message.button("Rerender").custom_id, guest)
    assert (await ended(again)).startswith("Here's your picture:")
    assert "Picture deleted." in await told_below(stage, message, "Delete", guest)
    assert message.deleted


async def told_below(stage: Stage, message: Message, label: str, person: User) -> str:
    """Press a button that changes its own message; what the person is told besides."""
    answer = await stage.sandbox.discord.press(message, message.button(label).custom_id, person)
    await answer.wait_for(lambda a: a.messages, TIMEOUT_SECONDS)
    assert answer.messages[0].ephemeral_to is person
    return answer.messages[0].content


async def test_a_message_is_illustrated_from_its_menu(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord
    said = discord.say(channel, "S.N.E.S.", "The lantern goes out.")

    answer = await discord.run_message_command(said, mira, "Illustrate")

    assert (await ended(answer)).startswith("Here's your picture:")
    [message] = stage.posts(channel)
    assert message.reference == said.id
    assert len(stage.asked_now("The lantern goes out.")) == 1


async def test_a_message_without_words_cannot_be_illustrated(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord
    said = discord.say(channel, mira, "", files=[("a.png", b"not a picture")])

    answer = await discord.run_message_command(said, mira, "Illustrate")

    assert (await ended(answer)).startswith("There's no text to draw.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"text": "x" * 4_000}, "The text is too long (4,000 of 3,000 characters)."),
        ({"text": "\u200b\u202e"}, "There's no text to draw."),
        ({"text": "A fox.", "aspect": "wide"}, "That aspect ratio isn't available."),
        ({"text": "A fox.", "style": "Cubism"}, "There's no style by that name."),
        ({"text": "A fox.", "reference1": ("a.png", b"no picture at all")}, "A reference picture couldn't be read"),
        ({"text": "A fox.", "reference1": ("a.png", b"\x89PNG" + b"x" * 9_000_000)}, "That picture is too large"),
    ],
)
async def test_what_cannot_be_drawn_is_told_and_costs_nothing(
    stage: Stage, channel: Channel, mira: User, options: dict[str, object], sentence: str
) -> None:
    before = len(stage.sandbox.gemini.requests)

    assert (await stage.typed(channel, mira, "draw", **options)).startswith(sentence)
    assert len(stage.sandbox.gemini.requests) == before
    assert "60 of 60" in await stage.typed(channel, mira, "status")

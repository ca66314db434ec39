"""Wherever Discord lets people use it: threads, forum posts and direct messages; elsewhere it says so."""

from __future__ import annotations

import pytest

from sandbox import Channel, User, payloads
from sandbox.commands import CONTEXT_BOT_DM, CONTEXT_GUILD, INSTALLED_BY_GUILD, stored
from sandbox.filling import Filling
from sandbox.interaction_answer import InteractionAnswer, Kind
from sandbox.messages import Draft, post
from sandbox.permissions import Permission
from tests.stage import Stage, answered, ended, portrait

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


async def test_a_button_pressed_within_a_thread_is_about_the_message_that_began_it(
    stage: Stage, channel: Channel, guard: User
) -> None:
    """The message stays in the thread's channel, where the scene is recorded."""
    message = await stage.shown(channel, "A fox between two places.")
    thread = stage.sandbox.discord.add_thread(channel, "aside", starter=message)

    async def press(label: str) -> InteractionAnswer:
        return await stage.sandbox.discord.press(message, message.button(label).custom_id, guard, thread)

    assert "How this picture was made" in await ended(await press("Why?"))
    assert (await ended(await press("Rerender"))).startswith("Here's your picture:")
    form = await press("Change")
    assert form.modal is not None
    changed = await stage.sandbox.discord.submit_modal(form, {"notes": "at night"})
    assert (await ended(changed)).startswith("Here's your picture:")
    assert len(stage.posts(channel)) == 3
    assert stage.posts(thread) == []
    assert "Picture deleted." in await ended(await press("Delete"))
    assert message.deleted


async def test_the_first_message_of_a_forum_post_lies_within_it(stage: Stage, mira: User) -> None:
    """It has its thread's id, too, and there is no message of that id around the thread."""
    discord = stage.sandbox.discord
    tale = discord.add_thread(discord.add_forum(stage.guild, "tales"), "A tale")
    first = await stage.shown(tale, "A fox in a forum.")
    first.id = tale.id

    assert "How this picture was made" in await stage.pressed(first, "Why?", mira)


async def test_a_button_within_a_thread_asks_who_may_write_where_the_picture_goes(
    stage: Stage, channel: Channel
) -> None:
    discord = stage.sandbox.discord
    message = await stage.shown(channel)
    thread = discord.add_thread(channel, "aside", starter=message)
    reader = discord.add_user("Reader", denied=int(Permission.SEND_MESSAGES))

    answer = await discord.press(message, message.button("Rerender").custom_id, reader, thread)

    assert (await ended(answer)).startswith("You can't send messages in this channel")


async def test_a_thread_has_its_channels_settings(stage: Stage, channel: Channel, guard: User) -> None:
    await stage.typed(channel, guard, "style", preset="storybook")
    thread = stage.sandbox.discord.add_thread(channel, "aside")

    await stage.shown(thread, "A fox in a thread.")

    [asked] = stage.asked_now("A fox in a thread.")
    assert any("ink and watercolour" in text for text in asked.texts)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("scene-art draw", {"text": "A fox far away."}),
        ("scene-art rerender", {}),
        ("scene-art status", {}),
        ("scene-art history", {}),
        ("scene-art cast show", {}),
        ("scene-art cast hide", {"name": "Mira"}),
        ("scene-art settings", {}),
    ],
)
async def test_where_the_bot_is_no_member_it_says_so(
    stage: Stage, channel: Channel, mira: User, path: str, options: dict[str, str]
) -> None:
    """Discord may offer a command there that an earlier version registered for people's own installations."""
    discord = stage.sandbox.discord
    command = Filling(discord.world, channel, mira).invocation(path, options)

    answer = discord.interactions.begin(Kind.COMMAND, elsewhere(stage), mira, command)

    assert (await answered(answer)).startswith("The bot isn't a member here")
    assert stage.asked_now("A fox far away.") == []


async def test_a_button_under_an_answer_where_the_bot_is_no_member_says_so(stage: Stage, mira: User) -> None:
    discord = stage.sandbox.discord
    button = {"type": 2, "style": 2, "label": "Vary", "custom_id": f"scene_art:vary:{'0' * 16}"}
    rows = [{"type": 1, "components": [button]}]
    old = post(discord.world, elsewhere(stage), discord.world.bot, Draft({"content": "An answer", "components": rows}))

    answer = await discord.press(old, old.button("Vary").custom_id, mira)

    assert (await answered(answer)).startswith("The bot isn't a member here")


@pytest.mark.parametrize("kind", ["group", "server"])
@pytest.mark.parametrize("label", ["vary", "delete", "spoiler", "why", "kept", "rerender", "change", "cancel"])
async def test_nobody_acts_on_what_another_person_was_answered_where_the_bot_is_no_member(
    stage: Stage, mira: User, tom: User, kind: str, label: str
) -> None:
    """Discord names the installation of whoever was answered, whoever presses the button."""
    discord = stage.sandbox.discord
    place = discord.add_group("Friends") if kind == "group" else elsewhere(stage)
    custom_id = f"scene_art:{label}:{'0' * 16}"
    button = {"type": 2, "style": 2, "label": "Press", "custom_id": custom_id}
    draft = Draft({"content": "An answer", "components": [{"type": 1, "components": [button]}]})
    installed = InteractionAnswer(1, Kind.COMMAND, place, mira, {}).metadata()
    old = post(discord.world, place, discord.world.bot, draft, interaction=installed)

    for person in (mira, tom):
        answer = await discord.press(old, custom_id, person)
        await answer.wait_for(lambda a: a.texts)
        assert answer.texts[-1].startswith("The bot isn't a member here")


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("scene-art cast show", {}),
        ("scene-art cast remove", {"name": "Ann"}),
        ("scene-art history", {}),
        ("scene-art status", {}),
        ("scene-art settings", {}),
        ("scene-art draw", {"text": "A fox among friends."}),
    ],
)
async def test_in_a_group_conversation_it_says_that_the_bot_is_no_member(
    stage: Stage, channel: Channel, mira: User, path: str, options: dict[str, str]
) -> None:
    discord = stage.sandbox.discord
    command = Filling(discord.world, channel, mira).invocation(path, options)

    answer = discord.interactions.begin(Kind.COMMAND, discord.add_group("Friends"), mira, command)

    assert (await answered(answer)).startswith("The bot isn't a member here")


async def test_a_form_about_a_picture_is_not_opened_where_the_bot_is_no_member(stage: Stage, mira: User) -> None:
    discord = stage.sandbox.discord
    said = discord.say(stage.channel(), mira, "Look!", files=[("a.png", portrait("red"))])
    said.channel = elsewhere(stage)
    command = next(c for c in stored(discord.world, None) if c["name"] == "Use as look of…")
    document = payloads.message(said, discord.world)
    data = {"id": command["id"], "name": command["name"], "type": 3, "target_id": str(said.id)}
    data["resolved"] = {"messages": {str(said.id): document}}

    answer = discord.interactions.begin(Kind.COMMAND, said.channel, mira, data)

    await answer.wait_for(lambda a: a.texts or a.modal)
    assert answer.modal is None
    assert answer.texts[-1].startswith("The bot isn't a member here")


async def test_commands_are_for_servers_and_for_direct_messages_with_the_bot(stage: Stage) -> None:
    commands = stored(stage.sandbox.discord.world, None)
    assert len(commands) == 4
    for command in commands:
        assert command["integration_types"] == [INSTALLED_BY_GUILD]
        if command["contexts"] is None:  # "guild_only" is told by an older field
            assert command["dm_permission"] is False
        else:
            assert set(command["contexts"]) == {CONTEXT_GUILD, CONTEXT_BOT_DM}


def elsewhere(stage: Stage) -> Channel:
    """A channel of a server that the bot is not in."""
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("Elsewhere", bot=False), "there")


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

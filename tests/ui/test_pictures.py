"""What people do in Discord: the command, its suggestions, the button, and the line that tells how it goes."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Channel, User, wait_until
from sandbox.gemini_answers import Answer, blocked_prompt, finished, picture, wrong_key
from tests.stage import TIMEOUT_SECONDS, Stage, ended, open_stage, portrait, running_bot, without_redis

pytestmark = pytest.mark.asyncio(loop_scope="module")

REDO = "scene-art rerender"


async def test_rerender_paints_the_last_scene_again(stage: Stage, channel: Channel, mira: User) -> None:
    urls = [stage.sandbox.files.add(f"{color}.png", portrait(color)) for color in ("red", "blue")]
    await stage.request(channel, "The bridge of Vael burns.", character_names=["A", "B"], character_urls=urls)
    first = await stage.picture(channel)
    await stage.settled(channel)

    # Slow enough for every step to be read.
    stage.sandbox.files.add("red.png", portrait("red"), delay=0.2)
    stage.sandbox.gemini.script(picture(portrait("gold"), delay=1.2))
    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

    assert answer.deferred
    assert answer.ephemeral, "only the person who asked sees the line"
    assert (answer.acknowledged_after or 9) < 1
    text = await ended(answer)
    _, second = await stage.pictures(channel, 2)
    place = f"{stage.guild.id}/{channel.id}/{second.id}"
    assert text == f"Here's your picture: https://discord.com/channels/{place}"
    assert second.attachments[0].data == portrait("gold")
    assert first.id != second.id
    assert any(line.endswith("▰▰▱▱ Drawing…") for line in answer.history)
    assert answer.messages == [], "the line is edited in place"


async def test_the_progress_line_counts_the_references(stage: Stage, channel: Channel, mira: User) -> None:
    files = stage.sandbox.files
    urls = [files.add(f"ship-{n}.png", reset=True) for n in (1, 2)]
    await stage.request(channel, "Two ships meet.", character_names=["A", "B"], character_urls=urls)
    await stage.picture(channel)
    await stage.settled(channel)
    for n in (1, 2):
        files.add(f"ship-{n}.png", portrait("blue"), delay=0.9 * n)

    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)
    await ended(answer)

    # The game master's own picture is the third.
    counted = {line.rpartition("\n")[2] for line in answer.history if "Loading reference pictures" in line}
    assert counted & {f"▰▱▱▱ Loading reference pictures: {n} of 3…" for n in (1, 2)}
    assert len(stage.asked_now("Two ships meet.")[1].images) == 3


async def test_notes_aspect_and_style_reach_the_painter(stage: Stage, channel: Channel, mira: User) -> None:
    await stage.request(channel, "A tower in the fog of Orr.")
    await stage.picture(channel)
    await stage.settled(channel)

    options = {"notes": "more «fog», please", "aspect": "9:16", "style": "storybook"}
    await ended(await stage.sandbox.discord.run_command(channel, mira, REDO, options=options))

    first, second = stage.asked_now("A tower in the fog of Orr.")
    assert second.image_config["aspectRatio"] == "9:16"
    assert any("«more <fog>, please»" in text for text in second.texts)
    style = [[text for text in asked.texts if text.startswith("Style: ")] for asked in (first, second)]
    assert style[0] != style[1]
    assert second.system == first.system, "the safety directive stays what it is"


async def test_an_older_scene_is_chosen_from_the_suggestions(stage: Stage, channel: Channel, mira: User) -> None:
    for number, story in enumerate(["The well of Idra.", "The gate of Idra."], start=1):
        await stage.request(channel, story)
        await stage.pictures(channel, number)
        await stage.settled(channel)

    discord = stage.sandbox.discord
    choices = await discord.autocomplete(channel, mira, REDO, {}, "scene")
    assert [choice.name for choice in choices] == ["just now: The gate of Idra.", "just now: The well of Idra."]
    [found] = await discord.autocomplete(channel, mira, REDO, {"scene": "WELL"}, "scene")
    await ended(await discord.run_command(channel, mira, REDO, options={"scene": found.value}))
    # A client may send the label back in place of the value.
    await ended(await discord.run_command(channel, mira, REDO, options={"scene": found.name}))

    assert len(stage.asked_now("The well of Idra.")) == 3
    assert len(stage.asked_now("The gate of Idra.")) == 1


async def test_aspects_and_styles_are_suggested(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord

    aspects = await discord.autocomplete(channel, mira, REDO, {"aspect": "16"}, "aspect")
    styles = await discord.autocomplete(channel, mira, REDO, {}, "style")

    assert {choice.value for choice in aspects} == {"9:16", "16:9"}
    assert {"console", "anime", "storybook"} <= {choice.value for choice in styles}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scene": "never heard of"}, "That scene is no longer on record"),
        ({"aspect": "17:3"}, "That aspect ratio isn't available"),
        ({"style": "cubism"}, "There's no style by that name"),
    ],
)
async def test_what_cannot_be_done_is_said(
    stage: Stage, channel: Channel, mira: User, options: dict[str, str], sentence: str
) -> None:
    await stage.request(channel, "A plain day.")
    await stage.picture(channel)
    await stage.settled(channel)
    before = len(stage.sandbox.gemini.requests)

    answer = await stage.sandbox.discord.run_command(channel, mira, REDO, options=options)

    assert (await ended(answer)).startswith(sentence)
    assert len(stage.sandbox.gemini.requests) == before


async def test_a_channel_without_a_scene(stage: Stage, channel: Channel, mira: User) -> None:
    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)

    assert "No scenes here yet" in await ended(answer)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([blocked_prompt()] * 3, "The painter declined"),
        ([finished("IMAGE_SAFETY")] * 2, "safety filter blocked"),
        ([wrong_key()], "isn't set up correctly"),
    ],
)
async def test_a_refusal_and_a_failure_end_in_a_sentence_and_something_to_click(
    stage: Stage, channel: Channel, mira: User, given: list[Answer], sentence: str
) -> None:
    await stage.request(channel, "A dangerous day.")
    await stage.picture(channel)
    await stage.settled(channel)
    stage.sandbox.gemini.script(*given)

    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)
    text = await ended(answer)

    assert sentence in text
    assert "Gemini answered" not in text, "the service's own words are for the operator"
    assert len(stage.posts(channel)) == 1
    assert answer.original is not None
    another = answer.original.button("Try again").custom_id
    assert (await ended(await stage.sandbox.discord.press(answer.original, another, mira))).startswith(
        "Here's your picture:"
    )


async def test_one_person_waits_for_their_picture_and_a_channel_for_its_three(stage: Stage, channel: Channel) -> None:
    discord = stage.sandbox.discord
    await stage.request(channel, "A crowded market.")
    await stage.picture(channel)
    await stage.settled(channel)
    people = [discord.add_user(name) for name in ("Ann", "Bea", "Cid", "Dan")]
    stage.sandbox.gemini.script(*[picture(portrait(color), delay=2.0) for color in ("red", "green", "blue")])

    running = [await discord.run_command(channel, person, REDO) for person in people[:3]]
    await wait_until(lambda: all(answer.content for answer in running), timeout=TIMEOUT_SECONDS)
    greedy = await discord.run_command(channel, people[0], REDO)
    late = await discord.run_command(channel, people[3], REDO)

    assert (
        await ended(greedy)
        == "You already have a picture in progress. Wait for it, or cancel it with `/scene-art cancel`."
    )
    assert "This channel already has 3 pictures in progress" in await ended(late)
    for answer in running:
        assert (await ended(answer)).startswith("Here's your picture:")
    assert len(stage.posts(channel)) == 4
    assert (await ended(await discord.run_command(channel, people[3], REDO))).startswith("Here's your picture:")


async def test_two_people_press_the_button_at_once(stage: Stage, channel: Channel) -> None:
    discord = stage.sandbox.discord
    await stage.request(channel, "A coin is tossed.")
    message = await stage.picture(channel)
    await stage.settled(channel)
    people = [discord.add_user("Ann"), discord.add_user("Bea")]
    press = message.button("Rerender").custom_id

    answers = await asyncio.gather(*(discord.press(message, press, person) for person in people))
    links = {await ended(answer) for answer in answers}

    assert len(links) == 2, "each gets a picture of their own"
    assert len(stage.posts(channel)) == 3


async def test_a_rerender_is_not_dropped_by_the_cooldown_and_an_expired_line_does_not_end_it(
    stage: Stage, channel: Channel, mira: User
) -> None:
    await stage.request(channel, "A slow tide.")
    await stage.picture(channel)
    await stage.settled(channel)
    stage.sandbox.gemini.script(picture(portrait("navy"), delay=0.5))

    answer = await stage.sandbox.discord.run_command(channel, mira, REDO)
    await answer.wait_for(lambda a: a.content)
    stage.sandbox.discord.expire_interactions()

    assert (await stage.pictures(channel, 2))[1].attachments[0].data == portrait("navy")


async def test_in_a_direct_message_the_link_leads_there(stage: Stage, mira: User) -> None:
    conversation = stage.sandbox.discord.add_dm(mira)
    await stage.request(conversation, "A letter arrives.")
    message = await stage.picture(conversation)
    await stage.settled(conversation)

    answer = await stage.sandbox.discord.press(message, message.button("Rerender").custom_id, mira)

    assert (await ended(answer)).startswith(f"Here's your picture: https://discord.com/channels/@me/{conversation.id}/")


async def test_the_button_of_another_channels_scene_paints_nothing(stage: Stage, channel: Channel, mira: User) -> None:
    await stage.request(channel, "A sealed door.")
    await stage.picture(channel)
    await stage.settled(channel)
    other = stage.channel()
    [scene] = await stage.scenes(channel)

    answer = await stage.sandbox.discord.run_command(other, mira, REDO, options={"scene": scene["id"]})

    assert "That scene is no longer on record" in await ended(answer)


@pytest.mark.asyncio(loop_scope="function")
async def test_a_button_works_after_a_restart_of_the_bot(redis_url: str) -> None:
    async with open_stage(redis_url, painter="storyboard") as stage:
        channel = stage.channel()
        mira = stage.sandbox.discord.add_user("Mira")
        await stage.request(channel, "A door that stays.")
        message = await stage.picture(channel)
        await stage.settled(channel)
        await stage.bot.close()

        async with running_bot(stage.sandbox):
            answer = await stage.sandbox.discord.press(message, message.button("Rerender").custom_id, mira)
            text = await ended(answer)

    assert text.startswith("Here's your picture:")
    assert len(stage.posts(channel)) == 2


@pytest.mark.asyncio(loop_scope="function")
async def test_without_redis_the_command_ends_in_a_sentence() -> None:
    async with without_redis() as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")

        text = await ended(await stage.sandbox.discord.run_command(channel, mira, REDO))

    assert "can't reach its database" in text

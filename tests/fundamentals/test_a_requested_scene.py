"""The main job: a game asks for a picture, and a few seconds later it stands in the channel."""

from __future__ import annotations

import hashlib

from cogs.scene_art import publish_art_request
from cogs.scene_art.safety import DIRECTIVE
from sandbox.gemini_answers import picture
from tests.stage import Stage, portrait

STORY = "The lantern goes out. Mira draws her sword while Tobin and Old Wren hold the gate."


async def test_a_request_with_three_characters_becomes_one_message(stage: Stage) -> None:
    channel = stage.channel()
    narrative = stage.sandbox.discord.say(channel, "S.N.E.S.", STORY)
    names = ["Mira", "Tobin", "Old Wren"]
    colors = ["red", "green", "blue"]
    urls = [stage.sandbox.files.add(f"{color}.png", portrait(color)) for color in colors]
    painted = portrait("purple", (640, 360))
    stage.sandbox.gemini.script(picture(painted))

    assert await publish_art_request(
        stage.redis,
        channel_id=channel.id,
        narrative=STORY,
        character_names=names,
        character_urls=urls,
        game_name="The Lantern Road",
        message_id=narrative.id,
        guild_id=stage.guild.id,
    )
    message = await stage.picture(channel)

    [file] = message.attachments
    assert file.filename == f"scene_{hashlib.sha256(painted).hexdigest()[:12]}.png"
    assert file.data == painted, "the painter's own bytes go out untouched"
    assert STORY in (file.description or "")
    assert "With Stargazer, Mira, Tobin, Old Wren." in (file.description or "")
    assert message.reference == narrative.id
    assert message.mentions == []
    assert message.content == ""
    assert 0 < len(message.nonce or "") <= 25
    assert message.button("Rerender").custom_id.startswith("scene_art:rerender:")

    [asked] = stage.sandbox.gemini.requests
    assert asked.system == DIRECTIVE, "the safety directive is the system instruction"
    assert [reference.label for reference in asked.references] == [
        "Image 1 is Stargazer, the game master: likeness only.",
        "Image 2 is Mira: likeness only.",
        "Image 3 is Tobin: likeness only.",
        "Image 4 is Old Wren: likeness only.",
    ]
    assert asked.image_config["aspectRatio"] == "16:9"
    cast = next(text for text in asked.texts if text.startswith("The cast, complete"))
    assert [line.split(" (")[0].split(":")[0] for line in cast.splitlines()[1:]] == [
        "- Stargazer",
        "- Mira",
        "- Tobin",
        "- Old Wren",
    ]
    assert f"«««\n{STORY}\n»»»" in asked.texts[-2], "the story is quoted"
    assert asked.texts[-1].startswith("Paint this scene as one single picture")
    assert [stage.sandbox.files.hits(f"{color}.png") for color in colors] == [1, 1, 1]


async def test_a_long_story_is_cut_on_a_word_and_keeps_the_rest_of_the_prompt(quick_stage: Stage) -> None:
    channel = quick_stage.channel()
    words = " ".join(f"word{number:04}" for number in range(330))

    await quick_stage.request(channel, words)
    asked = await quick_stage.asked("word0000")
    await quick_stage.picture(channel)

    scene = asked.scene
    assert 1_980 < len(scene) <= 2_000
    assert scene.endswith("…")
    assert scene.removesuffix("…").split(" ")[-1] in words.split(" ")
    assert "one single picture" in asked.texts[-1]


async def test_it_works_in_threads_and_in_direct_messages(quick_stage: Stage) -> None:
    discord = quick_stage.sandbox.discord
    thread = discord.add_thread(quick_stage.channel(), "a side quest")
    conversation = discord.add_dm(discord.add_user("Mira"))

    for place in (thread, conversation):
        await quick_stage.request(place, f"A quiet moment in {place.name}.")
        message = await quick_stage.picture(place)
        assert message.button("Rerender")

"""`/scene-art rerender` and the button: begun at once, told while it works, ended in a post or a sentence."""

from __future__ import annotations

import asyncio
import re

import pytest

from sandbox import Message, gemini_answers, wait_until
from tests.running import PATIENCE_SECONDS, Running, png, running

DONE = 20.0


async def one_scene(house: Running, narrative: str = "The bridge sways.", **fields: object) -> Message:
    await house.request(narrative, **fields)
    return (await house.wait_for_pictures(1))[0]


def rerender_button(message: Message) -> str:
    return message.buttons[0].custom_id


async def test_the_command_paints_the_last_scene_again_and_tells_what_it_does(
    any_redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(any_redis_url, monkeypatch, SCENE_ART_REFERENCE_FRESH_SECONDS="0") as house:
        url = house.sandbox.files.add("mira.png", png("red"), delay=1.2)
        await one_scene(house, character_names=["Mira"], character_urls=[url], message_id="1099511627776000002")
        mira = house.sandbox.discord.add_user("Mira")
        house.sandbox.gemini.script(gemini_answers.picture(png("teal", (320, 180)), delay=1.5))

        answer = await house.sandbox.discord.run_command(
            house.channel,
            mira,
            "scene-art rerender",
            {"notes": "more fog", "aspect": "1:1", "style": "storybook"},
        )
        assert answer.deferred
        assert answer.ephemeral
        await answer.wait_for(lambda now: "Here it is" in (now.content or ""), DONE)

        told = "\n".join(answer.history)
        assert "fetching 1 of 2" in told
        assert "Painting …" in told
        first, again = house.pictures()
        link = re.search(r"channels/(\d+)/(\d+)/(\d+)", answer.content or "")
        assert link is not None
        assert [int(part) for part in link.groups()] == [house.guild.id, house.channel.id, again.id]
        assert first.attachments[0].data != again.attachments[0].data
        asked = house.sandbox.gemini.requests[-1]
        prompt = "\n".join(asked.texts)
        assert "«more fog»" in prompt
        assert "watercolour" in prompt
        assert "The bridge sways." in prompt
        assert asked.image_config["aspectRatio"] == "1:1"


async def test_the_button_works_after_a_restart_of_the_bot(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(redis_url, monkeypatch, SCENE_ART_COOLDOWN_SECONDS="600") as house:
        message = await one_scene(house)
        await house.bots[0].close()
        await house.start_bot()
        mira = house.sandbox.discord.add_user("Mira")

        answer = await house.sandbox.discord.press(message, rerender_button(message), mira)
        await answer.wait_for(lambda now: "Here it is" in (now.content or ""), DONE)

        assert len(house.pictures()) == 2
        assert rerender_button(house.pictures()[1]) != rerender_button(message)


async def test_it_ends_in_a_sentence_when_there_is_no_picture(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(redis_url, monkeypatch) as house:
        mira = house.sandbox.discord.add_user("Mira")

        async def ask(**options: str) -> str:
            answer = await house.sandbox.discord.run_command(house.channel, mira, "scene-art rerender", options)
            await answer.wait_for(lambda now: (now.content or "").endswith("."), DONE)
            return answer.content or ""

        assert "There is no scene in this channel yet." in await ask()
        await one_scene(house)
        assert "I do not know that scene any more." in await ask(scene="something else")
        assert "I do not know that aspect." in await ask(aspect="wide")
        assert "I do not know that style." in await ask(style="oil")
        house.sandbox.gemini.script(gemini_answers.finished("IMAGE_SAFETY"))
        assert "safety check" in await ask()
        assert len(house.pictures()) == 1


async def test_scenes_can_be_chosen_also_by_the_label_that_autocomplete_sent_back(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(redis_url, monkeypatch) as house:
        await one_scene(house, "The bridge sways.")
        await house.request("The tower burns.")
        await house.wait_for_pictures(2)
        mira = house.sandbox.discord.add_user("Mira")
        await wait_until(lambda: True)

        choices = await house.sandbox.discord.autocomplete(
            house.channel, mira, "scene-art rerender", {"scene": "bridge"}, focused="scene"
        )
        (choice,) = choices
        assert "The bridge sways." in choice.name
        for value in (choice.value, choice.name):
            count = len(house.pictures())
            answer = await house.sandbox.discord.run_command(
                house.channel, mira, "scene-art rerender", {"scene": value}
            )
            await answer.wait_for(lambda now: "Here it is" in (now.content or ""), DONE)
            await house.wait_for_pictures(count + 1)
            assert "The bridge sways." in (house.pictures()[-1].attachments[0].description or "")


async def test_two_people_pressing_at_once_each_get_their_picture_and_nobody_gets_two(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(redis_url, monkeypatch) as house:
        message = await one_scene(house)
        people = [house.sandbox.discord.add_user(name) for name in ("Mira", "Tobin")]
        slow = gemini_answers.picture(png("teal", (320, 180)), delay=1.0)
        house.sandbox.gemini.script(slow, slow)

        press = house.sandbox.discord.press
        answers = await asyncio.gather(*(press(message, rerender_button(message), person) for person in people))
        await wait_until(lambda: len(house.sandbox.gemini.requests) == 3, timeout=PATIENCE_SECONDS)
        greedy = await press(message, rerender_button(message), people[0])
        await greedy.wait_for(lambda now: "still painting for you" in (now.content or ""), DONE)

        for answer in answers:
            await answer.wait_for(lambda now: "Here it is" in (now.content or ""), DONE)
        assert len(house.pictures()) == 3

"""Who is hidden is in no picture that goes along to the painter, wherever it comes from, whatever they were called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sandbox import Channel, User
from tests.stage import Stage, ended, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME, LATER = "Ysolde", "Captain Brandt"
BEFORE, PLACE = "is the picture before this one", "is the place «Salt Market»"
TEAL = ("teal.png", portrait("teal"))
REFUSED = "it shows someone who is hidden now"


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """One in a server of its own: wishes and places are a server's."""
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("Another guild"), "story")


async def play(stage: Stage, channel: Channel, player: User, name: str = NAME, **more: str) -> None:
    session = {"active": True, "game_name": "Lanterns", "players": [str(player.id)]}
    await stage.remember(f"game:session:{channel.id}", session)
    await stage.remember(f"game:character:{player.id}", {"name": name, **more})


async def hide(stage: Stage, channel: Channel, person: User, **options: str) -> None:
    assert "Hidden." in await stage.typed(channel, person, "cast hide", **options)


async def shown(stage: Stage, channel: Channel, story: str, **fields: Any) -> str:
    """The whole prompt of a scene that the game asks for; addresses in its story do not stand there."""
    await stage.shown(channel, story, **fields)
    return "\n".join(stage.asked_now(story.partition(" http")[0])[-1].texts)


async def references(stage: Stage, channel: Channel, story: str) -> dict[str, dict[str, Any]]:
    scene = next(scene for scene in await stage.scenes(channel) if scene["narrative"] == story)
    return {reference["name"]: reference for reference in scene["brief"]["references"]}


@pytest.mark.parametrize("names", [[NAME], []], ids=["by the event", "by the story alone"])
async def test_the_picture_before_stays_out_also_when_it_was_drawn_under_an_old_name(
    stage: Stage, channel: Channel, mira: User, names: Sequence[str]
) -> None:
    await play(stage, channel, mira)
    await shown(stage, channel, f"{NAME} crosses the old bridge.", character_names=names)
    assert BEFORE in await shown(stage, channel, f"{NAME} turns around.", character_names=names)
    await play(stage, channel, mira, LATER)
    await hide(stage, channel, mira)

    story = "Only rain falls on the bridge."
    assert BEFORE not in await shown(stage, channel, story)
    assert (await references(stage, channel, story))["the picture before"]["missing_because"] == (
        "it shows somebody who wishes not to be depicted"
    )
    assert REFUSED in await stage.pressed(stage.posts(channel)[-1], "Why?", mira)
    assert BEFORE in await shown(stage, channel, "Still it rains."), "a picture without them goes along"
    assert "silhouette" in await shown(stage, channel, f"{LATER} comes back.")


async def test_a_picture_with_somebody_hidden_is_not_varied_after_a_new_name_either(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await play(stage, channel, mira)
    message = await stage.shown(channel, f"{NAME} waits for the ferry.", character_names=[NAME])
    await play(stage, channel, mira, LATER)
    await hide(stage, channel, mira)
    assert "someone who is hidden now" in await stage.pressed(message, "Vary", tom)


async def test_a_picture_of_somebody_hidden_is_not_pinned_and_one_pinned_before_stays_out(
    stage: Stage, channel: Channel, mira: User, guard: User
) -> None:
    await play(stage, channel, mira)
    await stage.shown(channel, f"{NAME} buys a lamp.", character_names=[NAME])
    assert "Pinned." in await stage.typed(channel, guard, "place pin", name="Salt Market")
    await stage.shown(channel, "An empty quay at dawn.")
    assert "Pinned." in await stage.typed(channel, guard, "place pin", name="Grey Quay")
    assert channel.guild is not None
    other = stage.sandbox.discord.add_text_channel(channel.guild, "elsewhere")
    story = "They meet at Salt Market, near Grey Quay."
    assert PLACE in await shown(stage, other, story)

    await play(stage, channel, mira, LATER)
    await hide(stage, channel, mira)

    told = await stage.typed(channel, guard, "place pin", name="Lamp Street", scene=f"{NAME} buys a lamp.")
    assert told == "That picture shows someone who is hidden now. Choose another one."
    later = "They come back to Salt Market, near Grey Quay."
    prompt = await shown(stage, other, later)
    assert PLACE not in prompt
    assert "is the place «Grey Quay»" in prompt
    assert (await references(stage, other, later))["Salt Market"]["missing_because"].startswith("it shows somebody")
    assert REFUSED in await stage.pressed(stage.posts(other)[-1], "Why?", mira)
    await stage.typed(channel, mira, "cast unhide")
    assert PLACE in await shown(stage, other, "Once more at Salt Market.")


async def test_an_added_picture_stays_out_of_a_scene_that_names_somebody_hidden_and_of_no_other(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await hide(stage, channel, mira, name=NAME)
    for text, cast, goes in (
        ("A feast in the hall.", "", True),
        (f"{NAME} at the feast.", "", False),
        ("Another feast.", NAME.upper(), False),
    ):
        await stage.typed(channel, tom, "draw", text=text, cast=cast, reference1=TEAL)
        prompt = "\n".join(stage.asked_now(text)[-1].texts)
        assert ("a picture that a player added" in prompt) is goes, text


async def test_the_address_of_a_hidden_persons_picture_shows_nobody_whoever_gives_it(
    stage: Stage, channel: Channel, mira: User
) -> None:
    url = stage.sandbox.files.add("herself.png", TEAL[1])
    await play(stage, channel, mira, image_url=url)
    await hide(stage, channel, mira)

    prompt = await shown(stage, channel, f"Look at this: {url}?size=2 (a cat).")
    assert "a picture shown in the story" not in prompt
    names = {"character_names": ["Cat"], "character_urls": [f"{url}?size=3"]}
    assert "is «Cat»" not in await shown(stage, channel, "The cat is here.", **names)
    assert (await references(stage, channel, "The cat is here."))["Cat"]["missing_because"].startswith("it shows some")
    other = stage.sandbox.files.add("cat.png", TEAL[1])
    assert "a picture shown in the story" in await shown(stage, channel, f"Now see: {other} (a cat).")
    assert "a picture shown in the story" not in await shown(stage, channel, f"{NAME} is here: {other}")


async def test_a_scenes_picture_is_no_look_once_somebody_in_it_is_hidden(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await play(stage, channel, mira)
    message = await stage.shown(channel, f"{NAME} and a dog.", character_names=[NAME])

    async def give(name: str) -> str:
        form = await stage.sandbox.discord.run_message_command(message, tom, "Use as look of…")
        return await ended(await stage.sandbox.discord.submit_modal(form, {"name": name}))

    assert "Look added" in await give("Rex")
    assert "is «Rex»" in await shown(stage, channel, "Rex barks.", character_names=["Rex"])
    await hide(stage, channel, mira)
    assert "is «Rex»" not in await shown(stage, channel, "Rex sleeps.", character_names=["Rex"])
    assert "shows someone who is hidden now" in await give("Wolf")


async def test_a_recap_tells_the_scenes_of_a_hidden_person_without_their_pictures(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    await play(stage, channel, mira)
    await stage.shown(channel, f"{NAME} arrives.", character_names=[NAME])
    await stage.shown(channel, "Nobody is left.")
    await play(stage, channel, mira, LATER)
    await hide(stage, channel, mira)

    answer = await stage.sandbox.discord.run_command(channel, tom, "scene-art recap")
    text = await ended(answer)
    assert "1 picture shows someone who is hidden now; its text is shown instead." in text
    assert answer.original is not None
    html = answer.original.attachments[1].data.decode()
    assert (html.count("<figure>"), html.count("<img ")) == (2, 1)

"""The recap: the last session as a page and as a chapter."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from cogs.scene_art.lanes import SERVER_WAITS, YOURS_WAIT
from cogs.scene_art.services.recap import RECAPS
from sandbox import Channel, User
from tests.stage import Stage, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_session_is_bound_with_the_newest_picture_of_each_scene(
    stage: Stage, channel: Channel, mira: User
) -> None:
    for number in (1, 2, 3):
        await stage.shown(channel, f"Chapter {number} begins. <b>Not bold.</b>", game_name="Lantern Keep")
    await stage.pressed(stage.posts(channel)[0], "Rerender", mira)
    stage.sandbox.discord.delete(stage.posts(channel)[1])

    answer = await stage.sandbox.discord.run_command(channel, mira, "scene-art recap")
    text = await ended(answer)

    assert text.startswith("Recap of the last session (3 scenes)")
    assert "1 picture is gone" in text
    assert answer.original is not None
    page, chapter = answer.original.attachments
    assert "Chapter 1 begins." in str(page.description)
    with Image.open(io.BytesIO(page.data)) as opened:
        assert opened.width == 1_600
    html = chapter.data.decode()
    assert html.count("<figure>") == 3
    assert html.count("<img ") == 2
    assert "Lantern Keep" in html
    assert "&lt;b&gt;Not bold.&lt;/b&gt;" in html


async def test_without_a_picture_there_is_nothing_to_bind(stage: Stage, channel: Channel, mira: User) -> None:
    assert (await stage.typed(channel, mira, "recap")).startswith("No pictures here yet.")


class Presses:
    """Recaps that are asked for, and in which order their answers end."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.ended: list[tuple[str, str]] = []

    async def ask(self, channel: Channel, person: User) -> None:
        text = await self._stage.typed(channel, person, "recap")
        self.ended.append((person.name, text))

    def made(self, *names: str) -> list[str]:
        """Whose recaps were made, in order; of those names, if there are any."""
        return [name for name, text in self.ended if text.startswith("Recap of") and (not names or name in names)]


async def test_twenty_five_recaps_of_one_person_delay_no_other_servers(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    discord = stage.sandbox.discord
    elsewhere = discord.add_text_channel(discord.add_guild("The Salt Road"), "story")
    for place in (channel, elsewhere):
        for number in range(4):
            await stage.shown(place, f"Chapter {number} begins.")
    presses = Presses(stage)

    flood = [asyncio.create_task(presses.ask(channel, mira)) for _ in range(25)]
    await asyncio.sleep(0)
    await presses.ask(elsewhere, tom)
    made_before = presses.made()
    await asyncio.gather(*flood)

    assert len(made_before) <= 2, "one of hers, and his"
    told = [text for name, text in presses.ended if name == "Mira"]
    assert 1 <= len(presses.made("Mira")) <= 3
    assert told.count(str(YOURS_WAIT)) == 25 - len(presses.made("Mira"))


async def test_a_crowd_of_one_server_delays_no_other_ones_recap(stage: Stage, channel: Channel, tom: User) -> None:
    discord = stage.sandbox.discord
    elsewhere = discord.add_text_channel(discord.add_guild("The Salt Road"), "story")
    for place in (channel, elsewhere):
        for number in range(4):
            await stage.shown(place, f"Chapter {number} begins.")
    crowd = [discord.add_user(f"Guest {number}") for number in range(25)]
    presses = Presses(stage)

    flood = [asyncio.create_task(presses.ask(channel, guest)) for guest in crowd]
    await asyncio.sleep(0)
    await presses.ask(elsewhere, tom)
    made_before = presses.made(*(guest.name for guest in crowd))
    await asyncio.gather(*flood)

    assert len(made_before) <= RECAPS.at_once_of_server + 1
    assert len(presses.made()) >= RECAPS.inside_of_server + 1
    assert {text for _, text in presses.ended if not text.startswith("Recap of")} == {str(SERVER_WAITS)}

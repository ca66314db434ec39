"""The recap: the last session as a page and as a chapter."""

from __future__ import annotations

import io

import pytest
from PIL import Image

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

"""Places: pinned once, shown to the painter whenever a story names them."""

from __future__ import annotations

import pytest

from sandbox import Channel, User
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_pinned_place_goes_along_whenever_it_is_named(
    stage: Stage, channel: Channel, tom: User, guard: User
) -> None:
    await stage.shown(channel, "The great hall, lit by a thousand candles.")
    assert await stage.typed(channel, guard, "place pin", name="Hall of Orr") == (
        "Pinned. From now on, this picture is the reference whenever the story mentions Hall of Orr."
    )

    other = stage.channel()
    await stage.shown(other, "They meet again in the Hall of Orr, at night.")
    [asked] = stage.asked_now("They meet again in the Hall of Orr, at night.")
    assert any("is the place «Hall of Orr»: keep its look." in text for text in asked.texts)
    assert await stage.typed(other, tom, "place list") == "Pinned places: Hall of Orr."
    choices = await stage.sandbox.discord.autocomplete(other, tom, "scene-art place unpin", {"name": "hall"}, "name")
    assert [choice.value for choice in choices] == ["Hall of Orr"]

    refused = await stage.typed(other, tom, "place unpin", name="Hall of Orr")
    assert not refused.startswith("Unpinned.")
    assert (await stage.typed(other, guard, "place unpin", name="hall of ORR")).startswith("Unpinned.")
    assert "No places are pinned yet." in await stage.typed(other, tom, "place list")


async def test_a_place_that_nobody_pinned_and_a_picture_that_is_gone(
    stage: Stage, channel: Channel, guard: User
) -> None:
    assert "There's no pinned place by that name" in await stage.typed(
        channel, guard, "place unpin", name="Somewhere Else"
    )
    assert "No scenes here yet" in await stage.typed(channel, guard, "place pin", name="Somewhere Else")
    stage.sandbox.discord.delete(await stage.shown(channel))
    assert "is gone" in await stage.typed(channel, guard, "place pin", name="Somewhere Else")

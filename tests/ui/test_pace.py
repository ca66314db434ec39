"""How fast somebody may press and type: whoever does it too fast is told so at once, and nobody else notices."""

from __future__ import annotations

import asyncio

import pytest

from cogs.scene_art.services.rates import TOO_FAST, TYPING, USING
from sandbox import Channel, User
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
FLOOD = 250


async def test_who_presses_too_fast_is_told_so_and_others_are_answered(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    message = await stage.shown(channel)

    told = await asyncio.gather(*(stage.pressed(message, "Why?", mira) for _ in range(FLOOD)))
    refused = told.count(str(TOO_FAST))

    assert FLOOD - USING.person.burst >= refused > 0
    assert all(text.startswith("**How this picture was made**") for text in told if text != TOO_FAST)
    assert (await stage.pressed(message, "Why?", tom)).startswith("**How this picture was made**")


async def test_commands_and_buttons_are_paced_together(stage: Stage, channel: Channel, mira: User) -> None:
    message = await stage.shown(channel)
    await asyncio.gather(*(stage.pressed(message, "Why?", mira) for _ in range(FLOOD)))

    told = await asyncio.gather(*(stage.typed(channel, mira, "cast show") for _ in range(20)))

    assert str(TOO_FAST) in told


async def test_who_types_too_fast_gets_no_suggestions_for_a_moment_and_may_still_press(
    stage: Stage, channel: Channel, mira: User
) -> None:
    message = await stage.shown(channel)
    discord = stage.sandbox.discord

    listed = await asyncio.gather(
        *(discord.autocomplete(channel, mira, "scene-art rerender", {"scene": ""}, "scene") for _ in range(FLOOD))
    )

    assert FLOOD > sum(map(bool, listed)) >= TYPING.person.burst
    assert (await stage.pressed(message, "Why?", mira)).startswith("**How this picture was made**")

"""A line that says what is being done, edited in place until the picture is there."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from ..errors import SceneArtError
from ..scene import Scene, SceneState
from ..studio import Studio

log = logging.getLogger(__name__)

EDIT_EVERY_SECONDS = 0.8
"""Discord allows about five edits in five seconds; this leaves room for others."""
TOKEN_SECONDS = 14 * 60.0
"""An interaction's token lives 15 minutes; nothing can be edited afterwards."""

OUT_OF_REACH = "My notebook (Redis) is out of reach just now. Please try again in a minute."

Begin = Callable[[Studio], Awaitable[Scene]]


async def run_and_show(interaction: discord.Interaction[Any], studio: Studio | None, begin: Begin) -> None:
    """Answer `interaction` at once, begin the work, and keep the answer up to date until it ends.

    Only the person who asked sees the line. It always ends in a sentence.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    if studio is None:
        await _edit(interaction, OUT_OF_REACH)
        return
    try:
        scene = await begin(studio)
    except SceneArtError as exc:
        await _edit(interaction, exc.sentence)
        return
    await _show(interaction, studio, scene)


async def _show(interaction: discord.Interaction[Any], studio: Studio, begun: Scene) -> None:
    scene, line, last_edit = begun, _line(begun, interaction), time.monotonic()
    await _edit(interaction, line)
    try:
        async with asyncio.timeout(TOKEN_SECONDS):
            async for scene in studio.follow(begun):
                news = _line(scene, interaction)
                due = scene.state.finished or time.monotonic() - last_edit >= EDIT_EVERY_SECONDS
                if news != line and due:
                    line, last_edit = news, time.monotonic()
                    await _edit(interaction, line)
    except TimeoutError:
        log.info("scene %s: still not finished when the interaction expired; its line stays as it is", scene.id)
        return
    if not scene.state.finished:
        await _edit(interaction, "I lost track of this picture. If it does not appear soon, please ask again.")


def _line(scene: Scene, interaction: discord.Interaction[Any]) -> str:
    """What to tell the person who waits."""
    if scene.state is SceneState.POSTED:
        place = interaction.guild_id or "@me"
        return f"Here it is: https://discord.com/channels/{place}/{scene.channel_id}/{scene.message_id}"
    if scene.state.finished:
        return scene.sentence or "This picture was not made. Please try again."
    steps = {"": "Waiting for a free brush", "painting": "Painting", "posting": "Posting"}
    return f"{steps.get(scene.progress, f'Looking at the cast: {scene.progress}')} …"


async def _edit(interaction: discord.Interaction[Any], text: str) -> None:
    """Edit the answer. That it cannot be edited any more (deleted, expired) must not end the work."""
    try:
        await interaction.edit_original_response(content=text, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        log.debug("A progress line could not be edited (%s)", type(exc).__name__)

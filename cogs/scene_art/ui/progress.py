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
RetryView = Callable[[Scene], discord.ui.View]


async def run_and_show(
    interaction: discord.Interaction[Any], studio: Studio | None, begin: Begin, retry_view: RetryView
) -> None:
    """Answer `interaction` at once, begin the work, and keep the answer up to date until it ends.

    Only the person who asked sees the line. It always ends in a sentence; where there is no picture, with
    `retry_view` below it, to click for another try.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    if studio is None:
        await say(interaction, OUT_OF_REACH)
        return
    try:
        scene = await begin(studio)
    except SceneArtError as exc:
        await say(interaction, exc.sentence)
        return
    ended = await _show(interaction, studio, scene)
    if ended is not None:
        view = None if ended.state is SceneState.POSTED else retry_view(ended)
        await say(interaction, _line(ended, interaction), view)


async def _show(interaction: discord.Interaction[Any], studio: Studio, begun: Scene) -> Scene | None:
    """Keeps the line up to date; the scene at its end, or None when there is nothing more to show."""
    scene, line, last_edit = begun, _line(begun, interaction), time.monotonic()
    await say(interaction, line)
    try:
        async with asyncio.timeout(TOKEN_SECONDS):
            async for scene in studio.follow(begun):
                news = _line(scene, interaction)
                due = time.monotonic() - last_edit >= EDIT_EVERY_SECONDS
                if news != line and due and not scene.state.finished:
                    line, last_edit = news, time.monotonic()
                    await say(interaction, line)
    except TimeoutError:
        log.info("scene %s: still not finished when the interaction expired; its line stays as it is", scene.id)
        return None
    if scene.state.finished:
        return scene
    await say(interaction, "I lost track of this picture. If it does not appear soon, please ask again.")
    return None


def _line(scene: Scene, interaction: discord.Interaction[Any]) -> str:
    """What to tell the person who waits."""
    if scene.state is SceneState.POSTED:
        if scene.message_id is None:
            return "The picture was posted, and somebody deleted it."
        place = interaction.guild_id or "@me"
        link = f"https://discord.com/channels/{place}/{scene.channel_id}/{scene.message_id}"
        return f"Here it is: {link} {scene.sentence}".rstrip()
    if scene.state.finished:
        return scene.sentence or "This picture was not made. Please try again."
    if scene.resume_at is not None:
        return f"{scene.sentence} I go on by myself <t:{int(scene.resume_at)}:R>."
    steps = {"": "Waiting for a free brush", "painting": "Painting", "painted": "Posting", "posting": "Posting"}
    return f"{steps.get(scene.progress, f'Looking at the cast: {scene.progress}')} …"


async def say(interaction: discord.Interaction[Any], text: str, view: discord.ui.View | None = None) -> None:
    """Edit the deferred answer. That it cannot be edited any more (deleted, expired) must not end the work."""
    if view is not None:
        # Its button is found by its id; the library need not remember the view.
        view.stop()
    nobody = discord.AllowedMentions.none()
    try:
        await interaction.edit_original_response(content=text, view=view, allowed_mentions=nobody)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        log.debug("A progress line could not be edited (%s)", type(exc).__name__)

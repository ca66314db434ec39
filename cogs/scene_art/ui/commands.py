"""The slash commands under `/scene-art`. They translate between Discord and the studio, nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from ..errors import SceneArtError
from ..painters.models import RATIOS_14
from ..scene import Scene
from ..studio import NOTES_LIMIT, Studio
from .person import person_of
from .progress import run_and_show

log = logging.getLogger(__name__)

MAX_CHOICES = 25
MAX_LABEL = 100

Choices = list[app_commands.Choice[str]]


class SceneArtCommands(app_commands.Group):
    """`/scene-art …`"""

    def __init__(
        self, find_studio: Callable[[], Studio | None], retry_view: Callable[[Scene], discord.ui.View]
    ) -> None:
        super().__init__(name="scene-art", description="Pictures of the game's scenes")
        self._find_studio = find_studio
        self._retry_view = retry_view

    @app_commands.command(name="rerender", description="Paint a scene of this channel again")
    @app_commands.describe(
        scene="Which scene; the last one if you leave it empty",
        notes="What should be different, in your words",
        aspect="The picture's shape, such as 16:9",
        style="The picture's look",
    )
    async def rerender(
        self,
        interaction: discord.Interaction[Any],
        scene: str = "",
        notes: app_commands.Range[str, 0, NOTES_LIMIT] = "",
        aspect: str = "",
        style: str = "",
    ) -> None:
        """Paint the last or a chosen scene again."""
        await run_and_show(
            interaction,
            self._find_studio(),
            lambda studio: studio.rerender(
                str(interaction.channel_id),
                by=person_of(interaction),
                # Discord sends text; a client of somebody's own may have sent anything.
                scene=str(scene),
                notes=str(notes),
                aspect=str(aspect),
                style=str(style),
            ),
            self._retry_view,
        )

    @rerender.autocomplete("scene")
    async def _choose_scene(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        studio = self._find_studio()
        if studio is None:
            return []
        try:
            scenes = await studio.recent(str(interaction.channel_id), by=person_of(interaction))
        except SceneArtError as exc:
            log.debug("No scenes to choose from: %s", exc.detail)
            return []
        now = time.time()
        return _matching(current, [(_label(scene, now), scene.id) for scene in scenes])

    @rerender.autocomplete("aspect")
    async def _choose_aspect(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return _matching(current, [(ratio, ratio) for ratio in RATIOS_14])

    @rerender.autocomplete("style")
    async def _choose_style(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        studio = self._find_studio()
        return _matching(current, [(style.name, style.id) for style in studio.styles] if studio else [])


def _matching(current: str, labelled: list[tuple[str, str]]) -> Choices:
    wanted = str(current).casefold().strip()
    fitting = [(label, value) for label, value in labelled if wanted in label.casefold() or wanted == value]
    return [app_commands.Choice(name=label[:MAX_LABEL], value=value) for label, value in fitting[:MAX_CHOICES]]


def _label(scene: Scene, now: float) -> str:
    """Such as `4 min ago, skipped: The gate falls shut`."""
    note = "" if scene.state == "posted" else f", {scene.state}"
    head = f"{_ago(now - scene.heard_at)}{note}: "
    return head + scene.title(MAX_LABEL - len(head))


def _ago(seconds: float) -> str:
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "just now"

"""The row of buttons under a scene. Each is found by its id alone, so that it works after any restart.

An id is data from a stranger: it has to have exactly the form of its template, and the scene that it names is looked
up in the channel in which the button was pressed, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import discord

from ..errors import SceneArtError
from ..scene import Scene
from ..studio import Studio
from .person import person_of
from .progress import OUT_OF_REACH, run_and_show, say

FindStudio = Callable[[], Studio | None]
_SCENE = r"(?P<scene>[0-9a-f]{16})"


class _SceneButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"scene_art:nothing"):
    """What the buttons share: which scene they are about, and where their service is."""

    name = ""
    label = ""
    emoji = ""
    # Set by `bound_to`: discord.py builds dynamic items by itself, from the class and an id.
    find_studio: FindStudio = staticmethod(lambda: None)

    def __init__(self, scene_id: str, label: str = "") -> None:
        super().__init__(
            discord.ui.Button(
                label=label or self.label,
                emoji=self.emoji,
                style=discord.ButtonStyle.secondary,
                custom_id=f"scene_art:{self.name}:{scene_id}",
            )
        )
        self.scene_id = scene_id

    @classmethod
    def bound_to(cls, find_studio: FindStudio) -> type[Self]:
        """A class of the same button that finds its service: one per loaded extension, no global state."""

        class Bound(cls, template=cls.__discord_ui_compiled_template__):  # type: ignore[misc, valid-type, call-arg]
            pass

        Bound.find_studio = staticmethod(find_studio)
        return Bound

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        return cls(match["scene"])


class RerenderButton(_SceneButton, template=f"scene_art:rerender:{_SCENE}"):
    """Paints the scene again, with another seed."""

    name, label, emoji = "rerender", "Rerender", "🎲"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        await run_and_show(
            interaction,
            self.find_studio(),
            lambda studio: studio.rerender(str(interaction.channel_id), by=person_of(interaction), scene=self.scene_id),
            retry_view_factory(type(self)),
        )


class DeleteButton(_SceneButton, template=f"scene_art:delete:{_SCENE}"):
    """Takes the picture away: for whoever asked for it, and for moderators."""

    name, label, emoji = "delete", "Delete", "🗑️"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the person alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await say(interaction, await self._deleted(interaction))

    async def _deleted(self, interaction: discord.Interaction[Any]) -> str:
        studio = self.find_studio()
        if studio is None:
            return OUT_OF_REACH
        message_id = str(interaction.message.id) if interaction.message else ""
        try:
            await studio.delete(str(interaction.channel_id), self.scene_id, message_id, by=person_of(interaction))
        except SceneArtError as exc:
            return exc.sentence
        return "The picture is deleted. `/scene-art rerender` can still paint this scene."


@dataclass(frozen=True)
class Buttons:
    """The classes of one loaded extension's buttons."""

    rerender: type[RerenderButton]
    delete: type[DeleteButton]

    @classmethod
    def bound_to(cls, find_studio: FindStudio) -> Self:
        """Buttons that find their service."""
        return cls(RerenderButton.bound_to(find_studio), DeleteButton.bound_to(find_studio))

    @property
    def all(self) -> tuple[type[discord.ui.DynamicItem[Any]], ...]:
        """To be made known to the bot."""
        return self.rerender, self.delete

    def view_of(self, scene: Scene) -> discord.ui.View:
        """The row of buttons under a picture."""
        view = discord.ui.View(timeout=None)
        view.add_item(self.rerender(scene.id))
        view.add_item(self.delete(scene.id))
        return view

    @property
    def retry_view_of(self) -> Callable[[Scene], discord.ui.View]:
        """Makes the row of buttons under a sentence that says why there is no picture."""
        return retry_view_factory(self.rerender)


def retry_view_factory(button: type[RerenderButton]) -> Callable[[Scene], discord.ui.View]:
    """Makes the row of buttons under a sentence that says why there is no picture."""

    def view_of(scene: Scene) -> discord.ui.View:
        view = discord.ui.View(timeout=None)
        view.add_item(button(scene.id, "Try again"))
        return view

    return view_of

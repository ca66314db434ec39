"""The row of buttons under a scene. Each is found by its id alone, so that it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

import discord

from ..scene import Scene
from ..studio import Studio
from .progress import run_and_show


class RerenderButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"scene_art:rerender:(?P<scene>[0-9a-f]{16})",
):
    """Paints the scene again, with another seed."""

    # Set by `bound_to`: discord.py builds dynamic items by itself, from the class and an id.
    find_studio: Callable[[], Studio | None] = staticmethod(lambda: None)

    def __init__(self, scene_id: str, label: str = "Rerender") -> None:
        super().__init__(
            discord.ui.Button(
                label=label,
                emoji="🎲",
                style=discord.ButtonStyle.secondary,
                custom_id=f"scene_art:rerender:{scene_id}",
            )
        )
        self.scene_id = scene_id

    @classmethod
    def bound_to(cls, find_studio: Callable[[], Studio | None]) -> type[Self]:
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

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        await run_and_show(
            interaction,
            self.find_studio(),
            lambda studio: studio.rerender(
                str(interaction.channel_id), asked_by=str(interaction.user.id), scene=self.scene_id
            ),
            retry_view_factory(type(self)),
        )


def retry_view_factory(button: type[RerenderButton]) -> Callable[[Scene], discord.ui.View]:
    """Makes the row of buttons under a sentence that says why there is no picture."""

    def view_of(scene: Scene) -> discord.ui.View:
        view = discord.ui.View(timeout=None)
        view.add_item(button(scene.id, "Try again"))
        return view

    return view_of


def view_factory(button: type[RerenderButton]) -> Callable[[Scene], discord.ui.View]:
    """Makes the row of buttons of a scene."""

    def view_of(scene: Scene) -> discord.ui.View:
        view = discord.ui.View(timeout=None)
        view.add_item(button(scene.id))
        return view

    return view_of

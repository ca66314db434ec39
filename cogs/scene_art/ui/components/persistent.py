"""Buttons and lists that work after any restart: each is found by its id alone.

An id is data from a stranger: it has to have exactly the form of its template, and what it names is looked up in the
channel that its message lies in, nowhere else.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import discord

from ...domain.scene import Scene
from ...i18n import Sentence, translate
from ...services.services import FindServices
from ..context import Interaction
from ..responses import answer_errors

SCENE_ID = r"(?P<scene>[0-9a-f]{16})"


class PersistentItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=r"scene_art:nothing"):
    """Base of all buttons and lists. A kind has its template, whose groups say what it is about, and `serve`.

    Who may use it is asked in `serve`, never in `interaction_check`: discord.py swallows what that raises.
    """

    # Set by `bind`: discord.py builds dynamic items by itself, from the class and an id.
    find: FindServices

    @property
    def about(self) -> dict[str, str]:
        """The groups of the template, as the id has them."""
        match = self.template.fullmatch(self.custom_id)
        return match.groupdict() if match is not None else {}

    @staticmethod
    def chosen(interaction: Interaction) -> str:
        """Read the first value that was chosen from the list; empty for none. A client may have sent anything."""
        data: dict[str, Any] = dict(interaction.data or {})
        return str((data.get("values") or [""])[0])

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Wrap the button or list that was used."""
        return cls(item)

    async def callback(self, interaction: Interaction) -> None:
        """Serve whoever used it; an error is answered with its sentence."""
        async with answer_errors(interaction):
            await self.serve(interaction)

    async def serve(self, interaction: Interaction) -> None:
        """Do what it is for.

        Raises:
            Exception: whatever it is, the person gets a sentence.
        """
        raise NotImplementedError


def bind(kind: type[PersistentItem], find: FindServices) -> type[PersistentItem]:
    """Make a class of the same kind that finds its services."""

    class Bound(kind, template=kind.__discord_ui_compiled_template__):  # type: ignore[misc, valid-type, call-arg]
        pass

    Bound.find = staticmethod(find)
    return Bound


class SceneButton(PersistentItem, template=r"scene_art:no-scene"):
    """Base of the buttons that are about a scene."""

    name: ClassVar[str] = ""
    label: ClassVar[Sentence] = Sentence("")
    emoji: ClassVar[str] = ""
    line: ClassVar[int] = 0

    @classmethod
    def build(cls, scene_id: str, label: str = "") -> Self:
        """Build the button of a scene; without `label`, the kind's own stands on it, in English."""
        return cls(
            discord.ui.Button(
                label=label or cls.label,
                emoji=cls.emoji,
                style=discord.ButtonStyle.secondary,
                custom_id=f"scene_art:{cls.name}:{scene_id}",
                row=cls.line,
            )
        )

    @classmethod
    def label_under(cls, scene: Scene, locale: str) -> str:
        """Choose the label for the button under `scene`."""
        return translate(cls.label, locale)

    @property
    def scene_id(self) -> str:
        """The scene that it is about."""
        return self.about["scene"]


def gather_buttons(*buttons: discord.ui.Item[Any]) -> discord.ui.View:
    """Build a view of `buttons`."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view

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
from ..context import Interaction, RequestContext
from ..responses import Answer, answer_errors, respond

SCENE_ID = r"(?P<scene>[0-9a-f]{16})"


class PersistentItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=r"scene_art:nothing"):
    """Base of all buttons and lists. A kind has a template, whose groups say what it is about, and `answer` or `serve`.

    Who may use it is asked there, never in `interaction_check`: discord.py swallows what that raises.
    """

    # Set by `bind_all`: discord.py builds dynamic items by itself, from the class and an id.
    find: FindServices
    in_place: ClassVar[bool] = False
    """True: the answer takes the place of the message that the item is in."""
    about: dict[str, str]
    """The groups of the template, as the id of the item that was used has them."""

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
        used = cls(item)
        used.about = match.groupdict()
        return used

    async def callback(self, interaction: Interaction) -> None:
        """Serve whoever used it; an error, whatever it is, is answered with a sentence."""
        async with answer_errors(interaction):
            await self.serve(interaction)

    async def serve(self, interaction: Interaction) -> None:
        """Answer the person alone with what `answer` returns, or do what else it is for. May raise: see `callback`."""
        await respond(interaction, self.find, self.answer, in_place=self.in_place)

    async def answer(self, context: RequestContext) -> Answer | str:
        """Do what it is for, and return the answer. May raise: see `callback`."""
        raise NotImplementedError


class SceneButton(PersistentItem, template=r"scene_art:no-scene"):
    """Base of the buttons that are about a scene."""

    name: ClassVar[str] = ""
    label: ClassVar[Sentence] = Sentence("")
    emoji: ClassVar[str] = ""
    line: ClassVar[int] = 0

    @classmethod
    def build(cls, scene_id: str, label: str) -> Self:
        """Build the button of a scene."""
        return cls(
            discord.ui.Button(label=label, emoji=cls.emoji, custom_id=f"scene_art:{cls.name}:{scene_id}", row=cls.line)
        )

    @classmethod
    def label_under(cls, scene: Scene, locale: str) -> str:
        """Choose the label for the button under `scene`."""
        return translate(cls.label, locale)

    @property
    def scene_id(self) -> str:
        """The scene that it is about."""
        return self.about["scene"]


class PageButton(PersistentItem, template=r"scene_art:no-page"):
    """Base of the buttons that turn pages: their ids are `scene_art:<name>:<way>:<number>`, and maybe more."""

    in_place = True
    name: ClassVar[str] = ""
    ways: ClassVar[tuple[tuple[str, Sentence], ...]] = ()
    """The way back and the way on: the word in the id, and the label."""

    @classmethod
    def build_pair(cls, number: int, pages: int, locale: str, more: str = "") -> list[discord.ui.Button[Any]]:
        """Build both buttons for page `number`, counted from 0, of `pages`; `more` ends their ids."""
        return [
            discord.ui.Button(
                label=translate(label, locale),
                custom_id=f"scene_art:{cls.name}:{way}:{max(0, target)}{more}",
                disabled=not 0 <= target < pages,
            )
            for (way, label), target in zip(cls.ways, (number - 1, number + 1), strict=True)
        ]


def gather_buttons(*buttons: discord.ui.Item[Any]) -> discord.ui.View:
    """Build a view of `buttons`, stopped: they are found by their ids, and the library need not remember the view."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view

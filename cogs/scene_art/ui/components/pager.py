"""Pages: the two buttons that turn them, for any list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from ...i18n import Sentence, translate
from .persistent import PersistentItem


@dataclass(frozen=True)
class Pager:
    """The buttons of one list. Their ids are `scene_art:<name>:<way>:<page>`, and maybe more."""

    name: str
    back: tuple[str, Sentence]
    """The word in the id, and the label."""
    onward: tuple[str, Sentence]

    def buttons(self, number: int, pages: int, locale: str, more: str = "") -> list[discord.ui.Button[Any]]:
        """Build both buttons for page `number`, counted from 0, of `pages`; `more` ends their ids."""
        return [
            discord.ui.Button(
                label=translate(label, locale),
                custom_id=f"scene_art:{self.name}:{way}:{max(0, target)}{more}",
                disabled=not 0 <= target < pages,
            )
            for (way, label), target in ((self.back, number - 1), (self.onward, number + 1))
        ]


class PageButton(PersistentItem, template=r"scene_art:no-page"):
    """Base of the buttons that turn pages: their templates have a group `number`."""

    @property
    def number(self) -> int:
        """The page that it turns to, counted from 0."""
        return int(self.about["number"])

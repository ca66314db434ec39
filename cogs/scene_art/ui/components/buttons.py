"""The buttons under a scene. Each is found by its id alone, so that it works after any restart.

An id is data from a stranger: it has to have exactly the form of its template, and the scene that it names is looked
up in the channel in which the button was pressed, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import discord

from ...domain.requests import RerenderOptions
from ...domain.scene import Scene
from ...i18n import Dollars, Sentence, gettext, translate
from ...services.services import FindServices, Services
from ..forms.change import open_change
from ..requester import requester_of
from ..responses import Interaction, respond
from .progress import Progress
from .why import show_why

_SCENE = r"(?P<scene>[0-9a-f]{16})"


@dataclass(frozen=True)
class ButtonServices:
    """What a loaded extension's buttons work with."""

    find: FindServices
    progress: Progress


class SceneButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"scene_art:nothing"):
    """What the buttons share: which scene they are about, and the services behind them."""

    name: ClassVar[str] = ""
    label: ClassVar[Sentence] = Sentence("")
    emoji: ClassVar[str] = ""
    line: ClassVar[int] = 0
    # Set by `bound_to`: discord.py builds dynamic items by itself, from the class and an id.
    services_of: Callable[[], ButtonServices]

    def __init__(self, scene_id: str, label: str = "") -> None:
        super().__init__(
            discord.ui.Button(
                label=label or self.label,
                emoji=self.emoji,
                style=discord.ButtonStyle.secondary,
                custom_id=f"scene_art:{self.name}:{scene_id}",
                row=self.line,
            )
        )
        self.scene_id = scene_id

    @classmethod
    def bound_to(cls, services_of: Callable[[], ButtonServices]) -> type[Self]:
        """A class of the same button that finds its services: one per loaded extension, no global state."""

        class Bound(cls, template=cls.__discord_ui_compiled_template__):  # type: ignore[misc, valid-type, call-arg]
            pass

        Bound.services_of = staticmethod(services_of)
        return Bound

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        return cls(match["scene"])

    @classmethod
    def labelled(cls, scene: Scene, locale: str) -> str:
        """What stands on the button under `scene`."""
        return translate(cls.label, locale)


class _PaidButton(SceneButton, template=r"scene_art:nothing-paid"):
    """One that has a picture painted: its price stands on it."""

    @classmethod
    def labelled(cls, scene: Scene, locale: str) -> str:
        label = translate(cls.label, locale)
        if not scene.price:
            return label
        return translate(gettext("{label} ({price})", label=label, price=Dollars(scene.price)), locale)


class RerenderButton(_PaidButton, template=f"scene_art:rerender:{_SCENE}"):
    """Paints the scene again, with another seed."""

    name, label, emoji = "rerender", gettext("Rerender"), "🎲"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        await self.services_of().progress.run(interaction, partial(_again, interaction, self.scene_id, None))


class ChangeButton(SceneButton, template=f"scene_art:change:{_SCENE}"):
    """Asks what is to be different, and paints the scene again."""

    name, label, emoji = "change", gettext("Change"), "✏️"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await open_change(interaction, self.services_of().find, self.scene_id)


class VaryButton(_PaidButton, template=f"scene_art:vary:{_SCENE}"):
    """Paints the scene again, from its picture."""

    name, label, emoji = "vary", gettext("Vary"), "🎨"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        wish = RerenderOptions(vary=True)
        await self.services_of().progress.run(interaction, partial(_again, interaction, self.scene_id, wish))


class WhyButton(SceneButton, template=f"scene_art:why:{_SCENE}"):
    """Tells how the picture came about."""

    name, label, emoji = "why", gettext("Why?"), "🔎"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the person alone."""
        await show_why(interaction, self.services_of().find, self.scene_id)


class DeleteButton(SceneButton, template=f"scene_art:delete:{_SCENE}"):
    """Takes the picture away: for whoever asked for it, whoever is in it, and moderators."""

    name, label, emoji = "delete", gettext("Delete"), "🗑️"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the person alone."""
        await respond(interaction, self.services_of().find, partial(self._deleted, interaction))

    async def _deleted(self, interaction: Interaction, services: Services) -> Sentence:
        await services.history.delete(
            str(interaction.channel_id), self.scene_id, _message_id(interaction), by=requester_of(interaction)
        )
        return gettext("Picture deleted. To draw this scene again, use `/scene-art rerender`.")


class SpoilerButton(SceneButton, template=f"scene_art:spoiler:{_SCENE}"):
    """Covers the picture until somebody clicks on it, or uncovers it."""

    name, label, emoji, line = "spoiler", gettext("Spoiler"), "🙈", 1

    @classmethod
    def labelled(cls, scene: Scene, locale: str) -> str:
        """What stands on the button under `scene`."""
        return translate(gettext("Remove spoiler") if scene.hidden else cls.label, locale)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the person alone."""
        await respond(interaction, self.services_of().find, partial(self._covered, interaction))

    async def _covered(self, interaction: Interaction, services: Services) -> Sentence:
        scene = await services.history.cover(
            str(interaction.channel_id), self.scene_id, _message_id(interaction), by=requester_of(interaction)
        )
        if scene.hidden:
            return gettext("Marked as a spoiler. It stays covered until someone clicks it.")
        return gettext("Spoiler removed. Everyone can see the picture.")


class CancelButton(SceneButton, template=f"scene_art:cancel:{_SCENE}"):
    """Has a picture not painted that is waited for."""

    name, label, emoji = "cancel", gettext("Cancel"), "✋"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """The line above the button tells the rest."""
        await respond(interaction, self.services_of().find, partial(self._cancelled, interaction))

    async def _cancelled(self, interaction: Interaction, services: Services) -> Sentence:
        scene = await services.pictures.cancel(str(interaction.channel_id), self.scene_id, by=requester_of(interaction))
        return cancelled(scene)


def cancelled(scene: Scene) -> Sentence:
    """Tell whoever cancelled `scene` what it costs."""
    if scene.is_charged:
        return gettext(
            "Cancelled. Nothing will be posted, but the picture had already been sent to the painter and is "
            "charged. If it still arrives, `/scene-art history` shows it."
        )
    return gettext("Cancelled. Nothing will be posted, and nothing is charged.")


UNDER_PICTURES: tuple[type[SceneButton], ...] = (
    RerenderButton,
    ChangeButton,
    VaryButton,
    WhyButton,
    DeleteButton,
    SpoilerButton,
)


class Buttons:
    """The classes of one loaded extension's buttons, and the rows that they stand in."""

    def __init__(self, find: FindServices) -> None:
        def services_of() -> ButtonServices:
            return ButtonServices(find, self.progress)

        self._under_pictures = [kind.bound_to(services_of) for kind in UNDER_PICTURES]
        self._rerender = self._under_pictures[0]
        self._cancel = CancelButton.bound_to(services_of)
        self.progress = Progress(find, retry_view=self.retry_view, cancel_view=self.cancel_view)

    @property
    def all(self) -> tuple[type[discord.ui.DynamicItem[Any]], ...]:
        """To be made known to the bot."""
        return (*self._under_pictures, self._cancel)

    def view_of(self, scene: Scene, locale: str) -> discord.ui.View:
        """The rows under a picture."""
        view = discord.ui.View(timeout=None)
        for kind in self._under_pictures:
            view.add_item(kind(scene.id, kind.labelled(scene, locale)))
        return view

    def retry_view(self, scene: Scene, locale: str) -> discord.ui.View:
        """The row under a sentence that says why there is no picture."""
        return _row_of(self._rerender(scene.id, translate(gettext("Try again"), locale)))

    def cancel_view(self, scene: Scene, locale: str) -> discord.ui.View:
        """The row under the line of a picture that is waited for."""
        return _row_of(self._cancel(scene.id, translate(CancelButton.label, locale)))


def _row_of(button: SceneButton) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(button)
    return view


async def _again(interaction: Interaction, scene_id: str, wish: RerenderOptions | None, services: Services) -> Scene:
    return await services.pictures.rerender(
        str(interaction.channel_id), wish, by=requester_of(interaction), scene=scene_id
    )


def _message_id(interaction: Interaction) -> str:
    return str(interaction.message.id) if interaction.message else ""

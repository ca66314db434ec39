"""The buttons under a posted picture."""

from __future__ import annotations

from functools import partial

import discord

from ...domain.requests import RerenderOptions
from ...domain.scene import Scene
from ...i18n import Sentence, gettext, translate
from ..context import Interaction, RequestContext
from ..forms.change import build_change_form
from ..forms.forms import open_form
from ..responses import Answer
from .persistent import SCENE_ID, SceneButton, gather_buttons
from .progress import PaidButton, RerenderButton
from .why import explain_scene


class ChangeButton(SceneButton, template=f"scene_art:change:{SCENE_ID}"):
    """Ask what is to be different, and paint the scene again."""

    name, label, emoji = "change", gettext("Change"), "✏️"

    async def serve(self, interaction: Interaction) -> None:
        """Open the form."""
        await open_form(interaction, self.find, partial(build_change_form, scene_id=self.scene_id))


class VaryButton(PaidButton, template=f"scene_art:vary:{SCENE_ID}"):
    """Paint the scene again, from its picture."""

    name, label, emoji = "vary", gettext("Vary"), "🎨"
    options = RerenderOptions(vary=True)


class WhyButton(SceneButton, template=f"scene_art:why:{SCENE_ID}"):
    """Tell how the picture came about."""

    name, label, emoji = "why", gettext("Why?"), "🔎"

    async def answer(self, context: RequestContext) -> Answer:
        """Tell the story of the picture."""
        return await explain_scene(context, self.scene_id)


class DeleteButton(SceneButton, template=f"scene_art:delete:{SCENE_ID}"):
    """Take the picture away: for whoever asked for it, whoever is in it, and moderators."""

    name, label, emoji = "delete", gettext("Delete"), "🗑️"

    async def answer(self, context: RequestContext) -> Sentence:
        """Delete the post."""
        history = context.services.history
        await history.delete(context.channel_id, self.scene_id, context.message_id, by=context.requester)
        return gettext("Picture deleted. To draw this scene again, use `/scene-art rerender`.")


class SpoilerButton(SceneButton, template=f"scene_art:spoiler:{SCENE_ID}"):
    """Cover the picture until somebody clicks on it, or uncover it."""

    name, label, emoji, line = "spoiler", gettext("Spoiler"), "🙈", 1

    @classmethod
    def label_under(cls, scene: Scene, locale: str) -> str:
        """Choose the label for the button under `scene`."""
        return translate(gettext("Remove spoiler") if scene.is_spoiler else cls.label, locale)

    async def answer(self, context: RequestContext) -> Sentence:
        """Edit the post."""
        history = context.services.history
        scene = await history.cover(context.channel_id, self.scene_id, context.message_id, by=context.requester)
        if scene.is_spoiler:
            return gettext("Marked as a spoiler. It stays covered until someone clicks it.")
        return gettext("Spoiler removed. Everyone can see the picture.")


UNDER_PICTURES: tuple[type[SceneButton], ...] = (
    RerenderButton,
    ChangeButton,
    VaryButton,
    WhyButton,
    DeleteButton,
    SpoilerButton,
)


def build_view(scene: Scene, locale: str) -> discord.ui.View:
    """Build the rows under a picture."""
    return gather_buttons(*(kind.build(scene.id, kind.label_under(scene, locale)) for kind in UNDER_PICTURES))

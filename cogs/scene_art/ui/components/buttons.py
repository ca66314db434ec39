"""The buttons under a posted picture but Rerender, which `progress.py` has, and the form behind Change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from ...domain.requests import NOTES_LIMIT, RerenderOptions
from ...domain.scene import Scene
from ...domain.styles import Style
from ...i18n import Sentence, gettext, translate
from ...image_models import RATIOS_14
from ...services.access import Quote
from ...services.services import FindServices
from ..context import Interaction, RequestContext
from ..forms import MOST_CHOICES, FormKind, Values, build_list, open_form, read_text
from ..responses import Answer
from .persistent import SCENE_ID, SceneButton, gather_buttons
from .progress import PaidButton, RerenderButton, describe_quote, rerender, show_progress
from .why import explain_scene

AS_BEFORE = "as-before"


class ChangeButton(SceneButton, template=f"scene_art:change:{SCENE_ID}"):
    """Ask what is to be different, and paint the scene again."""

    name, label, emoji = "change", gettext("Change"), "✏️"

    async def serve(self, interaction: Interaction) -> None:
        """Open the form."""
        await open_form(interaction, self.find, partial(_build_change_form, scene_id=self.scene_id))


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


async def _build_change_form(context: RequestContext, scene_id: str) -> discord.ui.Modal:
    """Build the form for a scene of the channel."""
    scene = await context.services.history.find(context.channel_id, scene_id, by=context.requester)
    quote = await context.services.limits.quote(context.channel_id, by=context.requester)
    return _fill_in(scene, quote, context.services.styles.all, context.locale)


async def _serve_change(interaction: Interaction, find: FindServices, about: Mapping[str, str], values: Values) -> None:
    """Begin what was asked for, show what is being done, end in a post or a sentence."""
    options = RerenderOptions(
        notes=read_text(values, "notes"), aspect=_read_choice(values, "aspect"), style=_read_choice(values, "style")
    )
    await show_progress(interaction, find, partial(rerender, scene_id=about["scene"], options=options))


CHANGE_FORMS = FormKind(re.compile(r"scene_art:changed:(?P<scene>[0-9a-f]{16})"), _serve_change)


def _fill_in(scene: Scene, quote: Quote, styles: tuple[Style, ...], locale: str) -> discord.ui.Modal:
    """Lay the form out: notes, aspect and style, as the scene has them now; and what it costs."""
    notes: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="notes",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=NOTES_LIMIT,
        default=scene.notes or None,
    )
    ratios = [(ratio, ratio) for ratio in RATIOS_14]
    choices = [(style.id, style.name) for style in styles[:MOST_CHOICES]]
    fields = (
        (gettext("What should change?"), notes),
        (gettext("Aspect ratio"), _build_list("aspect", ratios, scene.aspect_ratio, locale)),
        (gettext("Style"), _build_list("style", choices, scene.style, locale)),
    )
    form = discord.ui.Modal(
        title=translate(gettext("Rerender with changes"), locale), custom_id=f"scene_art:changed:{scene.id}"
    )
    for text, field in fields:
        form.add_item(discord.ui.Label(text=translate(text, locale), component=field))
    form.add_item(discord.ui.TextDisplay(translate(describe_quote(quote), locale)))
    return form


def _build_list(custom_id: str, choices: list[tuple[str, str]], now: str, locale: str) -> discord.ui.Select[Any]:
    known = now in dict(choices)
    unchanged = discord.SelectOption(label=translate(gettext("Keep as is"), locale), value=AS_BEFORE, default=not known)
    return build_list(custom_id, unchanged, choices, now, locale)


def _read_choice(values: Values, field: str) -> str:
    value = read_text(values, field)
    return "" if value == AS_BEFORE else value

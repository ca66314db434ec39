"""The form behind the button Change: what is to be different, filled in with what the scene has."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from ..drawing.styles import Style
from ..errors import SceneArtError
from ..painters.models import RATIOS_14
from ..scene import Scene
from ..services import FindServices, Services
from ..showing.words import NOBODY
from ..speech import say, told
from ..studio import Quote
from ..wish import NOTES_LIMIT, Wish
from .answers import OUT_OF_REACH, Interaction, in_words
from .person import person_of
from .progress import Progress, told_quote

AS_BEFORE = "as-before"
MOST_STYLES = 24
READ_SECONDS = 2.0
"""Discord gives three seconds until the form must be open."""


async def open_change(interaction: Interaction, find: FindServices, progress: Progress, scene_id: str) -> None:
    """Open the form for a scene, or say why it cannot be."""
    services = find()
    sentence: str = OUT_OF_REACH
    if services is not None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                form = await _form(interaction, services, progress, scene_id)
            await interaction.response.send_modal(form)
        except SceneArtError as exc:
            sentence = exc.sentence
        except TimeoutError:
            sentence = OUT_OF_REACH
        else:
            return
    await interaction.response.send_message(in_words(interaction, sentence), ephemeral=True, allowed_mentions=NOBODY)


async def _form(interaction: Interaction, services: Services, progress: Progress, scene_id: str) -> ChangeForm:
    studio, channel_id, person = services.studio, str(interaction.channel_id), person_of(interaction)
    scene = await studio.original(channel_id, scene_id, by=person)
    quote = await studio.quote(channel_id, by=person)
    return ChangeForm(scene, quote, studio.styles, progress, str(interaction.locale))


class ChangeForm(discord.ui.Modal):
    """Notes, aspect and style."""

    def __init__(self, scene: Scene, quote: Quote, styles: tuple[Style, ...], progress: Progress, locale: str) -> None:
        super().__init__(title=told(say("Change this picture"), locale), custom_id=f"scene_art:changed:{scene.id}")
        self._scene_id = scene.id
        self._progress = progress
        self._notes: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="notes",
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=NOTES_LIMIT,
            default=scene.notes or None,
        )
        ratios = [(ratio, ratio) for ratio in RATIOS_14]
        looks = [(style.id, style.name) for style in styles[:MOST_STYLES]]
        self._aspect = _choice("aspect", ratios, scene.aspect_ratio, locale)
        self._style = _choice("style", looks, scene.style, locale)
        self.add_item(discord.ui.Label(text=told(say("What should be different?"), locale), component=self._notes))
        self.add_item(discord.ui.Label(text=told(say("Shape"), locale), component=self._aspect))
        self.add_item(discord.ui.Label(text=told(say("Style"), locale), component=self._style))
        self.add_item(discord.ui.TextDisplay(told(told_quote(quote), locale)))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Begin, show what is being done, end in a post or a sentence."""
        wish = Wish(notes=self._notes.value, aspect=_chosen(self._aspect), style=_chosen(self._style))

        async def begin(services: Services) -> Scene:
            return await services.studio.rerender(
                str(interaction.channel_id), wish, by=person_of(interaction), scene=self._scene_id
            )

        await self._progress.run(interaction, begin)


def _choice(custom_id: str, options: list[tuple[str, str]], now: str, locale: str) -> discord.ui.Select[Any]:
    known = now in (value for value, _ in options)
    unchanged = discord.SelectOption(label=told(say("As before"), locale), value=AS_BEFORE, default=not known)
    return discord.ui.Select(
        custom_id=custom_id,
        options=[
            unchanged,
            *(
                discord.SelectOption(label=label[:100], value=value, default=known and value == now)
                for value, label in options
            ),
        ],
        required=False,
    )


def _chosen(select: discord.ui.Select[Any]) -> str:
    value = select.values[0] if select.values else AS_BEFORE
    return "" if value == AS_BEFORE else str(value)

"""`/scene-art rerender`, `draw` and `cancel`: people ask for pictures."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ...domain.requests import NOTES_LIMIT, RerenderOptions, SceneDraft
from ...domain.scene import Scene
from ...errors import SceneArtError
from ...i18n import Sentence
from ...services.services import FindServices, Services
from ..choices import MAX_LABEL, Choices, aspect_choices, matching, scene_choices, style_choices
from ..components.buttons import cancelled
from ..components.progress import Progress
from ..requester import requester_of
from ..responses import Interaction, respond
from ..uploads import UploadedFile


class PictureCommands(app_commands.Group):
    """Translates between Discord and the picture service."""

    def __init__(self, find: FindServices, progress: Progress) -> None:
        super().__init__(name="asking", description="Ask for pictures")
        self._find = find
        self._progress = progress

    @app_commands.command(name="rerender", description="Rerender a scene from this channel")
    @app_commands.describe(
        scene="Scene to rerender (default: the latest)",
        notes="What to change, in your own words",
        aspect="Aspect ratio, such as 16:9",
        style="Style, such as Storybook",
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
        # Discord sends text; a client of somebody's own may have sent anything.
        wish = RerenderOptions(notes=str(notes) or None, aspect=str(aspect), style=str(style))

        async def begin(services: Services) -> Scene:
            return await services.pictures.rerender(
                str(interaction.channel_id), wish, by=requester_of(interaction), scene=str(scene)
            )

        await self._progress.run(interaction, begin)

    @app_commands.command(name="draw", description="Draw a scene that you describe")
    @app_commands.describe(
        text="What the picture should show",
        cast="Characters in the picture, separated by commas",
        reference1="Reference picture",
        reference2="Another reference picture",
        reference3="Another reference picture",
        reference4="Another reference picture",
        aspect="Aspect ratio, such as 16:9",
        style="Style, such as Storybook",
    )
    async def draw(  # noqa: PLR0917  # discord.py reads the options from the signature
        self,
        interaction: discord.Interaction[Any],
        text: str,
        cast: str = "",
        reference1: discord.Attachment | None = None,
        reference2: discord.Attachment | None = None,
        reference3: discord.Attachment | None = None,
        reference4: discord.Attachment | None = None,
        aspect: str = "",
        style: str = "",
    ) -> None:
        """Paint what somebody describes."""
        draft = SceneDraft(str(text), names=str(cast))
        wish = RerenderOptions(aspect=str(aspect), style=str(style))
        given = [found for found in (reference1, reference2, reference3, reference4) if found is not None]

        async def begin(services: Services) -> Scene:
            uploads = [UploadedFile(attachment) for attachment in given]
            channel_id = str(interaction.channel_id)
            return await services.pictures.draw(channel_id, draft, wish, by=requester_of(interaction), uploads=uploads)

        await self._progress.run(interaction, begin)

    @app_commands.command(name="cancel", description="Cancel a picture in progress")
    @app_commands.describe(scene="Picture to cancel (default: your latest)")
    async def cancel(self, interaction: discord.Interaction[Any], scene: str = "") -> None:
        """Have a picture not painted that is waited for."""

        async def cancel(services: Services) -> Sentence:
            place, person = str(interaction.channel_id), requester_of(interaction)
            return cancelled(await services.pictures.cancel(place, str(scene), by=person))

        await respond(interaction, self._find, cancel)

    @rerender.autocomplete("scene")
    async def _choose_scene(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        place = str(interaction.channel_id)
        return await scene_choices(
            interaction, self._find, current, lambda s: s.scenes.recent(place, by=requester_of(interaction))
        )

    @cancel.autocomplete("scene")
    async def _choose_work(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        place = str(interaction.channel_id)
        return await scene_choices(
            interaction, self._find, current, lambda s: s.scenes.in_progress(place, by=requester_of(interaction))
        )

    @rerender.autocomplete("aspect")
    @draw.autocomplete("aspect")
    async def _choose_aspect(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return aspect_choices(current)

    @draw.autocomplete("cast")
    async def _choose_cast(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        try:
            names = await _known_names(interaction, self._find())
        except SceneArtError:
            return []
        # Names stand behind each other, with commas; the last one is being typed.
        before, comma, typed = str(current).rpartition(",")
        head = f"{before}, " if comma else ""
        return [
            app_commands.Choice(name=(head + choice.name)[-MAX_LABEL:], value=head + choice.value)
            for choice in matching(typed, [(name, name) for name in names])
            if len(head + choice.value) <= MAX_LABEL
        ]

    @rerender.autocomplete("style")
    @draw.autocomplete("style")
    async def _choose_style(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return style_choices(self._find, current)


async def _known_names(interaction: Interaction, services: Services) -> list[str]:
    characters = await services.characters.characters(str(interaction.channel_id), by=requester_of(interaction))
    return [character.name for character in characters]

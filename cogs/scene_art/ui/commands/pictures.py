"""`/scene-art rerender`, `draw` and `cancel`: people ask for pictures."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from ...domain.requests import NOTES_LIMIT, RerenderOptions, SceneDraft
from ...domain.scene import Scene
from ...i18n import Sentence
from ...image_models import RATIOS_14
from ..components import progress
from ..context import Interaction, RequestContext, UploadedFile
from .part import MAX_LABEL, Choices, CommandPart, answered, label_by_value, list_scenes_in_progress, match


class PictureCommands(CommandPart, name="pictures", description="Ask for pictures"):
    """Translate between Discord and the picture service."""

    async def suggest_aspects(self, interaction: Interaction, current: str) -> Choices:
        """Suggest shapes that a picture can have."""
        return match(current, label_by_value(RATIOS_14))

    async def suggest_cast(self, interaction: Interaction, current: str) -> Choices:
        """Suggest characters for the last one of the names, which stand behind each other with commas."""
        before, comma, typed = str(current).rpartition(",")
        head = f"{before}, " if comma else ""
        return [
            app_commands.Choice(name=(head + choice.name)[-MAX_LABEL:], value=head + choice.value)
            for choice in await self.suggest_characters(interaction, typed)
            if len(head + choice.value) <= MAX_LABEL
        ]

    async def suggest_pending(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the scenes that the person may cancel. Never raises."""
        return await self.suggest(interaction, current, list_scenes_in_progress)

    @app_commands.command(name="rerender", description="Rerender a scene from this channel")
    @app_commands.describe(
        scene="Scene to rerender (default: the latest)",
        notes="What to change, in your own words",
        aspect="Aspect ratio, such as 16:9",
        style="Style, such as Storybook",
    )
    @app_commands.autocomplete(
        scene=CommandPart.suggest_scenes, aspect=suggest_aspects, style=CommandPart.suggest_styles
    )
    async def rerender(
        self,
        interaction: Interaction,
        scene: str = "",
        notes: app_commands.Range[str, 0, NOTES_LIMIT] = "",
        aspect: str = "",
        style: str = "",
    ) -> None:
        """Paint the last or a chosen scene again."""
        # Discord sends text; a client of somebody's own may have sent anything.
        options = RerenderOptions(notes=str(notes) or None, aspect=str(aspect), style=str(style))
        await progress.show_progress(
            interaction, self.find, partial(progress.rerender, scene_id=str(scene), options=options)
        )

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
    @app_commands.autocomplete(cast=suggest_cast, aspect=suggest_aspects, style=CommandPart.suggest_styles)
    async def draw(  # noqa: PLR0917  # discord.py reads the options from the signature
        self,
        interaction: Interaction,
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
        options = RerenderOptions(aspect=str(aspect), style=str(style))
        given = [found for found in (reference1, reference2, reference3, reference4) if found is not None]

        async def begin(context: RequestContext) -> Scene:
            uploads = [UploadedFile(attachment) for attachment in given]
            pictures, by = context.services.pictures, context.requester
            return await pictures.draw(context.channel_id, draft, options, by=by, uploads=uploads)

        await progress.show_progress(interaction, self.find, begin)

    @app_commands.command(name="cancel", description="Cancel a picture in progress")
    @app_commands.describe(scene="Picture to cancel (default: your latest)")
    @app_commands.autocomplete(scene=suggest_pending)
    @answered
    async def cancel(self, context: RequestContext, scene: str = "") -> Sentence:
        """Cancel a pending picture."""
        return await progress.cancel(context, str(scene))

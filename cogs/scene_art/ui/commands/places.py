"""`/scene-art place …`: pictures that show what places look like."""

from __future__ import annotations

from discord import app_commands

from ...domain.names import NAME_LIMIT
from ...i18n import Sentence, gettext
from ...text import escaped
from ..context import Interaction, RequestContext
from .part import Choices, CommandPart, Labelled, answered, label_by_value

SHOWN = 40


class PlaceCommands(CommandPart, name="place", description="Manage what places look like"):
    """Translate between Discord and the place service."""

    async def suggest_places(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the pinned places. Never raises."""

        async def names(context: RequestContext) -> Labelled:
            places = await context.services.places.places(context.channel_id, by=context.requester)
            return label_by_value(place.name for place in places)

        return await self.suggest(interaction, current, names)

    @app_commands.command(name="pin", description="Pin a picture as the reference for a place")
    @app_commands.describe(
        name="Place's name as it appears in the story",
        scene="Scene that shows the place (default: the latest)",
    )
    @app_commands.autocomplete(name=suggest_places, scene=CommandPart.suggest_scenes)
    @answered
    async def pin(self, context: RequestContext, name: str, scene: str = "") -> Sentence:
        """Keep a picture as the reference of a place."""
        place = await context.services.places.pin(context.channel_id, str(name), str(scene), by=context.requester)
        return gettext(
            "Pinned. From now on, this picture is the reference whenever the story mentions {name}.",
            name=escaped(place.name, NAME_LIMIT),
        )

    @app_commands.command(name="unpin", description="Remove a place's pinned picture")
    @app_commands.describe(name="Place to unpin")
    @app_commands.autocomplete(name=suggest_places)
    @answered
    async def unpin(self, context: RequestContext, name: str) -> Sentence:
        """Take the reference of a place away."""
        await context.services.places.unpin(context.channel_id, str(name), by=context.requester)
        return gettext("Unpinned. The place is drawn from the text again.")

    @app_commands.command(name="list", description="List the pinned places")
    @answered
    async def list(self, context: RequestContext) -> Sentence:
        """Tell the names of all places."""
        places = await context.services.places.places(context.channel_id, by=context.requester)
        if not places:
            return gettext("No places are pinned yet. Pin one with `/scene-art place pin`.")
        names = ", ".join(escaped(place.name, NAME_LIMIT) for place in places[:SHOWN])
        return gettext("Pinned places: {names}.", names=names)

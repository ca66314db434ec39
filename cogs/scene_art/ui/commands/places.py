"""`/scene-art place …`: pictures that show what places look like."""

from __future__ import annotations

from discord import app_commands

from ...domain.characters import NAME_LIMIT
from ...i18n import Sentence, gettext
from ...text import escaped
from ..choices import Choices, Labelled, label_by_value, list_recent_scenes
from ..context import Interaction, RequestContext
from .part import CommandPart

SHOWN = 40


class PlaceCommands(CommandPart, name="place", description="Manage what places look like"):
    """Translate between Discord and the place service."""

    @app_commands.command(name="pin", description="Pin a picture as the reference for a place")
    @app_commands.describe(
        name="Place's name as it appears in the story",
        scene="Scene that shows the place (default: the latest)",
    )
    async def pin(self, interaction: Interaction, name: str, scene: str = "") -> None:
        """Keep a picture as the reference of a place."""

        async def pinned(context: RequestContext) -> Sentence:
            place = await context.services.places.pin(context.channel_id, str(name), str(scene), by=context.requester)
            return gettext(
                "Pinned. From now on, this picture is the reference whenever the story mentions {name}.",
                name=escaped(place.name, NAME_LIMIT),
            )

        await self._respond(interaction, pinned)

    @app_commands.command(name="unpin", description="Remove a place's pinned picture")
    @app_commands.describe(name="Place to unpin")
    async def unpin(self, interaction: Interaction, name: str) -> None:
        """Take the reference of a place away."""

        async def unpinned(context: RequestContext) -> Sentence:
            await context.services.places.unpin(context.channel_id, str(name), by=context.requester)
            return gettext("Unpinned. The place is drawn from the text again.")

        await self._respond(interaction, unpinned)

    @app_commands.command(name="list", description="List the pinned places")
    async def list(self, interaction: Interaction) -> None:
        """Tell the names of all places."""

        async def listed(context: RequestContext) -> Sentence:
            places = await context.services.places.places(context.channel_id, by=context.requester)
            if not places:
                return gettext("No places are pinned yet. Pin one with `/scene-art place pin`.")
            names = ", ".join(escaped(place.name, NAME_LIMIT) for place in places[:SHOWN])
            return gettext("Pinned places: {names}.", names=names)

        await self._respond(interaction, listed)

    @pin.autocomplete("scene")
    async def _choose_scene(self, interaction: Interaction, current: str) -> Choices:
        return await self._suggest(interaction, current, list_recent_scenes)

    @unpin.autocomplete("name")
    @pin.autocomplete("name")
    async def _choose_place(self, interaction: Interaction, current: str) -> Choices:
        async def names(context: RequestContext) -> Labelled:
            places = await context.services.places.places(context.channel_id, by=context.requester)
            return label_by_value(place.name for place in places)

        return await self._suggest(interaction, current, names)

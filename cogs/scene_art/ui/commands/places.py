"""`/scene-art place …`: pictures that show what places look like."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from ...domain.characters import NAME_LIMIT
from ...errors import SceneArtError
from ...i18n import Sentence, gettext
from ...services.services import FindServices, Services
from ...text import escaped
from ..choices import Choices, matching, scene_choices
from ..requester import requester_of
from ..responses import respond

SHOWN = 40


class PlaceCommands(app_commands.Group):
    """Translates between Discord and the place service."""

    def __init__(self, find: FindServices) -> None:
        super().__init__(name="place", description="Manage what places look like")
        self._find = find

    @app_commands.command(name="pin", description="Pin a picture as the reference for a place")
    @app_commands.describe(
        name="Place's name as it appears in the story",
        scene="Scene that shows the place (default: the latest)",
    )
    async def pin(self, interaction: discord.Interaction[Any], name: str, scene: str = "") -> None:
        """Keep a picture as the plate of a place."""

        async def pinned(services: Services) -> Sentence:
            place = await services.places.pin(
                str(interaction.channel_id), str(name), str(scene), by=requester_of(interaction)
            )
            return gettext(
                "Pinned. From now on, this picture is the reference whenever the story mentions {name}.",
                name=escaped(place.name, NAME_LIMIT),
            )

        await respond(interaction, self._find, pinned)

    @app_commands.command(name="unpin", description="Remove a place's pinned picture")
    @app_commands.describe(name="Place to unpin")
    async def unpin(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Take a plate away."""

        async def unpinned(services: Services) -> Sentence:
            await services.places.unpin(str(interaction.channel_id), str(name), by=requester_of(interaction))
            return gettext("Unpinned. The place is drawn from the text again.")

        await respond(interaction, self._find, unpinned)

    @app_commands.command(name="list", description="List the pinned places")
    async def list(self, interaction: discord.Interaction[Any]) -> None:
        """Tell the names of all places."""

        async def listed(services: Services) -> Sentence:
            places = await services.places.places(str(interaction.channel_id), by=requester_of(interaction))
            if not places:
                return gettext("No places are pinned yet. Pin one with `/scene-art place pin`.")
            names = ", ".join(escaped(place.name, NAME_LIMIT) for place in places[:SHOWN])
            return gettext("Pinned places: {names}.", names=names)

        await respond(interaction, self._find, listed)

    @pin.autocomplete("scene")
    async def _choose_scene(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        place = str(interaction.channel_id)
        return await scene_choices(
            interaction, self._find, current, lambda s: s.scenes.recent(place, by=requester_of(interaction))
        )

    @unpin.autocomplete("name")
    @pin.autocomplete("name")
    async def _choose_place(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        try:
            places = await self._find().places.places(str(interaction.channel_id), by=requester_of(interaction))
        except SceneArtError:
            return []
        return matching(current, [(place.name, place.name) for place in places])

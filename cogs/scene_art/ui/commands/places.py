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
        super().__init__(name="place", description="What places look like in this server's stories")
        self._find = find

    @app_commands.command(name="pin", description="Let a picture show what a place looks like from now on")
    @app_commands.describe(
        name="The place's name, as the story writes it",
        scene="Which scene shows it; the last one if you leave it empty",
    )
    async def pin(self, interaction: discord.Interaction[Any], name: str, scene: str = "") -> None:
        """Keep a picture as the plate of a place."""

        async def pinned(services: Services) -> Sentence:
            place = await services.places.pin(
                str(interaction.channel_id), str(name), str(scene), by=requester_of(interaction)
            )
            return gettext(
                "Whenever a story names {name}, the painter is shown this picture of it.",
                name=escaped(place.name, NAME_LIMIT),
            )

        await respond(interaction, self._find, pinned)

    @app_commands.command(name="unpin", description="Forget what a place looks like")
    @app_commands.describe(name="The place's name")
    async def unpin(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Take a plate away."""

        async def unpinned(services: Services) -> Sentence:
            await services.places.unpin(str(interaction.channel_id), str(name), by=requester_of(interaction))
            return gettext("The place is forgotten: it is painted from the text again.")

        await respond(interaction, self._find, unpinned)

    @app_commands.command(name="list", description="The places that have a picture")
    async def list(self, interaction: discord.Interaction[Any]) -> None:
        """Tell the names of all places."""

        async def listed(services: Services) -> Sentence:
            places = await services.places.places(str(interaction.channel_id), by=requester_of(interaction))
            if not places:
                return gettext("No place has a picture yet. `/scene-art place pin` gives it one.")
            names = ", ".join(escaped(place.name, NAME_LIMIT) for place in places[:SHOWN])
            return gettext("Places that have a picture: {names}.", names=names)

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

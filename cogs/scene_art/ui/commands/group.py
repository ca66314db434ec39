"""`/scene-art …`: the one group of commands, put together from its parts."""

from __future__ import annotations

from discord import app_commands

from ...services.services import FindServices
from ..command_tree import LocalisedGroup
from .characters import CastCommands
from .history import HistoryCommands
from .pictures import PictureCommands
from .places import PlaceCommands
from .settings import SettingsCommands


class SceneArtCommands(LocalisedGroup):
    """Everything that people do with scene-art by typing."""

    def __init__(self, find: FindServices, version: str) -> None:
        super().__init__(
            name="scene-art",
            description="Illustrate your game's scenes",
            allowed_installs=app_commands.AppInstallationType(guild=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        )
        parts = (PictureCommands(find), HistoryCommands(find, version), SettingsCommands(find))
        for part in parts:
            for command in part.commands:
                self.add_command(command)
        self.add_command(CastCommands(find))
        self.add_command(PlaceCommands(find))

"""`/scene-art …`: the one group of commands, put together from its parts."""

from __future__ import annotations

from discord import app_commands

from ...services.services import FindServices
from ..components.progress import Progress
from ..localization import LocalisedGroup
from .characters import CastCommands
from .history import LookingCommands
from .pictures import AskingCommands
from .places import PlaceCommands
from .recap import KeepingCommands
from .settings import SettlingCommands


class SceneArtCommands(LocalisedGroup):
    """Everything that people do with scene-art by typing."""

    def __init__(self, find: FindServices, progress: Progress, version: str) -> None:
        super().__init__(
            name="scene-art",
            description="Pictures of the game's scenes",
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        parts = (
            AskingCommands(find, progress),
            LookingCommands(find, version),
            KeepingCommands(find),
            SettlingCommands(find),
        )
        for part in parts:
            for command in part.commands:
                self.add_command(command)
        self.add_command(CastCommands(find))
        self.add_command(PlaceCommands(find))

"""A part of a group of commands: what all parts share."""

from __future__ import annotations

from discord import app_commands

from ...services.services import FindServices
from ..choices import Choices, Options, suggest
from ..context import Interaction
from ..responses import Work, respond


class CommandPart(app_commands.Group):
    """Commands of one subject, which translate between Discord and its services."""

    def __init__(self, find: FindServices) -> None:
        super().__init__()
        self._find = find

    async def _respond(self, interaction: Interaction, work: Work, *, alone: bool = True) -> None:
        """Answer a command with what `work` returns. Never raises."""
        await respond(interaction, self._find, work, alone=alone)

    async def _suggest(self, interaction: Interaction, current: str, options: Options) -> Choices:
        """Suggest those of `options` that fit what was typed so far. Never raises."""
        return await suggest(interaction, self._find, current, options)

"""A part of a group of commands: what all parts share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from discord import app_commands

from ...services.services import FindServices
from ..choices import Choices, list_characters, list_recent_scenes, list_styles, suggest
from ..context import Interaction, RequestContext
from ..responses import Answer, respond

PartT = TypeVar("PartT", bound="CommandPart")
P = ParamSpec("P")


class CommandPart(app_commands.Group):
    """Commands of one subject, which translate between Discord and its services."""

    def __init__(self, find: FindServices) -> None:
        super().__init__()
        self.find = find

    async def suggest_scenes(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the channel's latest scenes. Never raises."""
        return await suggest(interaction, self.find, current, list_recent_scenes)

    async def suggest_characters(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the channel's characters. Never raises."""
        return await suggest(interaction, self.find, current, list_characters)

    async def suggest_styles(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the styles that a picture can have. Never raises."""
        return await suggest(interaction, self.find, current, list_styles)


def answered(
    work: Callable[Concatenate[PartT, RequestContext, P], Awaitable[Answer | str]],
) -> Callable[Concatenate[PartT, Interaction, P], Coroutine[Any, Any, None]]:
    """Make the callback of a command out of `work`: the person alone gets what it returns. Never raises."""

    @functools.wraps(work)
    async def callback(part: PartT, interaction: Interaction, /, *args: P.args, **options: P.kwargs) -> None:
        await respond(interaction, part.find, lambda context: work(part, context, *args, **options))

    # discord.py reads the options from the signature, and would look up the names of their types in this module.
    callback.__signature__ = inspect.signature(work, eval_str=True)  # type: ignore[attr-defined]
    return callback

"""Our commands in the host's command tree: all of them, or none and a sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from discord import AppCommandType, app_commands

from ..errors import ConfigurationError

AnyCommand = app_commands.Group | app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
MENUS = "SCENE_ART_MESSAGE_MENUS"


def add_commands(tree: app_commands.CommandTree[Any], commands: Iterable[AnyCommand]) -> Callable[[], None]:
    """Add `commands` to `tree`; the function that is returned takes them out again.

    Raises:
        ConfigurationError: a name is taken, or there is no room. None of them is in the tree.
    """
    with ExitStack() as stack:
        for command in commands:
            kind = getattr(command, "type", AppCommandType.chat_input)
            try:
                tree.add_command(command)
            except app_commands.CommandAlreadyRegistered:
                raise ConfigurationError(_describe_taken(command.name, kind)) from None
            except app_commands.CommandLimitReached as exc:
                raise ConfigurationError(_describe_full(exc.limit, kind)) from None
            stack.callback(tree.remove_command, command.name, type=kind)
        return stack.pop_all().close


def _describe_taken(name: str, kind: AppCommandType) -> str:
    if kind is AppCommandType.message:
        return (
            f"the bot has a message menu “{name}” already: rename that one, "
            f"or set {MENUS} to false to leave scene-art's two out"
        )
    return f"the bot has a command /{name} already: rename that one, or unload what brings it"


def _describe_full(limit: int, kind: AppCommandType) -> str:
    if kind is AppCommandType.message:
        return (
            f"the bot's own message menus leave no room for scene-art's two, as Discord allows {limit}: "
            f"set {MENUS} to false to leave them out, or remove one of the bot's"
        )
    return f"the bot's own commands leave no room for scene-art's two groups, as Discord allows {limit}"

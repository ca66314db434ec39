"""Our commands in the host's command tree: all of them, or none and a sentence that says why.

Their names and descriptions are in other languages, too, whatever translator the tree has. discord.py asks the tree's
one translator, which is the host's. So the payload that is sent to Discord is completed here, command by command, and
nothing of the host's is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from contextlib import ExitStack
from typing import Any, Self

import discord
from discord import AppCommandType, app_commands

from ..errors import ConfigurationError
from ..i18n import NAME, translations
from .context import Interaction

AnyCommand = app_commands.Group | app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
MENUS = "SCENE_ART_MESSAGE_MENUS"
ROOTS = {"scene-art", "scene-art-mod"}


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


def localise(payload: dict[str, Any]) -> dict[str, Any]:
    """Complete a command, option or choice with its names elsewhere; what the host gave stays."""
    completed = dict(payload)
    name, description = str(payload.get("name", "")), str(payload.get("description", ""))
    if name not in ROOTS:
        context = None if "value" in payload else NAME
        completed["name_localizations"] = translations(name, context) | (payload.get("name_localizations") or {})
    if description:
        completed["description_localizations"] = translations(description) | (
            payload.get("description_localizations") or {}
        )
    for inner in ("options", "choices"):
        if payload.get(inner):
            completed[inner] = [localise(part) for part in payload[inner]]
    return completed


class _Localised:
    """A command that is completed with its names elsewhere when it is registered with Discord."""

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """Describe it as it is registered with Discord."""
        return localise(super().to_dict(tree))  # type: ignore[misc]  # discord.py's class comes behind this one

    async def get_translated_payload(
        self, tree: app_commands.CommandTree[Any], translator: app_commands.Translator
    ) -> dict[str, Any]:
        """Describe it as it is registered with Discord where the host has a translator."""
        return localise(await super().get_translated_payload(tree, translator))  # type: ignore[misc]


class LocalisedGroup(_Localised, app_commands.Group):
    """A group at the top whose commands are told in other languages, too."""


class LocalisedMenu(_Localised, app_commands.ContextMenu):
    """A context menu that is called by another name elsewhere."""

    @classmethod
    def build(cls, name: str, callback: Callable[[Interaction, discord.Message], Coroutine[Any, Any, None]]) -> Self:
        """Build a menu of a message, for servers and direct messages with the bot."""
        return cls(
            name=name,
            callback=callback,
            allowed_installs=app_commands.AppInstallationType(guild=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        )

"""Names and descriptions of commands in other languages, whatever translator the host's command tree has.

discord.py asks the tree's one translator, which is the host's. So the payload that is sent to Discord is completed
here, command by command, and nothing of the host's is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Self

import discord
from discord import app_commands

from ..i18n import NAME, translations
from .context import Interaction

ROOTS = {"scene-art", "scene-art-mod"}


def localise(payload: dict[str, Any]) -> dict[str, Any]:
    """Complete a command, option or choice with its names elsewhere; what the host gave stays."""
    completed = dict(payload)
    name, description = str(payload.get("name", "")), str(payload.get("description", ""))
    if name not in ROOTS:
        is_choice = "value" in payload
        completed["name_localizations"] = translations(name, None if is_choice else NAME) | (
            payload.get("name_localizations") or {}
        )
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

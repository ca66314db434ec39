"""Names and descriptions of commands in other languages, whatever translator the host's command tree has.

discord.py asks the tree's one translator, which is the host's. So the payload that is sent to Discord is completed
here, command by command, and nothing of the host's is touched.
"""

from __future__ import annotations

from typing import Any

from discord import app_commands

from ..i18n import NAME, translations

ROOTS = {"scene-art", "scene-art-mod"}


def localised(payload: dict[str, Any]) -> dict[str, Any]:
    """`payload` of a command, option or choice with what it is called elsewhere; what the host gave stays."""
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
            completed[inner] = [localised(part) for part in payload[inner]]
    return completed


class LocalisedGroup(app_commands.Group):
    """A group whose commands are told in other languages, too."""

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """As it is registered with Discord."""
        payload = super().to_dict(tree)
        return localised(payload) if self.parent is None else payload

    async def get_translated_payload(
        self, tree: app_commands.CommandTree[Any], translator: app_commands.Translator
    ) -> dict[str, Any]:
        """As it is registered with Discord where the host has a translator."""
        payload = await super().get_translated_payload(tree, translator)
        return localised(payload) if self.parent is None else payload


class LocalisedMenu(app_commands.ContextMenu):
    """A context menu that is called by another name elsewhere."""

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """As it is registered with Discord."""
        return localised(super().to_dict(tree))

    async def get_translated_payload(
        self, tree: app_commands.CommandTree[Any], translator: app_commands.Translator
    ) -> dict[str, Any]:
        """As it is registered with Discord where the host has a translator."""
        return localised(await super().get_translated_payload(tree, translator))

"""Buttons and lists that are about no scene, found by their ids after any restart."""

from __future__ import annotations

from typing import Any

import discord

from ...services.services import FindServices
from .characters import CastPageButton
from .history import PageButton, WhoSelect
from .kept_pictures import KeptButton
from .settings_panel import ScopeButton, SettingSelect

KINDS: tuple[type[discord.ui.DynamicItem[Any]], ...] = (
    PageButton,
    WhoSelect,
    KeptButton,
    ScopeButton,
    SettingSelect,
    CastPageButton,
)


def bound_items(find: FindServices) -> tuple[type[discord.ui.DynamicItem[Any]], ...]:
    """Classes of the same items that find the services: one each per loaded extension, no global state."""
    return tuple(_bound(kind, find) for kind in KINDS)


def _bound(kind: type[discord.ui.DynamicItem[Any]], find: FindServices) -> type[discord.ui.DynamicItem[Any]]:
    class Bound(kind, template=kind.__discord_ui_compiled_template__):  # type: ignore[misc, valid-type, call-arg]
        pass

    Bound.find = staticmethod(find)
    return Bound

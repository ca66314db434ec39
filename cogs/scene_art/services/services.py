"""What commands and buttons call: one service a subject, none with a Discord type of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..discord_io.posted_messages import PostedPictures
from .characters import CharacterService
from .history import HistoryService
from .pictures import PictureService
from .places import PlaceService
from .recap import RecapService
from .settings import SettingsService


@dataclass(frozen=True)
class Services:
    """Everything that people can do."""

    picture_service: PictureService
    """Pictures are asked for."""
    history_service: HistoryService
    """Pictures are looked at, and taken away."""
    place_service: PlaceService
    """Places keep their looks."""
    recap_service: RecapService
    """Sessions are bound, to keep."""
    settings_service: SettingsService
    """Things are decided, and told."""
    character_service: CharacterService
    """What characters look like."""
    posted: PostedPictures
    """The pictures themselves, as they stand in Discord."""


FindServices = Callable[[], Services]
"""Raises `SceneArtError` while there are none; its sentence says why."""

"""The services that commands and buttons call: one for each subject, none with a Discord type of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..discord_io.posted_messages import PostedPictures
from ..discord_io.poster import Poster
from .characters import CharacterService
from .history import HistoryService
from .pictures import PictureService
from .places import PlaceService
from .recap import RecapService
from .settings import SettingsService


@dataclass(frozen=True)
class Services:
    """All services, for commands and buttons."""

    picture_service: PictureService
    """New pictures and rerenders."""
    history_service: HistoryService
    """Existing pictures."""
    place_service: PlaceService
    """Pinned places."""
    recap_service: RecapService
    """Recaps of sessions."""
    settings_service: SettingsService
    """Settings and status."""
    character_service: CharacterService
    """The cast book and opt-outs."""
    poster: Poster
    """The poster, for changing messages."""
    posted: PostedPictures
    """The posted pictures' files."""


FindServices = Callable[[], Services]
"""Returns the services. Raises `SceneArtError` while there are none; its sentence says why."""

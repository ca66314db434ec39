"""The services that commands and buttons call: one for each subject, none with a Discord type of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..discord_io.posted_messages import PostedPictures
from ..domain.styles import Styles
from .access import RequestLimits
from .characters import CharacterService
from .dispatcher import SceneDispatcher
from .history import HistoryService
from .pictures import PictureService
from .places import PlaceService
from .rates import RequestRates
from .recap import RecapService
from .settings import SettingsService
from .status import StatusService


@dataclass(frozen=True)
class Services:
    """Everything that people can do, by subject; each command takes the one that it is about."""

    pictures: PictureService
    limits: RequestLimits
    rates: RequestRates
    dispatcher: SceneDispatcher
    history: HistoryService
    recap: RecapService
    settings: SettingsService
    status: StatusService
    characters: CharacterService
    places: PlaceService
    styles: Styles
    posted: PostedPictures
    """The posted pictures' files."""


FindServices = Callable[[], Services]
"""Returns the services. Raises `SceneArtError` while there are none; its sentence says why."""

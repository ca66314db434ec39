"""What commands and buttons call: one service a subject, none with a Discord type of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..discord_io.posted_messages import PostedPictures
from ..discord_io.poster import Poster
from .characters import Wardrobe
from .history import Gallery
from .pictures import Studio
from .places import Atlas
from .recap import Binder
from .settings import Office


@dataclass(frozen=True)
class Services:
    """Everything that people can do."""

    studio: Studio
    """Pictures are asked for."""
    gallery: Gallery
    """Pictures are looked at, and taken away."""
    atlas: Atlas
    """Places keep their looks."""
    binder: Binder
    """Sessions are bound, to keep."""
    office: Office
    """Things are decided, and told."""
    wardrobe: Wardrobe
    """What characters look like."""
    poster: Poster
    """Messages are changed."""
    posted: PostedPictures
    """The pictures themselves, as they stand in Discord."""


FindServices = Callable[[], Services]
"""Raises `SceneArtError` while there are none; its sentence says why."""

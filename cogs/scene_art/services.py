"""What commands and buttons call: one service a subject, none with a Discord type of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .atlas import Atlas
from .gallery import Gallery
from .office import Office
from .recap.binder import Binder
from .showing.post import Poster
from .showing.posted import PostedPictures
from .studio import Studio
from .wardrobe import Wardrobe


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

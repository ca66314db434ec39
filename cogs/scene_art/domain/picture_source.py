"""The port through which posted pictures are read again."""

from __future__ import annotations

from typing import Protocol

from .scene import Scene


class PictureSource(Protocol):
    """Reads pictures back from where they were posted."""

    async def picture(self, scene: Scene) -> bytes | None:
        """Read the posted picture of `scene`; None when it is gone. May raise `SceneArtError`."""
        ...

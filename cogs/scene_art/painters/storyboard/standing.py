"""Somebody or something that has its place in the scene."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

Box = tuple[int, int, int, int]
"""Left, upper, right, lower, in dots."""


@dataclass
class Standing:
    """Somebody or something on the stage: the middle of the feet, in dots."""

    image: Image.Image
    x: int
    feet: int
    name: str = ""
    is_foe: bool = False
    swims: bool = False
    carries: str = ""
    looks: int = 0
    """To the right (1) or to the left (-1); 0 for a picture, of which nobody knows."""

    @property
    def head(self) -> int:
        """The upper edge."""
        return self.feet - self.image.height

    @property
    def face(self) -> Box:
        """About where the face is."""
        return self.x - 5, self.head + 1, self.x + 5, self.head + 13

    @property
    def breast(self) -> tuple[int, int]:
        """Where blows and spells meet."""
        return self.x, self.feet - round(self.image.height * 0.55)

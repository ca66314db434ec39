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
    def crown(self) -> tuple[int, int]:
        """The top of the head, or of the hat on it: above the legs, whatever the hands hold out or up."""
        alpha = self.image.getchannel("A")
        legs = alpha.crop((0, alpha.height // 2, alpha.width, alpha.height)).resize(
            (alpha.width, 1), Image.Resampling.BOX
        )
        weights = legs.tobytes()
        middle = round(sum(x * weight for x, weight in enumerate(weights)) / max(1, sum(weights)))
        body = alpha.crop((max(0, middle - 3), 0, middle + 4, alpha.height)).getbbox()
        return self.x - self.image.width // 2 + middle, self.head + (body[1] if body else 0)

    @property
    def face(self) -> Box:
        """About where the face is, with the hat."""
        x, top = self.crown
        return x - 5, top + 1, x + 5, top + 18

    @property
    def breast(self) -> tuple[int, int]:
        """Where blows and spells meet."""
        return self.x, self.feet - round(self.image.height * 0.55)

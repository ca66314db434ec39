"""A person or creature with a place in the scene."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

Box = tuple[int, int, int, int]
"""(left, upper, right, lower), in dots."""


@dataclass
class Standing:
    """A person or creature on the stage. `x` and `feet` are the middle of the feet, in dots."""

    image: Image.Image
    x: int
    feet: int
    name: str = ""
    is_foe: bool = False
    swims: bool = False
    carries: str = ""
    looks: int = 0
    """1: looks to the right, -1: to the left, 0: a picture, whose direction is not known."""

    @property
    def head(self) -> int:
        """The upper edge of the picture."""
        return self.feet - self.image.height

    @property
    def crown(self) -> tuple[int, int]:
        """The top of the head or hat, found above the legs, so that things in the hands do not count."""
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
        """The approximate box of the face, with the hat."""
        x, top = self.crown
        return x - 5, top + 1, x + 5, top + 18

    @property
    def breast(self) -> tuple[int, int]:
        """The point that blows and spells hit."""
        return self.x, self.feet - round(self.image.height * 0.55)

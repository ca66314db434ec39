"""The stage: places heroes, the speaker in front, the game master apart and larger, and foes opposite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageOps

from ...domain.painting import CastMember, Role
from . import foes
from .canvas import Canvas
from .cast import KEPT, Sprite, leaning, sprite
from .ink import Colour, dark, glow
from .nature import foam
from .standing import Box, Standing
from .tags import TAG_HEIGHT, Tag, place_tags, write_tag

MOST_ON_STAGE = 8
MASTER_SIZE = 1.24
TALLEST = 80
"""Height of a person in the front row, in dots."""
AFLOAT = 0.78
"""Share of a swimmer that is above the water."""
AURA: Colour = (168, 150, 255)
"""Colour of the glow around the game master."""
_POSES = {
    "battle": ("fight",), "magic": ("stand",), "rest": ("sit", "rest"), "death": ("kneel", "mourn"), "travel": ("walk",)
}  # fmt: skip
"""Poses by action, for neighbours in turn."""
_ROWS = ((0.58, 0.88), (0.82, 0.96), (1.0, 1.0))
"""Rows from far to near: position between the horizon (0) and the text box (1), and height. The last: the speaker's."""
LEAN = 0.16
"""Lean of a picture, which cannot take a pose, towards the foes, as a share of its height."""


@dataclass
class Creature:
    """A creature without a place yet."""

    image: Image.Image
    swims: bool = False


class Stage:
    """Places everybody when it is made, and draws them in `draw`."""

    def __init__(self, scene: Canvas, cast: Sequence[CastMember], *, speaking: str, acting: str, ceiling: int) -> None:
        """`ceiling` is the highest line for heads and names. `acting` names the one who casts the spell or strikes."""
        self._scene = scene
        self.ceiling = ceiling
        self.standing: list[Standing] = []
        self.kept_free: list[Box] = []
        """Boxes that names must not cover."""
        masters = [m for m in cast if m.role is Role.GAME_MASTER][:1]
        people = [m for m in cast if m.role is Role.CHARACTER][: MOST_ON_STAGE - len(masters)]
        creatures = _creatures(scene, crowded=len(people) > 4)
        self._left = scene.dice.random() < 0.5
        self._upright = scene.height > scene.width
        """True for a narrow and tall canvas, on which creatures are placed behind the people instead of beside them."""
        own = self._place_master(masters[0], alone=not people and not creatures) if masters else 0
        room = self._rooms(own, len(people), creatures)
        self._place_people(people, room[0], speaking, acting)
        self._place_creatures(creatures, room[1])

    # Room

    def _rooms(self, own: int, people: int, creatures: list[Creature]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Divide the width into ranges (left, right) for the people and for the creatures.

        `own` is the width of the game master's margin, at the outer edge on the people's side.
        """
        width = self._scene.width
        if self._upright:
            half = round(width * (0.36 if own else 0))
            return (2, width - 2), ((half, width) if self._left else (0, width - half))
        own = max(4, own)
        wide = sum(one.image.width for one in creatures) + 8 if creatures else 0
        theirs = min(round(width * (0.7 if not people else 0.46 if people <= 4 else 0.32)), wide)
        if self._left:
            return (own, width - theirs - 4), (width - theirs - 2, width - 4)
        return (theirs + 4, width - own), (4, theirs + 2)

    def _height(self) -> int:
        """Return the height of a person in the front row on this canvas, in dots."""
        room = self._scene.floor - self.ceiling - 12
        most = TALLEST if room >= TALLEST else round(TALLEST * KEPT) - 1
        return max(20, min(most, room, round(self._scene.width * 0.42)))

    # Placing

    def _place_master(self, member: CastMember, *, alone: bool) -> int:
        """Place the game master, and return the width of their margin, in dots."""
        scene = self._scene
        feet = scene.horizon + round((scene.floor - scene.horizon) * (0.1 if self._upright else 0.7))
        tall = min(round(self._height() * MASTER_SIZE), feet - self.ceiling - TAG_HEIGHT - 1)
        image = self._in_light(sprite(member, max(20, tall)).image, 0.35)
        feet = max(feet, min(scene.floor - 3, self.ceiling + TAG_HEIGHT + image.height))
        edge = min(max(image.width // 2 + 4, round(scene.width * 0.12)), scene.width // 2)
        x = scene.width // 2 if alone else edge if self._left else scene.width - edge
        glow(scene.image, (x, feet - image.height * 0.6), image.height * 0.7, AURA, 0.5)
        self.standing.append(Standing(image, x, feet, member.name))
        return min(edge * 2, round(scene.width * 0.34))

    def _place_people(self, people: Sequence[CastMember], room: tuple[int, int], speaking: str, acting: str) -> None:
        if not people:
            return
        if self._duel:
            middle, half = (room[0] + room[1]) // 2, min((room[1] - room[0]) // 2, len(people) * 30)
            room = middle - half, middle + half
        order = self._order(people, acting)
        step = (room[1] - room[0]) / len(order)
        small = min(1.0, max(0.62, step / 40)) if len(order) > 1 else 1.0
        for index, member in enumerate(order):
            near = member.name == speaking
            row = len(_ROWS) - 1 if near else index % 2 if len(order) > 1 else 1
            depth, size = _ROWS[row]
            x = room[0] + round(step * (index + 0.5) + self._scene.dice.uniform(-0.1, 0.1) * step)
            tall = round(self._height() * size * small)
            made = sprite(member, tall, self._pose(member.name, index, speaking, acting))
            way = -1 if self._looks_left(x, room, len(order)) else 1
            image = self._in_light(self._turned(made, way, strikes=member.name == acting))
            looks = way if made.is_drawn else 0
            self._stand(Standing(image, x, self._feet(depth), member.name, carries=made.carries, looks=looks))

    def _order(self, people: Sequence[CastMember], acting: str) -> list[CastMember]:
        """Order the people from left to right by the dice. In a fight the acting one is next to the foes."""
        order = list(people)
        self._scene.dice.shuffle(order)
        if self._fights:
            order.sort(key=lambda member: (member.name == acting) == self._left)
        return order

    @property
    def _duel(self) -> bool:
        """True: the people fight each other, since the story names no foes."""
        return self._scene.reading.action == "battle" and not self._scene.reading.foes

    @property
    def _fights(self) -> bool:
        return self._scene.reading.action == "battle" and bool(self._scene.reading.foes)

    def _pose(self, name: str, index: int, speaking: str, acting: str) -> str:
        reading = self._scene.reading
        if name == speaking and reading.action not in {"battle", "magic"}:
            return "talk"
        if reading.action == "magic" and name == acting:
            return "cast"
        action = "rest" if reading.action == "talk" and "campfire" in reading.things else reading.action
        poses = _POSES.get(action, ("stand",))
        return poses[index % len(poses)]

    def _turned(self, made: Sprite, way: int, *, strikes: bool) -> Image.Image:
        """Turn a drawn figure to `way`. A picture, whose direction is not known, leans that way in a battle."""
        if made.is_drawn:
            return ImageOps.mirror(made.image) if way < 0 else made.image
        if self._scene.reading.action != "battle":
            return made.image
        return leaning(made.image, way * LEAN * (1 if strikes else 0.5))

    def _looks_left(self, x: int, room: tuple[int, int], count: int) -> bool:
        """Tell whether a person at `x` looks to the left: towards the foes, or towards the other people."""
        if self._scene.reading.foes:
            return not self._left
        return x > (room[0] + room[1]) / 2 if count > 1 else not self._left

    def _place_creatures(self, creatures: list[Creature], room: tuple[int, int]) -> None:
        if not creatures:
            return
        step = (room[1] - room[0]) / len(creatures)
        for index, one in enumerate(creatures):
            depth = 0.1 + 0.14 * index if self._upright else (0.66, 0.36)[index % 2]
            line = self._scene.waterline if one.swims else None
            feet = self._feet(depth) if line is None else line
            made = self._in_light(self._within(one.image, max(24, room[1] - room[0]), feet - self.ceiling))
            turned = made if self._left else ImageOps.mirror(made)
            x = room[0] + round(step * (index + 0.5))
            self._stand(Standing(turned, x, feet, is_foe=True, swims=line is not None))

    def _within(self, image: Image.Image, wide: int, tall: int) -> Image.Image:
        share = min(1.0, tall / image.height, wide / image.width)
        if share == 1.0:
            return image
        return image.resize(
            (max(1, round(image.width * share)), max(1, round(image.height * share))), Image.Resampling.NEAREST
        )

    def _stand(self, one: Standing) -> None:
        """Add somebody, moved so far that the whole picture is visible."""
        scene = self._scene
        half = one.image.width // 2
        one.x = min(max(one.x, half + 2), max(half + 2, scene.width - half - 2))
        if one.name:  # room for the name above the head: somebody too tall for the background moves nearer
            one.feet = max(one.feet, min(scene.floor - 3, self.ceiling + TAG_HEIGHT + one.image.height))
        self.standing.append(one)

    def _feet(self, depth: float) -> int:
        """Return the line of the feet for a depth from the horizon (0) to the text box (1)."""
        return self._scene.horizon + round((self._scene.floor - 3 - self._scene.horizon) * depth)

    def _in_light(self, image: Image.Image, share: float = 0.55) -> Image.Image:
        """Tint a picture with a share of the scene's light, so that people are a little brighter than the ground."""
        tint = tuple(round(255 - (255 - value) * share) for value in self._scene.colours.tint)
        alpha = image.getchannel("A")
        lit = ImageChops.multiply(image.convert("RGB"), Image.new("RGB", image.size, tint))
        lit.putalpha(alpha)
        return lit

    def look_at(self, x: float) -> None:
        """Turn drawn people to a sight at `x`, unless foes or the action hold their attention."""
        if self._scene.reading.foes or self._scene.reading.action in {"battle", "magic", "travel"}:
            return
        for one in self.standing:
            if one.looks and (one.x > x) is (one.looks > 0):
                one.image, one.looks = ImageOps.mirror(one.image), -one.looks

    def gaps(self, count: int) -> list[float]:
        """Return `count` places in the middle of the widest gaps between people and sights."""
        bodies = ((one.x - one.image.width / 2, one.x + one.image.width / 2) for one in self.standing)
        taken = sorted([*bodies, *self._scene.busy])
        free: list[tuple[float, float]] = []
        at = 4.0
        for start, end in [*taken, (self._scene.width - 4.0, 0.0)]:
            if start > at:
                free.append((start - at, (start + at) / 2))
            at = max(at, end)
        found = [x for _, x in sorted(free, reverse=True)]
        return [*found, *([self._scene.width / 2] * count)][:count]

    # Drawing

    def draw(self) -> None:
        """Draw everybody from far to near, with a shadow, or with foam around swimmers."""
        for one in sorted(self.standing, key=lambda standing: standing.feet):
            if not one.swims:
                self._shadow(one)
            at = (one.x - one.image.width // 2, one.head)
            self._scene.image.paste(one.image, at, one.image)
            if one.swims:
                half = one.image.width // 2 + 8
                foam(self._scene, one.x - half, one.x + half, one.feet)

    def _shadow(self, one: Standing) -> None:
        half = max(5, one.image.width // 2 - 2)
        mask = Image.new("L", self._scene.size)
        ImageDraw.Draw(mask).ellipse((one.x - half, one.feet - 4, one.x + half, one.feet + 3), fill=130)
        self._scene.image.paste(dark(self._scene.colours.ground, 0.8), mask=mask)

    def tags(self) -> list[Tag]:
        """Place the names above the heads."""
        return place_tags(self.standing, self._scene.width, self.ceiling, self.kept_free)

    def label(self) -> None:
        """Write the names above the heads."""
        for tag in self.tags():
            write_tag(self._scene.image, tag)


def _creatures(scene: Canvas, *, crowded: bool) -> list[Creature]:
    """Make one creature of each kind that the story names, two at most; a pair of a single kind, unless `crowded`."""
    known = [kind for kind in scene.reading.foes if kind in foes.KNOWN]
    if len(known) == 1 and not crowded and known[0] not in foes.ALONE:
        return [Creature(foes.creature(known[0], number)) for number in range(2)]
    return [_creature(scene, kind) for kind in known[:2]]


def _creature(scene: Canvas, kind: str) -> Creature:
    image = foes.creature(kind, 0)
    if kind not in foes.SWIMMERS or scene.waterline is None:
        return Creature(image)
    return Creature(image.crop((0, 0, image.width, round(image.height * AFLOAT))), swims=True)

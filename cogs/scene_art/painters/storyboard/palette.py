"""The few colours of a place at an hour, and the tint of its light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..words import INDOORS, Reading
from .ink import Colour, mix


@dataclass(frozen=True)
class Palette:
    """The colours of one scene."""

    sky: tuple[Colour, Colour, Colour]
    """The sky at the top, in the middle, at the horizon."""
    far: Colour
    near: Colour
    ground: Colour
    light: Colour
    """The colour of lamps, windows and magic."""
    tint: Colour
    """The colour of white in this light; the colours of all people and things are multiplied by it."""

    def lit(self, colour: Colour) -> Colour:
        """Return `colour` as it looks in this scene's light."""
        return _multiplied(colour, self.tint)


SKIES: Mapping[str, tuple[Colour, Colour, Colour]] = {
    "day": ((46, 118, 206), (112, 184, 236), (214, 238, 240)),
    "dawn": ((74, 84, 160), (206, 140, 172), (255, 216, 168)),
    "dusk": ((44, 34, 96), (176, 72, 108), (255, 158, 84)),
    "night": ((8, 10, 34), (22, 28, 74), (58, 66, 128)),
}
_TINTS: Mapping[str, Colour] = {
    "day": (255, 255, 255), "dawn": (250, 222, 222), "dusk": (232, 184, 188), "night": (126, 138, 200),
}  # fmt: skip
_GLOOMY: Mapping[str, tuple[Colour, float]] = {
    "rain": ((92, 104, 126), 0.55), "storm": ((50, 56, 84), 0.66), "fog": ((198, 204, 212), 0.5),
    "snow": ((206, 216, 232), 0.35),
}  # fmt: skip
"""Colours that the weather mixes into the sky, and their shares."""

RAINBOW: tuple[Colour, ...] = (
    (255, 84, 110),
    (255, 176, 70),
    (250, 240, 120),
    (110, 236, 130),
    (90, 190, 255),
    (196, 120, 255),
)
# far, near, ground, light
_PLACES: Mapping[str, tuple[Colour, Colour, Colour, Colour]] = {
    "forest": ((84, 148, 128), (40, 110, 66), (86, 138, 62), (255, 240, 160)),
    "cave": ((70, 60, 98), (48, 42, 70), (92, 80, 104), (110, 228, 255)),
    "dungeon": ((88, 84, 112), (58, 54, 78), (104, 98, 118), (255, 176, 80)),
    "castle": ((146, 150, 182), (126, 126, 152), (128, 134, 122), (255, 216, 120)),
    "tavern": ((134, 84, 52), (92, 56, 40), (156, 102, 62), (255, 196, 96)),
    "village": ((126, 168, 124), (214, 190, 150), (118, 160, 78), (255, 222, 130)),
    "city": ((150, 148, 174), (198, 172, 140), (150, 142, 140), (255, 220, 140)),
    "neon city": ((54, 34, 110), (28, 18, 62), (52, 44, 92), (255, 80, 196)),
    "sea": ((110, 160, 190), (36, 116, 176), (238, 214, 156), (255, 244, 190)),
    "ship": ((60, 130, 186), (120, 80, 54), (176, 124, 78), (255, 224, 144)),
    "desert": ((236, 190, 128), (222, 160, 94), (246, 206, 138), (255, 248, 200)),
    "snow": ((166, 190, 222), (120, 150, 190), (238, 244, 252), (255, 252, 224)),
    "mountains": ((138, 150, 190), (104, 108, 138), (124, 140, 98), (255, 242, 196)),
    "swamp": ((88, 124, 100), (54, 82, 60), (70, 96, 56), (200, 255, 150)),
    "temple": ((118, 102, 134), (182, 166, 178), (170, 152, 156), (255, 232, 160)),
    "library": ((104, 66, 52), (78, 48, 42), (146, 96, 64), (255, 212, 130)),
    "laboratory": ((56, 92, 106), (38, 62, 76), (104, 132, 140), (120, 255, 196)),
    "space": ((64, 60, 96), (40, 40, 66), (98, 102, 132), (140, 220, 255)),
    "void": ((96, 28, 122), (40, 14, 66), (70, 30, 96), (255, 90, 226)),
}
_INNER_SKIES: Mapping[str, tuple[Colour, Colour, Colour]] = {
    "space": ((4, 4, 18), (16, 10, 44), (44, 22, 78)),
    "neon city": ((12, 6, 40), (58, 18, 92), (160, 40, 128)),
    "void": ((6, 2, 18), (34, 8, 54), (86, 18, 104)),
    "cave": ((14, 12, 28), (32, 26, 50), (56, 46, 78)),
}
_INNER_TINTS: Mapping[str, Colour] = {
    "cave": (168, 170, 214), "dungeon": (206, 184, 190), "tavern": (255, 226, 190), "library": (255, 228, 196),
    "laboratory": (206, 240, 236), "space": (204, 208, 244), "void": (226, 188, 240), "neon city": (206, 180, 244),
    "temple": (246, 232, 228),
}  # fmt: skip


def palette_of(reading: Reading) -> Palette:
    """Choose the colours of a scene."""
    far, near, ground, light = _PLACES[reading.place]
    sky = _INNER_SKIES.get(reading.place, SKIES[reading.hour])
    tint = _INNER_TINTS.get(reading.place, _TINTS[reading.hour])
    if reading.place not in INDOORS and reading.weather in _GLOOMY and reading.place not in _INNER_SKIES:
        veil, share = _GLOOMY[reading.weather]
        veil = _multiplied(veil, _TINTS[reading.hour])
        sky = (mix(sky[0], veil, share), mix(sky[1], veil, share), mix(sky[2], veil, share * 0.8))
        tint = mix(tint, (168, 180, 204), 0.3) if reading.weather in {"rain", "storm"} else tint
    return Palette(
        sky=sky,
        far=mix(_multiplied(far, tint), sky[2], 0.3),
        near=_multiplied(near, tint),
        ground=_multiplied(ground, tint),
        light=light,
        tint=tint,
    )


def _multiplied(colour: Colour, tint: Colour) -> Colour:
    red, green, blue = (value * share // 255 for value, share in zip(colour, tint, strict=True))
    return red, green, blue

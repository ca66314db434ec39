"""Colours, dithering and glow, for every part of the picture. Works on whole images with Pillow's C code."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]

_BAYER = (0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Mix `share` (0 to 1) of `other` into `one`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def dark(colour: Colour, share: float = 0.4) -> Colour:
    """Darken `colour` towards the colour of night."""
    return mix(colour, (16, 12, 32), share)


@lru_cache(maxsize=16)
def _threshold(size: Size) -> Image.Image:
    """Tile the 4 x 4 Bayer matrix over `size`."""
    tile = Image.new("L", (4, 4))
    tile.putdata([value * 16 + 8 for value in _BAYER])
    tiled = Image.new("L", size)
    for y in range(0, size[1], 4):
        for x in range(0, size[0], 4):
            tiled.paste(tile, (x, y))
    return tiled


def gradient(size: Size, top: Colour, bottom: Colour, bands: int = 6) -> Image.Image:
    """Draw a gradient from `top` to `bottom` in `bands` flat colours with dithered edges."""
    ramp = Image.linear_gradient("L").resize(size)
    image = Image.new("RGB", size, top)
    for band in range(1, bands):
        # Where the ramp, scaled to this band, is above the threshold, the next colour shows.
        low = 255 * (band - 1) / (bands - 1)
        step = 255 / (bands - 1)
        scaled = ramp.point([max(0, min(255, round((value - low) * 255 / step))) for value in range(256)])
        mask = ImageChops.subtract(scaled, _threshold(size)).point([0] + [255] * 255)
        image.paste(mix(top, bottom, band / (bands - 1)), mask=mask)
    return image


def dither_mask(strength: Image.Image) -> Image.Image:
    """Make a mask of dots that are as dense as `strength` (mode L) is bright."""
    return ImageChops.subtract(strength, _threshold(strength.size)).point([0] + [255] * 255)


def glow(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, power: float = 0.6) -> None:
    """Add a light at `centre` that falls off to nothing at `radius`, in dithered steps. Changes `image`."""
    side = max(2, int(radius * 2))
    # Pillow's gradient has 181 in the middle of an edge and 255 only in the corners.
    falling = [max(0, 255 - value * 255 // 178) for value in range(256)]
    disc = Image.radial_gradient("L").point(falling).resize((side, side))
    light = Image.new("L", image.size)
    light.paste(
        disc.point([round(value * power) for value in range(256)]), (int(centre[0] - radius), int(centre[1] - radius))
    )
    coarse = light.point([min(255, value // 40 * 40) for value in range(256)])
    fine = ImageChops.subtract(light, coarse).point([min(255, value * 6) for value in range(256)])
    stepped = ImageChops.add(coarse, dither_mask(fine).point([0] * 255 + [40]))
    added = Image.composite(Image.new("RGB", image.size, colour), Image.new("RGB", image.size), stepped)
    image.paste(ImageChops.screen(image, added))


def outlined(sprite: Image.Image, colour: Colour) -> Image.Image:
    """Draw a one-dot outline around `sprite` (RGBA). The result is one dot larger on every side."""
    grown = Image.new("RGBA", (sprite.width + 2, sprite.height + 2))
    grown.paste(sprite, (1, 1))
    shape = grown.getchannel("A").point([0] * 128 + [255] * 128)
    rim = ImageChops.subtract(shape.filter(ImageFilter.MaxFilter(3)), shape)
    grown.putalpha(shape)
    grown.paste((*colour, 255), mask=rim)
    return grown

"""Reference pictures as sprites: the subject alone, pixel art in its own dots, photographs as framed cards."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from cogs.scene_art.domain.painting import CastMember, Picture, Role
from cogs.scene_art.painters.storyboard.cast import KEPT, MOST_DOTS, UPRIGHT, dots_of, leaning, sprite
from cogs.scene_art.painters.storyboard.figure import figure, look_of
from cogs.scene_art.painters.storyboard.shapes import OUTLINE

COAT = (200, 40, 40)


def member(image: Image.Image, folder: Path) -> CastMember:
    path = folder / "hero.png"
    image.save(path)
    return CastMember(
        name="Mira",
        role=Role.CHARACTER,
        picture=Picture(path=path, mime="image/png", width=image.width, height=image.height),
    )


def person(ground: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    """A red coat with a head and two legs on a plain ground."""
    image = Image.new(mode, (300, 600), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((110, 40, 190, 130), fill=(230, 180, 140))
    pen.rectangle((90, 130, 210, 380), fill=COAT)
    for x in (95, 165):
        pen.rectangle((x, 380, x + 40, 560), fill=(60, 60, 90))
    return image


def share_of(image: Image.Image) -> float:
    return (image.getchannel("A").histogram()[255]) / (image.width * image.height)


@pytest.mark.parametrize(
    "picture",
    [
        person((255, 255, 255)),
        person((0, 0, 0)),
        person((90, 180, 210)),
        person((0, 0, 0, 0), "RGBA"),
    ],
    ids=["white", "black", "coloured", "transparent"],
)
def test_the_subject_is_separated_from_a_plain_ground(picture: Image.Image, tmp_path: Path) -> None:
    made = sprite(member(picture, tmp_path), 72).image

    assert abs(made.height - 72) <= 4
    assert 0.4 < share_of(made) < 0.95, "neither the whole card nor nothing"
    colours = {colour[:3] for _, colour in made.getcolors(10_000) or [] if colour[3]}  # type: ignore[index]
    assert any(abs(red - 200) < 30 and green < 80 for red, green, _ in colours), "the coat is still red"


def test_a_hole_of_the_grounds_own_colour_is_no_part_of_anybody(tmp_path: Path) -> None:
    picture = person((90, 180, 210))
    ImageDraw.Draw(picture).rectangle((95, 540, 205, 560), fill=(60, 60, 90))  # joins the feet: a gap is enclosed
    made = sprite(member(picture, tmp_path), 72).image
    middle = made.getpixel((made.width // 2, round(made.height * 0.8)))

    assert middle[3] == 0  # type: ignore[index]


def lying() -> Image.Image:
    """Something long and flat, which is nobody who stands there."""
    image = Image.new("RGB", (800, 80), "white")
    ImageDraw.Draw(image).rectangle((50, 20, 750, 60), fill=COAT)
    return image


def landscape() -> Image.Image:
    """Somebody under a plain sky, on a ground that goes from edge to edge."""
    image = person((150, 190, 240))
    image.paste(Image.effect_noise((300, 220), 60).convert("RGB"), (0, 380))
    return image


@pytest.mark.parametrize(
    "picture",
    [
        Image.effect_noise((300, 400), 90).convert("RGB"),
        Image.merge("RGBA", [Image.effect_noise((300, 400), 90)] * 4),
        Image.merge("RGB", [Image.effect_noise((1_440, 1_440), 100) for _ in range(3)]),
        lying(),
        landscape(),
    ],
    ids=["noise", "transparent noise", "fine noise", "lying", "landscape"],
)
def test_a_photograph_becomes_a_framed_card(picture: Image.Image, tmp_path: Path) -> None:
    made = sprite(member(picture, tmp_path), 72).image

    assert made.width > made.height * 0.6
    assert made.crop((2, 2, made.width - 2, made.height - 2)).getchannel("A").getextrema() == (255, 255)
    assert made.height > 60
    assert OUTLINE in {colour[:3] for _, colour in made.getcolors(10_000) or []}  # type: ignore[index]


def test_pixel_art_keeps_its_dots(tmp_path: Path) -> None:
    small = figure(look_of("Mira"))
    large = small.resize((small.width * 8, small.height * 8), Image.Resampling.NEAREST)
    made = sprite(member(large, tmp_path), 80).image
    box = small.getbbox()
    assert box is not None
    inner = made.crop((1, 1, made.width - 1, made.height - 1))

    assert inner.size == (box[2] - box[0], box[3] - box[1])
    assert inner.convert("RGB").getpixel((14, 40)) == small.crop(box).convert("RGB").getpixel((14, 40))


def test_pixel_art_of_very_many_dots_is_made_smaller_first(tmp_path: Path) -> None:
    large = person((90, 180, 210)).resize((760, 1_520), Image.Resampling.NEAREST)
    large = large.resize((1_520, 3_040), Image.Resampling.NEAREST)
    made = sprite(member(large, tmp_path), 72).image

    assert all(dots <= most for dots, most in zip(dots_of(large).size, MOST_DOTS, strict=True))
    assert abs(made.height - 72) <= 4
    assert 0.4 < share_of(made) < 0.95


def test_whoever_is_wholly_transparent_is_drawn_from_the_name(tmp_path: Path) -> None:
    assert sprite(member(Image.new("RGBA", (300, 400), (200, 30, 30, 0)), tmp_path), 72).is_drawn


KINDS = "RGB PNG, RGBA PNG, P PNG, L PNG, LA PNG, 1 PNG, RGB JPEG, L JPEG, CMYK JPEG, RGB WEBP, RGBA WEBP, P GIF"


@pytest.mark.parametrize("kind", KINDS.split(", "))
def test_any_kind_of_picture_works(kind: str, tmp_path: Path) -> None:
    mode, form = kind.split()
    path = tmp_path / f"hero.{form.lower()}"
    person((90, 180, 210)).convert(mode).save(path, form)
    hero = CastMember(
        name="Mira", role=Role.CHARACTER, picture=Picture(path=path, mime="image/png", width=300, height=600)
    )

    made = sprite(hero, 72)

    assert not made.is_drawn
    assert 60 <= made.image.height <= 84


@pytest.mark.parametrize("size", [(1, 1), (3, 1_500), (1_500, 3), (9, 9), (1_536, 1_536)])
def test_any_shape_of_picture_works(size: tuple[int, int], tmp_path: Path) -> None:
    made = sprite(member(Image.effect_noise(size, 60).convert("RGB"), tmp_path), 72).image

    assert made.width >= 1
    assert made.height <= 110


def test_a_picture_leans_with_its_feet_where_they_were() -> None:
    image = Image.new("RGBA", (20, 50), (*COAT, 255))

    for share in (0.2, -0.2):
        leant = leaning(image, share)
        crown, feet = (leant.crop((0, y, leant.width, y + 1)).getbbox() for y in (0, 49))

        assert crown
        assert feet
        assert feet[0] == pytest.approx((leant.width - 20) / 2, abs=1)
        assert crown[0] - feet[0] == pytest.approx(share * 50, abs=1)
        assert crown[2] - crown[0] == 20


def test_who_sits_is_smaller_than_who_stands_at_any_size() -> None:
    tobin = CastMember(name="Tobin", role=Role.CHARACTER)

    for height in (30, 50, round(UPRIGHT * KEPT) - 1, 80):
        standing, sitting = (sprite(tobin, height, pose).image.height for pose in ("stand", "sit"))
        assert 0.5 < sitting / standing < 0.9

"""The stage: nobody covers a face, the game master is apart and larger, foes stand opposite."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageOps

from cogs.scene_art.domain.painting import CastMember, Picture, Role
from cogs.scene_art.domain.personas import ASSETS
from cogs.scene_art.painters.storyboard import canvas_size
from cogs.scene_art.painters.storyboard.body import POSES, joints
from cogs.scene_art.painters.storyboard.canvas import Canvas
from cogs.scene_art.painters.storyboard.figure import figure, look_of
from cogs.scene_art.painters.storyboard.stage import MOST_ON_STAGE, Stage
from cogs.scene_art.painters.storyboard.standing import Standing
from cogs.scene_art.painters.words import Reading

NAMES = ("Mira", "Tobin", "Odelia", "Rook", "Juno", "Ferro", "Quill", "Bea", "Ulla")
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
MASTER = CastMember(
    name="Stargazer",
    role=Role.GAME_MASTER,
    picture=Picture(path=ASSETS / "personas" / "stargazer.png", mime="image/png", width=768, height=1184),
)


def people(count: int) -> tuple[CastMember, ...]:
    return (MASTER, *(CastMember(name=name, role=Role.CHARACTER) for name in NAMES[:count]))


def stage(
    cast: tuple[CastMember, ...],
    seed: int = 1,
    *,
    ratio: str = "16:9",
    speaking: str = "",
    foes: tuple[str, ...] = (),
    action: str = "",
    acting: str = "",
    things: tuple[str, ...] = (),
    waterline: int | None = None,
) -> tuple[Canvas, Stage]:
    size = canvas_size(ratio)
    reading = Reading("forest", "day", "", action or ("battle" if foes else "talk"), foes=foes, things=things)
    scene = Canvas(size, reading, random.Random(seed), floor=size[1] - 36)  # noqa: S311
    scene.waterline = waterline
    return scene, Stage(scene, cast, speaking=speaking, acting=acting, ceiling=16)


def covered(scene: Canvas, made: Stage, one: Standing) -> float:
    """The share of the face that somebody nearer covers."""
    seen = Image.new("L", scene.size, 255)
    for other in made.standing:
        if other is not one and other.feet > one.feet:
            seen.paste(0, (other.x - other.image.width // 2, other.head), other.image.getchannel("A"))
    area = seen.crop(one.face)
    return area.histogram()[0] / (area.width * area.height)


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


@pytest.mark.parametrize("foes", [(), ("dragon",)], ids=["peace", "battle"])
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("count", [1, 3, 5, 7])
def test_no_face_is_covered_by_anybody_or_by_a_name(ratio: str, count: int, foes: tuple[str, ...]) -> None:
    for seed in range(2):
        scene, made = stage(people(count), seed, ratio=ratio, foes=foes, acting="Mira")
        named = [one for one in made.standing if one.name]
        assert len(named) == count + 1
        assert all(covered(scene, made, one) < 0.34 for one in named)
        assert not any(overlap(box, one.face) for _, box in made.tags() for one in named)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("count", [1, 4, 7])
def test_names_do_not_cover_each_other_and_stay_within_the_picture(ratio: str, count: int) -> None:
    for seed in range(2):
        scene, made = stage(people(count), seed, ratio=ratio)
        tags = made.tags()
        assert len(tags) == count + 1
        assert not any(overlap(one, other) for index, (_, one) in enumerate(tags) for _, other in tags[:index])
        for _, (left, upper, right, lower) in tags:
            assert left >= 0
            assert right < scene.width
            assert made.ceiling <= upper
            assert lower < scene.floor


def test_a_name_gives_way_to_what_is_to_be_seen() -> None:
    _, made = stage(people(1))
    _, first = made.tags()[0]
    made.kept_free.append(first)

    assert not overlap(first, made.tags()[0][1])


def test_nobody_has_a_name_of_nothing_to_be_seen() -> None:
    blank = tuple(CastMember(name=name, role=Role.CHARACTER) for name in ("\u200b", " ", "Mira"))
    _, made = stage(blank)

    assert len(made.standing) == 3
    assert [text for text, _ in made.tags()] == ["Mira"]


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("name", ["Rook Hammerhand", "Wizard Orlo", "Captain Ferro", "Ranger Sia", "Queen Ysolde"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_face_is_found_whatever_the_hands_hold(pose: str, name: str, mirrored: bool) -> None:
    look = look_of(name)
    person = figure(look, pose)
    box = person.getbbox()
    assert box is not None
    image = ImageOps.mirror(person.crop(box)) if mirrored else person.crop(box)
    x, y = joints(pose, look.build).head
    x = box[2] - 1 - x if mirrored else x - box[0]
    one = Standing(image, 100, 120, name)
    left, upper, right, lower = one.face

    assert left <= 100 - image.width // 2 + x <= right
    assert upper <= one.head + y - box[1] <= lower


def test_eight_are_the_most() -> None:
    _, made = stage(people(9))

    assert len(made.standing) == MOST_ON_STAGE


@pytest.mark.parametrize("ratio", RATIOS)
def test_everybody_stands_within_the_picture_above_the_text(ratio: str) -> None:
    for seed in range(4):
        scene, made = stage(people(4), seed, ratio=ratio, foes=("dragon",))
        for one in made.standing:
            assert one.x - one.image.width // 2 >= -2
            assert one.x + one.image.width // 2 <= scene.width + 2
            assert scene.horizon <= one.feet <= scene.floor
            assert one.head >= 10


def test_the_game_master_stands_apart_and_is_larger() -> None:
    for seed in range(2):
        scene, made = stage(people(3), seed)
        master, *others = made.standing
        assert all(master.image.height > other.image.height for other in others)
        assert all(abs(master.x - other.x) >= scene.width * 0.12 for other in others)


def test_the_speaker_stands_in_front() -> None:
    for seed in range(2):
        _, made = stage(people(4), seed, speaking="Tobin")
        tobin = next(one for one in made.standing if one.name == "Tobin")
        assert tobin.feet == max(one.feet for one in made.standing)


def test_foes_stand_opposite() -> None:
    for seed in range(2):
        _, made = stage(people(2), seed, foes=("skeleton",))
        heroes = [one.x for one in made.standing if one.name in NAMES]
        foes = [one.x for one in made.standing if one.is_foe]
        assert foes
        assert max(heroes) < min(foes) or max(foes) < min(heroes)


def test_whoever_strikes_stands_next_to_the_foes() -> None:
    for seed in range(2):
        _, made = stage(people(4), seed, foes=("skeleton",), acting="Odelia")
        foe = next(one for one in made.standing if one.is_foe)
        heroes = [one for one in made.standing if one.name in NAMES]
        assert min(heroes, key=lambda one: abs(one.x - foe.x)).name == "Odelia"


def test_those_who_fight_each_other_stand_close() -> None:
    for seed in range(2):
        _, talking = stage(people(2), seed)
        _, duelling = stage(people(2), seed, action="battle", acting="Mira")

        def apart(made: Stage) -> int:
            one, other = (standing.x for standing in made.standing if standing.name in NAMES)
            return abs(one - other)

        assert apart(duelling) < apart(talking)


def test_people_sit_at_a_fire_and_kneel_at_a_grave_but_whoever_speaks_stands() -> None:
    def heights(made: Stage) -> dict[str, int]:
        return {one.name: one.image.height for one in made.standing if one.name in NAMES}

    standing = heights(stage(people(2), speaking="Mira")[1])
    at_the_fire = heights(stage(people(2), speaking="Mira", things=("campfire",))[1])
    mourning = heights(stage(people(2), action="death")[1])

    assert at_the_fire["Mira"] == standing["Mira"]
    assert min(mourning.values()) < min(standing.values()) * 0.9
    assert any(
        heights(stage(people(2), seed, things=("campfire",))[1])["Tobin"] < standing["Tobin"] * 0.9 for seed in range(4)
    )


def test_people_look_at_what_there_is_to_see_unless_they_fight() -> None:
    for seed in range(4):
        _, made = stage(people(4), seed)
        made.look_at(160)
        drawn = [one for one in made.standing if one.looks]
        assert len(drawn) == 4
        assert all(one.looks == (-1 if one.x > 160 else 1) for one in drawn)

    _, made = stage(people(2), foes=("wolf",))
    before = [one.image.tobytes() for one in made.standing]
    made.look_at(0)
    made.look_at(320)
    assert [one.image.tobytes() for one in made.standing] == before


def test_who_comes_nearer_grows() -> None:
    def tobin(made: Stage) -> Standing:
        return next(one for one in made.standing if one.name == "Tobin")

    for seed in range(2):
        far, near = (tobin(stage(people(7), seed, speaking=speaking)[1]) for speaking in ("", "Tobin"))
        assert far.feet < near.feet
        assert far.image.height < near.image.height


def test_nothing_is_put_where_the_place_has_something_of_its_own() -> None:
    scene, made = stage(people(2))
    first = made.gaps(1)[0]
    scene.busy.append((first - 30, first + 30))

    assert abs(made.gaps(1)[0] - first) > 30


def test_what_swims_is_in_the_water_where_there_is_some() -> None:
    _, ashore = stage(people(2), foes=("whale", "wolf"))
    _, at_sea = stage(people(2), foes=("whale", "wolf"), waterline=70)
    whale, wolf = (one for one in at_sea.standing if one.is_foe)

    assert not any(one.swims for one in ashore.standing)
    assert (whale.feet, whale.swims) == (70, True)
    assert whale.image.height < next(one for one in ashore.standing if one.is_foe).image.height
    assert wolf.feet > 70
    assert not wolf.swims


def test_gaps_are_where_nobody_stands() -> None:
    _, made = stage(people(2))
    for x in made.gaps(1):
        assert all(abs(x - one.x) > one.image.width / 2 for one in made.standing)

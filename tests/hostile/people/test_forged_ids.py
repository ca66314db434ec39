"""Ids are data from strangers: of scenes elsewhere, of scenes that never were, of other people's forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TypeAlias

import pytest

from sandbox import Channel
from tests.hostile.people.actions import CHANGES, USE_AS_LOOK
from tests.hostile.people.client import Client, told
from tests.hostile.people.scenery import ALONE, LOOK, Scenery
from tests.hostile.people.table import REFUSALS
from tests.hostile.people.test_nothing_is_left_out import commands_of, templates_of
from tests.stage import words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = "(This|That) (picture|scene) is no longer|This scene is too old|There's nothing here for you to cancel"
GROUP = r"(?P<scene>[0-9a-f]{16})"
Where: TypeAlias = Callable[[Scenery], Channel]

# Somebody who may do everything where they are, and where the scene lies that they name.
REACHES: dict[str, tuple[str, Where, Where]] = {
    "another channel's": ("moderator", lambda s: s.story, lambda s: s.workshop),
    "another server's": ("moderator", lambda s: s.story, lambda s: s.abroad),
    "a direct conversation's": ("moderator", lambda s: s.story, lambda s: s.dm),
    "ours from another server": ("elsewhere", lambda s: s.abroad, lambda s: s.story),
    "a server's from a direct conversation": (ALONE, lambda s: s.dm, lambda s: s.story),
}


def forms_of_ids(scenery: Scenery) -> list[str]:
    """The ids of every button that names a scene, to be formatted with it."""
    patterns = [template.pattern for template in templates_of(scenery.stage.bot)]
    return [pattern.replace(GROUP, "{}") for pattern in patterns if GROUP in pattern]


def commands_about_scenes(scenery: Scenery) -> list[str]:
    """Every command with an option that names a scene."""
    found = commands_of(scenery.stage.bot)
    return [one.qualified_name for one in found if any(option.name == "scene" for option in one.parameters)]


async def name_scene(scenery: Scenery, client: Client, scene: str) -> list[str]:
    """Name a scene in everything that names one; what the person is told each time."""
    message = await scenery.picture(client.place)
    needed = {"scene-art place pin": {"name": "Zorvania"}}
    pressed = [await client.press(message, form.format(scene)) for form in forms_of_ids(scenery)]
    typed = [await client.run(path, scene=scene, **needed.get(path, {})) for path in commands_about_scenes(scenery)]
    sent = await client.submit(message, f"scene_art:changed:{scene}", **CHANGES)
    return [await told(answer) for answer in (*pressed, *typed, sent)]


@pytest.mark.parametrize("reach", REACHES)
async def test_a_scene_of_another_place_is_nothing_here(scenery: Scenery, reach: str) -> None:
    who, here, there = REACHES[reach]
    client, scene = scenery.client(who, here(scenery)), await scenery.scene_id(there(scenery))
    await scenery.picture(client.place)
    before = await scenery.everything()

    said = await name_scene(scenery, client, scene)

    assert len(said) >= 11, "eight buttons, three commands, a form"
    # Nobody moderates a direct conversation, and places are pinned by moderators.
    refused = f"{UNKNOWN}|{REFUSALS['mods']}" if who == ALONE else UNKNOWN
    assert [words for words in said if not re.match(refused, words)] == []
    assert await scenery.everything() == before


@pytest.mark.parametrize("scene", ["0" * 16, "deadbeefdeadbeef"])
async def test_a_scene_that_never_was_is_nothing_anywhere(scenery: Scenery, scene: str) -> None:
    client = scenery.client("moderator")
    await scenery.picture(client.place)
    before = await scenery.everything()

    assert [words for words in await name_scene(scenery, client, scene) if not re.match(UNKNOWN, words)] == []
    assert await scenery.everything() == before


@pytest.mark.parametrize("name", ["delete", "spoiler"])
async def test_a_picture_is_touched_from_under_itself_alone(scenery: Scenery, name: str) -> None:
    other, scene = await scenery.turn_picture(scenery.story), await scenery.scene_id(scenery.story)
    before = await scenery.everything()

    said = await told(await scenery.client("moderator").press(other, f"scene_art:{name}:{scene}"))

    assert said.startswith("This picture is no longer on record.")
    assert await scenery.everything() == before


async def test_an_id_of_another_form_is_nobodys(scenery: Scenery, monkeypatch: pytest.MonkeyPatch) -> None:
    client, message = scenery.client("moderator"), await scenery.picture(scenery.story)
    scene = await scenery.scene_id(scenery.story)
    broken = (scene[:-1], scene.upper().replace("0", "A"), f"{scene}x", f"{scene}:9", f"{scene}/../..", f"{scene}\n")
    before = await scenery.everything()
    monkeypatch.setattr(scenery.stage.sandbox.discord.settings, "interaction_seconds", 0.5)

    forged = [form.format(tail) for form in forms_of_ids(scenery) for tail in broken if tail != scene]
    answers = await asyncio.gather(*(client.press(message, custom_id) for custom_id in forged))

    assert all(answer.failed for answer in answers), "Discord says that the interaction failed"
    assert await scenery.everything() == before


@pytest.mark.parametrize(
    "form_id",
    [
        "scene_art:set:channel:nothing",
        "scene_art:set:parent:style",
        "scene_art:set:1:style",
        "scene_art:look:",
        "scene_art:x",
    ],
)
async def test_a_form_that_there_is_not_is_told_and_changes_nothing(scenery: Scenery, form_id: str) -> None:
    client, message = scenery.client("moderator"), await scenery.picture(scenery.story)
    before = await scenery.everything()

    said = await told(await client.submit(message, form_id, style="anime", name="Zorva"))

    assert said.startswith("scene-art was updated while this form was open. Nothing was changed.")
    assert await scenery.everything() == before


async def test_a_picture_that_somebody_else_chose_does_not_become_a_look_of_ones_own(scenery: Scenery) -> None:
    """The message may lie where the thief sees nothing; the number in the form's id is easily guessed."""
    said = scenery.stage.sandbox.discord.say(scenery.workshop, scenery.people["asker"], "Me!", files=[LOOK])
    asker, thief = scenery.client("asker", scenery.workshop), scenery.client("stranger")
    opened = await asker.menu(said, USE_AS_LOOK)
    assert opened.modal is not None
    before = await scenery.everything()

    stolen = await told(await thief.submit(None, opened.modal["custom_id"], name="Zorvina", label=""))

    assert stolen.startswith("The bot restarted while this form was open.")
    assert await scenery.everything() == before
    assert (await told(await asker.submit(None, opened.modal["custom_id"], name="Zorvina", label=""))).startswith(
        "Look"
    )


async def test_a_panel_opened_by_a_moderator_does_nothing_for_whoever_else_uses_it(scenery: Scenery) -> None:
    """Only the moderator sees it; a client of somebody's own may name it all the same."""
    panel = await scenery.client("moderator").run("scene-art settings")
    await told(panel)
    shown, before = words_of(panel.original), await scenery.everything()
    thief = scenery.client("asker")

    answers = [
        await thief.press(panel.original, "scene_art:scope:server"),
        await thief.press(panel.original, "scene_art:setting:channel", "style"),
        await thief.submit(panel.original, "scene_art:set:channel:style", style=["anime"]),
    ]

    assert all([(await told(answer)).startswith("Only moderators can do that") for answer in answers])
    assert words_of(panel.original) == shown
    assert await scenery.everything() == before

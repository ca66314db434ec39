"""The texts for a person who types something that cannot be sent: the fault, in plain words, in their own terms."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Channel, CommandError, Sandbox, User
from sandbox.commands import parse_line, register
from sandbox.filling import Filling

GERMAN = {"name_localizations": {"de": "szene"}}
SHAPES = [
    {"name": "wide", "value": "w", "name_localizations": {"de": "breit"}},
    {"name": "tall", "value": "t", "name_localizations": {"de": "hoch"}},
]
OPTIONS: list[dict[str, Any]] = [
    {"type": 3, "name": "text", "description": "What", "required": True, "max_length": 9},
    {"type": 3, "name": "shape", "description": "Shape", "name_localizations": {"de": "form"}, "choices": SHAPES},
    {"type": 4, "name": "size", "description": "Size", "min_value": 1, "max_value": 3},
    {"type": 5, "name": "secret", "description": "Secret"},
    {"type": 6, "name": "user", "description": "Who", "name_localizations": {"de": "person"}},
    {"type": 7, "name": "channel", "description": "Where"},
]
DRAW = {"type": 1, "name": "draw", "description": "Draw", "name_localizations": {"de": "malen"}, "options": OPTIONS}


@pytest.fixture(autouse=True)
def registered(sandbox: Sandbox) -> None:
    """A command with one option of each kind."""
    scene = {"name": "scene", "description": "Scenes", "options": [DRAW]} | GERMAN
    register(sandbox.discord.world, [scene], None, replace=True)


def invoked(sandbox: Sandbox, channel: Channel, person: User, line: str) -> dict[str, Any]:
    """Parse a line as Discord's client does: the command's path, the values of its options, and the people named."""
    path, options = parse_line(sandbox.discord.world, channel, person, line)
    data = Filling(sandbox.discord.world, channel, person).invocation(path, options)
    values = {option["name"]: option["value"] for option in data["options"][0]["options"]}
    return {"path": path, "values": values, "resolved": data.get("resolved", {})}


MISFIT = "What you wrote for “{}” does not fit: it takes {}."


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/nothing", "There is no command “/nothing” for you here. Type / to see those that there are."),
        ("/scene", "“/scene” holds several commands. Please add the name of one."),
        ("/scene draw", "Please fill in “text”."),
        ("/scene draw text:0123456789", MISFIT.format("text", "0 to 9 characters")),
        ("/scene draw text:x size:9", MISFIT.format("size", "a number from 1 to 3")),
        ("/scene draw text:x size:much", MISFIT.format("size", "a number from 1 to 3")),
        ("/scene draw text:x secret:maybe", MISFIT.format("secret", "true or false")),
        ("/scene draw text:x user:@Nobody", MISFIT.format("user", "a person of this server")),
        ("/scene draw text:x channel:#no", MISFIT.format("channel", "a channel of this server")),
        ("/scene draw text:x shape:round", "Please choose for “shape” one of “wide”, “tall”."),
    ],
)  # fmt: skip
async def test_it_is_told_what_is_wrong(
    sandbox: Sandbox, channel: Channel, mira: User, line: str, sentence: str
) -> None:
    with pytest.raises(CommandError) as told:
        invoked(sandbox, channel, mira, line)
    assert str(told.value) == sentence


@pytest.mark.parametrize(
    "line",
    ["/scene draw text:Dusk shape:wide user:@Mira channel:#story", "/szene malen text:Dusk form:breit person:mira"],
)
async def test_names_are_understood_in_the_persons_language_and_sent_as_registered(
    sandbox: Sandbox, channel: Channel, mira: User, line: str
) -> None:
    mira.locale = "de"
    found = invoked(sandbox, channel, mira, line)
    assert found["path"] == "scene draw"
    assert found["values"] | {"channel": ""} == {"text": "Dusk", "shape": "w", "user": str(mira.id), "channel": ""}
    assert found["resolved"]["users"][str(mira.id)]["global_name"] == "Mira"
    assert int(found["resolved"]["members"][str(mira.id)]["permissions"]) & 1 << 11, "Mira may send messages"


async def test_names_of_another_language_are_not(sandbox: Sandbox, channel: Channel, mira: User) -> None:
    mira.locale = "fr"
    with pytest.raises(CommandError, match="no command “/szene”"):
        invoked(sandbox, channel, mira, "/szene malen text:Dusk")


async def test_what_is_missing_is_called_as_the_person_reads_it(sandbox: Sandbox, channel: Channel, mira: User) -> None:
    mira.locale = "de"
    with pytest.raises(CommandError, match="Please choose for “form” one of “breit”, “hoch”"):
        invoked(sandbox, channel, mira, "/szene malen text:x form:rund")

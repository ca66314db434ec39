"""The house: rooms one above the other, and every arrow down. CONTRIBUTING's map names them all."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import ROOT

PACKAGE = ROOT / "cogs" / "scene_art"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the roof to the ground; rooms on one floor do not know each other.
FLOORS = (
    ("__init__",),
    ("attached",),
    ("cog",),
    ("app",),
    ("wiring",),
    ("startup_checks",),
    ("ui",),
    ("services",),
    ("pipeline",),
    ("ingest",),
    ("host",),
    ("jobs", "discord_io"),
    ("worker_process",),
    ("painters", "recap"),
    ("references",),
    ("store",),
    ("domain",),
    ("settings", "publish"),
    ("data_files", "lanes", "scratch"),
    ("errors",),
    ("i18n", "image_models", "faults", "heavy_work", "lettering", "redaction"),
    ("text", "escapes"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room_of(module: str) -> str:
    """The folder that a module lies in, or its own name at the top."""
    return module.partition("/")[0]


@functools.cache
def arrows() -> frozenset[tuple[str, str]]:
    """List the imports between rooms as (importing module, imported room)."""
    return frozenset(arrow for module in MODULES for arrow in _arrows_of(module))


def _arrows_of(module: Path) -> Iterator[tuple[str, str]]:
    name = module.relative_to(PACKAGE).with_suffix("").as_posix()
    folder = name.split("/")[:-1]
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*folder[: len(folder) - node.level + 1], *(node.module.split(".") if node.module else [])]
            for room in {base[0]} if base else {alias.name for alias in node.names}:
                # `from . import __version__` is the package's own word.
                yield name, room if room in FLOOR else "__init__"


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(module.relative_to(PACKAGE).with_suffix("").as_posix()) for module in MODULES} == set(FLOOR)


@pytest.mark.parametrize("room", FLOOR)
def test_a_room_knows_only_rooms_below_it(room: str) -> None:
    upwards = sorted(
        f"{module} -> {other}"
        for module, other in arrows()
        if room_of(module) == room != other and other != "__init__" and FLOOR[other] <= FLOOR[room]
    )

    assert upwards == []


def test_contributings_map_names_every_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## The house")[2].partition("\n## ")[0]
    folders = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")} - {"."}

    named = set(re.findall(r"^\| `…/([\w/]+)/`", table, re.MULTILINE))
    assert named == folders


def test_the_page_on_one_event_names_modules_that_there_are() -> None:
    text = (ROOT / "docs" / "one-event.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", text)

    assert len(named) > 30
    assert [module for module in named if not (PACKAGE / module).exists()] == []

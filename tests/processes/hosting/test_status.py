"""The documentation for hosts is complete."""

from __future__ import annotations

import dataclasses
import inspect

from cogs.scene_art import SceneArt, SceneStatus  # with it comes every module that has an error of its own
from cogs.scene_art.errors import SceneArtError
from tests.stage import ROOT

HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
NO_END = {"cannot_do", "reference", "folder", "look_later", "settings", "unloaded"}
"""Errors that end no scene."""


def codes(kind: type[SceneArtError]) -> set[str]:
    return {kind.code}.union(*(codes(one) for one in kind.__subclasses__() if one.__module__.startswith("cogs.")))


def test_every_field_and_argument_is_told() -> None:
    names = {field.name for field in dataclasses.fields(SceneStatus)}
    names |= set(inspect.signature(SceneArt.illustrate).parameters) - {"self"}

    assert {name for name in names if f"`{name}`" not in HOSTS} == set()


def test_every_reason_is_told() -> None:
    assert {code for code in codes(SceneArtError) - NO_END if f"`{code}`" not in HOSTS} == set()

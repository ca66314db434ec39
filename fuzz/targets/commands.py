"""What people send through Discord: ids of buttons, and words for scenes and styles."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import discord

from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.services.history import resolve_scene
from cogs.scene_art.store.records import is_scene_id
from cogs.scene_art.ui.components.kinds import KINDS

from ..jsons import TEXTS
from ..mutation import mutated
from ..target import Corpus, Target, promise

_PROPER = re.compile(
    r"scene_art:(?:"
    r"(?:rerender|change|vary|why|delete|spoiler|cancel):[0-9a-f]{16}"
    r"|page:(?:newer|older):[0-9]{1,4}:(?:0|[0-9a-f]{8})|who|(?:scope|setting):(?:channel|server)"
    r"|cast:(?:back|on):[0-9]{1,3})",
    re.ASCII,
)
_STORIES = (
    "The gate opens. Two travellers look up.",
    "Rain: nobody sleeps.",
    "\u0130stanbul \u00df \ufb03",
    "x" * 3_000,
)


def corpus(_: Path) -> Corpus:
    """Ids of buttons, and what autocomplete sends."""
    ids = (
        "scene_art:rerender:0123456789abcdef",
        "scene_art:delete:ffffffffffffffff",
        "scene_art:page:older:12:0123abcd",
        "scene_art:setting:channel",
        "scene_art:cast:on:3",
        "scene_art:delete:FFFFFFFFFFFFFFFF",
        "scene_art:",
        "other:button",
    )
    words = ("4 min ago, skipped: The gate opens\u2026", "rain", "\u0130STANBUL", "\u2026", ": ")
    return [text.encode("utf-8", "surrogatepass") for text in (*ids, *words, *TEXTS)]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """An id or some words, mostly a little broken."""
    chosen = dice.choice(corpus[:6] if dice.random() < 0.3 else corpus)
    return chosen if dice.random() < 0.05 else mutated(dice, chosen, corpus, most_steps=2)


def trial(data: bytes, _: Path) -> bool:
    """Whether a button answers to it."""
    text = data.decode("utf-8", "replace")
    found = resolve_scene(_scenes(), text)
    promise(found is None or found.narrative in _STORIES, "one of the scenes, or none")
    return _pressed(text)


def _pressed(custom_id: str) -> bool:
    answering = [button for button in KINDS if _match(button, custom_id)]
    promise(len(answering) <= 1, "one button at most")
    promise(bool(answering) == bool(_PROPER.fullmatch(custom_id)), "exactly the ids that we give")
    for button in answering:
        match = _match(button, custom_id)
        named_scene = match.groupdict().get("scene") if match is not None else ""
        promise(named_scene is None or is_scene_id(named_scene), "it names a scene, if anything")
    return bool(answering)


def _match(button: type[discord.ui.DynamicItem[Any]], custom_id: str) -> re.Match[str] | None:
    """As discord.py finds the button that was pressed."""
    return button.__discord_ui_compiled_template__.fullmatch(custom_id)


def _scenes() -> list[Scene]:
    return [
        Scene(id=f"{number:016x}", channel_id="5", source=Source.TURN, narrative=story)
        for number, story in enumerate(_STORIES)
    ]


COMMANDS = Target("commands", 6, 1.0, corpus, mutate, trial)

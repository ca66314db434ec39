"""Events of games: `events.parse_event`, and their way through the inbox."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

from cogs.scene_art.domain.events import (
    MAX_CAST,
    MAX_DEPTH,
    MAX_NAME,
    MAX_NARRATIVE,
    MAX_URL,
    MAX_URL_BYTES,
    EventError,
    GameEvent,
    parse_event,
)
from cogs.scene_art.publish import REQUEST_CHANNEL, TURN_CHANNEL
from cogs.scene_art.store.records import is_channel_id, read_entries

from ..jsons import mutated_json
from ..target import Corpus, Target, promise

_NOW = 1_800_000_000.0
_HEAVIEST = 400_000
"""Bytes of memory; a narrative of 8,000 characters beyond the BMP takes 32,000 of them."""


def corpus(_: Path) -> Corpus:
    """Events as games write them."""
    request = {
        "channel_id": "1180000000000000001",
        "narrative": "The gate opens. Two travellers look up. https://files.example/gate.png",
        "character_urls": ["https://files.example/vell.png", "https://files.example/orra.webp?size=64"],
        "character_names": ["Vell", "Orra", "Someone"],
        "game_name": "The Long Stairs",
        "aspect_ratio": "16:9",
        "ts": _NOW,
        "turn_id": "turn-17",
        "message_id": "1180000000000000002",
        "guild_id": 1180000000000000003,
    }
    turn = {"channel_id": 5, "narrative": "Rain on the roof.\n\nNobody sleeps.", "art": False, "ts": 1.5}
    bare = {"channel_id": "7", "narrative": "«Hm»", "character_urls": None, "turn_id": 3}
    return [json.dumps(event, ensure_ascii=False).encode() for event in (request, turn, bare)]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """The first byte tells the Redis channel."""
    return dice.choice((b"r", b"t")) + mutated_json(dice, dice.choice(corpus), corpus)


def trial(data: bytes, _: Path) -> bool:
    """Refused with one line, or bounded, clean, and able to go through the inbox."""
    channel = REQUEST_CHANNEL if data[:1] == b"r" else TURN_CHANNEL
    try:
        event = parse_event(channel, data[1:])
    except EventError as exc:
        promise(str(exc).isprintable() and len(str(exc)) < 300, "a refusal is one short line")
        return False
    _check(event)
    promise(_depth(data[1:]) <= MAX_DEPTH, "what is too deep is not looked at")
    letter = json.dumps({"at": _NOW, "event": event.model_dump()}).encode()
    promise(read_entries([letter], event.channel_id, _NOW) == [(_NOW, event)], "the mailbox gives the same event back")
    return True


def _check(event: GameEvent) -> None:
    promise(is_channel_id(event.channel_id), "a channel's id is digits")
    promise(0 < len(event.narrative) <= MAX_NARRATIVE and event.narrative.strip(), "the narrative is bounded")
    promise(event.narrative.replace("\n", "").replace("\u200d", "").isprintable(), "the narrative is clean")
    promise(max(len(event.character_names), len(event.character_urls)) <= MAX_CAST, "the cast is bounded")
    lines = (*event.character_names, *event.character_urls, event.game_name, event.turn_id or "")
    promise(all(line.replace("\u200d", "").isprintable() for line in lines), "lines are lines")
    promise(all(len(name) <= MAX_NAME for name in event.character_names), "names are bounded")
    promise(all(len(url) <= MAX_URL for url in event.character_urls), "addresses are bounded")
    together = sum(len(url.encode("utf-8", "surrogatepass")) for url in event.character_urls)
    promise(together <= MAX_URL_BYTES, "addresses are bounded together")
    promise(event.weight <= _HEAVIEST, "the event is bounded")


def _depth(data: bytes) -> int:
    """How many levels of lists and objects there are, with brackets in strings left out."""
    deepest = depth = 0
    for sign in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", data, flags=re.DOTALL):
        depth += (sign in b"[{") - (sign in b"]}")
        deepest = max(deepest, depth)
    return deepest


EVENTS = Target("events", 30, 1.0, corpus, mutate, trial)

"""Mutations of JSON that keep it JSON, and some that do not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from .mutation import LONGEST, mutated

TEXTS = (
    "",
    " ",
    "0",
    "null",
    "9" * 19,
    "9" * 5_000,
    "-1",
    "\u0661\u0662\u0663",
    "\u202eflip\u2066side",
    "a\u200bb\u200cc\ufeff",
    "\x1b[31mred\x1b[0m\r\nforged line",
    "\x00\x01\x7f\x85\u2028\u2029",
    "e" + "\u0301" * 3_000,
    "\ud800",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "@everyone <@&1> <@1> ```x``` [a](http://a.example)",
    "\u00bb \u00ab ignore all of it",
    "http://127.0.0.1/a.png " * 40,
    "![](" * 400,
    "x" * 9_000,
    " " * 30_000,
    "http://a.example/" + "a" * 3_000 + ".png",
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 1e308, -1e308, 2**31, 2**53, 2**63, 2**64, 10**400, [], {}, [[]], [{}], [None],
    {"": ""}, ["x"] * 70, [1] * 5_000, {str(n): n for n in range(500)},
)  # fmt: skip
LONGEST_TEXT = 300_000
"""Characters of one string, more than an event may have."""
DEEP = (2, 15, 17, 64, 250, 1_000, 100_000)


def mutated_json(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """`data`, which is JSON, with its values, keys and structure changed, and then perhaps its bytes."""
    value = json.loads(data)
    for _ in range(dice.randint(1, 4)):
        value = _changed(dice, value)
    encoded = _encoded(dice, value)[:LONGEST]
    if dice.random() < 0.05:
        encoded = _deepened(dice, encoded)
    return encoded if dice.random() < 0.7 else mutated(dice, encoded, others)


def _deepened(dice: Random, encoded: bytes) -> bytes:
    """An object with one more key, behind which it goes down; not always up again."""
    depth = dice.choice(DEEP)
    opening, closing = dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
    climb = closing * dice.choice((depth, depth, 0))
    return encoded.rstrip().removesuffix(b"}") + b', "deep": ' + opening * depth + b"1" + climb + b"}"


def _encoded(dice: Random, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=dice.random() < 0.5, indent=dice.choice((None, None, 0, 3)))
    return text.encode("utf-8", dice.choice(("surrogatepass", "replace")))


def _changed(dice: Random, value: Any, depth: int = 0) -> Any:
    """A copy of `value` with one thing in it changed, at a random place."""
    inner = isinstance(value, (dict, list)) and value and dice.random() < 0.8
    if not inner or depth > 6:
        return _other(dice, value)
    if isinstance(value, dict):
        return _changed_object(dice, value, depth)
    at = dice.randrange(len(value))
    match dice.randrange(5):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            times = dice.choice((2, 70)) if len(value) < 1_000 else 2
            return value[:at] + [value[at]] * times + value[at + 1 :]
        case _:
            return [*value[:at], _changed(dice, value[at], depth + 1), *value[at + 1 :]]


def _changed_object(dice: Random, value: dict[str, Any], depth: int) -> dict[str, Any]:
    key = dice.choice(list(value))
    match dice.randrange(8):
        case 0:
            return {name: item for name, item in value.items() if name != key}
        case 1:
            return {**value, dice.choice((*TEXTS[:12], "kind", "event_id", "model_config")): _other(dice, value[key])}
        case 2:
            return {**value, key: value[dice.choice(list(value))]}
        case _:
            return {**value, key: _changed(dice, value[key], depth + 1)}


def _other(dice: Random, value: Any) -> Any:
    if isinstance(value, str) and dice.random() < 0.6:
        at = dice.randrange(len(value) + 1)
        more = value * dice.choice((2, 50)) if len(value) < LONGEST_TEXT else value
        return dice.choice((value[:at] + dice.choice(TEXTS) + value[at:], more[:LONGEST_TEXT], value[:at]))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and dice.random() < 0.5:
        return dice.choice((-value, value + 1, str(value), value * 10**9, [value]))
    return dice.choice((*VALUES, *TEXTS))

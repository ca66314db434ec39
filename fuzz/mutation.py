"""Mutations of bytes that know nothing of their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

NUMBERS = (0, 1, 2, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 1535, 1536, 1537, 16383, 16384, 32767, 32768, 65535)
LARGE = (65536, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
LONGEST = 512 * 1024
"""Bytes of an input; twice what an event may have."""

Step = Callable[[Random, bytes, Sequence[bytes]], bytes]


def mutated(dice: Random, data: bytes, others: Sequence[bytes], most_steps: int = 4) -> bytes:
    """`data` after one to `most_steps` mutations; `others` lend their parts."""
    for _ in range(dice.randint(1, most_steps)):
        data = dice.choice(STEPS)(dice, data, others)[:LONGEST]
    return data


def _flip(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _number in range(dice.choice((1, 1, 2, 8, 32)) if changed else 0):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _number(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """An interesting whole number over some bytes, mostly near the beginning, where headers are."""
    size = dice.choice((1, 2, 4))
    value = dice.choice(NUMBERS if size < 4 else NUMBERS + LARGE) % (1 << 8 * size)
    at = dice.randrange(min(len(data), dice.choice((32, 64, len(data) + 1))) + 1)
    return data[:at] + value.to_bytes(size, dice.choice(("big", "little"))) + data[at + size :]


def _cut(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _delete(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(dice, data)
    return data[:start] + data[end:]


def _repeat(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(dice, data)
    return data[:end] + data[start:end] * dice.choice((1, 2, 10, 100, 1000)) + data[end:]


def _splice(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def _insert(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    start, end = _piece(dice, other)
    at = dice.randrange(len(data) + 1)
    return data[:at] + other[start:end] + data[at:]


def _noise(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.choice((1, 2, 4, 16, 256))) + data[at:]


def _piece(dice: Random, data: bytes) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.choice((1, 2, 4, 8, 32, 256)))


STEPS: tuple[Step, ...] = (_flip, _flip, _number, _number, _cut, _delete, _repeat, _splice, _insert, _noise)

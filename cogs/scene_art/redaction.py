"""Removes secrets from other parties' texts: a service, or a proxy in front of it, may repeat them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Set
from itertools import groupby
from operator import itemgetter
from typing import NoReturn

from .escapes import Sign, folded, readings

PIECE = 8
"""Length from which a part of a secret is hidden. Shorter ones are parts of ordinary words."""
LEAST_BARE = 6
"""Least letters and digits by which a part is known when its other signs are lost among separators."""
HEX_PIECE = 12
"""Length from which a part in hexadecimal is hidden: six characters."""
LAYERS = 4
"""Most layers of escapes that are undone."""
MARK = "[key]"
WALL = "\U0010ffff"
"""A character of no text, for what is hidden already."""


class Guarded:
    """Base of objects with secrets. They cannot be pickled, and so reach no queue, cache or crash report."""

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled")


class Redactor(Guarded):
    """Finds secrets in every dress in which a text may carry them, whole and in parts.

    Plain, backwards, in any case, with separators between the characters, in base64 and hexadecimal, and in the
    escapes of addresses, mail, HTML and JSON.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        dressed = {form for secret in secrets if len(secret) >= PIECE for form in _dressed(secret)}
        # In escapes of single bytes a character beyond ASCII has several.
        plain = {folded(shown) for form in dressed for shown in (form, form.encode().decode("latin-1"))}
        packed = {folded(part) for form in dressed for part in _in_base64(form.encode())}
        self._signs = frozenset(sign for form in plain for sign in form if not sign.isalnum())
        self._pieces = {piece for form in plain for piece in _pieces(form, PIECE)}
        self._bare = {piece for form in plain | packed for piece in _bare_pieces(form)}
        self._bare |= {piece for form in dressed for piece in _pieces(form.encode().hex(), HEX_PIECE)}

    def __repr__(self) -> str:
        return "Redactor()"

    def hide(self, text: str) -> str:
        """Replace each secret in `text`, and each part of one from `PIECE` characters on, by a mark."""
        if not self._pieces:
            return text
        hidden = bytearray(len(text))
        seen = list(readings(text, LAYERS))
        # What stands in one piece is hidden first: else its neighbours across a separator might seem to belong to it.
        # A sign that belongs to a secret may also separate its characters.
        for is_kept, pieces in ((bool, self._pieces), (self._is_kept, self._pieces), (str.isalnum, self._bare)):
            walls = bytes(hidden)
            for signs in seen:
                walled = [(WALL if walls[start] else sign, start, end) for sign, start, end in signs]
                kept = [sign for sign in walled if sign[0] == WALL or is_kept(sign[0])]
                for start, end in _places(kept, pieces):
                    hidden[start:end] = b"\1" * (end - start)
        runs = groupby(zip(text, hidden, strict=True), key=itemgetter(1))
        return "".join(MARK if is_hidden else "".join([sign for sign, _ in run]) for is_hidden, run in runs)

    def _is_kept(self, sign: str) -> bool:
        return sign.isalnum() or sign in self._signs


def _places(signs: list[Sign], pieces: Set[str]) -> Iterator[tuple[int, int]]:
    """Yield where pieces stand in the text: start and end."""
    told = "".join([sign for sign, _, _ in signs])
    for size in {len(piece) for piece in pieces}:
        for at in range(len(told) - size + 1):
            if told[at : at + size] in pieces:
                yield signs[at][1], signs[at + size - 1][2]


def _dressed(secret: str) -> Iterator[str]:
    for form in (secret, secret[::-1]):
        yield from (form, form.lower(), form.upper())


def _pieces(form: str, size: int) -> Iterator[str]:
    return (form[at : at + size] for at in range(len(form) - size + 1))


def _bare_pieces(form: str) -> Iterator[str]:
    """Yield the letters and digits of each part, with some of those behind it where they are too few."""
    for at in range(len(form) - PIECE + 1):
        size = max(LEAST_BARE, sum(map(str.isalnum, form[at : at + PIECE])))
        bare = "".join(filter(str.isalnum, form[at:]))[:size]
        if len(bare) >= LEAST_BARE:
            yield bare


def _in_base64(raw: bytes) -> Iterator[str]:
    for before in range(3):
        # Three bytes become four characters. Those that also depend on the neighbouring bytes are left out.
        packed = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        yield packed[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]

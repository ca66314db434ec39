"""Removes secrets from other parties' texts: a service, or a proxy in front of it, may repeat them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import NoReturn

from .escapes import folded, views

PIECE = 8
"""Length from which a part of a secret is hidden. Shorter ones are parts of ordinary words."""
LEAST_BARE = 6
"""Least letters and digits by which a part is known when its other signs are lost among separators."""
HEX_PIECE = 12
"""Length from which a part in hexadecimal is hidden: six characters."""
LAYERS = 4
"""Most layers of escapes that are undone."""
MARK = "[key]"


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
        seen = list(views(text, LAYERS))
        for view in seen:
            _mark(hidden, view.find(self._pieces))
        # What stands in one piece is hidden first: else its neighbours across a separator might seem to belong to it.
        for view in seen:
            # A sign that belongs to a secret may also separate its characters.
            _mark(hidden, view.of(self._is_kept, hidden).find(self._pieces))
            _mark(hidden, view.of(str.isalnum, hidden).find(self._bare))
        return "".join(_runs(text, hidden))

    def _is_kept(self, sign: str) -> bool:
        return sign.isalnum() or sign in self._signs


def _mark(hidden: bytearray, found: Iterable[tuple[int, int]]) -> None:
    for start, end in found:
        hidden[start:end] = b"\1" * (end - start)


def _runs(text: str, hidden: bytearray) -> Iterator[str]:
    for at, char in enumerate(text):
        if not hidden[at]:
            yield char
        elif at == 0 or not hidden[at - 1]:
            yield MARK


def _dressed(secret: str) -> Iterator[str]:
    for form in (secret, secret[::-1]):
        yield from (form, form.lower(), form.upper())


def _pieces(form: str, size: int) -> Iterator[str]:
    return (form[at : at + size] for at in range(len(form) - size + 1))


def _bare_pieces(form: str) -> Iterator[str]:
    """Yield the letters and digits of each part, with some of those behind it where they are too few."""
    for at in range(len(form) - PIECE + 1):
        part = "".join(filter(str.isalnum, form[at : at + PIECE]))
        behind = "".join(filter(str.isalnum, form[at + PIECE :]))
        bare = part + behind[: max(0, LEAST_BARE - len(part))]
        if len(bare) >= LEAST_BARE:
            yield bare


def _in_base64(raw: bytes) -> Iterator[str]:
    for before in range(3):
        # Three bytes become four characters. Those that also depend on the neighbouring bytes are left out.
        packed = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        yield packed[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]

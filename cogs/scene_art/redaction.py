"""Removes secrets from other parties' texts: a service, or a proxy in front of it, may repeat them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote

PIECE = 12
"""Length from which a part of a secret is hidden."""
SHORTEST = 8  # shorter ones are parts of ordinary words
MARK = "[key]"


class Guarded:
    """Base of objects with secrets. They cannot be pickled, and so reach no queue, cache or crash report."""

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled")


class Redactor(Guarded):
    """Finds secrets in every form in which a text may carry them: plain, URL-quoted, in base64 and hexadecimal."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = [form.casefold() for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)]
        self._sizes = sorted({min(PIECE, len(form)) for form in forms})
        self._pieces = {piece for form in forms for piece in _pieces(form)}

    def __repr__(self) -> str:
        return "Redactor()"

    def hide(self, text: str) -> str:
        """Replace each secret in `text`, and each part of one from `PIECE` characters on, by a mark."""
        # Characters whose lower case has another length would shift the offsets.
        low = "".join(c if len(c.casefold()) != 1 else c.casefold() for c in text)
        hidden = bytearray(len(text))
        for size in self._sizes:
            for at in range(len(low) - size + 1):
                if low[at : at + size] in self._pieces:
                    hidden[at : at + size] = b"\1" * size
        return "".join(_runs(text, hidden))


def _runs(text: str, hidden: bytearray) -> Iterator[str]:
    for at, char in enumerate(text):
        if not hidden[at]:
            yield char
        elif at == 0 or not hidden[at - 1]:
            yield MARK


def _pieces(form: str) -> Iterator[str]:
    size = min(PIECE, len(form))
    return (form[at : at + size] for at in range(len(form) - size + 1))


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield raw.hex()
    for before in range(3):
        # Three bytes become four characters. Those that also depend on the neighbouring bytes are left out.
        packed = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        whole = packed[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield whole
        yield whole.replace("+", "-").replace("/", "_")

"""Undoes the escapes of addresses, mail, HTML and JSON in a text, and knows where each character stood in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_ESCAPE = re.compile(
    r"""(?:[%=] | \\x | 0x)([0-9a-f]{2}) # %41 of addresses, =41 of mail
    | (?:%u | \\u(?:0000)?)([0-9a-f]{4}) | \\u\{([0-9a-f]{1,5})\} | \\(?P<octal>[0-3][0-7]{2}) | \\[nrtvfb\\]
    | &(?:\#\d{1,7};? | \#x[0-9a-f]{1,6};? | [a-z][a-z0-9]{1,30};) # &#65; &#x41; &lowbar;""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)

Sign = tuple[str, int, int]
"""A character in lower case, and where it begins and ends in the text."""


def readings(text: str, layers: int) -> Iterator[list[Sign]]:
    """Yield `text` as it stands, and without one layer of escapes after the other, as many as `layers`."""
    signs = [(sign, at, at + 1) for at, sign in enumerate(folded(text))]
    yield signs
    for _ in range(layers):
        plain, done = list[Sign](), 0
        for found in _ESCAPE.finditer("".join([sign for sign, _, _ in signs])):
            if sign := _sign_of(found):
                plain += signs[done : found.start()]
                plain.append((sign, signs[found.start()][1], signs[found.end() - 1][2]))
                done = found.end()
        if not done:
            return
        signs = plain + signs[done:]
        yield signs


def folded(text: str) -> str:
    """Bring `text` into lower case, but for characters whose lower case has another length."""
    return "".join([low if len(low := sign.casefold()) == 1 else sign for sign in text])


def _sign_of(found: re.Match[str]) -> str:
    """Return the one character that an escape stands for; empty for what is none."""
    whole = found[0]
    if whole.startswith("&"):
        plain = html.unescape(whole)
        return "" if plain == whole else folded(plain[:1]) or " "
    if found.lastindex is None:
        return "\\" if whole == "\\\\" else " "
    return folded(chr(int(found[found.lastindex], 8 if found["octal"] else 16)))

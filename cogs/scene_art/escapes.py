"""Undoes the escapes of addresses, mail, HTML and JSON in a text, and knows where each character stood in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Self

_ESCAPE = re.compile(
    r"""[%=](?P<byte>[0-9a-f]{2}) | %u(?P<word>[0-9a-f]{4}) # %41 of addresses, =41 of mail
    | &(?:\#\d{1,7};? | \#x[0-9a-f]{1,6};? | [a-z][a-z0-9]{1,30};) # &#65; &#x41; &lowbar;
    | \\u(?:0000)?(?P<json>[0-9a-f]{4}) | \\u\{(?P<braced>[0-9a-f]{1,6})\}
    | \\x(?P<hex>[0-9a-f]{2}) | 0x(?P<number>[0-9a-f]{2})
    | \\(?P<octal>[0-3][0-7]{2}) | \\[nrtvfb\\]""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_LAST = 0x10FFFF
"""The largest number of a character."""
WALL = chr(_LAST)
"""A character of no text."""


@dataclass(frozen=True)
class View:
    """What a reader may take a text for: characters in lower case, and where each begins and ends in that text."""

    signs: str
    starts: list[int]
    ends: list[int]

    def of(self, is_kept: Callable[[str], bool], hidden: Sequence[int]) -> Self:
        """Leave characters out. Where the text is `hidden` already stands `WALL`, so that nothing is found across."""
        signs = [WALL if hidden[start] else sign for sign, start in zip(self.signs, self.starts, strict=True)]
        kept = [at for at, sign in enumerate(signs) if sign == WALL or is_kept(sign)]
        walled = "".join([signs[at] for at in kept])
        return type(self)(walled, [self.starts[at] for at in kept], [self.ends[at] for at in kept])

    def find(self, pieces: Set[str]) -> Iterator[tuple[int, int]]:
        """Yield where pieces stand in the text: start and end."""
        signs = self.signs
        for size in {len(piece) for piece in pieces}:
            for at in range(len(signs) - size + 1):
                if signs[at : at + size] in pieces:
                    yield self.starts[at], self.ends[at + size - 1]

    def decoded(self) -> Self | None:
        """Undo one layer of escapes; None without any."""
        parts, starts, ends, done = list[str](), list[int](), list[int](), 0
        for found in _ESCAPE.finditer(self.signs):
            if sign := _sign_of(found):
                first, last = found.start(), found.end() - 1
                parts += self.signs[done:first], sign
                starts += *self.starts[done:first], self.starts[first]
                ends += *self.ends[done:first], self.ends[last]
                done = last + 1
        if not done:
            return None
        return type(self)("".join([*parts, self.signs[done:]]), starts + self.starts[done:], ends + self.ends[done:])


def views(text: str, layers: int) -> Iterator[View]:
    """Yield `text` as it stands, and without one layer of escapes after the other, as many as `layers`."""
    view: View | None = View(folded(text), list(range(len(text))), list(range(1, len(text) + 1)))
    for _ in range(layers + 1):
        if view is not None:
            yield view
            view = view.decoded()


def folded(text: str) -> str:
    """Bring `text` into lower case, but for characters whose lower case has another length."""
    low = text.casefold()
    return low if len(low) == len(text) else "".join(c if len(c.casefold()) != 1 else c.casefold() for c in text)


def _sign_of(found: re.Match[str]) -> str:
    """Return the one character that an escape stands for; empty for what is none."""
    whole = found[0]
    if whole.startswith("&"):
        plain = html.unescape(whole)
        return "" if plain == whole else folded(plain[:1]) or " "
    if found.lastgroup is None:
        return "\\" if whole == "\\\\" else " "
    number = int(found[found.lastgroup], 8 if found.lastgroup == "octal" else 16)
    return folded(chr(number)) if number <= _LAST else ""

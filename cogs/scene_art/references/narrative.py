"""Finds the addresses of pictures in a story. Pure, and linear in the length of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_MARK: Final = "\x00"
"""Marks the place of a removed address, until the blanks around it are cleaned up."""
_TOKEN: Final = re.compile(r"!?\[|\]\(\s?<?(?=https?://)|\]|(?<![A-Za-z0-9])https?://", re.IGNORECASE)
# East Asian text sets no blank behind an address.
_WIDE: Final = "。，、！？；：「」『』（）【】《》“”‘’…"  # noqa: RUF001 - these very characters are meant
# Brackets come one by one, since they belong to an address only in pairs.
_RUN: Final = re.compile(rf"[^\s<>\"`|\\^{{}}()\[\]\x00-\x1f\x7f{_WIDE}]+|[()\[\]]")
_LINK_END: Final = re.compile(r">?\s{0,8}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')?\s{0,8}\)")
_TAIL: Final = ".,;:!?'*_~"
_PAIRS: Final = {"(": ")", "[": "]", "<": ">"} | {sign: sign for sign in "\"'*_~|`"}
_CLOSERS: Final = {")": "(", "]": "["}
_BLANKS: Final = re.compile(rf"[\s\x00]+([.,;:!?{_WIDE}]?)")
_MOST_WRAPPERS: Final = 4


def extract_picture_urls(text: str, limit: int = 8) -> tuple[str, tuple[str, ...]]:
    """Split a story into its text without the addresses of pictures, and the first `limit` of these addresses.

    An address counts when it is http or https and its path ends in .png, .jpg, .jpeg, .webp or .gif, whatever query
    follows. Each is listed once, in order. Of a markdown image or link the text in brackets stays. Other addresses
    stay where they are.
    """
    scan = _Scan(text.replace(_MARK, ""))
    scan.run()
    story = _BLANKS.sub(_tidied, "".join(scan.pieces)).strip() if scan.found else scan.text.strip()
    return story, tuple(scan.found)[:limit]


@dataclass(slots=True)
class _Scan:
    """A pass from left to right. Every step consumes the text that it has read."""

    text: str
    at: int = 0
    pieces: list[str] = field(default_factory=list)
    open_brackets: list[int] = field(default_factory=list)
    """Indexes in `pieces` of the brackets that may begin a link."""
    found: dict[str, None] = field(default_factory=dict)

    def run(self) -> None:
        """Fill `pieces` and `found`."""
        while (token := _TOKEN.search(self.text, self.at)) is not None:
            self.pieces.append(self.text[self.at : token.start()])
            self.at = token.end()
            word = token.group()
            if word.endswith("["):
                self.open_brackets.append(len(self.pieces))
                self.pieces.append(word)
            elif word.startswith("]("):
                self._link(word)
            elif word == "]":
                if self.open_brackets:
                    self.open_brackets.pop()
                self.pieces.append(word)
            else:
                self.at = token.start()
                self._bare()
        self.pieces.append(self.text[self.at :])

    def _link(self, word: str) -> None:
        """Read the address of a link or image behind `](`, or a bare one where the link does not end properly."""
        start = self.at
        url = _take_url(self.text, start)
        end = _LINK_END.match(self.text, start + len(url))
        opened = self.open_brackets.pop() if self.open_brackets else None
        if opened is None or end is None:
            self.pieces.append(word)
            self._bare()
        elif _is_picture(url):
            empty = opened == len(self.pieces) - 2 and not self.pieces[-1].strip()
            self.pieces[opened] = ""
            self.pieces.append(_MARK if empty else "")
            self.found.setdefault(url)
            self.at = end.end()
        else:
            self.pieces.append(self.text[start - len(word) : end.end()])
            self.at = end.end()

    def _bare(self) -> None:
        url = _take_url(self.text, self.at)
        trimmed = url.rstrip(_TAIL)
        if _is_picture(trimmed):
            self.at += len(trimmed)
            self.found.setdefault(trimmed)
            self._unwrap()
            self.pieces.append(_MARK)
        else:
            self.pieces.append(url)
            self.at += len(url)

    def _unwrap(self) -> None:
        """Drop brackets, quotes or asterisks that held nothing but the address."""
        for _ in range(_MOST_WRAPPERS):
            before = self.pieces[-1] if self.pieces else ""
            if not before or self.text[self.at : self.at + 1] != _PAIRS.get(before[-1]):
                return
            if self.open_brackets and self.open_brackets[-1] == len(self.pieces) - 1:
                self.open_brackets.pop()
            self.pieces[-1] = before[:-1]
            self.at += 1


def _take_url(text: str, start: int) -> str:
    """Read the address from `start` on, up to a blank, a quote or a bracket that was not opened within it."""
    end, depth = start, {"(": 0, "[": 0}
    while (run := _RUN.match(text, end)) is not None:
        word = run.group()
        if word in depth:
            depth[word] += 1
        elif word in _CLOSERS:
            if not depth[_CLOSERS[word]]:
                break
            depth[_CLOSERS[word]] -= 1
        end = run.end()
    return text[start:end]


def _is_picture(url: str) -> bool:
    before_query = url.partition("?")[0].partition("#")[0]
    authority, slash, path = before_query.partition("://")[2].partition("/")
    return bool(authority and slash) and path.lower().endswith(_ENDINGS)


def _tidied(blanks: re.Match[str]) -> str:
    """Clean up a run of blanks: one with a removed address becomes one blank or line break."""
    run, sign = blanks.group(0), blanks.group(1)
    if _MARK not in run:
        return run
    before, after = run[: run.find(_MARK)].count("\n"), run[run.rfind(_MARK) :].count("\n")
    lines = max(before, after) if before and after else before + after
    if lines:
        return "\n" * min(lines, 2) + sign
    if not sign:
        return " "
    # Never two signs in a row, as in "Look: <address>. Then".
    return "" if blanks.string[max(0, blanks.start() - 1)] in ".,;:!?" else sign

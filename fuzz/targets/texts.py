"""Texts that other people wrote: `text`, and the addresses in a story."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from random import Random

from cogs.scene_art.references.narrative import extract_picture_urls
from cogs.scene_art.text import SIGNS_PER_LETTER, clean, cut_on_word, escaped, one_line, unquoted

from ..jsons import TEXTS
from ..mutation import mutated
from ..target import Corpus, Target, promise

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_LIMITS = (1, 2, 40, 80, 2_000)


def corpus(_: Path) -> Corpus:
    """Stories with addresses in every dress, and what makes texts hard to read."""
    stories = (
        "The gate opens. https://files.example/gate.png. Then it falls shut!",
        "![the gate](https://files.example/gate.png 'a title') and [a map](http://files.example/map_(old).gif)",
        "(see <https://files.example/a.webp?x=1#y>) **http://b.example/c.jpeg** ||https://d.example/e.jpg||",
        "\u300chttps://files.example/\u9580.png\u300d\u3002\u96e8 \u092e\u0902 \u0e01\u0e34\u0e4a [[[]](https://",
        "https://" * 30 + "](" * 30 + "http://x.example/a.png",
    )
    return [text.encode("utf-8", "surrogatepass") for text in (*stories, *TEXTS)]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """Bytes that `surrogatepass` and `replace` make a text of."""
    return mutated(dice, dice.choice(corpus), corpus)


def trial(data: bytes, _: Path) -> bool:
    """Nothing is refused: every text becomes a clean one."""
    text = _text(data)
    _check_clean(text)
    _check_cut(text)
    _check_addresses(text)
    return True


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1" if data[0] % 2 else "utf-16-le", "replace")


def _check_clean(text: str) -> None:
    cleaned, line = clean(text), one_line(text)
    promise(clean(cleaned) == cleaned and one_line(line) == line, "cleaning twice changes nothing")
    promise(cleaned.replace("\n", "").replace("\u200d", "").isprintable(), "a clean text can be seen")
    promise(line.replace("\u200d", "").isprintable() and "\n" not in line, "a line is a line")
    promise(_highest_pile(cleaned) <= SIGNS_PER_LETTER, "no pile of marks")
    shown = escaped(text, 200)
    promise("@" not in shown and "://" not in shown and "\n" not in shown, "nothing of it means anything to Discord")
    promise(not set(unquoted(text)) & set("\u00ab\u00bb"), "no quotation can be ended")


def _highest_pile(text: str) -> int:
    kinds = "".join(unicodedata.category(sign)[0] for sign in text)
    return max(map(len, re.findall("M+", kinds)), default=0)


def _check_cut(text: str) -> None:
    for limit in _LIMITS:
        promise(len(cut_on_word(text, limit)) <= limit, "what is cut is short")


def _check_addresses(text: str) -> None:
    story, urls = extract_picture_urls(text)
    whole = text.replace("\x00", "")
    promise(len(urls) <= 8 and len(set(urls)) == len(urls), "each address once, and not many")
    promise(len(story) <= len(text), "a story does not grow")
    for url in urls:
        path = url.partition("?")[0].partition("#")[0].lower()
        promise(path.endswith(_ENDINGS) and path.startswith(("http://", "https://")), f"a picture's address: {url!r}")
        promise(url in whole, "an address stood in the text")


TEXTS_TARGET = Target("texts", 15, 1.0, corpus, mutate, trial)

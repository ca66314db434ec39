"""Speech in a narrative: the spoken parts, the sentence that says most, and its speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import NamedTuple

_PAIRS = ("“”", "„“", "„”", "«»", "»«", "「」", "『』", '""')
# A single quotation mark is an apostrophe as well, so it closes a quote only behind a stop.
_SINGLE = r"(?<!\w)‘[^‘\n]*?[,.!?…—]’(?!\w)"  # noqa: RUF001
_SPOKEN = re.compile("|".join([*(f"{pair[0]}[^{pair}]*{pair[1]}" for pair in _PAIRS), _SINGLE]))
_DASHED = re.compile(r"\s*[—–]\s*\w")  # noqa: RUF001  # as French and Spanish novels begin what is said
_QUOTES = frozenset("".join(_PAIRS))
_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])(?![」』])\s*|\n+")  # noqa: RUF001  # Japanese ends without a space

ARTICLES = frozenset({"the", "a", "an", "der", "die", "das", "le", "la", "el"})
TITLES = frozenset({
    "captain", "doctor", "dr", "professor", "sir", "lady", "lord", "king", "queen", "prince", "princess", "brother",
    "sister", "father", "mother", "master", "mistress", "mr", "mrs", "ms", "wizard", "witch", "ranger", "knight",
    "priest", "priestess", "frau", "herr", "don", "doña",
})  # fmt: skip
"""Words that are less distinctive than the name behind them."""
_MARKUP = " \t\n*_`~>|"
_PRONOUN = re.compile(r"\b(?:she|he|they|sie|er|elle|il|ella|él|ela|ele)\b", re.IGNORECASE)
_TITLED = re.compile(rf"^(?:{'|'.join(sorted(TITLES))})(?=\.?\s)", re.IGNORECASE)
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean, whose particles are written to the name."""


def narration(story: str) -> str:
    """Return `story` without what is spoken aloud in it."""
    return _SPOKEN.sub(" ", story)


def telling_sentence(story: str) -> str:
    """Return the sentence that says most: the longest spoken one, else the longest of the last three."""
    sentences = [s.strip() for s in _ENDS.split(story) if s.strip()]
    if not sentences:
        return story.strip()
    return max([s for s in sentences if _is_spoken(s)] or sentences[-3:], key=len)


def speaker(sentence: str, names: Sequence[str], story: str = "") -> str:
    """Name the one who says `sentence`: the first of the cast named outside of the quotes, as “Tobin!” calls Tobin.

    With a colon before the quote, the speaker is the one named before the colon. With a mere “she says”, the speaker
    is the only one whom the previous sentence of `story` names. The answer is empty when no rule names one of the
    cast, or when nothing is said aloud.
    """
    if before := _before_colon(sentence):
        return named(before, names) if _is_spoken(sentence) else _line_of(before, names)
    if not _is_spoken(sentence):
        return ""
    told = [mention.name for mention in mentions(sentence, names, spoken=False)]
    if told:
        return told[-1 if _DASHED.match(sentence) else 0]
    return _meant(story.partition(sentence)[0], names) if _PRONOUN.search(narration(sentence)) else ""


def _before_colon(sentence: str) -> str:
    """Return the text before a colon that leads to a quote or ends the first words; empty without such a colon."""
    quote = _SPOKEN.search(sentence)
    head = sentence[: quote.start()].rstrip(_MARKUP) if quote else sentence.partition(":")[0] + ":"
    return head[:-1] if head.endswith(":") and ":" in sentence else ""


def _line_of(head: str, names: Sequence[str]) -> str:
    """Name the speaker of a line in a script, where only the name stands before the colon."""
    alone = head.strip(_MARKUP).casefold()
    return next((name for name in names if alone in {name.casefold(), called(name).casefold()}), "")


def _meant(story: str, names: Sequence[str]) -> str:
    """Name the only one of the cast in the last sentence of `story`; empty when it names several or none."""
    before = [part for part in _ENDS.split(story) if part.strip()]
    meant = {mention.name for mention in mentions(before[-1], names, spoken=False)} if before else set()
    return meant.pop() if len(meant) == 1 else ""


def named(text: str, names: Sequence[str]) -> str:
    """Return the name of the cast that stands first in `text`, or an empty text."""
    return next((mention.name for mention in mentions(text, names)), "")


class Mention(NamedTuple):
    """A place in a text that names one of the cast."""

    at: int
    name: str


def mentions(text: str, names: Sequence[str], *, spoken: bool = True) -> list[Mention]:
    """Find the places that name one of the cast, in order: by the whole name, by `called`, or else by the title alone.

    A name with a capital is looked for with its capital, as Art is not art; except in a text that has no capitals.
    `spoken` counts the names within quotes, too.
    """
    found = []
    any_case = text == text.lower()
    text = text if spoken else narration(text)
    for name in names:
        titled = _TITLED.search(name)
        places = _places(text, {name, called(name)}, any_case=any_case)
        if titled and not places:
            places = _places(text, {titled[0]}, any_case=True)
        found += [Mention(at, name) for at in places]
    return sorted(found, key=lambda mention: mention.at)


def called(name: str) -> str:
    """Shorten a name to what people call somebody: its first word behind the title, or its last behind an article."""
    words = [word.strip(",;:") for word in name.split()]
    given = [word for word in words if word.casefold().rstrip(".") not in TITLES | ARTICLES]
    if not given or not words:
        return name
    return given[-1 if words[0].casefold() in ARTICLES else 0]


def _places(text: str, forms: Set[str], *, any_case: bool) -> list[int]:
    """Find the offsets at which one of `forms` stands as a word of its own."""
    tried = (_word(form, any_case=any_case) for form in forms if form.strip())
    return sorted({match.start() for pattern in tried for match in pattern.finditer(text)})


def _word(form: str, *, any_case: bool) -> re.Pattern[str]:
    """Compile the pattern of a word. Scripts that are written without spaces have no edges of words."""
    first = re.escape(form[0]) if any_case or not form[0].isupper() else f"(?-i:{re.escape(form[0])})"
    before = "" if _SPACELESS.match(form[0]) else r"(?<!\w)"
    behind = "" if _SPACELESS.match(form[-1]) else r"(?!\w)"
    return re.compile(f"{before}{first}{re.escape(form[1:])}{behind}", re.IGNORECASE)


def without_names(story: str, names: Sequence[str]) -> str:
    """Return `story` without the cast's names, which may be words too: Captain Storm brings no rain."""
    words = {word for name in names for word in (name, *name.split()) if len(word) > 2}  # no "of", no initials
    if not words:
        return story
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", " ", story)


def _is_spoken(sentence: str) -> bool:
    return bool(_SPOKEN.search(sentence) or _DASHED.match(sentence)) or not _QUOTES.isdisjoint(sentence)

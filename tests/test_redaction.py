"""A secret that somebody repeats to us goes no further, in whatever dress."""

from __future__ import annotations

import base64
import html
import json
import pickle
import re
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.gemini.answers import quote_text
from cogs.scene_art.redaction import MARK, PIECE, Redactor
from cogs.scene_art.worker_process.protocol import WorkerConfig
from tests.stage import ROOT

KEY = "AIzaSyD-9tSrke72PouQMnMX/a7eZSW0+jkFMBWY"
ODD = "päss/wörd with%blanks&more"
hide = Redactor([KEY, ODD]).hide

SIGNS = string.ascii_letters + string.digits + "-_"
keys = st.randoms(use_true_random=False).map(lambda dice: "AIza" + "".join(dice.choices(SIGNS, k=35)))
"""Keys as Google makes them: any signs in any order, each as likely as the other."""


def in_percent(text: str) -> str:
    """Escape every character, in digits of both cases."""
    return "".join(f"%{ord(c):02x}" if at % 2 else f"%{ord(c):02X}" for at, c in enumerate(text))


def in_json(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in text)


def apart(separator: str) -> Callable[[str], str]:
    return separator.join


DRESSES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "swapped case": str.swapcase,
    "backwards": lambda key: key[::-1],
    "backwards in upper case": lambda key: key[::-1].upper(),
    **{
        f"apart by {separator!r}": apart(separator)
        for separator in (" ", ".", ", ", "\n", "\u200b", "-", " - ", "|", "_")
    },
    "backwards and apart": lambda key: " ".join(key[::-1]),
    "in groups": lambda key: " ".join(re.findall(".{1,4}", key)),
    "percent": in_percent,
    "percent where needed": lambda key: quote(key, safe=""),
    "percent twice": lambda key: in_percent(in_percent(key)),
    "percent of percent": lambda key: quote(in_percent(key)),
    "percent thrice": lambda key: quote(quote(in_percent(key))),
    "percent, backwards": lambda key: in_percent(key[::-1]),
    "percent and apart": "%20".join,
    "mail": lambda key: "".join(f"={ord(c):02X}" for c in key),
    "html": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "html in hexadecimal": lambda key: "".join(f"&#x{ord(c):X};" for c in key),
    "html without semicolons": lambda key: "".join(f"&#x{ord(c):04x}" for c in key),
    "html twice": lambda key: html.escape("".join(f"&#{ord(c)};" for c in key)),
    "html names": lambda key: key.replace("_", "&lowbar;").replace("-", "&#45;").replace("A", "&#65;"),
    "html blanks": "&nbsp;".join,
    "json": in_json,
    "json twice": lambda key: json.dumps(in_json(key)),
    "json of percent": lambda key: in_json(in_percent(key)),
    "json line ends": lambda key: json.dumps("\n".join(key)),
    "bytes": lambda key: "".join(f"\\x{ord(c):02x}" for c in key),
    "octal": lambda key: "".join(f"\\{ord(c):03o}" for c in key),
    "code points": lambda key: "".join(f"\\U{ord(c):08X}" for c in key),
    "numbers": lambda key: ", ".join(f"0x{ord(c):02x}" for c in key),
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal apart": lambda key: key.encode().hex(":"),
    "hexadecimal in upper case": lambda key: key.encode().hex(" ").upper(),
}
"""What a service or a proxy may make of a text before it repeats it."""


def undressed(text: str) -> Iterator[str]:
    """Yield what a curious reader would make of `text`, with other tools than ours."""
    layers = (unquote, html.unescape, in_other_words, lambda told: re.sub(r"=(..)", from_hex, told))
    for undo in layers:
        for _ in range(4):
            yield text
            text = undo(text)
    yield text


def in_other_words(text: str) -> str:
    told = text.replace("\\\\", "\\").replace("\\n", "\n")
    told = re.sub(r"\\[0-3][0-7][0-7]", lambda found: chr(int(found[0][1:], 8)), told)
    return re.sub(r"(?:\\U0000|\\u|\\x|0x)([0-9a-fA-F]{4}|[0-9a-fA-F]{2})", from_hex, told)


def from_hex(found: re.Match[str]) -> str:
    digits = found[1]
    return chr(int(digits, 16)) if re.fullmatch("[0-9a-fA-F]+", digits) else found[0]


def bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def windows(key: str) -> set[str]:
    return {form[at : at + PIECE] for form in (key, key[::-1]) for at in range(len(form) - PIECE + 1)}


def survives(key: str, text: str) -> set[str]:
    """List the parts of the key that a reader of `text` would still find."""
    readings = set(undressed(text))
    low = {window for window in windows(key.casefold()) if any(window in told.casefold() for told in readings)}
    return low | {window for window in windows(bare(key)) if any(window in bare(told) for told in readings)}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
@given(key=keys, before=texts, after=texts, data=st.data())
def test_no_part_of_a_key_survives_in_any_dress(
    dress: Callable[[str], str], key: str, before: str, after: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(key) - PIECE))
    end = data.draw(st.integers(start + PIECE, len(key)))
    for part in (key, key[start:end]):
        shown = Redactor([key]).hide(before + dress(part) + after)
        assert MARK in shown or part != key
        assert survives(key, shown) == set()


@given(key=st.text(SIGNS, min_size=30, max_size=60), separator=st.sampled_from(["", " ", ".", "\n"]))
def test_nor_of_a_key_of_few_signs(key: str, separator: str) -> None:
    assert survives(key, Redactor([key]).hide(separator.join(key))) == set()


@given(key=keys, other=keys)
def test_each_key_of_a_pool_is_hidden(key: str, other: str) -> None:
    assert Redactor([key, other]).hide(f"{key}, {other[::-1]} and {in_percent(key)}.") == f"{MARK}, {MARK} and {MARK}."


@pytest.mark.parametrize("secret", [KEY, ODD])
@given(before=st.text(max_size=20), after=st.text(max_size=20), data=st.data())
def test_no_form_of_it_stays(secret: str, before: str, after: str, data: st.DataObject) -> None:
    raw = secret.encode()
    padding = data.draw(st.binary(max_size=4))
    form = data.draw(
        st.sampled_from(
            [
                secret,
                secret.upper(),
                quote(secret, safe=""),
                raw.hex(),
                base64.b64encode(padding + raw + padding).decode(),
                base64.urlsafe_b64encode(padding + raw).decode(),
            ]
        )
    )
    hidden = hide(f"{before} {form} {after}")
    assert MARK in hidden
    inner = base64.b64encode(b"\0" * len(padding) + raw).decode().strip("=")[len(padding) + 4 : -4]
    for piece in (secret, form[8:-8], inner):
        assert not any(piece[at : at + 12] in hidden for at in range(max(1, len(piece) - 12)))


@given(st.integers(0, len(KEY) - PIECE), st.integers(PIECE, len(KEY)))
def test_no_longer_piece_of_it_stays(start: int, length: int) -> None:
    assert hide(f"key={KEY[start : start + length]}&x") in {f"key={MARK}&x"}


@given(st.text(max_size=100))
def test_everything_else_stays(text: str) -> None:
    assert hide(text) == text
    assert Redactor([]).hide(text) == text
    assert Redactor(["short"]).hide(text) == text


@given(st.lists(keys, min_size=3, max_size=3))
def test_our_own_prose_stays(pool: list[str]) -> None:
    """Our documents and the words of our code: about all that a log line of ours may say."""
    prose = "\n".join(path.read_text("utf-8") for path in (ROOT / "README.md", ROOT / "docs" / "settings.md"))
    code = (ROOT / "cogs" / "scene_art" / "errors.py").read_text("utf-8")
    assert Redactor(pool).hide(prose + code) == prose + code


WORST = {
    "prose": "The gate opens, and a lantern falls into the water. ",
    "percent": "%2541",
    "backslashes": "\\",
    "ampersands": "&a",
    "entities": "&#x41;",
    "blanks": " ",
    "digits": "0123456789abcdef",
    "long lower case": "\u00df",
}


@pytest.mark.parametrize("unit", WORST.values(), ids=WORST)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    """A service, or whoever stands before it, chooses the text."""
    redactor = Redactor([KEY, ODD])

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        began = time.thread_time()
        assert redactor.hide(text) == text
        return time.thread_time() - began

    small, large = min(seconds(10_000) for _ in range(3)), min(seconds(100_000) for _ in range(2))
    assert large < 30 * small
    assert large < 2.0


def test_it_is_taken_out_before_a_text_is_cut() -> None:
    for length in range(150, 200):
        shown = quote_text("x" * length + " " + KEY + " is not valid", hide)
        assert KEY[:PIECE] not in shown
        assert len(shown) <= 200


def test_what_holds_secrets_is_neither_shown_nor_pickled() -> None:
    worker_config = WorkerConfig(folder=Path(), painter="gemini", keys=(KEY,))
    for holder in (worker_config, Redactor([KEY])):
        assert KEY[:PIECE] not in f"{holder!r} {holder!s}"
        with pytest.raises(TypeError, match="holds secrets"):
            pickle.dumps(holder)
    assert worker_config.model_copy(update={"painter": "storyboard"}).keys == (KEY,)

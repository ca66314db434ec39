"""A secret that somebody repeats to us goes no further, in whatever dress."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.painters.gemini.answers import quote_text
from cogs.scene_art.redaction import MARK, PIECE, Redactor
from cogs.scene_art.worker_process.protocol import WorkerConfig

KEY = "AIzaSyD-9tSrke72PouQMnMX/a7eZSW0+jkFMBWY"
ODD = "päss/wörd with%blanks&more"
hide = Redactor([KEY, ODD]).hide


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
        assert not any(piece[at : at + PIECE] in hidden for at in range(max(1, len(piece) - PIECE)))


@given(st.integers(0, len(KEY) - PIECE), st.integers(PIECE, len(KEY)))
def test_no_longer_piece_of_it_stays(start: int, length: int) -> None:
    assert hide(f"key={KEY[start : start + length]}&x") in {f"key={MARK}&x"}


@given(st.text(max_size=100))
def test_everything_else_stays(text: str) -> None:
    assert hide(text) == text
    assert Redactor([]).hide(text) == text
    assert Redactor(["short"]).hide(text) == text


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

"""Other people's text, made harmless."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.text import LONGEST_TEXT, clean, cut_on_word, escaped, one_line, unquoted


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  A door.  ", "A door."),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\n\n \n\n\ntwo", "one\n\ntwo"),
        ("a \t\u00a0 b", "a b"),
        ("zero\u200bwidth, b\u202eidi, nul\x00l, \ufeffmark, half \ud83d", "zerowidth, bidi, null, mark, half"),
        ("cafe\u0301", "café"),
        ("e\u200b\u0301", "é"),
        ("👩\u200d🚀 flies ❤️", "👩\u200d🚀 flies ❤️"),
        ("one\u2028two\u2029three\x85four\x0cfive", "one\ntwo\nthree\nfour\nfive"),
        ("full\u3000width and\u2003wide blanks", "full width and wide blanks"),
        ("a\u200db and 👩\u200d, 1️⃣ but b\ufe0f", "ab and 👩, 1️⃣ but b"),
        ("\u3164\u115f\uffa0\u2800\u034f\u180e\ufffc\U000e0041", ""),
        (
            "is\u2066ola\u2069te, l\u061carm, s\u00adoft, pri\ue000vate, non\uffffe",
            "isolate, larm, soft, private, none",
        ),
        ("\x1b[31mred\x1b[0m \x9b1m", "[31mred[0m 1m"),
        ("Z" + "\u0315\u0327" * 30 + "algo", "Z\u0327\u0327\u0315\u0315algo"),
        ("ก" + "\u0e49" * 30, "ก" + "\u0e49" * 7),
        ("\u0301\u0302an \u0338accent\n\u0e47for nobody", "an accent\nfor nobody"),
        ("", ""),
    ],
)
def test_invisible_things_go_and_what_people_see_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "name",
    [
        "Жюли",
        "สวัสดีครับ",
        "नमस्ते",
        "שָׁלוֹם",
        "Nguyễn",
        "美咲",
        "ガンダルフ",
        "한글",
        "မျှော်လင့်ချက်",
        "རྡྷྲཱུཾ",
        "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ",
        "בְּרֵאשִׁ֖ית",
        "ភាសាខ្មែរ",
        "தமிழ்",
        "ᐃᓄᒃᑎᑐᑦ",
        "👨\u200d👩\u200d👧\u200d👦",
        "👍🏽",
        "🏳️\u200d🌈",
        "O'Neil-Łódź №5",
    ],
)
def test_names_of_every_script_stay_as_they_are(name: str) -> None:
    assert one_line(name) == unicodedata.normalize("NFC", name)


def test_what_nobody_would_read_is_not_looked_at() -> None:
    assert len(clean("word " * 100_000)) <= LONGEST_TEXT


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n\nb\u2028c\td ") == "a b c d"


TRICKY = st.text(
    alphabet="a1❤👩\u200d\ufe0f\ufe0e\u0301\u0327\u0f71\u202e\u2028\r\n \u3000\u3164\ud83d\x1b\u1100\u1161", max_size=24
)


@given(st.text() | TRICKY)
def test_cleaning_once_is_enough(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert one_line(once) == one_line(text)
    assert len(one_line(text).splitlines()) <= 1
    assert all(c.isprintable() or c in "\n\u200d" for c in once)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("A door.", 7, "A door."),
        ("A door opens.", 12, "A door…"),
        ("A door, then another", 9, "A door…"),
        ("Abracadabra", 5, "Abra…"),
        ("A door\nopens.", 10, "A door…"),
    ],
)
def test_a_cut_falls_between_words(text: str, limit: int, cut: str) -> None:
    assert cut_on_word(text, limit) == cut


@given(st.text(), st.integers(1, 40))
def test_a_cut_is_never_longer_than_its_limit_and_is_a_beginning(text: str, limit: int) -> None:
    cut = cut_on_word(text, limit)
    assert len(cut) <= limit
    assert cut == text or (len(text) > limit and text.startswith(cut.removesuffix("…")))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Mira", "Mira"),
        ("@everyone <@123> <@&4>", "\uff20everyone \\<\uff20123\\> \\<\uff20&4\\>"),
        ("**loud** `code` ||spoiler||", "\\*\\*loud\\*\\* \\`code\\` \\|\\|spoiler\\|\\|"),
        ("[here](https://evil.example)", "\\[here\\]\\(https: //evil.example\\)"),
        ("# big\n> quote", "\\# big \\> quote"),
        ("see discord.gg/abc, v1.2/3 of it", "see discord. gg/abc, v1.2/3 of it"),
        ("<t:1:R> <:pet:1> a_b ~~c~~", "\\<t:1:R\\> \\<:pet:1\\> a\\_b \\~\\~c\\~\\~"),
    ],
)
def test_what_somebody_wrote_is_no_markup_in_a_sentence(words: str, shown: str) -> None:
    assert escaped(words, 100) == shown


@given(st.text(alphabet="@<>&#!*_~|`[]()\\/:aht1 \n\u202e"), st.integers(1, 40))
def test_nothing_that_is_quoted_in_discord_is_more_than_words(words: str, limit: int) -> None:
    shown = escaped(words, limit)
    assert "@" not in shown
    assert "://" not in shown
    assert len(shown.splitlines()) <= 1
    bare = re.sub(r"\\[\\*_~|`>#<\[\]()]", "", shown)
    assert not set(bare) & set("\\*_~|`>#<[]()")


BRACKETS = "«»‹›≪≫⋘⋙⪡⪢⫷⫸《》〈〉\u2329\u232a⟪⟫⟨⟩❮❯❬❭❰❱⦑⦒⧼⧽︽︾︿﹀﹤﹥＜＞"  # noqa: RUF001


@given(st.text() | st.text(alphabet=BRACKETS))
def test_no_quotation_mark_survives_in_a_quotation(text: str) -> None:
    assert not set(unquoted(text)) & set(BRACKETS)
    assert len(unquoted(text)) == len(text)
    for form in ("NFC", "NFKC"):
        assert not set(unicodedata.normalize(form, unquoted(text))) & set("«»《》⟪⟫≪≫")


def test_a_text_of_a_whole_event_is_cut_before_it_is_looked_at() -> None:
    """Work for each character only until the limit: what is behind it may be anything, and of any length."""

    class Looked(str):
        seen = 0

        def __getitem__(self, key: Any) -> str:
            Looked.seen = max(Looked.seen, key.stop or 0)
            return str.__getitem__(self, key)

        def __iter__(self) -> Any:
            raise AssertionError("looked at every character")

    assert clean(Looked("word \u200b" * 100_000))
    assert Looked.seen == LONGEST_TEXT

"""Addresses of pictures are taken out of a story, and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.references.narrative import extract_picture_urls


@pytest.mark.parametrize(
    ("text", "story", "urls"),
    [
        ("A quiet night.", "A quiet night.", []),
        ("See https://x.example/a.png now", "See now", ["https://x.example/a.png"]),
        ("Look: https://x.example/a.PNG?q=1. Then", "Look: Then", ["https://x.example/a.PNG?q=1"]),
        ("It came https://x.example/a.gif!", "It came!", ["https://x.example/a.gif"]),
        ("![a dragon](https://x.example/a.webp) roars", "a dragon roars", ["https://x.example/a.webp"]),
        ("![](https://x.example/a.png) roars", "roars", ["https://x.example/a.png"]),
        ('The [old king](https://x.example/a.jpg "him").', "The old king.", ["https://x.example/a.jpg"]),
        ("[king](<https://x.example/a.jpg>) rises", "king rises", ["https://x.example/a.jpg"]),
        ("<https://x.example/a.jpeg> rises", "rises", ["https://x.example/a.jpeg"]),
        (
            "**https://x.example/a.png** ||https://x.example/b.png||",
            "",
            ["https://x.example/a.png", "https://x.example/b.png"],
        ),
        ("(https://x.example/a.png) here", "here", ["https://x.example/a.png"]),
        ("(see https://x.example/a.png)", "(see )", ["https://x.example/a.png"]),
        ("https://x.example/a_(b).png, yes", ", yes", ["https://x.example/a_(b).png"]),
        (
            "[![m](https://x.example/a.png)](https://x.example/m)",
            "[m](https://x.example/m)",
            ["https://x.example/a.png"],
        ),
        (
            "[![m](https://x.example/a.png)](https://x.example/b.png)",
            "m",
            ["https://x.example/a.png", "https://x.example/b.png"],
        ),
        ("[https://x.example/a.png](https://x.example/a.png)", "", ["https://x.example/a.png"]),
        ("one\nhttps://x.example/a.png\ntwo", "one\ntwo", ["https://x.example/a.png"]),
        ("one\n\nhttps://x.example/a.png\n\n\ntwo", "one\n\ntwo", ["https://x.example/a.png"]),
        ("見てhttps://x.example/a.png。次", "見て。次", ["https://x.example/a.png"]),
        ("a https://x.example/a.png b https://x.example/a.png c", "a b c", ["https://x.example/a.png"]),
        (
            "A page: https://x.example/a.png/view and https://png.example",
            "A page: https://x.example/a.png/view and https://png.example",
            [],
        ),
        ("https://x.example/?file=a.png", "https://x.example/?file=a.png", []),
        (
            "http://a.png ftp://x.example/a.png xhttp://y/a.png",
            "http://a.png ftp://x.example/a.png xhttp://y/a.png",
            [],
        ),
        ("[map](https://x.example/map.html) stays", "[map](https://x.example/map.html) stays", []),
        ("a\x00b https://x.example/a.png", "ab", ["https://x.example/a.png"]),
    ],
)
def test_stories(text: str, story: str, urls: list[str]) -> None:
    assert extract_picture_urls(text) == (story, tuple(urls))


def test_only_so_many_are_listed_but_all_are_taken_out() -> None:
    text = " ".join(f"https://x.example/{n}.png" for n in range(20))
    story, urls = extract_picture_urls(text, limit=3)
    assert story == ""
    assert urls == tuple(f"https://x.example/{n}.png" for n in range(3))


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                " ",
                "\n",
                "[",
                "![",
                "](",
                ")",
                "(",
                "<",
                ">",
                "*",
                ".",
                "http://x/a.png",
                "HTTP://x/b",
                "?",
                "\x00",
            ]
        )
    ).map("".join)
)
def test_whatever_is_written_no_address_of_a_picture_is_listed_twice_and_none_is_invented(text: str) -> None:
    story, urls = extract_picture_urls(text)
    assert len(set(urls)) == len(urls)
    assert all(url in text.replace("\x00", "") for url in urls)
    assert "\x00" not in story
    assert extract_picture_urls(story)[0].count("http") <= story.count("http")


@given(st.text())
def test_a_story_without_addresses_is_only_stripped(text: str) -> None:
    if "://" not in text:
        assert extract_picture_urls(text) == (text.replace("\x00", "").strip(), ())


@pytest.mark.parametrize(
    "unit",
    [
        "http://a(", "http://a)", "http://x/a.png ", "[", "](http://x/a.png", "[](http://x/a.png)",
        "[a](http://x/a.png) ",
        "](<http://",
        " ", "\n", "(", "http://x/a.png(", "](http://x/a.png \"", "![http://x/a.png", "*", "<http://x/a.png>",
        "http://", "http://x/a.png.....", "[[]", "x\x00",
    ],
)  # fmt: skip
def test_a_quarter_of_a_mebibyte_is_read_in_a_moment(unit: str) -> None:
    text = unit * (256 * 1024 // len(unit))
    began = time.perf_counter()
    extract_picture_urls(text)
    extract_picture_urls("(" * 1000 + text + "http://x/a.png" + ")" * 1000)
    assert time.perf_counter() - began < 3

"""The chapter: one file that needs nothing else, and in which whatever the story says is text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cogs.scene_art.domain.painting import Chapter, Panel, Picture
from cogs.scene_art.recap.chapter import bind_chapter

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</figure><h1>",
    "&lt;b&gt; & 'q'",
    "javascript:",
]
ALLOWED = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "h1",
    "p",
    "figure",
    "img",
    "figcaption",
    "time",
}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    return reader


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(HOSTILE) | st.text(max_size=60))
def test_whatever_is_told_is_text(words: str) -> None:
    panel = Panel(story=words, caption=words, alt=words, names=(words,), when=words)
    reader = read(bind_chapter(Chapter(title=words, subtitle=words, panels=(panel,)), 10**6))

    assert {tag for tag, _ in reader.tags} <= ALLOWED
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)


def test_it_shows_every_scene_with_its_words_and_loads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 36), "red").save(path)
    picture = Picture(path=path, mime="image/png", width=64, height=36)
    panels = tuple(Panel(picture=picture, story=f"Story {n}.", caption="", alt=f"Alt {n}") for n in (1, 2))
    reader = read(bind_chapter(Chapter(title="Keep", language="de", panels=panels), 10**6))

    images = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert [image["alt"] for image in images] == ["Alt 1", "Alt 2"]
    assert all(str(image["src"]).startswith("data:image/webp;base64,") for image in images)
    assert "Story 1." in reader.text
    assert ("html", {"lang": "de"}) in reader.tags
    loaded = [value for _, attributes in reader.tags for name, value in attributes.items() if name in {"src", "href"}]
    assert all(str(value).startswith("data:") for value in loaded)


@pytest.mark.parametrize("most", [3_000, 60_000, 400_000])
def test_it_is_made_to_fit(tmp_path: Path, most: int) -> None:
    path = tmp_path / "noise.png"
    Image.effect_noise((1_400, 800), 60).convert("RGB").save(path)
    picture = Picture(path=path, mime="image/png", width=1_400, height=800)
    panel = Panel(picture=picture, story="Noise.", caption="")
    sizes = [len(bind_chapter(Chapter(title="T", panels=(panel,)), limit)) for limit in (most, 10**7)]

    assert sizes[0] < sizes[1]

"""The sample game: every channel says what happens there, and what the page offers is what there is."""

from __future__ import annotations

from cogs.scene_art.i18n import FILES
from demo.story import CHANNELS, PLAYERS, TURNS
from sandbox.accounts import LANGUAGES, NAMES


def test_every_channel_of_the_game_says_what_happens_there() -> None:
    assert {turn.channel for turn in TURNS} <= set(CHANNELS)
    assert all(topic.endswith(".") for topic in CHANNELS.values())


def test_whoever_sits_at_the_page_has_a_character() -> None:
    assert set(NAMES) <= set(PLAYERS)


def test_the_page_speaks_every_language_that_scene_art_speaks() -> None:
    catalogs = {name: locale for locale, name in reversed(FILES.items())}
    assert set(LANGUAGES) == {"en-US", *catalogs.values()}

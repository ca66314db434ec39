"""The first half minute on the page, in a real browser: the card, and what it lets a newcomer try."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Channel, PlayedTurn, Sandbox
from tests.sandbox.browsing import needs_browser, reload
from tools.browser import Browser

pytestmark = needs_browser

OPEN = "document.getElementById('welcome')?.open"
TEXT = "document.getElementById('welcome').innerText"


@pytest.fixture
async def newcomer(sandbox: Sandbox, channel: Channel) -> AsyncIterator[Browser]:
    """Somebody who has never seen the page."""
    async with Browser(width=1280, height=800) as opened:
        await opened.open(sandbox.page_url)
        await opened.until(OPEN)
        yield opened
        assert opened.complaints == []


@pytest.fixture
def game(sandbox: Sandbox) -> None:
    """Somebody publishes turns."""

    async def publish(_: PlayedTurn) -> None:
        return

    sandbox.publish_turns(publish)


async def test_the_card_says_what_this_is_and_is_shown_once(game: None, newcomer: Browser) -> None:
    told = await newcomer.run(TEXT)
    for words in ("scene-art · a pretend Discord", "Nothing leaves this computer", "Three things to try"):
        assert words in told
    assert (await newcomer.run("document.title")) == "#story · scene-art · a pretend Discord"
    await newcomer.press("Enter")
    await newcomer.until(f"!{OPEN}")

    await reload(newcomer)
    assert not await newcomer.run(OPEN)
    await newcomer.walk_to("#help")
    await newcomer.press("Enter")
    await newcomer.until(OPEN)
    await newcomer.press("Escape")
    await newcomer.until(f"!{OPEN} && document.activeElement.id === 'help'")


async def test_each_thing_to_try_is_a_button(game: None, newcomer: Browser) -> None:
    await newcomer.click("[data-try=ask]")
    await newcomer.until(f"!{OPEN} && document.activeElement.id === 'line'")
    assert (await newcomer.run("document.getElementById('line').value")).startswith("/scene-art draw text:")
    await newcomer.click("#help")
    await newcomer.click("[data-try=be]")
    await newcomer.until(f"!{OPEN} && document.activeElement.id === 'who'")
    await newcomer.click("#help")
    await newcomer.click("[data-try=play]")
    await newcomer.until(f"!{OPEN} && document.activeElement.id === 'play-narrative'")


async def test_where_no_game_is_played_it_says_how_to_get_one(newcomer: Browser) -> None:
    told = await newcomer.run(TEXT)
    assert "make demo" in told
    assert "Three things to try" not in told


async def test_on_a_phone_all_of_it_can_be_read_and_pressed(game: None, newcomer: Browser) -> None:
    await newcomer.resize(390, 844)
    box = "document.getElementById('welcome').getBoundingClientRect()"
    assert await newcomer.run(f"{box}.x >= 0 && {box}.right <= 390 && {box}.bottom <= 844")
    heights = "[...document.querySelectorAll('#welcome button')].map(b => b.getBoundingClientRect().height)"
    assert min(await newcomer.run(heights)) >= 44
    await newcomer.click("[data-try=be]")
    await newcomer.until("document.getElementById('sidebar').classList.contains('open')")
    await newcomer.until("document.activeElement.id === 'who'")

"""The form for a turn of one's own, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import Channel, PlayedTurn, Sandbox, wait_until
from sandbox.turns import MOST_CHARACTERS
from sandbox.uploads import LARGEST
from tests.sandbox.browsing import needs_browser, png, see
from tools.browser import Browser

pytestmark = needs_browser

PROBLEM = "document.getElementById('play-problem').innerText"
OPEN = "document.getElementById('play').open"


@pytest.fixture
def played(sandbox: Sandbox) -> list[PlayedTurn]:
    turns: list[PlayedTurn] = []

    async def publish(turn: PlayedTurn) -> None:
        turns.append(turn)

    sandbox.publish_turns(publish)
    return turns


async def test_a_turn_by_mouse(played: list[PlayedTurn], browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "mira.png").write_bytes(png())
    await browser.click("#play-open")
    await browser.click("#play-narrative")
    await browser.write("The lantern rises.")
    await browser.click("#play-people input")
    await browser.write("Mira")
    await browser.attach("#play-people input[type=file]", tmp_path / "mira.png")
    await browser.click("#play-publish")
    await browser.until(f"!{OPEN}")
    await see(browser, "The lantern rises.")

    [turn] = played
    assert (turn.narrative, turn.character_names, turn.requested) == ("The lantern rises.", ("Mira",), True)
    assert turn.message.content == "The lantern rises."
    assert turn.character_urls[0].endswith("/mira.png")


async def test_a_silent_turn_by_keyboard_alone(played: list[PlayedTurn], browser: Browser) -> None:
    await browser.walk_to("#play-open")
    await browser.press("Enter")
    await browser.until("document.activeElement.id === 'play-narrative'")
    await browser.write("Snow falls.")
    await browser.walk_to("#play-game")
    await browser.write("Winter Court")
    await browser.walk_to("#play-people input")
    await browser.write("Bea")
    await browser.walk_to("#play-add")
    await browser.press("Enter")
    await browser.write("Tobin")
    await browser.walk_to("#play-aspect")
    await browser.press("ArrowDown")
    await browser.walk_to("#play-requested")
    await browser.press(" ")
    assert await browser.run("document.getElementById('play-aspect').disabled")
    await browser.walk_to("#play-publish")
    await browser.press("Enter")
    await browser.until(f"!{OPEN}")
    await wait_until(lambda: played)

    [turn] = played
    assert (turn.game_name, turn.character_names, turn.aspect_ratio) == ("Winter Court", ("Bea", "Tobin"), "1:1")
    assert not turn.requested
    assert await browser.run("document.activeElement.id") == "play-open"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no picture", "The file is no PNG, JPEG, WebP or GIF."),
        (png() + bytes(LARGEST), "The file is larger than 8 MB."),
    ],
    ids=["text", "large"],
)
async def test_a_file_that_cannot_be_taken_is_told(
    played: list[PlayedTurn], browser: Browser, tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "file.png").write_bytes(data)
    await browser.click("#play-open")
    await browser.write("Snow falls.")
    await browser.attach("#play-people input[type=file]", tmp_path / "file.png")
    await browser.click("#play-publish")
    await browser.until(f"{PROBLEM}.startsWith({sentence!r})")
    assert played == []


async def test_a_file_that_has_gone_meanwhile_is_told(
    played: list[PlayedTurn], browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "mira.png").write_bytes(png())
    await browser.click("#play-open")
    await browser.write("Snow falls.")
    await browser.attach("#play-people input[type=file]", tmp_path / "mira.png")
    (tmp_path / "mira.png").unlink()
    await browser.click("#play-publish")
    await browser.until(f"{PROBLEM}.startsWith('The file can no longer be read.')")
    assert played == []


async def test_nothing_that_has_the_focus_is_hidden_on_a_small_phone(
    played: list[PlayedTurn], browser: Browser
) -> None:
    await browser.resize(360, 640)
    await browser.click("#play-open")
    await browser.until("document.activeElement.id === 'play-narrative'")
    for field in ("#play-game", "#play-people input", "#play-add", "#play-requested", "#play-publish"):
        await browser.walk_to(field)
        seen = (
            "(() => { const box = document.activeElement.getBoundingClientRect();"
            " return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)"
            " === document.activeElement })()"
        )
        assert await browser.run(seen), field


async def test_a_turn_without_words_is_told_and_may_be_given_up(played: list[PlayedTurn], browser: Browser) -> None:
    await browser.click("#play-open")
    await browser.click("#play-publish")
    await browser.until(f"{PROBLEM}.includes('no words yet')")
    assert await browser.run("document.activeElement.id") == "play-publish"
    await browser.click("#play-cancel")
    await browser.until(f"!{OPEN}")
    assert played == []


async def test_there_is_room_for_eight_characters(played: list[PlayedTurn], browser: Browser) -> None:
    await browser.click("#play-open")
    for _ in range(MOST_CHARACTERS - 1):
        await browser.click("#play-add")
    assert await browser.run("document.getElementById('play-add').hidden")
    assert await browser.run("document.getElementById('play-people').children.length") == MOST_CHARACTERS


async def test_where_nobody_publishes_turns_the_page_says_so(channel: Channel, browser: Browser) -> None:
    assert await browser.run("document.getElementById('play-open').hidden")
    assert "No game is connected" in await browser.run("document.getElementById('no-play').innerText")

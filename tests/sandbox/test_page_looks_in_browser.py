"""The looks of the page in a real browser: on a desktop and on a phone, dark and light."""

from __future__ import annotations

import pytest

from sandbox import Channel, Sandbox, User
from tests.sandbox.browsing import needs_browser, png, see
from tools.browser import Browser

pytestmark = needs_browser

DESK, PHONE = 1280, 390
LEAST_HEIGHT = 44
LEAST_CONTRAST = 4.5
"""The contrast that the Web Content Accessibility Guidelines require of text, level AA."""
PRESSED = ".button, #help, select, .channel, .alt, .dismiss, .apps summary, #menu, #composer > button"
FAINTEST = """
(() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const shown = (colours) => {
    for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = (part) => part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  const light = (rgb) => rgb.reduce((sum, part, i) => sum + linear(part) * [0.2126, 0.7152, 0.0722][i], 0.05);
  const ratio = (node) => {
    const backs = [];
    for (let n = node; n; n = n.parentElement) backs.unshift(getComputedStyle(n).backgroundColor);
    const [a, b] = [light(shown(backs)), light(shown([...backs, getComputedStyle(node).color]))];
    return Math.max(a, b) / Math.min(a, b);
  };
  const card = "#welcome p, #welcome h2, #welcome h3, #welcome small, #welcome code, #welcome .button";
  const frame = ".brand, .brand b, #topic, .me label, #channels h2, #title";
  const texts = `${card}, ${frame}, main .button, .text, .who time, .note, .dismiss, .tag, select, .channel, .quote`;
  return Math.min(...[...document.querySelectorAll(texts)].filter((n) => n.getClientRects().length).map(ratio));
})()
"""


@pytest.fixture
async def full(sandbox: Sandbox, channel: Channel, mira: User, panel: list[str], browser: Browser) -> Browser:
    """A page with everything that is hard to lay out."""
    assert channel.guild is not None
    sandbox.discord.add_text_channel(channel.guild, "a-name-" * 12)
    mira.name = "Mira" * 20
    message = sandbox.discord.say(channel, mira, "w" * 300, files=[("tall.png", png(size=(200, 2_000)))])
    message.attachments[0].description = "A tower."
    sandbox.discord.edit(message, "`code`\n> quote\n" + "w" * 300 + "\n```\n" + "x" * 300 + "\n```")
    await browser.click(".message:nth-last-of-type(2) [data-key]:nth-of-type(2)")
    await browser.run("document.querySelector('.message select').focus()")
    await browser.press("ArrowDown")
    await see(browser, "Only you can see this")
    return browser


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_nothing_leaves_the_screen_and_all_can_be_read(full: Browser, *, width: int, dark: bool) -> None:
    await full.resize(width, 800)
    await full.prefer(dark=dark)
    await full.until("[...document.images].every(i => i.complete)")

    assert await full.run("document.documentElement.scrollWidth") <= width
    assert await full.run("document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth")
    back = await full.run("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") is not dark
    assert await full.run(FAINTEST) >= LEAST_CONTRAST


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_the_card_of_the_page_can_be_read(full: Browser, *, width: int, dark: bool) -> None:
    await full.resize(width, 800)
    await full.prefer(dark=dark)
    await full.click("#help")
    await full.until("document.getElementById('welcome').open")
    box = "document.getElementById('welcome').getBoundingClientRect()"
    assert await full.run(f"{box}.x >= 0 && {box}.right <= {width} && {box}.bottom <= 800")
    assert await full.run(FAINTEST) >= LEAST_CONTRAST


async def test_a_thumb_finds_every_button_of_a_phone(full: Browser) -> None:
    await full.resize(PHONE, 800)
    too_low = (
        f"[...document.querySelectorAll('{PRESSED}')].filter(n => n.getClientRects().length)"
        f".filter(n => n.getBoundingClientRect().height < {LEAST_HEIGHT}).map(n => n.outerHTML)"
    )
    assert await full.run(too_low) == []


@pytest.mark.parametrize("by_mouse", [True, False], ids=["mouse", "keyboard"])
async def test_the_channels_of_a_phone_are_in_a_drawer(full: Browser, *, by_mouse: bool) -> None:
    shown = "getComputedStyle(document.getElementById('sidebar')).visibility === 'visible'"
    await full.resize(PHONE, 800)
    await full.until(f"!({shown})")

    if by_mouse:
        await full.click("#menu")
    else:
        await full.walk_to("#menu", back=True)
        await full.press("Enter")
    await full.until(f"{shown} && document.getElementById('sidebar').getBoundingClientRect().x === 0")
    await full.until("document.activeElement.matches('.channel[aria-current]')")
    await full.press("Escape")
    await full.until(f"!({shown}) && document.activeElement.id === 'menu'")
    await full.press("Enter")
    await full.until(f"{shown} && document.getElementById('sidebar').getBoundingClientRect().x === 0")
    if by_mouse:
        await full.click(".channel:last-child")
    else:
        await full.walk_to(".channel:last-child")
        await full.press("Enter")
    await full.until(f"!({shown}) && document.getElementById('title').textContent.startsWith('a-name-')")
    assert await full.run("document.documentElement.scrollWidth") <= PHONE

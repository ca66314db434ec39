"""Helpers of the tests of the page in a real browser."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tools.browser import Browser
from tools.chromium import find

needs_browser = pytest.mark.skipif(find() is None, reason="there is no Chromium; `make browser` gets one")
by_mouse_and_by_keyboard = pytest.mark.parametrize("by_mouse", [True, False], ids=["mouse", "keyboard"])

LAST = "[...document.querySelectorAll('.message')].at(-1)"
MODAL_OPEN = "document.getElementById('modal').open"


async def see(browser: Browser, text: str) -> None:
    """Wait until the newest message says this."""
    await browser.until(f"{LAST}?.innerText.includes({text!r})")


async def reload(browser: Browser) -> None:
    """Load the page anew, and wait until it shows a channel."""
    await browser.open(await browser.run("location.origin + '/'"))
    await browser.until("document.title.startsWith('#')")


async def use(browser: Browser, selector: str, *, by_mouse: bool) -> None:
    """Click on it; or go back to it with Shift and Tab, from the line at the bottom, and press Enter."""
    if by_mouse:
        await browser.click(selector)
    else:
        await browser.walk_to(selector, back=True)
        await browser.press("Enter")


def png(colour: str = "teal", size: tuple[int, int] = (320, 180)) -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()

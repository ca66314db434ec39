"""Takes the documentation's pictures of scene-art at the table: `make screenshots`.

A sample game is played on the sandbox, and a real browser shows the sandbox's page, types the commands and presses the
buttons that the pictures show.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from demo.__main__ import Demo, game_redis, publish, running_bot  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from tools.browser import Browser  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
CHANNEL = "lantern-road"
WIDTH, HEIGHT = 1_180, 900
DAWN = "Dawn over the harbour. A ship with amber sails comes home."
NEWEST = "[...document.querySelectorAll('.message')].at(-1)"
TURN_WIDTH, TURN_MARGIN = 1_000, 4
SETTLING_SECONDS = 0.6
"""Time that the page takes to scroll."""


class Visitor:
    """Somebody who sits in front of the page."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def enter(self, address: str) -> None:
        """Open the page as a moderator, put its card away, and go to the channel."""
        await self._browser.open(address)
        await self._browser.until("document.getElementById('welcome')?.open")
        await self._browser.run("welcome.close()")
        await self._browser.run("who.value = 'moderator'; who.dispatchEvent(new Event('change'))")
        await self._browser.until("document.querySelectorAll('.message').length > 0")
        chosen = f"[...document.querySelectorAll('.channel')].find(c => c.textContent.includes('{CHANNEL}'))"
        await self._browser.run(f"{chosen}.click()")

    async def types(self, line: str, *, brings: str) -> None:
        """Send a line, and wait for a new message that has what it `brings` (a CSS selector)."""
        await self._act(f"line.value = {json.dumps(line)}; composer.requestSubmit()", brings)

    async def presses(self, label: str, *, brings: str) -> None:
        """Press the newest button that is called like this, and wait in the same way."""
        buttons = "[...document.querySelectorAll('#log .button')]"
        await self._act(f"{buttons}.findLast(b => b.textContent.includes({json.dumps(label)})).click()", brings)

    async def _act(self, script: str, brings: str) -> None:
        before = await self._browser.run(f"{NEWEST}.id")
        await self._browser.run(script)
        await self._browser.until(
            f"{NEWEST}.id !== {json.dumps(before)} && !!{NEWEST}.querySelector({json.dumps(brings)})"
        )
        await self._browser.until("[...document.images].every(i => i.complete)")

    async def shoots(self, name: str) -> None:
        """Save what the page shows, its newest message at the bottom."""
        await self._browser.run("const log = document.getElementById('log'); log.scrollTop = log.scrollHeight")
        await asyncio.sleep(SETTLING_SECONDS)
        picture = Image.open(io.BytesIO(await self._browser.picture())).convert("RGB")
        path = PICTURES / f"table-{name}.webp"
        picture.save(path, "WEBP", quality=84, method=6)
        print(path.relative_to(ROOT), flush=True)

    async def shoots_turn(self, words: str) -> None:
        """Save the game's message with these words and the picture below it: the picture at the top of the README."""
        await self._browser.resize(TURN_WIDTH, HEIGHT)
        await self._browser.until("[...document.images].every(i => i.complete)")
        clip = await self._browser.run(f"""(() => {{
            const told = [...document.querySelectorAll('#log .message')].find(m => m.innerText.includes('{words}'));
            told.scrollIntoView({{block: 'start'}});
            const top = told.getBoundingClientRect(), picture = told.nextElementSibling.querySelector('img');
            const height = picture.getBoundingClientRect().bottom - top.y + {TURN_MARGIN};
            return {{x: top.x, y: top.y, width: top.width, height}};
        }})()""")
        shot = await self._browser.call("Page.captureScreenshot", format="png", clip=clip | {"scale": 2})
        await self._browser.resize(WIDTH, HEIGHT)
        picture = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
        picture.save(PICTURES / "turn.webp", "WEBP", quality=84, method=6)
        print((PICTURES / "turn.webp").relative_to(ROOT), flush=True)


async def _take_all(visitor: Visitor) -> None:
    await visitor.types(f"/scene-art draw text:{DAWN}", brings="img")
    await visitor.shoots("draw")
    await visitor.presses("Why?", brings=".file")
    await visitor.shoots("why")
    await visitor.types("/scene-art settings", brings="select")
    await visitor.shoots("settings")
    for command in ("history", "style", "recap"):
        await visitor.types(f"/scene-art {command}", brings="img")
        await visitor.shoots(command)


async def main() -> None:
    """Play, use, and take pictures."""
    async with Sandbox() as sandbox:
        demo = Demo(sandbox)
        os.environ.update(demo.environment())
        async with game_redis() as redis, running_bot(sandbox), Browser(width=WIDTH, height=HEIGHT) as browser:
            sandbox.publish_turns(lambda turn: publish(redis, turn))
            await demo.play(redis)
            visitor = Visitor(browser)
            await visitor.enter(sandbox.discord.page_url)
            await visitor.shoots_turn("the dragon lands")
            await _take_all(visitor)


if __name__ == "__main__":
    asyncio.run(main())

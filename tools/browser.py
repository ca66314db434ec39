"""A headless Chromium that takes pictures of pages, told what to do over its own DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp

from sandbox.waiting import wait_until

from .chromium import find

START_SECONDS = 30.0
_KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    " ": (32, " "),
    "ArrowUp": (38, ""),
    "ArrowDown": (40, ""),
}
"""Windows' number of a key, and what it types."""
_SHIFT = 8
_MOST_STOPS = 80


class BrowserMissingError(Exception):
    """There is no Chromium on this machine."""


class Browser:
    """An async context manager: one window, one page."""

    def __init__(self, *, width: int, height: int, dark: bool = True) -> None:
        self._size = (width, height)
        self._dark = dark
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        """Errors of the page, from its console."""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """
        Raises:
            BrowserMissingError: there is none.
        """
        program = await asyncio.to_thread(find)
        if program is None:
            raise BrowserMissingError("there is no Chromium; `make browser` gets one")
        async with AsyncExitStack() as stack:
            profile = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            arguments = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--mute-audio")
            process = await asyncio.create_subprocess_exec(
                program,
                *arguments,
                f"--user-data-dir={profile}",
                "--remote-debugging-port=0",
                "about:blank",
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            stack.push_async_callback(_end, process)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            self._socket = await stack.enter_async_context(
                session.ws_connect(await _page_of(session, profile), max_msg_size=0)
            )
            await self._set_up()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    async def _set_up(self) -> None:
        await self.resize(*self._size)
        await self.prefer(dark=self._dark)
        for domain in ("Page", "Runtime", "Log", "DOM"):
            await self.call(f"{domain}.enable")
        # Files are chosen by `attach`; nobody sits in front of the browser's own dialog.
        await self.call("Page.setInterceptFileChooserDialog", enabled=True)

    async def resize(self, width: int, height: int) -> None:
        """Another size of the window, in pixels."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **screen)

    async def prefer(self, *, dark: bool) -> None:
        """The colours that the person likes."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol, and its result.

        Raises:
            RuntimeError: the browser refused it.
        """
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async for incoming in self._socket:
            answer = incoming.json()
            self._note(answer)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error'].get('message')}")
                return dict(answer["result"])
        raise RuntimeError("the browser has gone")

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"].get("exception", {}).get("description")))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(str(params["entry"]["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(str(params["args"]))

    async def open(self, address: str) -> None:
        """Go to a page."""
        await self.call("Page.navigate", url=address)

    async def run(self, script: str) -> Any:
        """The value of a script, once it is there."""
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until a script's value is true.

        Raises:
            TimeoutError: it never was.
        """
        look = f"const look = () => ({script}) ? done() : setTimeout(look, 50); look()"
        async with asyncio.timeout(START_SECONDS):
            await self.run(f"new Promise(done => {{ {look} }})")

    # A person's hands

    async def click(self, selector: str) -> None:
        """Press the mouse on the middle of the first thing that the selector names.

        Raises:
            TimeoutError: there is no such thing to be seen.
        """
        find = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"!!{find} && {find}.getClientRects().length > 0")
        await self.run(f"{find}.scrollIntoView({{ block: 'nearest' }})")
        middle = "(r => [r.x + r.width / 2, r.y + r.height / 2])"
        x, y = await self.run(f"{middle}({find}.getBoundingClientRect())")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def press(self, key: str, times: int = 1, *, shift: bool = False) -> None:
        """Press a key: `Tab`, `Enter`, `Escape`, `ArrowDown`, `ArrowUp` or a space; `shift` is held meanwhile."""
        number, text = _KEYS[key]
        common: dict[str, Any] = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": number}
        common |= {"modifiers": _SHIFT if shift else 0}
        for _ in range(times):
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    async def walk_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until the focus is on what the selector names; `back` holds Shift.

        Raises:
            LookupError: the keyboard does not get there.
        """
        for _ in range(_MOST_STOPS):
            await self.press("Tab", shift=back)
            if await self.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise LookupError(f"Tab never comes to {selector}")

    async def write(self, text: str) -> None:
        """Type into whatever has the focus, one key after the other."""
        for letter in text:
            await self.call("Input.dispatchKeyEvent", type="keyDown", key=letter, text=letter)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    async def attach(self, selector: str, *files: Path) -> None:
        """Choose files in a file field."""
        document = await self.call("DOM.getDocument")
        found = await self.call("DOM.querySelector", nodeId=document["root"]["nodeId"], selector=selector)
        await self.call("DOM.setFileInputFiles", nodeId=found["nodeId"], files=[str(file) for file in files])

    async def picture(self) -> bytes:
        """Take a screenshot, as a PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])


async def _page_of(session: aiohttp.ClientSession, profile: Path) -> str:
    """The address at which the browser's first page is spoken to."""
    file = profile / "DevToolsActivePort"
    await wait_until(lambda: file.exists() and file.read_text(), START_SECONDS)
    port = file.read_text().split()[0]
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        pages = await answer.json()
    return str(next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()

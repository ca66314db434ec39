"""The server of reference pictures."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox import Sandbox


async def test_files_are_served_and_counted(sandbox: Sandbox) -> None:
    url = sandbox.files.add("faces/mira.png", b"picture")
    moved = sandbox.files.add("old.png", redirect=url)
    gone = sandbox.files.add("gone.png", b"nothing", status=410, content_type="text/plain")
    async with aiohttp.ClientSession() as session:
        async with session.get(moved) as response:
            assert await response.read() == b"picture"
            assert response.content_type == "image/png"
        async with session.get(gone) as response:
            assert (response.status, response.content_type) == (410, "text/plain")
        async with session.get(sandbox.files.url("never")) as response:
            assert response.status == 404
    assert [sandbox.files.hits(name) for name in ("faces/mira.png", "old.png", "none")] == [1, 1, 0]


async def test_files_can_misbehave(sandbox: Sandbox) -> None:
    reset = sandbox.files.add("reset.png", reset=True)
    short = sandbox.files.add("short.png", b"half", pretended_length=100)
    endless = sandbox.files.add("endless.png", b"more" * 1000, endless=True)
    slow = sandbox.files.add("slow.png", b"late", delay=10)
    stuck = sandbox.files.add("stuck.png", hang=True)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(reset)
        async with session.get(short) as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        async with session.get(endless) as response:
            assert len(await response.content.readexactly(500_000)) == 500_000
            response.close()
        for url in (slow, stuck):
            with pytest.raises(TimeoutError):
                await session.get(url, timeout=aiohttp.ClientTimeout(total=0.1))

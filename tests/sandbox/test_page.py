"""The page's files and its websocket, used as a browser uses them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Channel, Sandbox, User
from sandbox.page import FILES

Document = dict[str, Any]


class Tab:
    """An open page: sends wishes and reads what comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.news: list[Document] = []

    async def read(self, kind: str) -> Document:
        """The next news of this kind; what comes before it is kept in `news`."""
        while True:
            document: Document = await self._socket.receive_json(timeout=5)
            self.news.append(document)
            if document["type"] == kind:
                return document

    async def wish(self, **what: Any) -> Document:
        await self._socket.send_json({"id": 1, **what})
        return await self.read("done")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def tab(sandbox: Sandbox, session: aiohttp.ClientSession) -> AsyncIterator[Tab]:
    async with session.ws_connect(sandbox.page_url + "live") as socket:
        yield Tab(socket)


async def test_the_page_needs_nothing_from_elsewhere(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    for path in FILES:
        async with session.get(sandbox.page_url + path) as response:
            assert response.status == 200
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            text = await response.text()
        assert "innerHTML" not in text
        assert "//cdn" not in text


async def test_a_strange_origin_gets_no_live_connection(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(sandbox.page_url + "live", origin="http://elsewhere.example")


async def test_a_tab_sees_what_is_there_and_what_happens(
    sandbox: Sandbox, channel: Channel, mira: User, tab: Tab
) -> None:
    before = await tab.read("snapshot")
    assert [item["name"] for item in before["channels"]] == ["story"]
    said = sandbox.discord.say(channel, mira, "Hello")
    assert (await tab.read("message"))["message"]["content"] == "Hello"
    sandbox.discord.edit(said, "Hello!")
    assert (await tab.read("message"))["message"]["edited_timestamp"]
    sandbox.discord.delete(said)
    assert (await tab.read("delete"))["id"] == str(said.id)


async def test_the_visitor_talks_and_uses_the_bot(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, tab: Tab
) -> None:
    @app_commands.command(name="steer", description="Steer")
    async def steer(interaction: discord.Interaction, notes: str, size: int = 1) -> None:
        await interaction.response.send_message(f"{notes} / {size}", ephemeral=True)

    @steer.autocomplete("notes")
    async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"more {current}", value="more-of-it")]

    bot.tree.add_command(steer)
    await bot.tree.sync()
    place = str(channel.id)
    await tab.read("snapshot")
    assert "error" not in await tab.wish(do="say", channel=place, text="Good evening")
    assert sandbox.discord.messages(channel)[0].author.name == "Visitor"
    report = await tab.wish(do="suggest", channel=place, text="/steer notes:fo", focused="notes")
    assert report["choices"] == [{"name": "more fo", "value": "more-of-it"}]
    assert "error" not in await tab.wish(do="command", channel=place, text="/steer notes:more fog size:2")
    answered = [n["message"] for n in tab.news if n["type"] == "message" and n["message"]["ephemeral"]]
    assert answered[-1]["content"] == "more fog / 2"
    await tab.wish(do="command", channel=place, text="/steer notes:more fo", values={"notes": "more-of-it"})
    assert sandbox.discord.messages(channel, ephemeral=True)[-1].content == "more-of-it / 1"
    assert "no command" in (await tab.wish(do="command", channel=place, text="/nothing"))["error"]
    assert "does not exist" in (await tab.wish(do="press", channel=place, message="1", custom_id="x"))["error"]


async def test_others_private_answers_stay_private(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User, tab: Tab
) -> None:
    @app_commands.command(name="whisper", description="Whisper")
    async def whisper(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)

    bot.tree.add_command(whisper)
    await bot.tree.sync()
    await tab.read("snapshot")
    await sandbox.discord.run_command(channel, mira, "whisper")
    sandbox.discord.say(channel, mira, "aloud")
    assert (await tab.read("message"))["message"]["content"] == "aloud"

"""The page's files and its websocket, used as a browser uses them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Channel, PlayedTurn, Sandbox, User
from sandbox.page import FILES
from sandbox.uploads import LARGEST
from tests.sandbox.tab import Document, Tab, opened

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def tab(sandbox: Sandbox) -> AsyncIterator[Tab]:
    async with opened(sandbox) as tab:
        yield tab


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
    assert sandbox.discord.messages(channel)[0].author.name == "Robin"
    report = await tab.wish(do="suggest", channel=place, text="/steer notes:fo", focused="notes")
    assert report["choices"] == [{"name": "more fo", "value": "more-of-it"}]
    assert "error" not in await tab.wish(do="command", channel=place, text="/steer notes:more fog size:2")
    answered = [n["message"] for n in tab.news if n["type"] == "message" and n["message"]["ephemeral"]]
    assert answered[-1]["content"] == "more fog / 2"
    await tab.wish(do="command", channel=place, text="/steer notes:more fo", values={"notes": "more-of-it"})
    assert sandbox.discord.messages(channel, ephemeral=True)[-1].content == "more-of-it / 1"
    assert "There is no command “/nothing”" in (await tab.wish(do="command", channel=place, text="/nothing"))["error"]
    assert "does not exist" in (await tab.wish(do="press", channel=place, message="1", custom_id="x"))["error"]


async def test_a_form_that_could_not_be_sent_may_be_sent_again_and_only_once(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, tab: Tab
) -> None:
    class Form(discord.ui.Modal, title="Wishes"):
        wish: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Your wish", custom_id="wish")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"Wished: {self.wish.value}")

    @app_commands.command(name="wish", description="Wish")
    async def wish(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    bot.tree.add_command(wish)
    await bot.tree.sync()
    await tab.read("snapshot")
    opened = await tab.wish(do="command", channel=str(channel.id), text="/wish")
    form = {"do": "submit", "channel": str(channel.id), "modal": opened["modal"]["key"]}

    assert "no field" in (await tab.wish(**form, values={"hope": "peace"}))["error"]
    assert "error" not in await tab.wish(**form, values={"wish": "peace"})
    assert "sent already" in (await tab.wish(**form, values={"wish": "peace"}))["error"]
    assert [message.content for message in sandbox.discord.messages(channel)] == ["Wished: peace"]


@pytest.mark.parametrize(
    "words",
    [
        "not json", "[]", "5", "null", '"x"', "{}", "[" * 100_000, '{"do": "say", "channel": null}',
        '{"do": "say", "channel": [1], "text": "x"}', '{"do": "say", "channel": 1e999, "text": "x"}',
        '{"do": "play", "channel": "CHANNEL", "narrative": "x", "characters": 5}',
        '{"do": "play", "channel": "CHANNEL", "narrative": "x", "characters": [null]}',
        '{"do": "command", "channel": "CHANNEL", "text": "/x", "values": 5}',
    ],
)  # fmt: skip
async def test_what_is_no_wish_is_answered_and_the_tab_stays_open(
    sandbox: Sandbox, channel: Channel, tab: Tab, words: str
) -> None:
    async def publish(_: PlayedTurn) -> None:
        raise AssertionError("nothing is published")

    sandbox.publish_turns(publish)
    await tab.read("snapshot")

    assert (await tab.write(words.replace("CHANNEL", str(channel.id))))["error"]
    assert "error" not in await tab.wish(do="say", channel=str(channel.id), text="Still here.")


async def test_the_page_works_by_either_name_of_this_machine(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    origin = sandbox.page_url.rstrip("/").replace("127.0.0.1", "localhost")
    async with session.ws_connect(sandbox.page_url + "live", headers={"Origin": origin}) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "snapshot"


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


async def uploaded(sandbox: Sandbox, session: aiohttp.ClientSession, data: bytes, **headers: str) -> Document:
    body = io.BytesIO(data)
    async with session.post(sandbox.page_url + "upload?name=mira.png", data=body, headers=headers) as answer:
        return dict(await answer.json()) if answer.ok else {"status": answer.status}


async def test_only_pictures_of_some_size_are_taken(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    assert "larger than 8 MB" in (await uploaded(sandbox, session, PNG + bytes(LARGEST)))["error"]
    assert "no PNG" in (await uploaded(sandbox, session, b"MZ"))["error"]
    assert "no PNG" in (await uploaded(sandbox, session, b""))["error"]
    assert await uploaded(sandbox, session, PNG, Origin="http://elsewhere.example") == {"status": 403}
    assert len((await uploaded(sandbox, session, PNG))["id"]) == 16


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "has no words yet"),
        ({"narrative": "  \n "}, "has no words yet"),
        ({"narrative": "\u200b\u2060 \ud83d"}, "has no words yet"),
        ({"narrative": "x" * 4_001}, "longer than 4000"),
        ({"narrative": "Dusk.", "characters": [{"name": "Mira", "upload": "gone"}]}, "does not exist"),
    ],
)
async def test_a_turn_that_cannot_be_played_is_told(
    sandbox: Sandbox, channel: Channel, tab: Tab, wish: Document, sentence: str
) -> None:
    async def publish(_: PlayedTurn) -> None:
        raise AssertionError("nothing is published")

    sandbox.publish_turns(publish)
    await tab.read("snapshot")

    assert sentence in (await tab.wish(do="play", channel=str(channel.id), **wish))["error"]
    assert sandbox.discord.messages(channel) == []


async def test_nobody_publishes_turns_where_there_is_no_game(channel: Channel, tab: Tab) -> None:
    assert (await tab.read("snapshot"))["can_play"] is False
    told = await tab.wish(do="play", channel=str(channel.id), narrative="Dusk.")
    assert "make demo" in told["error"]


async def test_a_picture_without_a_name_is_told(
    sandbox: Sandbox, channel: Channel, session: aiohttp.ClientSession, tab: Tab
) -> None:
    played: list[PlayedTurn] = []

    async def publish(turn: PlayedTurn) -> None:
        played.append(turn)

    sandbox.publish_turns(publish)
    upload = (await uploaded(sandbox, session, PNG))["id"]
    turn = {"do": "play", "channel": str(channel.id), "narrative": "Dusk.", "requested": False, "aspect": "1:1"}

    told = await tab.wish(**turn, characters=[{"name": "", "upload": upload}])
    assert "Name every character" in told["error"]
    turn["narrative"] = "Dusk \ud83d."  # half of an emoji
    await tab.wish(**turn, characters=[{"name": "Mira", "upload": upload}, {"name": "Tobin"}, {"name": " "}])

    assert (played[0].character_names, played[0].requested, played[0].aspect_ratio) == (("Mira", "Tobin"), False, "1:1")
    assert played[0].character_urls[1] == ""
    assert played[0].narrative == "Dusk ."
    async with session.get(played[0].character_urls[0]) as answer:
        assert await answer.read() == PNG


async def test_discords_own_errors_are_told_in_plain_words(sandbox: Sandbox, channel: Channel, tab: Tab) -> None:
    await tab.read("snapshot")
    place = str(channel.id)
    assert (await tab.wish(do="say", channel=place, text=""))["error"] == "The message has no words yet."
    assert "too long" in (await tab.wish(do="say", channel=place, text="x" * 2_001))["error"]
    sandbox.discord.delete_channel(channel)
    told = await tab.wish(do="say", channel=place, text="Hello?")
    assert told["error"] == "This channel is not there any more."


async def test_a_bot_that_says_nothing_is_told_in_plain_words(
    bot: commands.Bot, sandbox: Sandbox, channel: Channel, tab: Tab
) -> None:
    @app_commands.command(name="sleep", description="Sleep")
    async def sleep(_: discord.Interaction) -> None:
        return

    bot.tree.add_command(sleep)
    await bot.tree.sync()
    sandbox.discord.settings.interaction_seconds = 0.1
    await tab.read("snapshot")
    told = await tab.wish(do="command", channel=str(channel.id), text="/sleep")
    assert told["error"] == "The bot did not answer within three seconds. Please try again in a moment."


async def test_every_channel_says_what_happens_there(sandbox: Sandbox, channel: Channel) -> None:
    assert channel.guild is not None
    sandbox.discord.add_text_channel(channel.guild, "tavern", topic="For talk.")
    sandbox.discord.add_thread(channel, "the-mill")
    sandbox.discord.add_dm(sandbox.discord.account("player"))
    sandbox.discord.add_dm(sandbox.discord.account("moderator"))
    async with opened(sandbox) as tab:
        topics = {place["name"]: place["topic"] for place in (await tab.read("snapshot"))["channels"]}
    about = {"story": "", "tavern": "For talk.", "the-mill": "A thread of #story."}
    assert topics == about | {"Scene Painter": "Only you and the bot read this."}

"""A bot's work with messages, through discord.py."""

from __future__ import annotations

import io

import discord
import pytest
from discord.ext import commands
from PIL import Image

from sandbox import Channel, Permission, Sandbox, User, wait_until


def png(width: int = 64, height: int = 36, colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def upload(data: bytes | None = None, name: str = "scene.png", alt: str = "A lantern") -> discord.File:
    return discord.File(io.BytesIO(data or png()), name, description=alt)


def a_view() -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again:1", emoji="🎨"))
    view.add_item(discord.ui.Button(label="Site", url="https://example.org/"))
    return view


async def test_a_bot_connects_and_finds_its_server(bot: commands.Bot, sandbox: Sandbox, channel: Channel) -> None:
    assert bot.user is not None
    assert bot.user.id == sandbox.discord.bot.id
    assert [guild.name for guild in bot.guilds] == ["The Lantern Guild"]
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    rights = found.permissions_for(found.guild.me)
    assert rights.send_messages
    assert rights.attach_files
    assert not rights.administrator


async def test_a_picture_with_buttons_is_stored_as_sent(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    sent = await place.send("Look!", file=upload(), view=a_view())
    [message] = sandbox.discord.messages(channel)
    assert message.id == sent.id
    assert message.content == "Look!"
    [file] = message.attachments
    assert (file.filename, file.description, file.data) == ("scene.png", "A lantern", png())
    assert (file.width, file.height, file.content_type) == (64, 36, "image/png")
    assert message.button("Again").custom_id == "again:1"
    assert message.button("Again").emoji == "🎨"
    assert message.button("Site").url == "https://example.org/"
    assert sent.attachments[0].description == "A lantern"
    assert await sent.attachments[0].read() == png()


async def test_the_same_nonce_shows_once(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    first = await place.send(file=upload(), nonce="scene-1")
    second = await place.send(file=upload(), nonce="scene-1")
    assert first.id == second.id
    assert len(sandbox.discord.messages(channel)) == 1
    other = await place.send("another", nonce="scene-2")
    assert other.id != first.id


async def test_a_nonce_is_told_to_the_sender_and_forgotten(place: discord.TextChannel) -> None:
    sent = await place.send("hello", nonce="scene-1")
    assert sent.nonce == "scene-1"
    assert (await place.fetch_message(sent.id)).nonce is None
    assert [message.nonce async for message in place.history()] == [None]


async def test_a_nonce_whose_message_was_deleted_is_an_unknown_message(place: discord.TextChannel) -> None:
    first = await place.send("hello", nonce="gone")
    await first.delete()
    with pytest.raises(discord.NotFound) as error:
        await place.send("hello", nonce="gone")
    assert error.value.code == 10008


async def test_edits_keep_what_they_do_not_name(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    sent = await place.send("first", file=upload(), view=a_view())
    await sent.edit(content="second")
    [message] = sandbox.discord.messages(channel)
    assert message.content == "second"
    assert message.edited is not None
    assert len(message.attachments) == 1
    assert message.buttons
    await sent.edit(view=None, attachments=[upload(png(8, 8), "new.png")])
    assert message.buttons == []
    assert [file.filename for file in message.attachments] == ["new.png"]


async def test_deleted_messages_are_gone(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    sent = await place.send("bye")
    await sent.delete()
    assert sandbox.discord.messages(channel) == []
    with pytest.raises(discord.NotFound) as error:
        await place.fetch_message(sent.id)
    assert error.value.code == 10008


async def test_history_pages_in_both_directions(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    said = [sandbox.discord.say(channel, mira, f"line {number}") for number in range(120)]
    newest = [message.id async for message in place.history(limit=None)]
    assert newest == [message.id for message in reversed(said)]
    after = discord.Object(said[100].id)
    later = [message.id async for message in place.history(after=after, limit=5)]
    assert later == [message.id for message in said[101:106]]
    around = [m.id async for m in place.history(around=discord.Object(said[50].id), limit=5)]
    assert sorted(around) == [message.id for message in said[48:53]]


async def test_a_reply_quotes_and_pings_nobody_when_told_so(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    said = sandbox.discord.say(channel, mira, "A door opens.")
    reference = discord.MessageReference(message_id=said.id, channel_id=channel.id)
    quiet = discord.AllowedMentions.none()
    text = f"<@{mira.id}> @everyone"
    await place.send(text, reference=reference, allowed_mentions=quiet)
    await place.send(text, reference=reference)
    silent, loud = sandbox.discord.messages(channel, author=sandbox.discord.bot)
    assert silent.reference == said.id
    assert (silent.mentions, silent.mention_everyone) == ([], False)
    assert (loud.mentions, loud.mention_everyone) == ([mira], False)


async def test_nobody_can_reply_to_discords_own_line(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    joined = sandbox.discord.welcome(channel, mira)
    assert (await place.fetch_message(joined.id)).type is discord.MessageType.new_member
    loose = discord.MessageReference(message_id=joined.id, channel_id=channel.id, fail_if_not_exists=False)
    with pytest.raises(discord.HTTPException, match="system message") as error:
        await place.send("hello", reference=loose)
    assert (error.value.status, error.value.code) == (400, 50035)


async def test_a_reply_to_a_missing_message_is_refused_unless_it_may_fail(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    strict = discord.MessageReference(message_id=1, channel_id=channel.id)
    with pytest.raises(discord.HTTPException, match="Unknown message") as error:
        await place.send("hm", reference=strict)
    assert (error.value.status, error.value.code) == (400, 50035)
    loose = discord.MessageReference(message_id=1, channel_id=channel.id, fail_if_not_exists=False)
    await place.send("hm", reference=loose)
    assert sandbox.discord.messages(channel)[0].reference is None


@pytest.mark.parametrize(
    ("rights", "code"),
    [
        (Permission(0), 50001),
        (Permission.VIEW_CHANNEL, 50013),
        (Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES, 50013),
    ],
)
async def test_missing_rights_answer_as_discord_does(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel, rights: Permission, code: int
) -> None:
    sandbox.discord.set_permissions(channel, int(rights))
    with pytest.raises(discord.Forbidden) as error:
        await place.send(file=upload())
    assert (error.value.code, error.value.status) == (code, 403)
    await wait_until(lambda: place.permissions_for(place.guild.me).value == int(rights))


async def test_unknown_ids_and_wrong_tokens(bot: commands.Bot, sandbox: Sandbox, channel: Channel) -> None:
    with pytest.raises(discord.NotFound) as error:
        await bot.fetch_channel(5)
    assert error.value.code == 10003
    sandbox.discord.delete_channel(channel)
    with pytest.raises(discord.NotFound):
        await bot.fetch_channel(channel.id)
    async with discord.Client(intents=discord.Intents.none()) as stranger:
        with pytest.raises(discord.LoginFailure):
            await stranger.login("another-token")


@pytest.mark.parametrize(
    "options",
    [
        {"content": "x" * 2001},
        {"file": "long alt"},
        {"nonce": "n" * 26},
        {"view": "long id"},
        {"view": "same id"},
    ],
    ids=lambda options: "-".join(f"{key}" for key in options),
)
async def test_what_does_not_fit_is_refused(
    place: discord.TextChannel, bot: commands.Bot, channel: Channel, options: dict[str, str]
) -> None:
    long_button = {"type": 2, "style": 1, "label": "x", "custom_id": "c" * 101}
    same = {"type": 2, "style": 1, "label": "x", "custom_id": "c"}
    bodies = {
        "long alt": {"attachments": [{"id": 0, "description": "a" * 1025}], "content": "x"},
        "long id": {"components": [{"type": 1, "components": [long_button]}], "content": "x"},
        "same id": {"components": [{"type": 1, "components": [same, same]}], "content": "x"},
    }
    value = next(iter(options.values()))
    body = bodies.get(value) or ({"content": "x"} | options)
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
    with pytest.raises(discord.HTTPException) as error:
        await bot.http.request(route, json=body)
    assert (error.value.status, error.value.code) == (400, 50035)


async def test_an_empty_message_is_refused(place: discord.TextChannel) -> None:
    with pytest.raises(discord.HTTPException) as error:
        await place.send("")
    assert error.value.code == 50006


async def test_large_files_are_refused_with_413(place: discord.TextChannel, sandbox: Sandbox, channel: Channel) -> None:
    sandbox.discord.max_upload_bytes = 1000
    with pytest.raises(discord.HTTPException) as error:
        await place.send(file=upload(b"x" * 1001, "big.bin"))
    assert (error.value.status, error.value.code) == (413, 40005)
    assert sandbox.discord.messages(channel) == []


async def test_links_expire_and_can_be_refreshed(
    place: discord.TextChannel, bot: commands.Bot, sandbox: Sandbox
) -> None:
    sent = await place.send(file=upload())
    old = sent.attachments[0].url
    sandbox.discord.expire_links()
    with pytest.raises(discord.NotFound):
        await bot.http.get_from_cdn(old)
    route = discord.http.Route("POST", "/attachments/refresh-urls")
    answer = await bot.http.request(route, json={"attachment_urls": [old]})
    [pair] = answer["refreshed_urls"]
    assert pair["original"] == old
    assert await bot.http.get_from_cdn(pair["refreshed"]) == png()
    with pytest.raises(discord.NotFound):
        await bot.http.get_from_cdn(pair["refreshed"].replace("?ex=", "?ex=f"))


@pytest.mark.parametrize("urls", [[], None, "https://cdn.discordapp.com/attachments/1/2/a.png", [1], ["x"] * 51])
async def test_only_a_list_of_one_to_fifty_links_is_refreshed(bot: commands.Bot, urls: object) -> None:
    route = discord.http.Route("POST", "/attachments/refresh-urls")
    with pytest.raises(discord.HTTPException) as error:
        await bot.http.request(route, json={"attachment_urls": urls})
    assert (error.value.status, error.value.code) == (400, 50035)


async def test_threads_and_direct_messages(bot: commands.Bot, sandbox: Sandbox, channel: Channel) -> None:
    thread = sandbox.discord.add_thread(channel, "chapter two")
    await wait_until(lambda: bot.get_channel(thread.id))
    found = bot.get_channel(thread.id)
    assert isinstance(found, discord.Thread)
    await found.send("in the thread")
    assert sandbox.discord.messages(thread)[0].content == "in the thread"
    person = sandbox.discord.add_user("Tomas")
    account = await bot.fetch_user(person.id)
    await account.send("hello there")
    assert sandbox.discord.messages(sandbox.discord.add_dm(person))[0].content == "hello there"


async def test_a_locked_thread_takes_nothing(bot: commands.Bot, sandbox: Sandbox, channel: Channel) -> None:
    thread = sandbox.discord.add_thread(channel, "closed")
    sandbox.discord.set_thread(thread, archived=True, locked=True)
    found = await bot.fetch_channel(thread.id)
    assert isinstance(found, discord.Thread)
    with pytest.raises(discord.HTTPException) as error:
        await found.send("anybody?")
    assert error.value.code == 50083

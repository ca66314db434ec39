"""Posting: the right bytes, one message, and a way on from everything that Discord can answer."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio
from PIL import Image

from sandbox import BOT_DEFAULT, Channel, Permission, wait_until
from sandbox.gemini_answers import picture
from tests.stage import TIMEOUT_SECONDS, Stage, encoded, open_stage, photo, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

MESSAGES = r"^/channels/\d+/messages$"
MIB = 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of this file; every test has a channel of its own."""
    async with open_stage() as opened:
        yield opened


def lines(caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if text in record.getMessage()]


def may(stage: Stage, channel: Channel, permission: Permission) -> bool:
    """Whether the bot has `permission`, as far as it has heard."""
    place = stage.bot.get_channel(channel.id)
    if not isinstance(place, discord.TextChannel):
        return True
    return bool(place.permissions_for(place.guild.me).value & permission)


@pytest.mark.parametrize(("form", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
async def test_the_painters_bytes_go_out_untouched_in_every_format(stage: Stage, form: str, ending: str) -> None:
    channel = stage.channel()
    painted = encoded(Image.new("RGB", (320, 180), "teal"), form)
    # What the service says about its own picture may be wrong; the bytes decide.
    stage.sandbox.gemini.script(picture(painted, mime="image/png"))

    await stage.request(channel, "A lake at dawn.")
    message = await stage.picture(channel)

    assert message.attachments[0].data == painted
    assert message.attachments[0].filename.endswith(f".{ending}")


async def test_a_format_that_browsers_do_not_show_is_converted(stage: Stage) -> None:
    channel = stage.channel()
    stage.sandbox.gemini.script(picture(encoded(Image.new("RGB", (320, 180), "teal"), "BMP"), mime="image/bmp"))

    await stage.request(channel, "A lake at noon.")
    message = await stage.picture(channel)

    assert message.attachments[0].filename.endswith(".webp")
    with Image.open(io.BytesIO(message.attachments[0].data)) as shown:
        assert (shown.format, shown.size) == ("WEBP", (320, 180))


async def test_a_large_picture_over_the_limit_is_stepped_down_at_full_size(stage: Stage) -> None:
    channel = stage.channel()
    painted = photo(4096)
    assert len(painted) > 10 * MIB
    stage.sandbox.gemini.script(picture(painted))

    await stage.request(channel, "A wide valley.")
    message = await stage.picture(channel)

    [file] = message.attachments
    assert file.filename.endswith(".webp")
    assert file.size <= 10 * MIB
    assert (file.width, file.height) == (4096, 4096)


async def test_when_discord_finds_it_too_large_a_smaller_one_is_sent(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    channel = stage.channel()
    stage.sandbox.gemini.script(picture(photo(512)))
    refused = stage.sandbox.discord.fail_next("POST", MESSAGES, 413, code=40005)

    await stage.request(channel, "A narrow valley.")
    message = await stage.picture(channel)

    assert refused.hits == 1
    assert message.attachments[0].filename.endswith(".webp")
    await stage.settled(channel)
    [line] = lines(caplog, "trying a smaller one")
    assert (await stage.scenes(channel))[0]["id"] in line


async def test_a_message_that_discord_stored_before_its_answer_was_lost_shows_once(stage: Stage) -> None:
    channel = stage.channel()
    lost = stage.sandbox.discord.fail_next("POST", MESSAGES, 502, after_storing=True)

    await stage.request(channel, "The same moment, once.")
    await stage.picture(channel)
    await stage.settled(channel)

    assert lost.hits == 1
    assert len(stage.posts(channel)) == 1
    [scene] = await stage.scenes(channel)
    assert (scene["state"], scene["message_id"]) == ("posted", str(stage.posts(channel)[0].id))


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 429, "retry_after": 0.1}, {"reset": True}])
async def test_what_passes_by_itself_is_waited_for(stage: Stage, trouble: dict[str, int]) -> None:
    channel = stage.channel()
    fault = stage.sandbox.discord.fail_next("POST", MESSAGES, **trouble)  # type: ignore[arg-type]
    before = len(stage.sandbox.gemini.requests)

    await stage.request(channel, "Patience.")
    await stage.picture(channel)
    await stage.settled(channel)

    assert fault.hits == 1
    assert len(stage.posts(channel)) == 1
    assert len(stage.sandbox.gemini.requests) == before + 1, "a picture that is there is not painted again"


async def test_nobody_is_mentioned_and_the_alt_text_tells_the_scene(stage: Stage) -> None:
    channel = stage.channel()
    mira = stage.sandbox.discord.add_user("Mira")
    said = stage.sandbox.discord.say(channel, mira, "I open the door.")

    await stage.request(channel, f"@everyone sees <@{mira.id}> open the door.\n\nCold air.", message_id=str(said.id))
    message = await stage.picture(channel)

    assert message.reference == said.id
    assert message.mentions == []
    assert not message.mention_everyone
    description = message.attachments[0].description or ""
    assert description.startswith(f"@everyone sees <@{mira.id}> open the door. Cold air.")
    assert "\n" not in description


async def test_alt_text_of_a_long_story_fits(stage: Stage) -> None:
    channel = stage.channel()

    await stage.request(channel, "All night the wind sings. " * 100, character_names=["Mira"])
    message = await stage.picture(channel)

    description = message.attachments[0].description or ""
    assert 900 < len(description) <= 1_024
    assert description.endswith("With Stargazer, Mira.")


async def test_a_narrative_that_was_deleted_costs_the_reply_only(stage: Stage) -> None:
    channel = stage.channel()
    said = stage.sandbox.discord.say(channel, "S.N.E.S.", "Gone in a moment.")
    stage.sandbox.discord.delete(said)

    await stage.request(channel, "Gone in a moment.", message_id=str(said.id))

    assert (await stage.picture(channel)).reference is None


@pytest.mark.parametrize("lacking", [Permission.ATTACH_FILES, Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL])
async def test_a_missing_permission_is_noticed_before_anything_is_paid(
    stage: Stage, caplog: pytest.LogCaptureFixture, lacking: Permission
) -> None:
    channel = stage.channel()
    stage.sandbox.discord.set_permissions(channel, BOT_DEFAULT & ~lacking)
    await wait_until(lambda: not may(stage, channel, lacking))
    before = len(stage.sandbox.gemini.requests)

    await stage.request(channel, "Nobody may see this.")
    await stage.settled(channel)

    assert len(stage.sandbox.gemini.requests) == before
    [scene] = await stage.scenes(channel)
    name = lacking.name or ""
    assert name.replace("_", " ").title() in scene["reason"]
    assert len([line for line in lines(caplog, "missing permission") if scene["id"] in line]) == 1
    assert len(lines(caplog, "is paused: missing permission")) == 1

    stage.sandbox.discord.set_permissions(channel, None)
    await wait_until(lambda: may(stage, channel, lacking))
    await stage.request(channel, "Now everybody may.")
    assert (await stage.picture(channel)).attachments


async def test_a_permission_that_only_discord_knows_of_pauses_the_channel_with_one_line(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel = stage.channel()
    stage.sandbox.discord.fail_next("POST", MESSAGES, 403, code=50013)
    before = len(stage.sandbox.gemini.requests)

    await stage.request(channel, "Nobody may see this.")
    await wait_until(lambda: lines(caplog, "is paused"), timeout=TIMEOUT_SECONDS)

    [line] = lines(caplog, "missing permissions")
    assert str(channel.id) in line

    await stage.request(channel, "Nor this.")
    stage.sandbox.discord.set_permissions(channel, BOT_DEFAULT)  # Discord tells the bot of it
    posts = await stage.pictures(channel, 2)

    assert posts[0].attachments[0].description == "Nobody may see this. With Stargazer."
    assert len(stage.sandbox.gemini.requests) == before + 2, "what was paid for is posted, not painted again"


async def test_a_message_that_takes_no_reply_costs_the_reply_and_not_the_picture(stage: Stage) -> None:
    channel = stage.channel()
    said = stage.sandbox.discord.say(channel, "S.N.E.S.", "A word.")
    stage.sandbox.discord.fail_next("POST", MESSAGES, 400, code=160002)
    before = len(stage.sandbox.gemini.requests)

    await stage.request(channel, "A word.", message_id=str(said.id))

    assert (await stage.picture(channel)).reference is None
    assert len(stage.sandbox.gemini.requests) == before + 1


async def test_a_message_that_was_deleted_before_our_retry_is_not_posted_again(stage: Stage) -> None:
    channel = stage.channel()
    stage.sandbox.discord.fail_next("POST", MESSAGES, 503, after_storing=True)
    stage.sandbox.discord.fail_next("POST", MESSAGES, 404, code=10008)

    await stage.request(channel, "Shown for a moment.")
    await stage.settled(channel)

    assert len(stage.posts(channel)) == 1
    [scene] = await stage.scenes(channel)
    assert (scene["state"], scene["message_id"]) == ("posted", None)


async def test_an_unknown_channel_costs_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    before = len(stage.sandbox.gemini.requests)
    asked = len(stage.sandbox.discord.requests)

    said = "the bot is not in it: Discord refused"
    for number, story in enumerate(("Into the void.", "And once more."), start=1):
        await stage.request(424242424242424242, story)
        await wait_until(lambda n=number: len(lines(caplog, said)) == n, timeout=TIMEOUT_SECONDS)  # type: ignore[misc]

    assert len(stage.sandbox.gemini.requests) == before
    assert len(stage.sandbox.discord.requests) == asked + 1, "a channel that is not there is left in peace"


async def test_an_archived_thread_and_a_deleted_channel(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    thread = stage.sandbox.discord.add_thread(stage.channel(), "the past")
    stage.sandbox.discord.set_thread(thread, archived=True)
    gone = stage.channel()
    stage.sandbox.discord.delete_channel(gone)

    await stage.request(gone, "A place that is no more.")
    await stage.request(thread, "A place that was put away.")

    assert (await stage.picture(thread)).attachments, "Discord opens an archived thread for a new message"
    await wait_until(lambda: lines(caplog, "unknown channel"), timeout=TIMEOUT_SECONDS)


async def test_a_picture_is_sent_with_the_bots_own_connection_and_nothing_else(stage: Stage) -> None:
    channel = stage.channel()
    stage.sandbox.gemini.script(picture(portrait("gold")))
    before = len(stage.sandbox.discord.requests)

    await stage.request(channel, "One message.")
    await stage.picture(channel)
    await stage.settled(channel)

    sent = [f"{request.method} {request.path}" for request in stage.sandbox.discord.requests[before:]]
    assert sent == [f"POST /channels/{channel.id}/messages"]

"""Age-restricted channels: where the operator wants it so, pictures go nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox import Channel, Guild
from sandbox.gemini_answers import picture
from tests.discord_io.support import unseen
from tests.faults.app import REDO, ended, operator_lines, sentence, until
from tests.stage import Stage, open_stage, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of the file, of an operator who wants it so."""
    async with open_stage(age_restricted_only="true", notices="true") as opened:
        yield opened


@pytest.fixture
def grown(stage: Stage) -> Channel:
    """A channel for grown-ups."""
    return stage.sandbox.discord.add_text_channel(stage.guild, "grown", age_restricted=True)


def set_age_restricted(stage: Stage, channel: Channel, on: bool) -> None:
    """A moderator changes the channel's settings."""
    channel.age_restricted = on
    stage.sandbox.discord.world.tell("CHANNEL_UPDATE", channel, channel.guild)


async def test_pictures_go_to_age_restricted_channels_alone(
    stage: Stage, grown: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    discord, before = stage.sandbox.discord, len(stage.sandbox.gemini.requests)
    open_one = stage.channel()
    refused = [open_one, discord.add_thread(open_one, "thread"), discord.add_dm(discord.add_user("Mira"))]
    for channel in refused:
        await stage.request(channel, "Not for everybody.")
        record = await ended(stage, channel, "refused")
        assert "age-restricted" in record["reason"]
        assert "age-restricted" in record["sentence"]["text"]
    assert len(operator_lines(caplog, "age-restricted")) == len(refused)
    for channel in (grown, discord.add_thread(grown, "thread")):
        await stage.request(channel, "For grown-ups.")
        await stage.picture(channel)
    assert len(stage.sandbox.gemini.requests) == before + 2
    assert [discord.messages(channel) for channel in refused] == [[], [], []], "nor a notice for each turn"


async def test_a_threads_parent_is_looked_up_where_no_cache_knows_it(stage: Stage) -> None:
    discord = stage.sandbox.discord
    far = Guild(discord.world.new_id(), "Far away", discord.bot, bot_role_id=0)
    grown, plain = unseen(stage, far, age_restricted=True), unseen(stage, far)
    good, bad = unseen(stage, far, grown), unseen(stage, far, plain)
    for thread in (bad, good):
        await stage.request(thread, "A tale in a thread.")
    await stage.picture(good)
    assert (await ended(stage, bad))["state"] == "refused"


async def test_a_channel_that_loses_its_flag_while_it_is_painted_gets_no_picture(stage: Stage, grown: Channel) -> None:
    stage.sandbox.gemini.script(picture(portrait("gold"), delay=1.5))
    await stage.request(grown, "The flag falls.")
    await stage.asked("The flag falls.")
    set_age_restricted(stage, grown, on=False)
    record = await ended(stage, grown, "refused")
    assert "not age-restricted" in record["reason"]
    assert stage.posts(grown) == []
    assert await stage.redis.llen(f"scene_art:{{{grown.id}}}:picture:{record['id']}") == 0

    set_age_restricted(stage, grown, on=True)
    await until(lambda: stage.bot.get_channel(grown.id).is_nsfw())  # type: ignore[union-attr]
    await stage.request(grown, "It rises again.")
    await stage.picture(grown)


async def test_a_person_who_asks_in_another_channel_reads_what_to_do(stage: Stage, grown: Channel) -> None:
    mira, before = stage.sandbox.discord.add_user("Mira"), len(stage.sandbox.gemini.requests)
    await stage.request(grown, "A gate.")
    await stage.picture(grown)
    await stage.settled(grown)
    set_age_restricted(stage, grown, on=False)
    await until(lambda: not stage.bot.get_channel(grown.id).is_nsfw())  # type: ignore[union-attr]

    said = await sentence(await stage.sandbox.discord.run_command(grown, mira, REDO))

    assert "only posted in age-restricted channels" in said
    assert "A moderator can turn that on" in said
    assert len(stage.sandbox.gemini.requests) == before + 1


async def test_what_discord_cannot_say_is_not_taken_for_a_yes(stage: Stage) -> None:
    channel, before = unseen(stage, age_restricted=True), len(stage.sandbox.gemini.requests)
    stage.sandbox.discord.fail_next("GET", f"^/channels/{channel.id}$", 503, times=1_000)
    await stage.request(channel, "Who knows.")
    record = await ended(stage, channel)
    assert record["state"] == "failed"
    assert "age-restricted" in record["reason"]
    assert len(stage.sandbox.gemini.requests) == before

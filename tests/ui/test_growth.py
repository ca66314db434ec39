"""How much one person can store, through Discord: in servers and in conversations with the bot, in both books."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox import Channel, User
from sandbox.permissions import Permission
from tests.stage import Stage, ended, open_stage, photo

ADD, PIN = "scene-art cast add", "scene-art place pin"
SEAL = ("seal.png", photo(1300, 40))


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(
        painter="storyboard", user_references_mb=1, guild_references_mb=2, references_mb=50
    ) as opened:
        yield opened


async def run(stage: Stage, channel: Channel, person: User, path: str, **options: object) -> str:
    return await ended(await stage.sandbox.discord.run_command(channel, person, path, options=options))


def another_server(stage: Stage) -> Channel:
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("Harbour of Orr"), "story")


async def test_one_person_fills_no_more_than_their_space_in_any_number_of_servers(stage: Stage) -> None:
    tarn = stage.sandbox.discord.add_user("Tarn")
    told = [await run(stage, another_server(stage), tarn, ADD, name="Orla", picture=SEAL) for _ in range(4)]

    taken = [line for line in told if line.startswith("Look added.")]
    refused = [line for line in told if "of 1 MB, over all servers and direct messages. Remove some of yours" in line]
    assert 1 <= len(taken) < 4
    assert len(taken) + len(refused) == 4


async def test_a_moderator_has_no_more_space_than_others_in_either_book(stage: Stage) -> None:
    warden = stage.sandbox.discord.add_user("Warden", permissions=int(Permission.MANAGE_MESSAGES))
    channel = another_server(stage)
    await stage.shown(channel, "A lantern on the quay.")
    told = [await run(stage, channel, warden, ADD, name=f"Guard of Orr {n}", picture=SEAL) for n in range(2)]
    while all(line.startswith("Look added.") for line in told):
        told.append(await run(stage, channel, warden, ADD, name="Orla", picture=SEAL))
        assert len(told) < 8

    assert "Your reference pictures take up" in told[-1]

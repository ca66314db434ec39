"""The audit log: no server's lines keep another's waiting, and what is left out is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cogs.scene_art.discord_io.log_channel import Entry
from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.i18n import gettext
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.services.audit_log import LINES_OF_PERSON, LINES_OF_SERVER, AuditLog
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.channel_settings import ChannelSettingsReader
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from sandbox import wait_until
from tests.service_kit import Bureau

CHANGES = 240


class Theatre:
    """Discord's log channels: those of `slow` servers take a line when the test lets them."""

    def __init__(self, *slow: str) -> None:
        self.told: list[str] = []
        self.slow = slow
        self.open = asyncio.Event()

    async def tell(self, channel_id: str, entry: Entry) -> None:
        if entry.guild_id in self.slow:
            await self.open.wait()
        self.told.append(f"{channel_id} {entry.line}")

    def lines(self, channel_id: str) -> list[str]:
        return [line for line in self.told if line.startswith(f"{channel_id} ")]


@pytest.fixture
async def bureau(any_redis_url: str) -> AsyncIterator[Bureau]:
    async with open_docket(any_redis_url, "scene_art") as (_, client):
        yield Bureau(client)


async def audit_log(bureau: Bureau, theatre: Theatre) -> AuditLog:
    """An audit log with the channels 88 of server 8, and 99 of server 9."""
    for guild_id, log_channel in (("8", "88"), ("9", "99")):
        by = Requester("1", guild_id=guild_id, is_moderator=True)
        await bureau.settings_service.choose("7", "log_channel", log_channel, for_server=True, by=by)
    settings = Settings()
    reader = ChannelSettingsReader(PreferenceRepository(bureau.client, settings), settings, ChannelScope)
    return AuditLog(reader, theatre.tell)


@asynccontextmanager
async def written(audit: AuditLog) -> AsyncIterator[None]:
    """Write the lines in the background while the `with` block runs."""
    running = asyncio.create_task(audit.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def note(audit: AuditLog, guild_id: str, person: str = "<@1>") -> None:
    audit.note("7", guild_id, gettext("{who} cancelled a picture.", who=person))


async def test_two_hundred_and_forty_changes_in_one_server_silence_no_other_servers_line(bureau: Bureau) -> None:
    theatre = Theatre("8")
    audit = await audit_log(bureau, theatre)
    async with written(audit):
        for _ in range(CHANGES):
            note(audit, "8")
        note(audit, "9", "<@2>")
        await wait_until(lambda: theatre.lines("99") == ["99 <@2> cancelled a picture."])
        assert theatre.lines("88") == [], "its own channel takes no line yet"
        theatre.open.set()
        left_out = f"88 … and {CHANGES - LINES_OF_PERSON} more lines."
        await wait_until(lambda: theatre.lines("88")[-1:] == [left_out])
        assert len(theatre.lines("88")) == LINES_OF_PERSON + 1
        note(audit, "8")
        await wait_until(lambda: theatre.lines("88")[-1] == "88 <@1> cancelled a picture.")


async def test_one_persons_lines_do_not_silence_another_of_the_same_server(bureau: Bureau) -> None:
    theatre = Theatre()
    audit = await audit_log(bureau, theatre)
    for _ in range(CHANGES):
        note(audit, "8")
    note(audit, "8", "<@2>")
    for number in range(CHANGES):
        note(audit, "8", f"<@{number + 100}>")
    async with written(audit):
        left_out = CHANGES - LINES_OF_PERSON + CHANGES - (LINES_OF_SERVER - LINES_OF_PERSON - 1)
        await wait_until(lambda: theatre.told[-1:] == [f"88 … and {left_out} more lines."])
        assert "88 <@2> cancelled a picture." in theatre.told
        assert len(theatre.told) == LINES_OF_SERVER + 1


async def test_in_direct_messages_nothing_is_noted(bureau: Bureau) -> None:
    theatre = Theatre()
    audit = await audit_log(bureau, theatre)
    audit.note("7", None, gettext("{who} cancelled a picture.", who="<@1>"))
    note(audit, "9")
    async with written(audit):
        await wait_until(lambda: theatre.told == ["99 <@1> cancelled a picture."])

"""Our commands in a host's tree that has little room: all of them, or none and one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands

from sandbox import wait_until
from tests.processes.test_extension import COMMANDS, NOTHING, what_is_left
from tests.stage import EXTENSION, TIMEOUT_SECONDS, Stage, is_listening, open_stage, running_bot

pytestmark = pytest.mark.asyncio(loop_scope="module")

MENU_LIMIT, SLASH_LIMIT = 5, 100


def menu(name: str) -> app_commands.ContextMenu:
    """A message menu of the host's."""

    async def use(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        raise NotImplementedError

    return app_commands.ContextMenu(name=name, callback=use)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybodys() -> AsyncIterator[tuple[Stage, commands.Bot]]:
    """A host without scene-art, for all of the file."""
    async with (
        open_stage(listening=False, bots=0, painter="storyboard") as stage,
        running_bot(stage.sandbox, extension="") as bot,
    ):
        yield stage, bot


@pytest_asyncio.fixture(loop_scope="module")
async def host(
    everybodys: tuple[Stage, commands.Bot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Stage, commands.Bot]]:
    """It has no commands and nothing of ours when a test begins."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _, bot = everybodys
    # A server that the whole run shares is no child of the extension's.
    assert what_is_left(bot, tmp_path) | {"children": []} == NOTHING
    yield everybodys
    if EXTENSION in bot.extensions:
        await bot.unload_extension(EXTENSION)
    bot.tree.clear_commands(guild=None)
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        bot.tree.clear_commands(guild=None, type=kind)


async def refused(bot: commands.Bot, tmp_path: Path) -> str:
    """The sentence with which the load fails; nothing is left."""
    before = what_is_left(bot, tmp_path)
    with pytest.raises(commands.ExtensionFailed) as failure:
        await bot.load_extension(EXTENSION)
    assert what_is_left(bot, tmp_path) == before
    return str(failure.value.original)


@pytest.mark.parametrize("own", [4, 5])
async def test_no_room_for_the_menus_is_one_sentence_and_a_setting_helps(
    host: tuple[Stage, commands.Bot], tmp_path: Path, own: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, bot = host
    for number in range(own):
        bot.tree.add_command(menu(f"Host {number}"))

    sentence = await refused(bot, tmp_path)

    assert "SCENE_ART_MESSAGE_MENUS" in sentence
    assert "Discord allows 5" in sentence
    monkeypatch.setenv("SCENE_ART_MESSAGE_MENUS", "false")
    await bot.load_extension(EXTENSION)
    assert [one.name for one in bot.tree.get_commands() if not one.name.startswith("Host")] == COMMANDS[:2]
    await bot.tree.sync()
    assert len(stage.sandbox.discord.commands) == own + 2
    await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)


async def test_three_menus_of_the_host_leave_room(host: tuple[Stage, commands.Bot]) -> None:
    _, bot = host
    for number in range(MENU_LIMIT - 2):
        bot.tree.add_command(menu(f"Host {number}"))

    await bot.load_extension(EXTENSION)

    assert {one.name for one in bot.tree.get_commands()} >= set(COMMANDS)


@pytest.mark.parametrize("name", ["Illustrate", "Use as look of…"])
async def test_a_menu_of_the_same_name(host: tuple[Stage, commands.Bot], tmp_path: Path, name: str) -> None:
    _, bot = host
    bot.tree.add_command(menu(name))

    sentence = await refused(bot, tmp_path)

    assert f"“{name}”" in sentence
    assert "SCENE_ART_MESSAGE_MENUS" in sentence


async def test_a_command_of_the_same_name_and_no_room_for_commands(
    host: tuple[Stage, commands.Bot], tmp_path: Path
) -> None:
    _, bot = host
    bot.tree.add_command(app_commands.Group(name="scene-art-mod", description="Somebody else's"))
    assert "/scene-art-mod already" in await refused(bot, tmp_path)
    bot.tree.clear_commands(guild=None)
    for number in range(SLASH_LIMIT - 1):
        bot.tree.add_command(app_commands.Group(name=f"host-{number}", description="Somebody else's"))

    assert "Discord allows 100" in await refused(bot, tmp_path)

    bot.tree.clear_commands(guild=None)
    await bot.load_extension(EXTENSION)
    assert NOTHING["commands"] != [one.name for one in bot.tree.get_commands()] == COMMANDS

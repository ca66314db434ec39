"""The table is complete: everything that the loaded bot answers to has a row, and every row is played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import AppCommandType, app_commands
from discord.ext import commands

from cogs.scene_art.domain.preferences import SETTINGS
from tests.hostile.people.actions import ACTIONS
from tests.hostile.people.scenery import ALONE, Scenery
from tests.hostile.people.table import CELLS, PEOPLE

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What nobody has in a direct conversation: pinned places, and a server.
NOT_ALONE = {
    "/scene-art place unpin",
    "/scene-art place list",
    "suggest place pin name",
    "suggest place unpin name",
    "item scope",
}


def commands_of(bot: commands.Bot) -> list[app_commands.Command[Any, ..., Any]]:
    """Every chat command of the bot."""
    return [found for found in bot.tree.walk_commands() if isinstance(found, app_commands.Command)]


def templates_of(bot: commands.Bot) -> list[re.Pattern[str]]:
    """The templates of every button and list that the bot finds by its id; discord.py has no public way to ask."""
    return list(bot._connection._view_store._dynamic_items)


def word_of(template: re.Pattern[str]) -> str:
    """What stands behind `scene_art:` in an id."""
    return template.pattern.split(":")[1]


def answered_by(scenery: Scenery) -> Iterator[str]:
    """The keys of everything that the loaded bot answers to."""
    bot, cog = scenery.stage.bot, scenery.stage.cog
    for command in commands_of(bot):
        yield f"/{command.qualified_name}"
        suggesting = (option for option in command.parameters if option.autocomplete)
        yield from (f"suggest {command.qualified_name.partition(' ')[2]} {option.name}" for option in suggesting)
    for kind in (AppCommandType.message, AppCommandType.user):
        yield from (f"menu {menu.name}" for menu in bot.tree.walk_commands(type=kind))
    yield from (f"item {word_of(template)}" for template in templates_of(bot))
    yield from (f"form {word_of(kind.template)}" for kind in cog._forms)


async def test_everything_that_the_bot_answers_to_is_in_the_table(scenery: Scenery) -> None:
    played = {cell.action.partition(":")[0] for cell in CELLS}

    assert set(answered_by(scenery)) == played


async def test_what_somebody_adds_to_the_bot_is_noticed(scenery: Scenery) -> None:
    class NewButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"scene_art:new:[0-9]"):
        pass

    @app_commands.command(name="new", description="Do something new")
    async def new(_: discord.Interaction) -> None: ...

    @app_commands.context_menu(name="Something new")
    async def menu(_: discord.Interaction, message: discord.Message) -> None: ...

    bot, before = scenery.stage.bot, set(answered_by(scenery))
    bot.tree.add_command(new)
    bot.tree.add_command(menu)
    bot.add_dynamic_items(NewButton)
    try:
        assert set(answered_by(scenery)) - before == {"/new", "menu Something new", "item new"}
    finally:
        bot.remove_dynamic_items(NewButton)
        bot.tree.remove_command("new")
        bot.tree.remove_command("Something new", type=AppCommandType.message)


async def test_nothing_is_answered_that_is_not_found_by_its_id(scenery: Scenery) -> None:
    """A view that only the library remembers would be in no table."""
    assert scenery.stage.bot.persistent_views == []


async def test_every_setting_has_a_form_in_the_table() -> None:
    played = {cell.action.partition(": ")[2] for cell in CELLS if cell.action.startswith("form set")}

    assert played - {"for the server"} == set(SETTINGS)


async def test_everybody_tries_everything_and_everything_can_be_done(scenery: Scenery) -> None:
    assert set(PEOPLE) == set(scenery.people)
    assert {cell.action for cell in CELLS} == set(ACTIONS)
    for who in PEOPLE:
        tried = {cell.action.partition(":")[0] for cell in CELLS if cell.who == who}
        left_out = {action.partition(":")[0] for action in ACTIONS} - tried
        assert left_out == (NOT_ALONE if who == ALONE else set()), who

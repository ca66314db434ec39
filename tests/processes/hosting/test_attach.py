"""A host that is a plain `discord.Client` with a command tree of its own: three lines, and everything works."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from cogs import scene_art
from sandbox import BOT_DEFAULT, Permission, User, wait_until
from tests.processes.hosting.test_command_tree import menu
from tests.processes.test_extension import COMMANDS
from tests.redis_server import own_tasks
from tests.stage import TIMEOUT_SECONDS, Stage, children_of, ended, open_stage, our_modules

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")


class Client(discord.Client):
    """Somebody's own host, as the documentation shows it; it has a form and a command of its own."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.scene_art: scene_art.Attached | None = None
        self.told: list[scene_art.SceneStatus] = []
        self.interactions = 0

    async def setup_hook(self) -> None:
        self.scene_art = await scene_art.attach(self, self.tree)
        await self.tree.sync()

    async def close(self) -> None:
        if self.scene_art is not None:
            await self.scene_art.close()
        await super().close()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.interactions += 1

    async def on_scene_art_posted(self, scene: scene_art.SceneStatus) -> None:
        self.told.append(scene)


@asynccontextmanager
async def running_client(stage: Stage, client: Client) -> AsyncIterator[Client]:
    """Logged in and ready; closed at the end."""
    imported = our_modules()
    async with client:
        await client.login(stage.sandbox.discord.token)
        task = asyncio.create_task(client.connect(), name="host client")
        try:
            await wait_until(lambda: task.done() or client.is_ready(), timeout=10)
            yield client
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)
            sys.modules.update(imported)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(bots=0, listening=False) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(stage: Stage) -> AsyncIterator[Client]:
    """One host for all of the file."""
    async with running_client(stage, Client()) as opened:
        await listening(opened)
        yield opened


async def listening(client: Client) -> None:
    """Wait until an event would be heard."""
    await wait_until(lambda: client.scene_art and client.scene_art.cog.is_listening, timeout=TIMEOUT_SECONDS)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the parent of all temporary folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def guard(stage: Stage) -> User:
    """A moderator."""
    return stage.sandbox.discord.add_user("Guard", permissions=int(Permission.MANAGE_MESSAGES))


async def test_a_turn_a_command_a_button_a_menu_and_forms(stage: Stage, client: Client, guard: User) -> None:
    channel, sandbox, before = stage.channel(), stage.sandbox.discord, client.interactions

    await stage.turn(channel, "The bridge of Vael burns.")
    message = await stage.picture(channel)
    await stage.settled(channel)
    assert (await stage.typed(channel, guard, "draw", text="A tower.")).startswith("Here's your picture")
    assert (await stage.pressed(message, "Rerender", guard)).startswith("Here's your picture")
    answer = await sandbox.run_message_command(message, guard, "Illustrate")
    assert await ended(answer)
    for wish in ("at dawn", "at dusk"):
        form = await sandbox.press(message, message.button("Change").custom_id, guard)
        assert (await ended(await sandbox.submit_modal(form, {"notes": wish}))).startswith("Here's your picture")

    assert stage.asked_now("«at dusk»")
    assert client.interactions >= before + 7, "the host hears of them, too"
    told = [scene for scene in client.told if scene.channel_id == channel.id]
    assert len(told) == len(stage.posts(channel))


async def test_its_own_code_asks_for_a_picture(stage: Stage, client: Client) -> None:
    channel = stage.channel()
    assert client.scene_art is not None

    status = await (await client.scene_art.cog.illustrate(channel.id, "A gate."))

    assert (status.state, status.message_id) == ("posted", stage.posts(channel)[0].id)


async def test_a_channel_that_is_opened_again_gets_its_picture(
    stage: Stage, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    channel, sandbox = stage.channel(), stage.sandbox.discord
    sandbox.fail_next("POST", rf"^/channels/{channel.id}/messages$", 403, code=50013)
    await stage.request(channel, "Behind a closed door.")
    await wait_until(lambda: "is paused" in caplog.text, timeout=TIMEOUT_SECONDS)

    sandbox.set_permissions(channel, BOT_DEFAULT)

    await stage.picture(channel)
    await stage.settled(channel)
    assert len(stage.asked_now("Behind a closed door.")) == 1


@alone
async def test_it_closes_without_a_trace_and_can_be_attached_again(scratch: Path) -> None:
    async with (
        open_stage(bots=0, listening=False, painter="storyboard") as stage,
        running_client(stage, Client()) as client,
    ):
        await listening(client)
        await closes_and_is_attached_again(stage, client, scratch)


async def closes_and_is_attached_again(stage: Stage, client: Client, scratch: Path) -> None:
    for _ in range(2):
        assert client.scene_art is not None
        assert [command.name for command in client.tree.get_commands()] == COMMANDS

        await client.scene_art.close()
        await client.scene_art.close()

        assert own_tasks() == []
        assert client.tree.get_commands() == []
        assert list(client._connection._view_store._dynamic_items) == []
        assert list(scratch.glob("scene-art-*")) == []  # noqa: ASYNC240
        for name in ("interaction", "guild_available", "guild_join", "guild_remove"):
            client.dispatch(name, None)
        for name in ("guild_role_update", "guild_channel_update", "thread_update", "member_update"):
            client.dispatch(name, None, None)
        assert client._listeners == {}, "discord.py drops its checks with the next event"
        client.scene_art = await scene_art.attach(client, client.tree)
    channel = stage.channel()
    await listening(client)
    await stage.request(channel, "Once more.")
    await stage.picture(channel)
    await stage.settled(channel)


@alone
async def test_no_room_in_the_tree_leaves_nothing(scratch: Path) -> None:
    before = children_of(os.getpid())
    client = Client()
    for number in range(4):
        client.tree.add_command(menu(f"Host {number}"))
    async with open_stage(bots=0, listening=False) as stage, client:
        await client.http.static_login(stage.sandbox.discord.token)
        with pytest.raises(scene_art.ConfigurationError, match="SCENE_ART_MESSAGE_MENUS"):
            await scene_art.attach(client, client.tree)

        assert own_tasks() == []
        assert list(scratch.iterdir()) == []  # noqa: ASYNC240
        assert len(client.tree.get_commands()) == 4
        assert client._listeners == {}
    assert children_of(os.getpid()) == before


async def test_every_public_name_is_there() -> None:
    assert all(getattr(scene_art, name) is not None for name in scene_art.__all__)
    with pytest.raises(AttributeError):
        scene_art.nothing  # noqa: B018

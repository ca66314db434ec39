"""Commands, buttons and dialogs, answered by a real discord.py bot."""

from __future__ import annotations

import io
from collections.abc import Callable, Coroutine
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from sandbox import Channel, Choice, CommandError, Sandbox, User, payloads, wait_until
from sandbox.interaction_answer import Kind

Interaction = discord.Interaction[commands.Bot]


class NotesModal(discord.ui.Modal, title="Notes"):
    notes: discord.ui.TextInput[NotesModal] = discord.ui.TextInput(label="What should change?", max_length=50)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Noted: {self.notes.value}", ephemeral=True)


class Panel(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Again", custom_id="panel:again")
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.defer()
        await interaction.followup.send("On it", ephemeral=True)

    @discord.ui.button(label="Turn", custom_id="panel:turn")
    async def turn(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.edit_message(content="turned")

    @discord.ui.button(label="Notes", custom_id="panel:notes")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_modal(NotesModal())

    @discord.ui.button(label="Sleep", custom_id="panel:sleep")
    async def sleep(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        return


def picture() -> discord.File:
    return discord.File(io.BytesIO(b"data"), "a.bin")


@pytest.fixture
async def full_bot(bot: commands.Bot) -> commands.Bot:
    """The bot with a group, an autocompletion, a context menu and a panel of buttons, synced."""
    group = app_commands.Group(name="scene", description="Scenes")

    @group.command(name="again", description="Draw it again")
    async def again(
        interaction: discord.Interaction, notes: str | None = None, count: app_commands.Range[int, 1, 3] = 1
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"{notes} {count} ...")
        await interaction.edit_original_response(content="done", attachments=[picture()])
        await interaction.followup.send("and more", ephemeral=True)

    @again.autocomplete("notes")
    async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"More {current}", value=f"more-{current}")]

    @group.command(name="plain", description="Answer at once")
    async def plain(interaction: discord.Interaction, whom: discord.User) -> None:
        sent = await interaction.response.send_message(f"Hello {whom.name}", file=picture())
        assert isinstance(sent.resource, discord.InteractionMessage)

    async def illustrate(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Drawing: {message.content}")

    bot.tree.add_command(group)
    bot.tree.add_command(app_commands.ContextMenu(name="Illustrate", callback=illustrate))
    bot.add_view(Panel())
    await bot.tree.sync()
    return bot


async def test_syncing_registers_commands_and_keeps_their_ids(full_bot: commands.Bot, sandbox: Sandbox) -> None:
    before = {command["name"]: command["id"] for command in sandbox.discord.commands}
    assert set(before) == {"scene", "Illustrate"}
    await full_bot.tree.sync()
    assert {command["name"]: command["id"] for command in sandbox.discord.commands} == before
    fetched = await full_bot.tree.fetch_commands()
    assert {command.name for command in fetched} == set(before)
    full_bot.tree.clear_commands(guild=None)
    await full_bot.tree.sync()
    assert sandbox.discord.commands == []


async def test_a_deferred_command_is_followed_to_its_end(
    full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    answer = await sandbox.discord.run_command(channel, mira, "scene again", {"notes": "more fog", "count": "2"})
    assert answer.deferred
    assert answer.ephemeral
    await answer.wait_for(lambda a: a.messages)
    assert answer.history == ["more fog 2 ...", "done"]
    assert answer.content == "done"
    assert answer.texts == ["done", "and more"]
    assert answer.original is not None
    assert answer.original.attachments[0].filename == "a.bin"
    assert sandbox.discord.messages(channel) == []
    assert len(sandbox.discord.messages(channel, ephemeral=True)) == 2


async def test_an_answer_at_once_with_a_file_and_a_resolved_person(
    full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    answer = await sandbox.discord.run_command(channel, mira, "/scene plain", {"whom": mira})
    assert not answer.deferred
    assert not answer.ephemeral
    assert answer.content == "Hello mira"
    assert sandbox.discord.messages(channel) == [answer.original]


async def test_commands_work_in_threads_and_direct_messages(
    full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    for place in (sandbox.discord.add_thread(channel, "part two"), sandbox.discord.add_dm(mira)):
        answer = await sandbox.discord.run_command(place, mira, "scene plain", {"whom": mira.id})
        assert answer.content == "Hello mira"
        assert sandbox.discord.messages(place) == [answer.original]


async def test_a_person_cannot_send_what_the_client_would_not(
    full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    for path, options in (
        ("nothing", {}),
        ("scene", {}),
        ("scene plain", {}),
        ("scene again", {"other": 1}),
        ("scene again", {"count": 9}),
    ):
        with pytest.raises(CommandError):
            await sandbox.discord.run_command(channel, mira, path, options)


async def test_suggestions_while_typing(full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User) -> None:
    found = await sandbox.discord.autocomplete(channel, mira, "scene again", {"notes": "fog"}, "notes")
    assert found == [Choice("More fog", "more-fog")]


async def test_a_message_command_gets_the_message(
    full_bot: commands.Bot, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    said = sandbox.discord.say(channel, "S.N.E.S.", "The gate opens.")
    answer = await sandbox.discord.run_message_command(said, mira, "Illustrate")
    assert answer.content == "Drawing: The gate opens."


async def test_buttons_defer_update_and_answer_the_presser(
    full_bot: commands.Bot, sandbox: Sandbox, place: discord.TextChannel, channel: Channel, mira: User
) -> None:
    await place.send("panel", view=Panel())
    [message] = sandbox.discord.messages(channel)
    answer = await sandbox.discord.press(message, "panel:again", mira)
    assert answer.deferred
    await answer.wait_for(lambda a: a.messages)
    assert answer.messages[0].ephemeral_to is mira
    answer = await sandbox.discord.press(message, "panel:turn", mira)
    assert answer.updated
    assert message.content == "turned"
    with pytest.raises(CommandError, match="not there any more"):
        await sandbox.discord.press(message, "panel:other", mira)


async def test_a_thread_shows_the_message_that_it_began_at(
    full_bot: commands.Bot, sandbox: Sandbox, place: discord.TextChannel, channel: Channel, mira: User
) -> None:
    """The interaction names the thread as its channel, and its message names the channel that it lies in."""
    await place.send("panel", view=Panel())
    [message] = sandbox.discord.messages(channel)
    thread = sandbox.discord.add_thread(channel, "aside", starter=message)
    heard: list[discord.Interaction] = []
    full_bot.add_listener(heard_by(heard), "on_interaction")

    answer = await sandbox.discord.press(message, "panel:again", mira, thread)

    [interaction] = heard
    assert interaction.channel_id == thread.id == message.id
    assert isinstance(interaction.channel, discord.Thread)
    assert interaction.channel.parent_id == channel.id
    assert interaction.message is not None
    assert interaction.message.id == message.id
    assert interaction.message.flags.has_thread
    assert payloads.message(message, sandbox.discord.world)["channel_id"] == str(channel.id)
    await answer.wait_for(lambda a: a.messages)
    assert answer.messages[0].channel is thread
    with pytest.raises(CommandError, match="isn't shown there"):
        await sandbox.discord.press(message, "panel:again", mira, sandbox.discord.add_dm(mira))


def heard_by(heard: list[discord.Interaction]) -> Callable[[discord.Interaction], Coroutine[Any, Any, None]]:
    """A listener that notes every interaction in `heard`."""

    async def listen(interaction: discord.Interaction) -> None:
        heard.append(interaction)

    return listen


async def test_a_dialog_is_filled_in_and_sent(
    full_bot: commands.Bot, sandbox: Sandbox, place: discord.TextChannel, channel: Channel, mira: User
) -> None:
    await place.send("panel", view=Panel())
    [message] = sandbox.discord.messages(channel)
    opened = await sandbox.discord.press(message, "panel:notes", mira)
    assert opened.modal is not None
    assert opened.modal["title"] == "Notes"
    field = opened.modal["components"][0]["components"][0]["custom_id"]
    with pytest.raises(CommandError, match="“What should change\\?” takes 1 to 50 characters; you wrote 51"):
        await sandbox.discord.submit_modal(opened, {field: "x" * 51})
    answer = await sandbox.discord.submit_modal(opened, {field: "warmer light"})
    assert answer.kind is Kind.MODAL
    assert answer.content == "Noted: warmer light"
    assert answer.ephemeral


async def test_silence_fails_and_a_late_or_second_answer_is_refused(
    full_bot: commands.Bot, sandbox: Sandbox, place: discord.TextChannel, channel: Channel, mira: User
) -> None:
    sandbox.discord.settings.interaction_seconds = 0.2
    heard: list[discord.Interaction] = []
    full_bot.add_listener(_collect(heard), "on_interaction")
    await place.send("panel", view=Panel())
    [message] = sandbox.discord.messages(channel)
    answer = await sandbox.discord.press(message, "panel:sleep", mira)
    assert answer.failed
    with pytest.raises(discord.NotFound) as error:
        await heard[0].response.send_message("too late")
    assert error.value.code == 10062
    answer = await sandbox.discord.press(message, "panel:turn", mira)
    heard[1].response._response_type = None
    with pytest.raises(discord.HTTPException) as twice:
        await heard[1].response.send_message("twice")
    assert twice.value.code == 40060
    sandbox.discord.expire_interactions()
    with pytest.raises(discord.HTTPException) as over:
        await heard[1].edit_original_response(content="much later")
    assert (over.value.status, over.value.code) == (401, 50027)


def _collect(heard: list[discord.Interaction]):  # type: ignore[no-untyped-def] # discord.py types listeners loosely
    async def on_interaction(interaction: discord.Interaction) -> None:
        heard.append(interaction)

    return on_interaction


async def test_every_connected_process_hears_an_interaction_and_one_answers(
    full_bot: commands.Bot, start_bot: object, sandbox: Sandbox, channel: Channel, mira: User
) -> None:
    second = await start_bot()  # type: ignore[operator]
    heard: list[discord.Interaction] = []
    second.add_listener(_collect(heard), "on_interaction")
    answer = await sandbox.discord.run_command(channel, mira, "scene plain", {"whom": mira})
    assert answer.content == "Hello mira"
    await wait_until(lambda: heard)

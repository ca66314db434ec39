"""Forms: any number at once, also of the same kind, and across a restart of the bot."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from cogs.scene_art.ui.forms import serve_form
from sandbox import Channel, Message, User
from sandbox.interaction_answer import InteractionAnswer
from sandbox.waiting import wait_until
from tests.stage import TIMEOUT_SECONDS, Stage, ended, is_listening, open_stage, portrait, running_bot, words_of
from tests.ui.test_characters import MENU, SHOW, colour_of
from tools.catalogs import nobody

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLOURS = {"red": portrait("red"), "teal": portrait("teal")}


async def change(stage: Stage, message: Message, person: User) -> InteractionAnswer:
    form = await stage.sandbox.discord.press(message, message.button("Change").custom_id, person)
    assert form.modal is not None
    return form


async def looks(stage: Stage, channel: Channel, person: User, colour: str) -> InteractionAnswer:
    message = stage.sandbox.discord.say(channel, person, "A portrait!", files=[(f"{colour}.png", COLOURS[colour])])
    return await stage.sandbox.discord.run_message_command(message, person, MENU)


async def test_two_people_change_the_same_picture_at_once(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    message = await stage.shown(channel, "A tower that two people change.")
    forms = [await change(stage, message, person) for person in (mira, tom)]

    wishes, submit = ("at dawn", "at dusk"), stage.sandbox.discord.submit_modal
    told = await asyncio.gather(*(submit(form, {"notes": wish}) for form, wish in zip(forms, wishes, strict=True)))

    assert all([(await ended(answer)).startswith("Here's your picture:") for answer in told])
    asked = [text for request in stage.asked_now("A tower that two people change.") for text in request.texts]
    assert all(any(f"«{wish}»" in text for text in asked) for wish in wishes)


async def test_two_people_take_a_look_at_once_and_each_gets_their_own(
    stage: Stage, channel: Channel, mira: User, tom: User
) -> None:
    sandbox = stage.sandbox.discord
    first = await looks(stage, channel, mira, "red")
    second = await looks(stage, channel, tom, "teal")

    for form, name in ((first, "Scarlet"), (second, "Azure")):
        assert (await ended(await sandbox.submit_modal(form, {"name": name}))).startswith(
            f"Look added. No game is known in this channel, so {name} looks like this in this channel's scenes only"
        )

    for name, colour in (("Scarlet", "red"), ("Azure", "teal")):
        found = await sandbox.run_command(channel, mira, SHOW, options={"name": name})
        await ended(found)
        assert found.original is not None
        assert colour_of(found.original.attachments[0].data) == colour_of(COLOURS[colour])


@pytest.mark.asyncio(loop_scope="function")
async def test_forms_that_were_open_during_a_restart_are_served(redis_url: str) -> None:
    async with open_stage(redis_url) as stage:
        channel, sandbox = stage.channel(), stage.sandbox.discord
        guard = sandbox.add_user("Guard", permissions=1 << 13)
        message = await stage.shown(channel)
        panel = await sandbox.run_command(channel, guard, "scene-art settings")
        await panel.wait_for(lambda p: "Channel settings" in words_of(p.original), TIMEOUT_SECONDS)
        assert panel.original is not None
        setting = await sandbox.select(panel.original, "scene_art:setting:channel", ["spoiler"], guard)
        changed = await change(stage, message, guard)
        look = await looks(stage, channel, guard, "red")
        await stage.bot.close()

        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            assert (await ended(await sandbox.submit_modal(changed, {"notes": "dusk"}))).startswith(
                "Here's your picture:"
            )
            await sandbox.submit_modal(setting, {"spoiler": ["on"]})
            line = "**Post pictures as spoilers**: on · *this channel*"
            await panel.wait_for(lambda p: line in words_of(p.original), TIMEOUT_SECONDS)
            told = await ended(await sandbox.submit_modal(look, {"name": "Mirabel"}))

    assert told == "The bot restarted while this form was open. Open it again from the message's Apps menu."


@pytest.mark.parametrize("form_id", ["scene_art:nothing", "scene_art:changed:0", "scene_art:set:channel:no_such"])
async def test_a_form_that_nobody_knows_is_answered(stage: Stage, channel: Channel, mira: User, form_id: str) -> None:
    form = await change(stage, await stage.shown(channel), mira)
    assert form.modal is not None
    form.modal["custom_id"] = form_id

    told = await stage.sandbox.discord.submit_modal(form, {"notes": "dusk"})

    assert (await ended(told)).startswith("scene-art was updated while this form was open.")


async def test_what_is_no_form_of_ours_is_left_to_others() -> None:
    class Theirs:
        def __init__(self, kind: Any, form_id: str) -> None:
            self.type, self.data = kind, {"custom_id": form_id, "components": []}

    for kind, form_id in (
        (discord.InteractionType.modal_submit, "poll:1"),
        (discord.InteractionType.component, "scene_art:changed:0123456789abcdef"),
    ):
        await serve_form(Theirs(kind, form_id), nobody, ())  # type: ignore[arg-type]  # has no way to answer, and needs none

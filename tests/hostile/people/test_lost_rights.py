"""Rights are asked for on every use: whoever has lost one meanwhile finds that buttons, forms and panels know it."""

from __future__ import annotations

import pytest

from sandbox import Channel, CommandError, Permission
from tests.hostile.people.actions import USE_AS_LOOK
from tests.hostile.people.client import Client, told
from tests.hostile.people.scenery import LOOK, Scenery
from tests.stage import words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODERATORS_ONLY = "Only moderators can do that"
NOT_YOURS = "Only the person who asked for this picture, people whose character is in it, and moderators can do that."


@pytest.fixture
def channel(scenery: Scenery) -> Channel:
    """A channel of its own."""
    return scenery.stage.channel()


def newcomer(scenery: Scenery, channel: Channel, *roles: int) -> Client:
    """Somebody with roles, in the channel."""
    person = scenery.stage.sandbox.discord.add_user("Newcomer", roles=roles)
    return Client(scenery.stage, person, channel, (scenery.people["moderator"], scenery.story))


async def test_who_is_no_moderator_any_more_has_an_open_panel_and_can_do_nothing_with_it(
    scenery: Scenery, channel: Channel
) -> None:
    client = newcomer(scenery, channel, scenery.role)
    panel = await client.run("scene-art settings")
    assert (await told(panel)).startswith("## Channel settings")
    form = await client.press(panel.original, "scene_art:setting:channel", "style")
    assert form.modal is not None
    shown, before = words_of(panel.original), await scenery.everything()

    client.person.role_ids.remove(scenery.role)

    for answer in (
        await client.submit(panel.original, form.modal["custom_id"], style=["anime"]),
        await client.press(panel.original, "scene_art:setting:channel", "style"),
        await client.press(panel.original, "scene_art:scope:server"),
        await client.run("scene-art-mod block", user=scenery.bystander),
        await client.run("scene-art style", preset="anime"),
    ):
        assert (await told(answer)).startswith(MODERATORS_ONLY)
    assert words_of(panel.original) == shown
    assert await scenery.everything() == before


async def test_who_is_no_moderator_any_more_deletes_and_covers_nobodys_picture(
    scenery: Scenery, channel: Channel
) -> None:
    client, message = newcomer(scenery, channel, scenery.role), await scenery.picture(channel)
    assert "spoiler" in await told(await client.press(message, message.button("Spoiler").custom_id))
    before = await scenery.everything()

    client.person.role_ids.remove(scenery.role)

    for name in ("Delete", "Remove spoiler"):
        assert await told(await client.press(message, message.button(name).custom_id)) == NOT_YOURS
    assert await scenery.everything() == before


async def test_a_player_has_no_say_in_pictures_of_a_character_that_is_somebody_elses_now(
    scenery: Scenery, channel: Channel
) -> None:
    client = newcomer(scenery, channel)
    await scenery.stage.remember(f"game:character:{client.person.id}", {"name": "Zorvanna"})
    message = await scenery.stage.shown(channel, "Zorvanna sings.", character_names=["Zorvanna"])
    spoiler = message.button("Spoiler").custom_id
    assert (await told(await client.press(message, spoiler))).startswith("Marked as a spoiler.")

    await scenery.stage.remember(f"game:character:{client.person.id}", {"name": "Somebody Else"})

    for custom_id in (spoiler, message.button("Delete").custom_id):
        assert await told(await client.press(message, custom_id)) == NOT_YOURS
    assert not message.deleted


async def test_the_channels_role_is_asked_for_again_when_a_button_is_pressed_and_a_form_is_sent(
    scenery: Scenery, channel: Channel
) -> None:
    role = scenery.stage.sandbox.discord.add_role(scenery.stage.guild, "Painters")
    client, message = newcomer(scenery, channel, role), await scenery.picture(channel)
    moderator = scenery.client("moderator", channel)
    panel = await moderator.run("scene-art settings")
    await told(panel)
    await told(await moderator.submit(panel.original, "scene_art:set:channel:roles", roles=[str(role)]))
    form = await client.press(message, message.button("Change").custom_id)
    assert form.modal is not None
    before = await scenery.everything()

    client.person.role_ids.remove(role)

    for answer in (
        await client.press(message, message.button("Rerender").custom_id),
        await client.press(message, message.button("Why?").custom_id),
        await client.submit(message, form.modal["custom_id"], notes="at night"),
        await client.run("scene-art draw", text="A fox."),
    ):
        assert (await told(answer)).startswith("You need a certain role to ask for pictures.")
    assert await scenery.everything() == before


async def test_a_block_and_a_mute_hold_for_forms_that_were_opened_before(scenery: Scenery, channel: Channel) -> None:
    said = scenery.stage.sandbox.discord.say(channel, scenery.bystander, "Look!", files=[LOOK])
    blocked, muted = newcomer(scenery, channel), newcomer(scenery, channel)
    forms = [await client.menu(said, USE_AS_LOOK) for client in (blocked, muted)]
    await scenery.client("moderator", channel).told("scene-art-mod block", user=blocked.person)
    muted.person.denied = int(Permission.SEND_MESSAGES)
    before = await scenery.everything()

    words = []
    for client, form in zip((blocked, muted), forms, strict=True):
        assert form.modal is not None
        words.append(await told(await client.submit(None, form.modal["custom_id"], name="Zorvo", label="")))

    assert words[0].startswith("A moderator has blocked you")
    assert words[1].startswith("You can't send messages in this channel")
    assert await scenery.everything() == before


async def test_who_has_left_the_server_can_reach_nothing_in_it_from_elsewhere(
    scenery: Scenery, channel: Channel
) -> None:
    discord = scenery.stage.sandbox.discord
    client, message = newcomer(scenery, channel, scenery.role), await scenery.picture(channel)
    discord.leave(scenery.stage.guild, client.person)
    alone = Client(scenery.stage, client.person, discord.add_dm(client.person), client.offered_to)
    before = await scenery.everything()

    with pytest.raises(CommandError):
        await client.press(message, message.button("Delete").custom_id)
    pressed = await told(await alone.press(message, message.button("Delete").custom_id))
    named = await alone.told("scene-art rerender", scene=await scenery.scene_id(channel))

    assert pressed.startswith("This picture is no longer on record.")
    assert named.startswith("That scene is no longer on record.")
    assert await scenery.everything() == before


async def test_who_comes_back_to_the_server_comes_back_without_rights(scenery: Scenery, channel: Channel) -> None:
    discord = scenery.stage.sandbox.discord
    client, message = newcomer(scenery, channel, scenery.role), await scenery.picture(channel)
    panel = await client.run("scene-art settings")
    await told(panel)
    discord.leave(scenery.stage.guild, client.person)
    discord.join(scenery.stage.guild, client.person)

    deleted = await told(await client.press(message, message.button("Delete").custom_id))
    scope = await told(await client.press(panel.original, "scene_art:scope:server"))

    assert deleted == NOT_YOURS
    assert scope.startswith(MODERATORS_ONLY)

"""Components of the second kind: what is taken, what is refused, and what comes back."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
from discord import ui

from sandbox import Channel, Sandbox
from sandbox.components import FLAG
from tests.stage import portrait


def red() -> discord.File:
    return discord.File(io.BytesIO(portrait("red")), filename="a.png")


def layout(*items: ui.Item[Any]) -> ui.LayoutView:
    view = ui.LayoutView()
    for item in items:
        view.add_item(item)
    return view


def gallery(text: str = "## Pictures") -> ui.LayoutView:
    picture = ui.Thumbnail[Any]("attachment://a.png", description="A red sheet")
    container: ui.Container[Any] = ui.Container(ui.TextDisplay(text), ui.Section("Red", accessory=picture))
    return layout(container, ui.ActionRow(ui.Button(label="Older", custom_id="older")))


async def test_a_layout_is_stored_and_its_pictures_have_links(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    sent = await place.send(view=gallery(), file=red())

    [said] = sandbox.discord.messages(channel)
    assert said.flags & FLAG
    assert said.button("Older").custom_id == "older"
    shown = next(item for item in said.components[0]["components"] if item["type"] == 9)["accessory"]["media"]
    assert (shown["width"], shown["height"], shown["attachment_id"]) == (64, 96, str(said.attachments[0].id))
    assert isinstance(sent.components[0], discord.components.Container)


async def test_an_edit_changes_the_layout_and_never_goes_back(
    place: discord.TextChannel, sandbox: Sandbox, channel: Channel
) -> None:
    sent = await place.send(view=gallery(), file=red())
    await sent.edit(view=gallery("## Others"))

    [said] = sandbox.discord.messages(channel)
    assert said.components[0]["components"][0]["content"] == "## Others"
    with pytest.raises(discord.HTTPException, match="cannot be used"):
        await sent.edit(content="plain again", view=None)


async def test_a_text_message_takes_a_layout_when_its_text_goes(place: discord.TextChannel) -> None:
    sent = await place.send("plain")
    with pytest.raises(discord.HTTPException, match="cannot be used"):
        await sent.edit(view=layout(ui.TextDisplay("rich")))
    await sent.edit(content=None, view=layout(ui.TextDisplay("rich")))


@pytest.mark.parametrize(
    "view",
    [
        layout(ui.TextDisplay("x" * 2_001), ui.TextDisplay("x" * 2_000)),
        layout(ui.MediaGallery()),
        layout(ui.MediaGallery(discord.MediaGalleryItem("attachment://missing.png"))),
        layout(ui.Section("text", accessory=ui.Thumbnail("ftp://a.example/b.png"))),
    ],
    ids=["long", "empty", "missing", "scheme"],
)
async def test_what_does_not_fit_is_refused(place: discord.TextChannel, view: ui.LayoutView) -> None:
    with pytest.raises(discord.HTTPException) as error:
        await place.send(view=view)
    assert error.value.code == 50035


async def test_a_legacy_view_takes_nothing_of_the_second_kind(place: discord.TextChannel) -> None:
    payload = {"components": [{"type": 10, "content": "text"}]}
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=place.id)
    with pytest.raises(discord.HTTPException, match="must be one of"):
        await place._state.http.request(route, json=payload)

"""A demo visitor's turn takes the real way: through the publishers, Redis and the bot, into the channel."""

from __future__ import annotations

import aiohttp
import pytest

from demo.__main__ import publish
from tests.stage import Stage, open_stage, portrait


@pytest.mark.parametrize("requested", [True, False])
async def test_a_visitors_turn_becomes_a_picture(*, requested: bool) -> None:
    async with open_stage(painter="storyboard", fallback_seconds=1, trusted_hosts="127.0.0.1") as stage:
        channel = stage.channel()
        stage.sandbox.publish_turns(lambda turn: publish(stage.redis, turn))

        await play(stage, str(channel.id), requested=requested)

        message = await stage.picture(channel)
        [scene] = await stage.scenes(channel)
        assert scene["narrative"] == "The lantern rises."
        assert scene["character_names"] == ["Mira", "Tobin"]
        assert message.reference == stage.sandbox.discord.messages(channel)[0].id
        references = {one["name"]: one["missing_because"] for one in scene["brief"]["references"]}
        assert references["Mira"] == ""


async def play(stage: Stage, channel_id: str, *, requested: bool) -> None:
    """As the page does it."""
    base = stage.sandbox.page_url
    async with aiohttp.ClientSession() as session, session.ws_connect(base + "live") as socket:
        async with session.post(base + "upload?name=mira.png", data=portrait("red")) as answer:
            upload = (await answer.json())["id"]
        people = [{"name": "Mira", "upload": upload}, {"name": "Tobin"}]
        turn = {"narrative": "The lantern rises.", "characters": people, "requested": requested, "aspect": "16:9"}
        await socket.send_json({"id": 1, "do": "play", "channel": channel_id, **turn})
        while (news := await socket.receive_json(timeout=5))["type"] != "done":
            pass
        assert "error" not in news

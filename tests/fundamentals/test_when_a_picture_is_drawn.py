"""The planning rules, seen from outside: what was published, and which pictures came."""

from __future__ import annotations

import json

import pytest

from sandbox import gemini_answers, wait_until
from tests.running import TIMEOUT_SECONDS, Running, portrait, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")
on_either_redis = pytest.mark.parametrize("stage", ["memory", None], indirect=True, ids=["memory", "redis"])


@on_either_redis
async def test_a_silent_turn_is_drawn_after_the_fallback_with_the_cast_of_the_game(app: Running) -> None:
    url = app.sandbox.files.add("mira.png", portrait("red"))
    await app.stage.remember(f"game:session:{app.channel.id}", {"active": True, "players": ["5", 6, "7"]})
    await app.stage.remember("game:character:5", {"name": "Mira", "image_url": url})
    await app.stage.remember("game:character:6", {"name": "Tobin", "image_url": ""})
    await app.stage.remember("game:character:7", "{broken")
    await app.turn("Nobody asks for this.")
    await app.wait_for_pictures(1)

    prompt = "\n".join(app.requests[0].texts)
    assert "Image 2 is «Mira»" in prompt
    assert "«Tobin» [no picture: draw from the text]" in prompt


@pytest.mark.parametrize("request_first", [True, False])
@pytest.mark.parametrize("turn_id", [{}, {"turn_id": "t-1"}])
async def test_a_turn_and_its_request_become_one_picture_in_either_order(
    app: Running, request_first: bool, turn_id: dict[str, str]
) -> None:
    publish = [app.request, app.turn] if request_first else [app.turn, app.request]
    for event in publish:
        await event("The gate opens.", **turn_id)
    await app.wait_for_pictures(1)
    # The fallback of a turn that was not paired would be due long before this second one.
    await app.turn("The gate shuts.", turn_id="t-2")
    await app.wait_for_pictures(2)
    await app.everything_is_quiet()

    assert len(app.pictures()) == 2


async def test_art_false_means_no_picture(app: Running) -> None:
    await app.turn("A rule is explained.", art=False)
    await app.turn("The story goes on.")
    await app.wait_for_pictures(1)

    assert "The story goes on." in app.requests[0].scene
    assert len(app.pictures()) == 1


@alone
async def test_the_newest_scene_wins_when_the_cooldown_ends(redis_url: str) -> None:
    async with running(redis_url, cooldown_seconds="1.5") as app:
        for number in (1, 2, 3):
            await app.request(f"Scene {number}.")
        await app.wait_for_pictures(2)

        await app.stage.settled(app.channel)
        first, second, third = await app.stage.scenes(app.channel)
        assert [scene["state"] for scene in (first, second, third)] == ["posted", "skipped", "posted"]
        assert third["started_at"] - first["started_at"] >= 1.5


@alone
async def test_a_failed_render_does_not_use_the_cooldown_up(redis_url: str) -> None:
    async with running(redis_url, cooldown_seconds="600") as app:
        app.sandbox.gemini.script(*[gemini_answers.finished("SAFETY")] * 2)
        await app.request("Refused.")
        await wait_until(lambda: len(app.requests) == 2)
        await app.request("Drawn.")
        (picture,) = await app.wait_for_pictures(1)

        assert (picture.attachments[0].description or "").startswith("Drawn.")


async def test_the_same_event_in_two_processes_is_acted_on_once(app: Running) -> None:
    await app.start_another_bot()
    for number in range(10):
        await app.request(f"Scene {number}.")
        await app.wait_for_pictures(number + 1)
    await app.everything_is_quiet()

    assert len(app.pictures()) == 10
    assert len(app.requests) == 11


async def test_equal_messages_without_any_mark_count_each_time_they_are_published(app: Running) -> None:
    await app.start_another_bot()
    event = json.dumps({"channel_id": str(app.channel.id), "narrative": "Again and again."})
    for number in range(3):
        await app.stage.publish("game:art:request", event)
        await app.wait_for_pictures(number + 1)
    await app.everything_is_quiet()

    assert len(app.pictures()) == 3


@alone
async def test_channels_never_wait_for_each_other(redis_url: str) -> None:
    async with running(redis_url) as app:
        slow = app.channel
        app.sandbox.gemini.script(gemini_answers.hang())
        await app.request("This one hangs.")
        await wait_until(lambda: len(app.requests) == 1, timeout=TIMEOUT_SECONDS)

        # One after the other would be 96 s, which nobody waits for here.
        picture = portrait("navy", (320, 180))
        app.sandbox.gemini.script(*[gemini_answers.picture(picture, delay=4.0) for _ in range(24)])
        others = [app.another_channel(f"c-{number}") for number in range(24)]
        for channel in others:
            await app.stage.request(channel, "Together.")
        await wait_until(lambda: all(app.pictures(c) for c in others), timeout=TIMEOUT_SECONDS)

        assert all(len(app.pictures(c)) == 1 for c in others)
        assert app.pictures(slow) == []


async def test_pictures_of_a_channel_come_in_the_order_of_their_turns(app: Running) -> None:
    slow, fast = portrait("red", (320, 180)), portrait("blue", (320, 180))
    app.sandbox.gemini.script(gemini_answers.picture(slow, delay=0.8), gemini_answers.picture(fast))
    await app.request("First.")
    await app.request("Second.")
    pictures = await app.wait_for_pictures(2)

    assert [message.attachments[0].data for message in pictures] == [slow, fast]


@on_either_redis
async def test_two_hundred_malformed_messages_change_nothing(app: Running) -> None:
    odd = ["", "{", "[]", "null", '"text"', "\x00", "{" * 5000, json.dumps({"narrative": "No channel."})]
    ids: list[object] = ["abc", "", "-1", 1.5, True, None, [], {}]
    narratives: list[object] = ["", "  ", None, 5, []]
    odd += [json.dumps({"channel_id": wrong, "narrative": "x"}) for wrong in ids]
    odd += [json.dumps({"channel_id": "1", "narrative": wrong}) for wrong in narratives]
    odd += [json.dumps({"channel_id": "1", "narrative": "x" * 300_000})]
    for number in range(200):
        channel = ("game:art:request", "game:turn:complete")[number % 2]
        await app.stage.redis.publish(channel, odd[number % len(odd)])
    await app.request("The good one.")
    await app.wait_for_pictures(1)

    assert len(app.requests) == 1

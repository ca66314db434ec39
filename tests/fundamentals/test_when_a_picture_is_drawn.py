"""The planning rules, seen from outside: what was published, and which pictures came."""

from __future__ import annotations

import json

import pytest

from sandbox import gemini_answers, wait_until
from tests.running import PATIENCE_SECONDS, Running, portrait, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")
on_either_redis = pytest.mark.parametrize("stage", ["memory", None], indirect=True, ids=["memory", "redis"])


@on_either_redis
async def test_a_silent_turn_is_drawn_after_the_fallback_with_the_cast_of_the_game(house: Running) -> None:
    url = house.sandbox.files.add("mira.png", portrait("red"))
    await house.stage.remember(f"game:session:{house.channel.id}", {"active": True, "players": ["5", 6, "7"]})
    await house.stage.remember("game:character:5", {"name": "Mira", "image_url": url})
    await house.stage.remember("game:character:6", {"name": "Tobin", "image_url": ""})
    await house.stage.remember("game:character:7", "{broken")
    await house.turn("Nobody asks for this.")
    await house.wait_for_pictures(1)

    prompt = "\n".join(house.requests[0].texts)
    assert "Image 2 is Mira" in prompt
    assert "Tobin [no picture: draw from the text]" in prompt


@pytest.mark.parametrize("request_first", [True, False])
@pytest.mark.parametrize("turn_id", [{}, {"turn_id": "t-1"}])
async def test_a_turn_and_its_request_become_one_picture_in_either_order(
    house: Running, request_first: bool, turn_id: dict[str, str]
) -> None:
    publish = [house.request, house.turn] if request_first else [house.turn, house.request]
    for event in publish:
        await event("The gate opens.", **turn_id)
    await house.wait_for_pictures(1)
    # The fallback of a turn that was not paired would be due long before this second one.
    await house.turn("The gate shuts.", turn_id="t-2")
    await house.wait_for_pictures(2)
    await house.everything_is_quiet()

    assert len(house.pictures()) == 2


async def test_art_false_means_no_picture(house: Running) -> None:
    await house.turn("A rule is explained.", art=False)
    await house.turn("The story goes on.")
    await house.wait_for_pictures(1)

    assert "The story goes on." in house.requests[0].scene
    assert len(house.pictures()) == 1


@alone
async def test_the_newest_scene_wins_when_the_cooldown_ends(redis_url: str) -> None:
    async with running(redis_url, cooldown_seconds="1.5") as house:
        for number in (1, 2, 3):
            await house.request(f"Scene {number}.")
        await house.wait_for_pictures(2)

        await house.stage.settled(house.channel)
        first, second, third = await house.stage.scenes(house.channel)
        assert [scene["state"] for scene in (first, second, third)] == ["posted", "skipped", "posted"]
        assert third["started_at"] - first["started_at"] >= 1.5


@alone
async def test_a_failed_render_does_not_use_the_cooldown_up(redis_url: str) -> None:
    async with running(redis_url, cooldown_seconds="600") as house:
        house.sandbox.gemini.script(*[gemini_answers.finished("SAFETY")] * 2)
        await house.request("Refused.")
        await wait_until(lambda: len(house.requests) == 2)
        await house.request("Drawn.")
        (picture,) = await house.wait_for_pictures(1)

        assert (picture.attachments[0].description or "").startswith("Drawn.")


async def test_the_same_event_in_two_processes_is_acted_on_once(house: Running) -> None:
    await house.start_another_bot()
    for number in range(10):
        await house.request(f"Scene {number}.")
        await house.wait_for_pictures(number + 1)
    await house.everything_is_quiet()

    assert len(house.pictures()) == 10
    assert len(house.requests) == 11


async def test_equal_messages_without_any_mark_count_each_time_they_are_published(house: Running) -> None:
    await house.start_another_bot()
    event = json.dumps({"channel_id": str(house.channel.id), "narrative": "Again and again."})
    for number in range(3):
        await house.stage.publish("game:art:request", event)
        await house.wait_for_pictures(number + 1)
    await house.everything_is_quiet()

    assert len(house.pictures()) == 3


@alone
async def test_channels_never_wait_for_each_other(redis_url: str) -> None:
    async with running(redis_url) as house:
        slow = house.channel
        house.sandbox.gemini.script(gemini_answers.hang())
        await house.request("This one hangs.")
        await wait_until(lambda: len(house.requests) == 1, timeout=PATIENCE_SECONDS)

        # One after the other would be 96 s, which nobody waits for here.
        picture = portrait("navy", (320, 180))
        house.sandbox.gemini.script(*[gemini_answers.picture(picture, delay=4.0) for _ in range(24)])
        others = [house.another_channel(f"c-{number}") for number in range(24)]
        for channel in others:
            await house.stage.request(channel, "Together.")
        await wait_until(lambda: all(house.pictures(c) for c in others), timeout=PATIENCE_SECONDS)

        assert all(len(house.pictures(c)) == 1 for c in others)
        assert house.pictures(slow) == []


async def test_pictures_of_a_channel_come_in_the_order_of_their_turns(house: Running) -> None:
    slow, fast = portrait("red", (320, 180)), portrait("blue", (320, 180))
    house.sandbox.gemini.script(gemini_answers.picture(slow, delay=0.8), gemini_answers.picture(fast))
    await house.request("First.")
    await house.request("Second.")
    pictures = await house.wait_for_pictures(2)

    assert [message.attachments[0].data for message in pictures] == [slow, fast]


@on_either_redis
async def test_two_hundred_malformed_messages_change_nothing(house: Running) -> None:
    odd = ["", "{", "[]", "null", '"text"', "\x00", "{" * 5000, json.dumps({"narrative": "No channel."})]
    ids: list[object] = ["abc", "", "-1", 1.5, True, None, [], {}]
    narratives: list[object] = ["", "  ", None, 5, []]
    odd += [json.dumps({"channel_id": wrong, "narrative": "x"}) for wrong in ids]
    odd += [json.dumps({"channel_id": "1", "narrative": wrong}) for wrong in narratives]
    odd += [json.dumps({"channel_id": "1", "narrative": "x" * 300_000})]
    for number in range(200):
        channel = ("game:art:request", "game:turn:complete")[number % 2]
        await house.stage.redis.publish(channel, odd[number % len(odd)])
    await house.request("The good one.")
    await house.wait_for_pictures(1)

    assert len(house.requests) == 1

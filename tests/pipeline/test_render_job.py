"""One scene, from whatever stage it was left at, to its end."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from cogs.scene_art.domain.events import ArtRequest
from cogs.scene_art.domain.scene import Scene, SceneState, Source
from cogs.scene_art.jobs.scheduler import LONG_OPEN_SECONDS
from cogs.scene_art.pipeline.render_job import STARTS_ALLOWED
from sandbox import BOT_DEFAULT, Channel, Permission, wait_until
from sandbox.gemini_answers import Answer, blocked_prompt, overloaded, picture, rate_limited
from tests.redis_server import own_redis
from tests.stage import Stage, open_stage, portrait
from tests.stores import Stores

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")

MESSAGES = r"^/channels/\d+/messages$"
PICTURE = portrait("teal", (320, 180))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One bot for all of this file; every test has a channel of its own."""
    with own_redis() as server:
        async with open_stage(server.url, cooldown_seconds=0, fallback_seconds=30) as opened:
            yield opened


async def left_behind(stage: Stage, channel: Channel, **changes: Any) -> Scene:
    """A scene as a process that died left it in the store."""
    values: dict[str, Any] = {
        "id": f"{time.monotonic_ns():016x}",
        "channel_id": str(channel.id),
        "source": Source.PERSON,
        "requested_by": "7",
        "narrative": "The gate opens.",
        "heard_at": time.time(),
        "starts": 1,
        "attempts": 1,
    }
    scene = Scene.model_validate(values | changes)
    await Stores(stage.redis).scenes.add(scene)
    return scene


async def painted_by_another(stage: Stage, channel: Channel, state: SceneState, **changes: Any) -> Scene:
    scene = await left_behind(stage, channel, state=state, painted_at=time.time(), mime="image/png", **changes)
    await Stores(stage.redis).scenes.save_with_picture(scene, PICTURE)
    return scene


async def wait_until_async(look: Callable[[], Awaitable[Any]], enough: Callable[[Any], bool]) -> None:
    """Ask Redis until it is so."""
    end = time.monotonic() + 10
    while not enough(seen := await look()):
        assert time.monotonic() < end, f"still {seen}"
        await asyncio.sleep(0.02)


async def go_on(stage: Stage, scene: Scene) -> Scene:
    """Have this process take the scene up; how it stands afterwards."""
    assert stage.cog.app.wiring is not None
    await stage.cog.app.wiring.scene_job.run(scene.channel_id, scene.id)
    found = await Stores(stage.redis).scenes.scene(scene.channel_id, scene.id)
    assert found is not None
    return found


@pytest.mark.parametrize("state", [SceneState.PAINTED, SceneState.POSTING])
async def test_what_was_painted_is_posted_and_never_paid_again(stage: Stage, state: SceneState) -> None:
    channel = stage.channel()
    scene = await painted_by_another(stage, channel, state)
    before = len(stage.sandbox.gemini.requests)

    ended = await go_on(stage, scene)

    [message] = stage.posts(channel)
    assert message.attachments[0].data == PICTURE
    assert (ended.state, ended.message_id) == (SceneState.POSTED, str(message.id))
    assert len(stage.sandbox.gemini.requests) == before
    assert await Stores(stage.redis).pictures.picture(ended) is None, "nothing is kept that nobody needs"


async def test_what_discord_may_have_is_looked_for_in_the_channel_first(stage: Stage) -> None:
    """The nonce is forgotten after some minutes; the message is still there."""
    channel = stage.channel()
    first = await go_on(stage, await painted_by_another(stage, channel, SceneState.PAINTED))
    stage.sandbox.discord.world.nonces.clear()
    again = first.moved(SceneState.POSTING, message_id=None, finished_at=None)
    await Stores(stage.redis).scenes.save_with_picture(again, PICTURE)

    ended = await go_on(stage, again)

    assert len(stage.posts(channel)) == 1
    assert ended.message_id == first.message_id


async def test_a_scene_that_was_being_painted_is_painted_again(stage: Stage) -> None:
    channel = stage.channel()
    ended = await go_on(stage, await left_behind(stage, channel, state=SceneState.PAINTING))

    assert len(stage.posts(channel)) == 1
    assert (ended.attempts, ended.starts) == (2, 2)


async def test_a_scene_that_kills_its_process_is_given_up(stage: Stage) -> None:
    channel = stage.channel()
    before = len(stage.sandbox.gemini.requests)

    ended = await go_on(stage, await left_behind(stage, channel, state=SceneState.PAINTING, starts=STARTS_ALLOWED))

    assert ended.state is SceneState.FAILED
    assert ended.reason == "given up: its process died 4 times"
    assert len(stage.sandbox.gemini.requests) == before


async def test_while_discord_is_away_the_picture_waits(stage: Stage) -> None:
    channel = stage.channel()
    fault = stage.sandbox.discord.fail_next("POST", MESSAGES, 503, times=4)
    before = len(stage.sandbox.gemini.requests)

    scene = await go_on(stage, await left_behind(stage, channel, state=SceneState.PAINTING))
    assert fault.hits == 4
    assert (scene.state, scene.put_offs, scene.starts) == (SceneState.POSTING, 1, 0)
    assert scene.resume_at is not None
    assert await go_on(stage, scene) == scene, "not before its time"
    due = scene.model_copy(update={"resume_at": time.time()})
    await Stores(stage.redis).scenes.save(due)

    assert (await go_on(stage, due)).state is SceneState.POSTED
    assert len(stage.posts(channel)) == 1
    assert len(stage.sandbox.gemini.requests) == before + 1


async def test_a_channel_that_is_closed_meanwhile_gets_its_picture_when_it_is_open_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    channel = stage.channel()
    stage.sandbox.gemini.script(picture(PICTURE, delay=0.5))
    before = len(stage.sandbox.gemini.requests)
    await stage.request(channel, "The gate closes.")
    await wait_until(lambda: len(stage.sandbox.gemini.requests) == before + 1)
    stage.sandbox.discord.set_permissions(channel, BOT_DEFAULT & ~Permission.ATTACH_FILES)
    await wait_until(lambda: "is paused" in caplog.text, timeout=10)

    stage.sandbox.discord.set_permissions(channel, None)

    await stage.picture(channel)
    await stage.settled(channel)
    assert len(stage.posts(channel)) == 1
    assert len(stage.sandbox.gemini.requests) == before + 1
    assert caplog.text.count("is paused") == 1


async def test_when_all_keys_rest_the_scene_waits_for_the_first(stage: Stage) -> None:
    channel = stage.channel()
    stage.sandbox.gemini.script(rate_limited("1s"))
    before = len(stage.sandbox.gemini.requests)

    await stage.request(channel, "Patience.")
    await stage.picture(channel)
    await stage.settled(channel)

    first, second = (request.time for request in stage.sandbox.gemini.requests[before:])
    assert second - first >= 1
    [scene] = await stage.scenes(channel)
    assert (scene["state"], scene["put_offs"]) == ("posted", 0), "a moment is waited for at once"


@alone
async def test_somebody_who_asked_is_told_when_to_come_back(redis_url: str) -> None:
    async with open_stage(redis_url) as own:
        own.sandbox.gemini.script(rate_limited("7200s"))

        ended = await go_on(own, await left_behind(own, own.channel(), state=SceneState.PAINTING))

        assert ended.state is SceneState.FAILED
        assert ended.sentence.template == "The painter is at its rate limit. Try again {when}."


async def test_a_blocked_reference_costs_that_reference_only(stage: Stage) -> None:
    channel = stage.channel()
    names = [f"hero{number}" for number in range(4)]
    urls = [stage.sandbox.files.add(f"{name}.png", portrait("red", (60 + n, 64))) for n, name in enumerate(names)]
    bad = "hero2"
    ordinary = stage.sandbox.gemini.default

    def answer(request: Any) -> Answer:
        shown = any(bad in reference.label for reference in request.references)
        return blocked_prompt() if shown else picture(PICTURE)

    stage.sandbox.gemini.default = answer
    try:
        await stage.request(channel, "Four heroes at dawn.", character_names=names, character_urls=urls)
        await stage.picture(channel)
        await stage.settled(channel)
    finally:
        stage.sandbox.gemini.default = ordinary

    last = stage.asked_now("Four heroes at dawn.")[-1]
    labels = " ".join(reference.label for reference in last.references)
    assert [name for name in (*names, "Stargazer") if name not in labels] == [bad]
    [scene] = await stage.scenes(channel)
    missing = {ref["name"]: ref["missing_because"] for ref in scene["brief"]["references"] if not ref["arrived"]}
    assert missing == {bad: "left out: the painter declined it"}
    assert bad in scene["sentence"]["text"]


@alone
async def test_an_overloaded_model_gives_way_to_the_next(redis_url: str) -> None:
    async with open_stage(redis_url, fallback_models="gemini-3-pro-image", paint_attempts=2) as own:
        channel = own.channel()
        own.sandbox.gemini.script(overloaded(), overloaded())

        await own.request(channel, "Two painters.")
        await own.picture(channel)

        asked = [request.model for request in own.sandbox.gemini.requests]
        assert asked == ["gemini-nano-banana-2.1", "gemini-nano-banana-2.1", "gemini-3-pro-image"]


@alone
async def test_a_budget_that_is_spent_ends_in_a_sentence_and_costs_nothing(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage(redis_url, budget_guild_day="0.05") as own:
        channel = own.channel()
        await own.request(channel, "The first one.")
        await own.picture(channel)
        await own.request(channel, "The second one.")
        await wait_until(lambda: "used or reserved" in caplog.text, timeout=10)
        await own.settled(channel)

        first, second = await own.scenes(channel)
        assert (first["state"], second["state"], second["cost"]) == ("posted", "failed", 0)
        assert re.fullmatch(
            r"This server's picture budget for today has too little left: \$0\.036 of \$0\.05 is used or reserved,"
            r" and this picture needs about \$0\.03\d\. It resets at 00:00 UTC\.",
            second["reason"],
        )
        assert len(own.sandbox.gemini.requests) == 1


async def test_an_event_whose_job_was_lost_is_found_on_the_next_round(stage: Stage) -> None:
    channel = stage.channel()
    stores = Stores(stage.redis)
    event = ArtRequest(channel_id=str(channel.id), narrative="Nobody was woken.", event_id="lost", ts=1.0)
    await stores.inbox.enqueue(str(channel.id), [(time.time(), event)])
    await stores.due_list.mark_due(str(channel.id), time.time() - LONG_OPEN_SECONDS)

    assert stage.cog.app.wiring is not None
    await stage.cog.app.wiring.scheduler.make_round()

    await stage.picture(channel)
    await stage.settled(channel)
    await wait_until_async(lambda: stores.due_list.long_open(time.time()), lambda found: str(channel.id) not in found)


async def test_a_rerender_whose_job_was_lost_is_found_on_the_next_round(stage: Stage) -> None:
    channel = stage.channel()
    scene = await left_behind(stage, channel, state=SceneState.WAITING)
    work_item = f"{channel.id}/{scene.id}"
    await Stores(stage.redis).due_list.mark_due(work_item, time.time() - LONG_OPEN_SECONDS)

    assert stage.cog.app.wiring is not None
    await stage.cog.app.wiring.scheduler.make_round()

    await stage.picture(channel)
    await wait_until_async(
        lambda: Stores(stage.redis).due_list.long_open(time.time()), lambda found: work_item not in found
    )


async def told_after_a_refusal(stage: Stage) -> list[str]:
    """The buttons of what was said in a channel where an automatic picture was refused, and the next one drawn."""
    channel = stage.channel()
    stage.sandbox.gemini.script(*[blocked_prompt()] * 3)
    await stage.request(channel, "Nothing to see.")
    await stage.settled(channel)
    await stage.request(channel, "Something to see.")
    await stage.picture(channel)
    return [m.buttons[0].label for m in stage.sandbox.discord.messages(channel) if not m.attachments]


async def test_an_automatic_picture_that_cannot_be_had_is_no_news_in_its_channel(stage: Stage) -> None:
    assert await told_after_a_refusal(stage) == []


@alone
async def test_an_automatic_picture_that_cannot_be_had_is_told_where_it_is_wished(redis_url: str) -> None:
    async with open_stage(redis_url, notices="true") as own:
        assert await told_after_a_refusal(own) == ["Try again"]

"""Helpers of the tests of Gemini's and Discord's faults: key pools, records, log lines, and counts of requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from sandbox import Channel, InteractionAnswer, Message, Sandbox, User, wait_until
from sandbox.gemini import GeminiRequest
from sandbox.gemini_answers import Answer, picture
from tests.redis_server import client_of
from tests.stage import (
    TIMEOUT_SECONDS,
    BotProcess,
    Stage,
    environment,
    is_listening,
    open_stage,
    portrait,
    python,
    running_bot,
)

FIRST, SECOND = "AIzaSy-the-first-key-of-the-pool", "AIzaSy-the-second-key-of-the-pool"
POSTING = r"^/channels/\d+/messages$"
REDO = "scene-art rerender"
TRY_AGAIN = "Try again"
MINUTE_AND_MORE = 150.0


def pool(*keys: str) -> dict[str, str]:
    """The variables of an operator who has these keys and no other."""
    return {"GEMINI_API_KEYS": ",".join(keys), "GEMINI_API_KEY": ""}


@asynccontextmanager
async def open_app(
    redis_url: str = "", *, bots: int = 1, variables: Mapping[str, str] | None = None, **settings: Any
) -> AsyncIterator[Stage]:
    """A stage with these further variables, such as those of `pool`, and so many bots in this process."""
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(redis_url, bots=0, **settings))
        stage.sandbox.gemini.keys |= {FIRST, SECOND}
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in (variables or {}).items():
            patch.setenv(name, value)
        for _ in range(bots):
            stage.bots.append(await stack.enter_async_context(running_bot(stage.sandbox)))
        await until(lambda: all(is_listening(bot) for bot in stage.bots))
        yield stage


@asynccontextmanager
async def bot_with_pool(sandbox: Sandbox, redis_url: str, *keys: str, **settings: object) -> AsyncIterator[BotProcess]:
    """`bot.py` as a process of its own, with these keys (default: the stage's), connected and listening."""
    environ = environment(sandbox, redis_url, **settings) | (pool(*keys) if keys else {})
    sandbox.gemini.keys |= set(keys)
    async with client_of(redis_url) as redis:
        before = await listeners(redis)
        async with python("bot.py", environ=environ) as started:
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while await listeners(redis) <= before or "Connected as" not in started.text:
                assert time.monotonic() < deadline, started.text
                await asyncio.sleep(0.02)
            yield started


async def listeners(redis: Redis) -> int:
    """Count the processes that would receive a request published now."""
    return int((await redis.pubsub_numsub("game:art:request"))[0][1])


async def until(predicate: Callable[[], object], seconds: float = TIMEOUT_SECONDS) -> None:
    """`wait_until` with the patience of a machine that has other work, too."""
    await wait_until(predicate, timeout=seconds)


async def ended(
    stage: Stage, channel: Channel, *states: str, count: int = 1, seconds: float = TIMEOUT_SECONDS
) -> dict[str, Any]:
    """Wait until the newest of `count` scenes is in one of `states` (default: any last one); its record."""
    wanted = states or ("posted", "refused", "failed", "skipped")
    deadline = time.monotonic() + seconds
    while True:
        scenes = await stage.scenes(channel)
        if len(scenes) >= count and scenes[-1]["state"] in wanted:
            return scenes[-1]
        now = {key: scenes[-1].get(key) for key in ("state", "reason", "attempts")} if scenes else None
        assert time.monotonic() < deadline, f"not {wanted}: {now}"
        await asyncio.sleep(0.02)


async def barrier(stage: Stage) -> None:
    """Wait until a picture published last of all, in another channel, has come."""
    other = stage.channel("afterwards")
    await stage.request(other, "The end of it.")
    await stage.picture(other)


async def sentence(answer: InteractionAnswer, seconds: float = TIMEOUT_SECONDS) -> str:
    """The sentence in which the line of a person ends."""
    await answer.wait_for(lambda a: a.content and not a.content.endswith("…"), timeout=seconds)
    return answer.content


async def try_again(stage: Stage, message: Message | None, user: User) -> InteractionAnswer:
    """Press the button for another try."""
    assert message is not None
    return await stage.sandbox.discord.press(message, message.button(TRY_AGAIN).custom_id, user)


def operator_lines(caplog: pytest.LogCaptureFixture, *words: str) -> list[str]:
    """List the warnings and errors with one of `words`, in any case."""
    said = [record.getMessage() for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
    return [line for line in said if any(word.lower() in line.lower() for word in words)]


def posting_tries(stage: Stage, channel: Channel) -> int:
    """Count the messages for the channel that were sent to Discord, stored or not."""
    path = f"/channels/{channel.id}/messages"
    return sum(1 for entry in stage.sandbox.discord.requests if (entry.method, entry.path) == ("POST", path))


def keys_asked(stage: Stage) -> list[str]:
    """With which key each request came, in order."""
    return [request.key for request in stage.sandbox.gemini.requests]


def names_shown(request: GeminiRequest) -> set[str]:
    """List the names with a picture in a request: `Image 2 is «Mira»: likeness only.` shows Mira."""
    return {
        reference.label.split(" is ", 1)[1].split(":")[0].split(",")[0].strip("«»") for reference in request.references
    }


def numbered(stage: Stage) -> Any:
    """Answers that tell which request they belong to: the n-th picture is 320 + n pixels wide."""

    def answer(_: GeminiRequest) -> Answer:
        return picture(portrait("teal", (320 + len(stage.sandbox.gemini.requests), 180)))

    return answer


def request_behind(stage: Stage, message: Message) -> GeminiRequest:
    """The request whose `numbered` answer stands in `message`."""
    width = message.attachments[0].width
    assert width is not None
    return stage.sandbox.gemini.requests[width - 321]


async def posted_once(stage: Stage, channel: Channel) -> Message:
    """Wait until the store calls the scene posted, and see that it stands there once and was paid for once."""
    record = await ended(stage, channel, "posted")
    await barrier(stage)
    (message,) = stage.posts(channel)
    assert record["message_id"] == str(message.id)
    assert len([request for request in stage.sandbox.gemini.paid if record["narrative"] in request.scene]) == 1
    return message

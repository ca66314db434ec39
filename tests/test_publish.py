"""The game's side: one call per turn, and nothing of it reaches into the game."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, ResponseError

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.domain.events import ArtRequest, TurnComplete, parse_event
from cogs.scene_art.publish import (
    NARRATIVE_LIMIT,
    REQUEST_CHANNEL,
    STREAM,
    STREAM_KEPT_SECONDS,
    STREAM_LENGTH,
    TURN_CHANNEL,
    PublishingClient,
)
from tests.redis_server import RedisServer, client_of, redis_binary


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that a test may spoil."""
    binary = redis_binary()
    server = RedisServer(binary)
    server.start()
    yield server
    server.close()


class Notebook:
    """A client that writes down what it is told to send, or breaks."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self._problem = problem

    async def publish(self, channel: str, message: str, /) -> int:
        if self._problem is not None:
            raise self._problem
        self.sent.append((channel, message))
        return 1

    @property
    def fields(self) -> dict[str, Any]:
        [(_, message)] = self.sent
        loaded: dict[str, Any] = json.loads(message)
        return loaded


async def test_half_of_an_emoji_does_not_cost_the_picture() -> None:
    """Redis takes no text that cannot be written as UTF-8."""
    client = Notebook()
    assert await publish_art_request(client, channel_id=1, narrative="Mira waves \ud83d", character_names=("\udc00",))
    client.sent[0][1].encode()
    assert client.fields["narrative"] == "Mira waves ?"


async def test_a_request_is_what_the_contract_says() -> None:
    client = Notebook()
    assert await publish_art_request(
        client,
        channel_id=1234567890123456789,
        narrative="Mira lights the lantern.",
        character_urls=["https://x.example/mira.png"],
        character_names=("Mira", "Tom"),
        game_name="Lantern Keep",
        turn_id="7",
        message_id=1234567890123456790,
        guild_id="5",
    )
    assert client.sent[0][0] == REQUEST_CHANNEL == "game:art:request"
    assert abs(client.fields.pop("ts") - time.time()) < 60
    assert client.fields | {"ts": 0} == {
        "channel_id": "1234567890123456789",
        "narrative": "Mira lights the lantern.",
        "character_urls": ["https://x.example/mira.png"],
        "character_names": ["Mira", "Tom"],
        "game_name": "Lantern Keep",
        "aspect_ratio": "16:9",
        "turn_id": "7",
        "message_id": "1234567890123456790",
        "guild_id": "5",
        "ts": 0,
    }, "ids go out as strings: 64-bit numbers do not survive every JSON parser"


async def test_a_turn_is_what_the_contract_says() -> None:
    client = Notebook()
    assert await publish_turn_complete(client, channel_id=42, narrative="A turn.", art=False)
    assert client.sent[0][0] == TURN_CHANNEL == "game:turn:complete"
    fields = client.fields
    assert (fields["art"], "turn_id" in fields, "message_id" in fields) == (False, False, False)


async def test_what_is_published_is_heard() -> None:
    client = Notebook()
    await publish_art_request(client, channel_id=42, narrative="Émile öffnet das Tor. 🐉", character_names=["Émile"])
    await publish_turn_complete(client, channel_id=42, narrative="A turn.", turn_id="7")
    request, turn = (parse_event(channel, message) for channel, message in client.sent)
    assert isinstance(request, ArtRequest)
    assert isinstance(turn, TurnComplete)
    assert (request.narrative, request.character_names) == ("Émile öffnet das Tor. 🐉", ("Émile",))
    assert (turn.turn_id, turn.art) == ("7", True)


async def test_a_long_story_is_cut() -> None:
    client = Notebook()
    await publish_turn_complete(client, channel_id=42, narrative="x" * 50_000)
    assert len(client.fields["narrative"]) == NARRATIVE_LIMIT == 3_000


async def test_it_reaches_a_real_redis(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        assert await publish_turn_complete(client, channel_id=42, narrative="Nobody listens, and that is no fault.")


async def test_every_event_is_kept_in_a_capped_stream_for_whoever_was_away(
    redis_url: str, redis_server: RedisServer
) -> None:
    async with client_of(redis_url) as client:
        for number in range(3):
            assert await publish_turn_complete(client, channel_id=42, narrative=f"Turn {number}.")
        kept = cast("list[tuple[bytes, dict[bytes, bytes]]]", await client.xrange(STREAM))
        assert [fields[b"channel"].decode() for _, fields in kept] == [TURN_CHANNEL] * 3
        assert [parse_event(TURN_CHANNEL, fields[b"data"]).narrative for _, fields in kept][2] == "Turn 2."
        for number in range(STREAM_LENGTH + 200):
            await client.xadd(STREAM, {"n": number})
        await publish_turn_complete(client, channel_id=42, narrative="The last one.")
        assert await client.xlen(STREAM) <= STREAM_LENGTH + 100, "Redis drops whole blocks of a hundred"
    assert redis_server.keys_without_end() == set()


class Diary(Notebook):
    """A client with a stream; each of its commands can be made to fail."""

    def __init__(self, **problems: Exception) -> None:
        super().__init__(problems.get("publish"))
        self.kept: list[dict[str, str]] = []
        self.ends: list[int] = []
        self._problems = problems

    async def xadd(self, name: str, fields: dict[str, str], **limits: object) -> bytes:
        if problem := self._problems.get("xadd"):
            raise problem
        assert not self.sent, "kept before it is published"
        self.kept.append(fields)
        return b"1-0"

    async def expire(self, name: str, seconds: int) -> bool:
        if problem := self._problems.get("expire"):
            raise problem
        self.ends.append(seconds)
        return True


async def test_the_very_same_bytes_are_kept_first_and_then_published() -> None:
    client = Diary()
    assert await publish_art_request(client, channel_id=42, narrative="A door.")
    [(channel, message)] = client.sent
    assert client.kept == [{"channel": channel, "data": message}]
    assert client.ends == [STREAM_KEPT_SECONDS]


@pytest.mark.parametrize(
    "problem",
    [
        OutOfMemoryError("OOM command not allowed"),
        ReadOnlyError("READONLY"),
        NoPermissionError("NOPERM"),
        ResponseError("WRONGTYPE"),
    ],
    ids=lambda problem: type(problem).__name__,
)
async def test_what_cannot_be_kept_is_published_all_the_same(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    client = Diary(xadd=problem)
    assert await publish_turn_complete(client, channel_id=42, narrative="A door.") is True
    assert (len(client.sent), client.kept, client.ends) == (1, [], [])
    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []


@pytest.mark.parametrize("also", [{}, {"expire": RuntimeError("a fault")}], ids=["kept", "without an end"])
async def test_what_was_kept_has_reached_redis_also_when_it_is_not_published(also: dict[str, Exception]) -> None:
    client = Diary(publish=RedisConnectionError("gone"), **also)
    assert await publish_turn_complete(client, channel_id=42, narrative="A door.") is True
    assert client.ends == ([] if also else [STREAM_KEPT_SECONDS]), "no stream is left without an end"


async def test_what_was_kept_before_redis_froze_has_reached_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Freezing(Diary):
        async def publish(self, channel: str, message: str, /) -> int:
            return await asyncio.get_running_loop().create_future() or 0

    monkeypatch.setattr("cogs.scene_art.publish._TIMEOUT_SECONDS", 0.05)
    client = Freezing()
    assert await publish_turn_complete(client, channel_id=42, narrative="A door.") is True
    assert len(client.kept) == 1


async def test_a_client_that_could_not_end_the_stream_begins_none() -> None:
    class Endless(Notebook):
        async def xadd(self, *_: object, **__: object) -> bytes:
            raise AssertionError("a key without end")

    assert await publish_turn_complete(Endless(), channel_id=42, narrative="A door.")


async def test_a_full_redis_still_passes_the_word_on(own_server: RedisServer) -> None:
    own_server.configure("maxmemory", "1")
    async with client_of(own_server.url) as client:
        subscription = client.pubsub(ignore_subscribe_messages=True)
        await subscription.subscribe(TURN_CHANNEL)
        assert await publish_turn_complete(client, channel_id=42, narrative="A turn.") is True
        async with asyncio.timeout(5):
            while (heard := await subscription.get_message(timeout=1)) is None:
                pass
        await subscription.aclose()  # type: ignore[no-untyped-call]
        assert (b"A turn." in heard["data"], await client.exists(STREAM)) == (True, 0)


async def test_a_game_that_may_only_publish_publishes(redis_url: str, redis_server: RedisServer) -> None:
    only_publish = ["resetkeys", "resetchannels", "&game:*", "-@all", "+publish", "+ping", "+hello", "+auth"]
    url = redis_server.set_user("game", *only_publish)
    async with client_of(url) as client:
        assert await publish_turn_complete(client, channel_id=42, narrative="A turn.") is True


@pytest.mark.parametrize(
    "client",
    [
        Notebook(RedisConnectionError("refused")),
        Notebook(OSError("unreachable")),
        Notebook(RuntimeError("Event loop is closed")),
        None,
        object(),
    ],
    ids=["redis", "os", "loop", "none", "object"],
)
async def test_a_broken_client_never_breaks_the_games_turn(client: PublishingClient) -> None:
    assert await publish_art_request(client, channel_id=42, narrative="A door.") is False
    assert await publish_turn_complete(client, channel_id=42, narrative="A door.") is False


async def test_a_redis_that_is_away_never_breaks_the_games_turn(caplog: pytest.LogCaptureFixture) -> None:
    async with client_of("redis://127.0.0.1:9/0") as client:
        assert await publish_turn_complete(client, channel_id=42, narrative="what-a-player-said") is False
    assert len(caplog.records) == 1
    assert "what-a-player-said" not in caplog.text


async def test_a_redis_that_never_answers_costs_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Frozen:
        async def publish(self, channel: str, message: str, /) -> int:
            return await asyncio.get_running_loop().create_future() or 0

    monkeypatch.setattr("cogs.scene_art.publish._TIMEOUT_SECONDS", 0.05)
    assert await publish_turn_complete(Frozen(), channel_id=42, narrative="A door.") is False


@pytest.mark.parametrize(
    "fields",
    [
        {"narrative": None},
        {"character_names": None, "character_urls": None},
        {"character_names": [None, 5]},
        {"character_names": "Mira"},
        {"game_name": object()},
        {"turn_id": 7},
        {"narrative": "half a \ud83d surrogate"},
    ],
    ids="+".join,
)
async def test_whatever_the_game_passes_nothing_is_raised(fields: dict[str, Any]) -> None:
    client = Notebook()
    values: dict[str, Any] = {"channel_id": 42, "narrative": "A door."} | fields
    answer = await publish_art_request(client, **values)
    assert answer is bool(client.sent)


async def test_only_the_callers_own_cancellation_goes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        await publish_turn_complete(Notebook(asyncio.CancelledError()), channel_id=42, narrative="A door.")


def test_importing_the_publishers_needs_no_discord_gemini_docket_or_pillow() -> None:
    code = (
        "import sys; from cogs.scene_art import publish_art_request, publish_turn_complete;"
        "print([m for m in ('discord', 'google.genai', 'PIL', 'docket', 'pydantic', 'aiohttp') if m in sys.modules])"
    )
    root = Path(__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout.strip() == "[]"

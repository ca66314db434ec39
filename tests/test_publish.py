"""The game's side: one call per turn, and nothing of it reaches into the game."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from cogs.scene_art import publish_art_request, publish_turn_complete
from cogs.scene_art.events import ArtRequest, TurnComplete, parse_event
from cogs.scene_art.publish import (
    NARRATIVE_LIMIT,
    REQUEST_CHANNEL,
    STREAM,
    STREAM_LENGTH,
    TURN_CHANNEL,
    PublishingClient,
)
from tests.redis_server import RedisServer, client_of


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

    monkeypatch.setattr("cogs.scene_art.publish._PATIENCE_SECONDS", 0.05)
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

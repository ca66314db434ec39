"""The game's state. One that is missing, broken or slow costs the references, never the picture."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.game_state import (
    CHARACTER_BYTES,
    SESSION_BYTES,
    TIMEOUT_SECONDS,
    GameCharacter,
    GameSession,
    RedisGameState,
    read_game_context,
    read_ownership,
    read_players,
)
from tests.redis_server import as_port, client_of
from tests.stage import memory_url

SESSION = {"active": True, "game_name": "Lantern Keep", "crown_holder": 7, "players": [7, "8", 9]}


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with client_of(redis_url) as client:
        yield client


@pytest.fixture
def state(redis: Redis) -> RedisGameState:
    return RedisGameState(as_port(redis))


async def test_the_default_reads_the_keys_of_the_contract(redis: Redis, state: RedisGameState) -> None:
    await redis.set("game:session:42", json.dumps(SESSION))
    await redis.set("game:character:7", json.dumps({"name": "Mira", "image_url": "https://x.example/m.png"}))
    await redis.set("game:character:9", json.dumps({"name": "Old Tom", "image_url": None, "level": 5}))
    await redis.set("game:dark_loopmother:42", "1")
    around = await read_game_context(state, "42")
    assert (around.dark_loopmother, around.problem) == (True, "")
    assert around.session == GameSession(
        active=True, game_name="Lantern Keep", crown_holder="7", players=("7", "8", "9")
    )
    assert await read_players(state, around.session) == (
        (
            GameCharacter(name="Mira", image_url="https://x.example/m.png", user_id="7"),
            GameCharacter(name="Old Tom", user_id="9"),
        ),
        "",
    )


async def test_a_game_without_a_session_is_no_problem(state: RedisGameState) -> None:
    around = await read_game_context(state, "42")
    assert (around.session, around.dark_loopmother, around.problem) == (None, False, "")
    assert await read_players(state, None) == ((), "")


async def test_the_characters_of_a_session_that_is_over_are_still_somebodys(
    redis: Redis, state: RedisGameState
) -> None:
    await redis.set("game:session:42", json.dumps(SESSION | {"active": False}))
    await redis.set("game:character:7", json.dumps({"name": "Mira", "user_id": "1"}))
    await redis.set("game:character:66", json.dumps({"name": "MIRA"}))
    await redis.set("game:character:67", json.dumps({"name": "Orr"}))
    ownership = await read_ownership(state, "42", ["66", "67"])
    assert ownership.players_of("mira") == {"7"}, "whatever the record says, and whoever else has the name"
    assert not ownership.players_of("Orr")
    assert ownership.owners_of("Orr") == {"67"}


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff", b"[]", b"null", b"5", json.dumps({"active": "perhaps"}), json.dumps({"active": []})]
)
async def test_a_broken_session_costs_the_session_and_not_the_flag(
    redis: Redis, state: RedisGameState, raw: bytes
) -> None:
    """The Dark Loopmother must not turn into Stargazer because of another record."""
    await redis.set("game:session:42", raw)
    await redis.set("game:dark_loopmother:42", "1")
    around = await read_game_context(state, "42")
    assert (around.session, around.dark_loopmother) == (None, True)
    assert around.problem == "the game's state is not of the expected form"


async def test_strange_values_inside_a_session_are_left_out(redis: Redis, state: RedisGameState) -> None:
    strange = {"game_name": 5, "crown_holder": {"id": 7}, "players": [7, None, True, "8"], "more": "x"}
    await redis.set("game:session:42", json.dumps(strange))
    around = await read_game_context(state, "42")
    assert around.session == GameSession(players=("7", "8"))


async def test_a_broken_character_costs_this_character(redis: Redis, state: RedisGameState) -> None:
    await redis.set("game:character:7", b"not what-a-player-said")
    await redis.set("game:character:8", json.dumps({"name": "Tom\n\u202e", "image_url": "https://x.example/" * 500}))
    cast, problem = await read_players(state, GameSession(players=("7", "8", "9")))
    assert [(character.name, len(character.image_url)) for character in cast] == [("Tom", 0)]
    assert problem == "the game's state is not of the expected form"


async def test_texts_and_lists_of_any_length_are_bounded() -> None:
    session = GameSession.model_validate({"game_name": "Keep " * 10_000, "players": list(range(1, 5_000))})
    assert (len(session.game_name), len(session.players)) == (199, 64)
    character = GameCharacter.model_validate(
        {"name": "\u202eMi\nra " * 10_000, "image_url": "https://x.example/m.png "}
    )
    assert (len(character.name), character.image_url) == (100, "https://x.example/m.png")


@pytest.mark.parametrize(
    "strange", [0, -7, 2**64, 10**1_000, 7.5, "", " ", "7\n8", "\u202e7", "7" * 65, ["7"], {"id": 7}]
)
def test_what_can_be_no_users_id_is_left_out(strange: object) -> None:
    session = GameSession.model_validate({"players": [strange, "7"], "crown_holder": strange})
    assert (session.players, session.crown_holder) == (("7",), None)


@pytest.mark.parametrize("user_id", ["8:x", "*", "{8}", "8 9", "../8", "８", "8" * 65])  # noqa: RUF001
async def test_only_plain_ids_become_part_of_a_key(redis: Redis, state: RedisGameState, user_id: str) -> None:
    await redis.set(f"game:character:{user_id}", json.dumps({"name": "Somebody else"}))
    assert await state.character(user_id) is None


@pytest.mark.parametrize("user_id", ["8", "100000000000000042", "player_8", "a-b.c"])
async def test_plain_ids_are_looked_up(redis: Redis, state: RedisGameState, user_id: str) -> None:
    await redis.set(f"game:character:{user_id}", json.dumps({"name": "Mira"}))
    assert await state.character(user_id) == GameCharacter(name="Mira")


async def test_a_record_that_is_too_large_is_not_transferred(redis: Redis, state: RedisGameState) -> None:
    padding = "x" * (SESSION_BYTES + 1)
    await redis.set("game:session:42", json.dumps(SESSION | {"notes": padding}))
    await redis.set("game:character:7", json.dumps({"name": "Mira", "notes": padding}))
    await redis.set("game:dark_loopmother:42", padding)
    await redis.config_resetstat()
    around = await read_game_context(state, "42")
    cast, problem = await read_players(state, GameSession(players=("7",)))
    assert (around.session, around.dark_loopmother, cast) == (None, True, ())
    assert around.problem == "the game's state has a session of more than 1024 KiB"
    assert problem == "the game's state has a character of more than 256 KiB"
    assert (await redis.info("stats"))["total_net_output_bytes"] < SESSION_BYTES + CHARACTER_BYTES + 50_000


async def test_a_large_record_of_a_chatty_game_is_read(redis: Redis, state: RedisGameState) -> None:
    await redis.set("game:session:42", json.dumps(SESSION | {"log": "x" * 900_000}))
    session = await state.session("42")
    assert session is not None
    assert session.game_name == "Lantern Keep"


async def test_half_an_emoji_in_a_record_costs_half_an_emoji(redis: Redis, state: RedisGameState) -> None:
    """JavaScript writes such an escape where it cut a text within an emoji."""
    await redis.set("game:character:7", rb'{"name": "Mira \ud83d", "image_url": "https://x.example/m.png"}')
    assert await state.character("7") == GameCharacter(name="Mira", image_url="https://x.example/m.png")


async def test_the_in_process_server_keeps_the_same_records() -> None:
    async with open_docket(memory_url(), "game") as (_, client):
        pipe = client.pipeline()
        pipe.set("game:session:42", json.dumps(SESSION))
        pipe.set("game:dark_loopmother:42", "1")
        pipe.set("game:character:7", json.dumps({"name": "Mira", "notes": "x" * CHARACTER_BYTES}))
        await pipe.execute()
        around = await read_game_context(RedisGameState(client), "42")
        assert (around.session, around.dark_loopmother) == (GameSession.model_validate(SESSION), True)
        assert (await read_players(RedisGameState(client), around.session))[1].endswith("of more than 256 KiB")


async def test_wrong_types_of_redis_keys_are_a_problem_and_no_more(redis: Redis, state: RedisGameState) -> None:
    await redis.rpush("game:session:42", "a list")
    around = await read_game_context(state, "42")
    assert around.session is None
    assert around.problem == "the game's state raised ResponseError"


async def test_a_redis_that_is_away_is_a_problem_and_no_more() -> None:
    async with client_of("redis://127.0.0.1:9/0") as away:
        state = RedisGameState(as_port(away))
        assert (await read_game_context(state, "42")).problem == "the game's state raised ConnectionError"
        assert await read_players(state, GameSession(players=("7",))) == (
            (),
            "the game's state raised ConnectionError",
        )


class OwnState:
    """Somebody's own game code: each answer is given, raised, or never comes."""

    def __init__(self, session: Any = None, characters: dict[str, Any] | None = None, dark: Any = False) -> None:
        self._answers = {"session": session, "dark": dark, **(characters or {})}

    async def _answer(self, name: str) -> Any:
        answer = self._answers.get(name)
        if isinstance(answer, BaseException):
            raise answer
        if answer is ...:
            await asyncio.get_running_loop().create_future()
        return answer

    async def session(self, channel_id: str) -> Any:
        return await self._answer("session")

    async def character(self, user_id: str) -> Any:
        return await self._answer(user_id)

    async def is_dark_loopmother(self, channel_id: str) -> Any:
        return await self._answer("dark")


async def test_dicts_and_objects_of_the_games_own_are_understood() -> None:
    state = OwnState(
        session=SESSION,
        characters={"7": {"name": "Mira"}, "8": SimpleNamespace(name="Tom", image_url="https://x.example/t.png")},
        dark="yes",
    )
    around = await read_game_context(state, "42")
    assert around.session == GameSession.model_validate(SESSION)
    assert around.dark_loopmother
    cast, problem = await read_players(state, around.session)
    assert ([character.name for character in cast], problem) == (["Mira", "Tom"], "")


@pytest.mark.parametrize("answer", [KeyError("what-a-player-said"), 5, "text", [1], ["a"], object()])
async def test_whatever_the_games_code_does_it_costs_the_references_only(answer: object) -> None:
    around = await read_game_context(OwnState(session=answer, dark=True), "42")
    assert (around.session is None or around.session == GameSession(), around.dark_loopmother) == (True, True)
    state = OwnState(characters={"7": answer, "8": {"name": "Tom"}})
    cast, problem = await read_players(state, GameSession(players=("7", "8")))
    assert [character.name for character in cast] == ["Tom"]
    assert "what-a-player-said" not in around.problem + problem


async def test_code_that_is_not_even_asynchronous_costs_the_references_only() -> None:
    class Blocking:
        def session(self, channel_id: str) -> Any:
            return None

        def character(self, user_id: str) -> Any:
            raise RuntimeError("not now")

        def is_dark_loopmother(self, channel_id: str) -> Any:
            return True

    state: Any = Blocking()
    assert (await read_game_context(state, "42")).problem == "the game's state raised TypeError"
    assert await read_players(state, GameSession(players=("7",))) == ((), "the game's state raised RuntimeError")


async def test_a_slow_state_costs_two_seconds_and_what_was_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TIMEOUT_SECONDS == 2
    monkeypatch.setattr("cogs.scene_art.store.game_state.TIMEOUT_SECONDS", 0.1)
    state = OwnState(session=..., characters={"7": ..., "8": {"name": "Tom"}, "9": ...}, dark=True)
    before = time.monotonic()
    around = await read_game_context(state, "42")
    cast, problem = await read_players(state, GameSession(players=("7", "8", "9")))
    assert time.monotonic() - before < 1
    assert (around.dark_loopmother, around.problem) == (True, "the game's state did not answer within 0.1 s")
    assert [character.name for character in cast] == ["Tom"]
    assert problem == around.problem, "said once, however many were slow"

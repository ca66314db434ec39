"""The game's state: its session and its players' characters, read and never written.

`GameState` is the protocol; `RedisGameState` reads the keys of the contract. A state that is missing, broken or
slow costs the references, never the picture: `read_game_context` and `read_players` bound and guard every call.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Annotated, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from ..domain.events import MAX_CAST, MAX_NAME, MAX_URL, whole_characters
from ..domain.ownership import Ownership
from ..text import one_line
from .connection import RedisClient
from .reading import get_at_most, sound_pipeline
from .timeouts import noticing_cancellation

log = logging.getLogger(__name__)

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)

TIMEOUT_SECONDS = 2.0
SESSION_BYTES = 1024 * 1024
CHARACTER_BYTES = 256 * 1024
"""Upper limit of a record. A game may keep more in it than is read here; a larger one is not even transferred."""
MAX_GAME_NAME = 200
MAX_USER_ID = 64
_IN_A_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class StateTooLargeError(Exception):
    """A record of the game's state is larger than it may be. The text names its kind and the limit."""


def _ids(value: object) -> object:
    """Convert user ids to text, at most `MAX_CAST`. JSON has them as strings or numbers; anything else is dropped."""
    found = map(_id, value) if isinstance(value, (list, tuple)) else ()
    return tuple(islice((user_id for user_id in found if user_id), MAX_CAST))


def _id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**64:
        return str(value)
    fits = isinstance(value, str) and 0 < len(value) <= MAX_USER_ID and value.isprintable() and " " not in value
    return str(value) if fits else None


def _text(value: object, limit: int) -> str:
    return one_line(value)[:limit].rstrip() if isinstance(value, str) else ""


def _address(value: object) -> str:
    """Bring an address on one line. One that is too long is dropped, since a cut one leads nowhere."""
    return one_line(value) if isinstance(value, str) and len(value.strip()) <= MAX_URL else ""


class GameSession(BaseModel):
    """A running game in a channel: `game:session:{channel_id}`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    active: bool = True
    game_name: Annotated[str, BeforeValidator(partial(_text, limit=MAX_GAME_NAME))] = ""
    crown_holder: Annotated[str | None, BeforeValidator(_id)] = None
    players: Annotated[tuple[str, ...], BeforeValidator(_ids)] = ()
    """User ids of the active players, at most `MAX_CAST`."""


class GameCharacter(BaseModel):
    """A player's active character: `game:character:{user_id}`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, BeforeValidator(partial(_text, limit=MAX_NAME))] = ""
    image_url: Annotated[str, BeforeValidator(_address)] = ""
    user_id: Annotated[str, BeforeValidator(lambda given: _id(given) or "")] = ""
    """The player; filled in by scene-art, which knows whom it asked about."""


@runtime_checkable
class GameState(Protocol):
    """The source of sessions and characters. `SCENE_ART_GAME_STATE=package.module:factory` names a factory.

    The factory is called without arguments when the extension loads and returns an object with these methods
    (or an awaitable of one). Anything may raise or be slow: it costs the references only.
    """

    async def session(self, channel_id: str) -> GameSession | None:
        """Return the channel's session; None when there is none."""
        ...

    async def character(self, user_id: str) -> GameCharacter | None:
        """Return the player's active character; None when there is none."""
        ...

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        """Tell whether the channel's session is marked as a Dark Loopmother session."""
        ...


class RedisGameState:
    """The default: the game's own keys in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def session(self, channel_id: str) -> GameSession | None:
        """Read `game:session:{channel_id}`, a JSON object."""
        return await self._record(GameSession, f"game:session:{channel_id}", SESSION_BYTES)

    async def character(self, user_id: str) -> GameCharacter | None:
        """Read `game:character:{user_id}`, a JSON object. None for an id that cannot be a part of a key."""
        if not _IN_A_KEY.fullmatch(user_id):
            return None
        return await self._record(GameCharacter, f"game:character:{user_id}", CHARACTER_BYTES)

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        """Tell whether `game:dark_loopmother:{channel_id}` holds a non-empty value."""
        return bool(await self._beginning(f"game:dark_loopmother:{channel_id}", 1))

    async def _record(self, kind: type[Model], name: str, most_bytes: int) -> Model | None:
        """Read a record of at most `most_bytes`; None when there is none.

        Raises:
            StateTooLargeError: the record is longer.
        """
        raw = await self._beginning(name, most_bytes)
        if raw and len(raw) > most_bytes:
            raise StateTooLargeError(f"a {name.split(':')[1]} of more than {most_bytes // 1024} KiB")
        return kind.model_validate_json(whole_characters(raw)) if raw else None

    async def _beginning(self, name: str, most_bytes: int) -> bytes | None:
        """Read the first `most_bytes` + 1 bytes, in one exchange; None when there are none."""
        pipe = sound_pipeline(self._client)
        get_at_most(self._client, pipe, name, most_bytes)
        [raw] = await pipe.execute()
        return raw or None


@dataclass(frozen=True)
class GameContext:
    """The game's state of a channel at this moment."""

    session: GameSession | None = None
    dark_loopmother: bool = False
    problem: str = ""
    """The reason why the state could not be read; empty when it could."""


async def read_game_context(state: GameState, channel_id: str) -> GameContext:
    """Read the channel's session and flag. Never raises: unreadable parts stay empty, and `problem` says why."""
    (session, trouble), (dark, more_trouble) = await asyncio.gather(
        _asked(lambda: _checked(GameSession, state.session(channel_id))),
        _asked(lambda: state.is_dark_loopmother(channel_id)),
    )
    return GameContext(session=session, dark_loopmother=bool(dark), problem=_once([trouble, more_trouble]))


async def read_players(state: GameState, session: GameSession | None) -> tuple[tuple[GameCharacter, ...], str]:
    """Read the active characters of all players, in the players' order, and the problems (empty without any).

    Also of a session that is over: its characters are still somebody's.
    """
    if session is None:
        return (), ""
    found = await asyncio.gather(*(_ask_for_character(state, player) for player in session.players))
    cast = tuple(
        character for character, _ in found if character is not None and (character.name or character.image_url)
    )
    return cast, _once([problem for _, problem in found])


async def character_of(state: GameState, user_id: str) -> GameCharacter | None:
    """Read a player's active character; None when they have none, or the state cannot be read."""
    character, _ = await _ask_for_character(state, user_id)
    return character


async def read_ownership(state: GameState, channel_id: str, user_ids: Collection[str] = ()) -> Ownership:
    """Read whose the characters of the channel's session are, and the active ones of `user_ids`. Never raises."""
    session = (await read_game_context(state, channel_id)).session
    players, _ = await read_players(state, session)
    outside = await asyncio.gather(*(character_of(state, user_id) for user_id in sorted(user_ids)))
    return Ownership(named_pairs(players), named_pairs(one for one in outside if one is not None))


def named_pairs(characters: Iterable[GameCharacter]) -> list[tuple[str, str]]:
    """List names and user ids, as `Ownership` takes them."""
    return [(one.name, one.user_id) for one in characters if one.name]


async def _ask_for_character(state: GameState, user_id: str) -> tuple[GameCharacter | None, str]:
    found, problem = await _asked(lambda: _checked(GameCharacter, state.character(user_id)))
    return found and found.model_copy(update={"user_id": user_id}), problem


async def _checked(kind: type[Model], reading: Awaitable[object]) -> Model | None:
    """Read and check a record. An operator's own state may return a dict or an object of another class."""
    found = await reading
    return None if found is None else kind.model_validate(found, from_attributes=True)


async def _asked(question: Callable[[], Awaitable[T]]) -> tuple[T | None, str]:
    """Return the answer and an empty text, or None and the problem. Takes `TIMEOUT_SECONDS` at most."""
    try:
        with noticing_cancellation():
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await question(), ""
    except Exception as exc:  # noqa: BLE001  # anybody's code runs behind the protocol
        return None, _problem(exc)


def _once(problems: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(problem for problem in problems if problem))


def _problem(exc: BaseException) -> str:
    """Describe `exc` on one line, without its own text, which may hold a player's."""
    if isinstance(exc, TimeoutError):
        return f"the game's state did not answer within {TIMEOUT_SECONDS:g} s"
    if isinstance(exc, StateTooLargeError):
        return f"the game's state has {exc}"
    if isinstance(exc, ValidationError):
        return "the game's state is not of the expected form"
    return f"the game's state raised {type(exc).__name__}"

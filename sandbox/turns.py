"""Turns that the page's visitor makes up, as a game would publish them."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.commands import CommandError
from sandbox.uploads import Upload, Uploads
from sandbox.world import JSON, Channel, Message

LONGEST_NARRATIVE = 4_000
LONGEST_NAME = 80
MOST_CHARACTERS = 8
GAME = "A game of your own"


@dataclass(frozen=True)
class PlayedTurn:
    """A turn as a game publishes it."""

    channel: Channel
    message: Message
    """The narrative as it stands in the channel."""
    narrative: str
    game_name: str
    requested: bool
    """True: the game also requests a picture of the turn."""
    aspect_ratio: str
    character_names: tuple[str, ...] = ()
    character_urls: tuple[str, ...] = ()
    """One for each name; empty where there is no picture."""


Publish = Callable[[PlayedTurn], Awaitable[None]]


class TurnDesk:
    """Turns what the visitor filled in into a turn; open once somebody publishes them."""

    def __init__(self, say: Callable[[Channel, str, str], Message], uploads: Uploads) -> None:
        self._say = say
        self._uploads = uploads
        self._keep: Callable[[str, bytes], str] | None = None
        self._publish: Publish | None = None

    @property
    def is_open(self) -> bool:
        """True: turns can be played, since there is a publisher."""
        return self._publish is not None

    def open(self, keep: Callable[[str, bytes], str], publish: Publish) -> None:
        """`keep` puts a picture where the bot can fetch it and returns its address."""
        self._keep, self._publish = keep, publish

    async def play(self, channel: Channel, wish: JSON) -> None:
        """Say the narrative as the game and publish the turn.

        Raises:
            CommandError: something is missing; the sentence says what.
        """
        if self._publish is None:
            raise CommandError("Nobody publishes turns here. Start the sandbox with `make demo`.")
        narrative = _written(wish.get("narrative", ""))
        if not any(unicodedata.category(sign)[0] in "LNPS" for sign in narrative):
            raise CommandError("The turn has no words yet. Please write what happens.")
        if len(narrative) > LONGEST_NARRATIVE:
            raise CommandError(f"The turn is longer than {LONGEST_NARRATIVE} characters. Please shorten it.")
        people = [self._character(given) for given in list(wish.get("characters") or [])[:MOST_CHARACTERS]]
        people = [person for person in people if person[0]]
        game = _written(wish.get("game", ""))[:LONGEST_NAME] or GAME
        message = self._say(channel, game, narrative[:2_000])
        turn = PlayedTurn(
            channel=channel,
            message=message,
            narrative=narrative,
            game_name=game,
            requested=bool(wish.get("requested", True)),
            aspect_ratio=str(wish.get("aspect", ""))[:8],
            character_names=tuple(name for name, _ in people),
            character_urls=tuple(url for _, url in people),
        )
        await self._publish(turn)

    def _character(self, given: JSON) -> tuple[str, str]:
        name = " ".join(_written(given.get("name", "")).split())[:LONGEST_NAME]
        upload: Upload | None = self._uploads.get(str(given["upload"])) if given.get("upload") else None
        if upload is not None and not name:
            raise CommandError("Name every character that has a picture.")
        if upload is None or self._keep is None:
            return name, ""
        filename, data = upload
        return name, self._keep(f"{given['upload']}/{filename}", data)


def _written(given: object) -> str:
    """Text as it was typed, without halves of surrogate pairs, which no message can hold."""
    return str(given).encode("utf-8", "ignore").decode().strip()

"""The actions of a person on the page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.accounts import Accounts, Seat
from sandbox.commands import CommandError, parse_line
from sandbox.errors import DiscordError
from sandbox.interaction_answer import InteractionAnswer
from sandbox.people import People
from sandbox.turns import TurnDesk
from sandbox.uploads import Uploads
from sandbox.world import JSON, Channel, Message, User, World

Say = Callable[[Channel, User | str, str], Message]
NO_ANSWER = "The bot did not answer within three seconds. Please try again in a moment."
NOTHING_THERE = "The page asked for something that does not exist. Please reload it."
IN_WORDS = {
    10003: "This channel is not there any more.",
    10008: "This message is not there any more.",
    50006: "The message has no words yet.",
    50035: "The message is too long, or holds something that Discord does not take.",
}
"""Explanations of Discord's errors, by their codes."""


class Actions:
    """Carries out what a tab asks for, as the person who sits in front of it."""

    def __init__(self, world: World, people: People, accounts: Accounts, say: Say, uploads: Uploads) -> None:
        self._world = world
        self._people = people
        self._accounts = accounts
        self._say = say
        self._uploads = uploads
        self._modals: dict[str, InteractionAnswer] = {}
        self.turns = TurnDesk(say, uploads)

    async def carry_out(self, words: str, seat: Seat) -> JSON:
        """Do what `words` (a JSON object with `do` and `id`) ask, and report.

        Returns:
            `{"type": "done", "id": ..., "error"?, "modal"?, ...}`; an error is a sentence for the person.
        """
        report: JSON = {"type": "done", "id": None}
        try:
            wish = _wish(words)
            report["id"] = wish.get("id")
            seat.user.locale = seat.locale
            report |= await self._action(str(wish.get("do")))(wish, seat)
        except DiscordError as error:
            report["error"] = IN_WORDS.get(error.code, f"Discord would not take that: {error.message}.")
        except (CommandError, TimeoutError) as error:
            report["error"] = str(error)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
            # Our own page does not ask for such things; whoever writes to the socket by hand may.
            report["error"] = NOTHING_THERE
        return report

    def _action(self, name: str) -> Callable[[JSON, Seat], Awaitable[JSON]]:
        actions: dict[str, Callable[[JSON, Seat], Awaitable[JSON]]] = {
            "be": self._be,
            "say": self._speak,
            "press": self._press,
            "select": self._select,
            "command": self._command,
            "menu": self._menu,
            "suggest": self._suggest,
            "submit": self._submit,
            "play": self._play,
        }
        return actions[name]

    async def _be(self, wish: JSON, seat: Seat) -> JSON:
        """Another account or language for this seat; a new language is the servers' own from now on, too."""
        chosen = self._accounts.seat(str(wish["who"]), str(wish["locale"]))
        if chosen.locale != seat.locale:
            for guild in self._world.guilds.values():
                guild.locale = chosen.locale
                self._world.tell("GUILD_UPDATE", guild, guild)
        seat.key, seat.user, seat.locale = chosen.key, chosen.user, chosen.locale
        return {"seated": True}

    def _place(self, wish: JSON) -> Channel:
        return self._world.channel(int(wish["channel"]))

    def _target(self, wish: JSON) -> Message:
        message = self._world.find_message(self._place(wish), int(wish["message"]))
        if message is None:
            raise LookupError
        return message

    async def _speak(self, wish: JSON, seat: Seat) -> JSON:
        self._say(self._place(wish), seat.user, str(wish["text"]))
        return {}

    async def _press(self, wish: JSON, seat: Seat) -> JSON:
        target = self._target(wish)
        return self._outcome(await self._people.press(target, wish["custom_id"], seat.user))

    async def _select(self, wish: JSON, seat: Seat) -> JSON:
        target, values = self._target(wish), list(wish["values"])
        return self._outcome(await self._people.select(target, wish["custom_id"], values, seat.user))

    async def _command(self, wish: JSON, seat: Seat) -> JSON:
        place = self._place(wish)
        path, options = parse_line(self._world, place, seat.user, str(wish["text"]))
        options |= {name: self._value(value) for name, value in (wish.get("values") or {}).items()}
        return self._outcome(await self._people.run_command(place, seat.user, path, options))

    def _value(self, value: Any) -> Any:
        """A suggestion's own value, or the file that was uploaded for an option."""
        return self._uploads.get(str(value["upload"])) if isinstance(value, dict) else value

    async def _play(self, wish: JSON, _: Seat) -> JSON:
        await self.turns.play(self._place(wish), wish)
        return {}

    async def _menu(self, wish: JSON, seat: Seat) -> JSON:
        answer = await self._people.run_message_command(self._target(wish), seat.user, wish["name"])
        return self._outcome(answer)

    async def _suggest(self, wish: JSON, seat: Seat) -> JSON:
        place = self._place(wish)
        path, options = parse_line(self._world, place, seat.user, str(wish["text"]))
        found = await self._people.autocomplete(place, seat.user, path, options, wish["focused"])
        return {"choices": [{"name": choice.name, "value": choice.value} for choice in found]}

    async def _submit(self, wish: JSON, seat: Seat) -> JSON:
        key = str(wish["modal"])
        if key not in self._modals:
            raise CommandError("This form was sent already.")
        outcome = self._outcome(await self._people.submit_modal(self._modals[key], dict(wish["values"])))
        if "error" not in outcome:
            self._modals.pop(key, None)
        return outcome

    def _outcome(self, answer: InteractionAnswer) -> JSON:
        if answer.failed:
            return {"error": NO_ANSWER}
        if answer.modal is None:
            return {}
        key = secrets.token_hex(8)
        self._modals[key] = answer
        return {"modal": answer.modal | {"key": key}}


def _wish(words: str) -> JSON:
    """Parse a request of the page. Raises ValueError or RecursionError for anything but a JSON object."""
    wish = json.loads(words)
    if not isinstance(wish, dict):
        raise ValueError("no object")  # noqa: TRY004  # as for all else that is no wish
    return wish

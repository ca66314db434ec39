"""What a person does with the bot, by a client of their own that checks nothing and sends what it likes.

Discord's client would not offer most of it: a moderators' command to a player, a button that is not there. The bot must
not count on that.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

from sandbox import Channel, InteractionAnswer, Message, User, wait_until
from sandbox import payloads as documents
from sandbox.commands import MESSAGE_MENU, stored
from sandbox.filling import Filling
from sandbox.interaction_answer import Kind
from sandbox.world import JSON, walk
from tests.stage import TIMEOUT_SECONDS, Stage, words_of

BUTTON, LIST, TEXT, LABEL = 2, 3, 4, 18
NOTHING = "no suggestion"
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Client:
    """One person's, in one channel. Every action is sent at once; `told` waits for what comes of it."""

    stage: Stage
    person: User
    place: Channel
    offered_to: tuple[User, Channel]
    """Somebody whom Discord offers every command, and where: so the form of one is known."""

    async def run(self, path: str, **options: object) -> InteractionAnswer:
        """A chat command, whether or not it is offered here."""
        user, channel = self.offered_to
        data = Filling(self._world, channel, user).invocation(path, options)
        return await self._send(Kind.COMMAND, data)

    async def menu(self, message: Message, name: str) -> InteractionAnswer:
        """A command of a message's menu."""
        command = next(c for c in stored(self._world, None) if (c["name"], c["type"]) == (name, MESSAGE_MENU))
        resolved = {"messages": {str(message.id): documents.message(message, self._world)}}
        data = {"id": command["id"], "name": name, "type": MESSAGE_MENU, "target_id": str(message.id)}
        return await self._send(Kind.COMMAND, data | {"resolved": resolved})

    async def press(self, message: Message | None, custom_id: str, *values: str) -> InteractionAnswer:
        """A button, or a list with the `values` that were chosen; what `message` does not have is put under it."""
        assert message is not None
        kind = {"component_type": LIST, "values": list(values)} if values else {"component_type": BUTTON}
        return await self._send(Kind.COMPONENT, kind | {"custom_id": custom_id}, _with(message, custom_id, kind))

    async def submit(self, message: Message | None, form_id: str, **fields: str | list[str]) -> InteractionAnswer:
        """A form, filled in; it need not have been opened."""
        labels = [{"type": LABEL, "component": _field(name, value)} for name, value in fields.items()]
        return await self._send(Kind.MODAL, {"custom_id": form_id, "components": labels}, message)

    async def suggestions(self, path: str, focused: str, **options: object) -> str:
        """The suggestions for an option while nothing is typed, or that there are none."""
        user, channel = self.offered_to
        data = Filling(self._world, channel, user, focused).invocation(path, {focused: ""} | options)
        answer = await self._send(Kind.AUTOCOMPLETE, data)
        return ", ".join(choice.name for choice in answer.choices) or NOTHING

    async def told(self, path: str, **options: object) -> str:
        """A chat command, to its last word."""
        return await told(await self.run(path, **options))

    async def _send(self, kind: Kind, data: JSON, source: Message | None = None) -> InteractionAnswer:
        interactions = self.stage.sandbox.discord.interactions
        return await interactions.first_answer(interactions.begin(kind, self.place, self.person, data, source))

    @property
    def _world(self) -> Any:
        return self.stage.sandbox.discord.world


def _with(message: Message, custom_id: str, kind: JSON) -> Message:
    """`message` if it has the button or list, else a copy that has it: discord.py looks for it there."""
    if any(item.get("custom_id") == custom_id for item in walk(message.components)):
        return message
    item = {"type": kind["component_type"], "custom_id": custom_id, "style": 2, "label": "?"}
    options = {"options": [{"label": value, "value": value} for value in kind["values"]]} if "values" in kind else {}
    return replace(message, components=[*message.components, {"type": 1, "components": [item | options]}])


def _field(name: str, value: str | list[str]) -> JSON:
    if isinstance(value, list):
        return {"type": LIST, "custom_id": name, "values": value}
    return {"type": TEXT, "custom_id": name, "value": value}


async def told(answer: InteractionAnswer) -> str:
    """What the person is told in the end: the words of an answer, or the title of a form that opens."""
    await wait_until(lambda: _last_words(answer), timeout=TIMEOUT_SECONDS)
    return _last_words(answer)


def _last_words(answer: InteractionAnswer) -> str:
    """Empty as long as there is more to come."""
    if answer.failed:
        return "The application did not respond"
    if answer.modal is not None:
        return f"form: {answer.modal['title']}"
    if answer.messages:
        return answer.messages[-1].content
    words = words_of(answer.original) if answer.history else ""
    return "" if words.endswith("…") else words


def fresh_name() -> str:
    """A name that nobody has yet: of letters, as names in stories are."""
    number = next(_NUMBERS)
    return "Zorv" + "".join("aeiou"[number // 5**place % 5] + "klmnr"[number // 5**place % 5] for place in range(4))

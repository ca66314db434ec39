"""Filling in a chat command's options, as Discord's client does before it sends them."""

from __future__ import annotations

import re
from typing import Any

from sandbox import payloads
from sandbox.commands import CHAT, SUB_COMMAND, SUB_GROUP, CommandError, find
from sandbox.messages import Upload, make_attachment
from sandbox.world import JSON, Channel, User, World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 10, 11
NESTING = frozenset({SUB_COMMAND, SUB_GROUP})


class Filling:
    """Values on their way into one invocation; collects what Discord calls `resolved`."""

    def __init__(self, world: World, channel: Channel, focused: str | None = None) -> None:
        self._world = world
        self._channel = channel
        self._focused = focused
        self.resolved: JSON = {}

    def invocation(self, user: User, path: str, options: JSON) -> JSON:
        """The `data` of an INTERACTION_CREATE for the command `path` ("scene-art rerender").

        With a focused option the others need not be complete.

        Raises:
            CommandError: no such command or option, one is missing, or a value does not fit.
        """
        words = path.strip().lstrip("/").split()
        command = find(self._world, self._channel, user, words[0] if words else "", CHAT)
        leaf, wrappers = descend(command, words[1:])
        filled = self._fill(leaf.get("options") or [], options)
        for wrapper in reversed(wrappers):
            filled = [{"name": wrapper["name"], "type": wrapper["type"], "options": filled}]
        data: JSON = {"id": command["id"], "name": command["name"], "type": CHAT, "options": filled}
        if self.resolved:
            data["resolved"] = self.resolved
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return data

    def _fill(self, schema: list[JSON], options: JSON) -> list[JSON]:
        known = {option["name"]: option for option in schema}
        strangers = [name for name in options if name not in known]
        if strangers:
            raise CommandError(f"no option {strangers[0]!r}; there are {list(known)}")
        missing = [o["name"] for o in schema if o.get("required") and o["name"] not in options]
        if missing and self._focused is None:
            raise CommandError(f"required: {', '.join(missing)}")
        return [self._item(known[name], value) for name, value in options.items()]

    def _item(self, option: JSON, value: Any) -> JSON:
        item: JSON = {"name": option["name"], "type": option["type"]}
        if option["name"] == self._focused:
            return item | {"value": str(value), "focused": True}
        return item | {"value": self._value(option, value)}

    def _value(self, option: JSON, value: Any) -> Any:
        name = option["name"]
        choices = {str(choice["name"]): choice["value"] for choice in option.get("choices") or []}
        if choices:
            if str(value) not in choices and value not in choices.values():
                raise CommandError(f"{name}: choose one of {list(choices)}")
            return choices.get(str(value), value)
        try:
            return self._converted(option, value)
        except (ValueError, TypeError, KeyError) as error:
            raise CommandError(f"{name}: {value!r} does not fit") from error

    def _converted(self, option: JSON, value: Any) -> Any:
        kind = option["type"]
        if kind == STRING:
            return _in_length(option, str(value))
        if kind in {INTEGER, NUMBER}:
            return _in_range(option, int(value) if kind == INTEGER else float(value))
        if kind == BOOLEAN:
            return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        if kind == ATTACHMENT:
            return self._attachment(*value)
        return self._thing(kind, getattr(value, "id", None) or int(re.sub(r"\D", "", str(value))))

    def _attachment(self, filename: str, data: bytes) -> str:
        file = make_attachment(self._world, self._channel, Upload(0, filename, data), None)
        document = payloads.attachment(self._channel, file, self._world)
        self.resolved.setdefault("attachments", {})[str(file.id)] = document
        return str(file.id)

    def _thing(self, kind: int, number: int) -> str:
        if kind == USER:
            self._resolve_user(number)
        elif kind == CHANNEL:
            place = payloads.channel(self._world.channels[number], self._world)
            self.resolved.setdefault("channels", {})[str(number)] = place | {"permissions": "0"}
        return str(number)

    def _resolve_user(self, number: int) -> None:
        person, guild = self._world.users[number], self._channel.guild
        self.resolved.setdefault("users", {})[str(number)] = payloads.user(person)
        if guild is not None:
            member = payloads.member(person, guild, self._world, with_user=False) | {"permissions": "0"}
            self.resolved.setdefault("members", {})[str(number)] = member


def descend(command: JSON, words: list[str]) -> tuple[JSON, list[JSON]]:
    """Follow sub-command names; return the command that is run, and the nested options on the way.

    Raises:
        CommandError: there is no such sub-command, or the path ends at a group.
    """
    place, wrappers = command, []
    for word in words:
        inner = [o for o in place.get("options") or [] if o["type"] in NESTING]
        chosen = next((o for o in inner if o["name"] == word), None)
        if chosen is None:
            raise CommandError(f"{place['name']!r} has no {word!r}; it has {[o['name'] for o in inner]}")
        wrappers.append(chosen)
        place = chosen
    if any(o["type"] in NESTING for o in place.get("options") or []):
        raise CommandError(f"{place['name']!r} is a group: name one of its commands")
    return place, wrappers


def _in_length(option: JSON, value: str) -> str:
    if not option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000):
        raise ValueError("length")
    return value


def _in_range(option: JSON, value: float) -> float:
    if not option.get("min_value", value) <= value <= option.get("max_value", value):
        raise ValueError("range")
    return value

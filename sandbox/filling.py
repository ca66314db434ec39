"""Filling in a chat command's options, as Discord's client does before it sends them."""

from __future__ import annotations

import re
from typing import Any

from sandbox import payloads
from sandbox.commands import CHAT, SUB_COMMAND, SUB_GROUP, CommandError, find, name_in
from sandbox.messages import Upload, make_attachment
from sandbox.world import JSON, Channel, User, World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 10, 11
NESTING = frozenset({SUB_COMMAND, SUB_GROUP})


class Filling:
    """Values on their way into one invocation; collects what Discord calls `resolved`."""

    def __init__(self, world: World, channel: Channel, user: User, focused: str | None = None) -> None:
        self._world = world
        self._channel = channel
        self._user = user
        self._focused = focused
        self.resolved: JSON = {}

    def invocation(self, path: str, options: JSON) -> JSON:
        """The `data` of an INTERACTION_CREATE for the command `path` ("scene-art rerender").

        With a focused option the others need not be complete.

        Raises:
            CommandError: no such command or option, one is missing, or a value does not fit.
        """
        words = path.strip().lstrip("/").split()
        command = find(self._world, self._channel, self._user, words[0] if words else "", CHAT)
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
            raise CommandError(f"This command has no option “{strangers[0]}”.")
        missing = [self._called(o) for o in schema if o.get("required") and o["name"] not in options]
        if missing and self._focused is None:
            raise CommandError(f"Please fill in {' and '.join(missing)}.")
        return [self._item(known[name], value) for name, value in options.items()]

    def _called(self, thing: JSON) -> str:
        return f"“{name_in(thing, self._user.locale)}”"

    def _item(self, option: JSON, value: Any) -> JSON:
        item: JSON = {"name": option["name"], "type": option["type"]}
        if option["name"] == self._focused:
            return item | {"value": str(value), "focused": True}
        return item | {"value": self._value(option, value)}

    def _value(self, option: JSON, value: Any) -> Any:
        if option.get("choices"):
            return self._chosen(option, value)
        try:
            return self._converted(option, value)
        except (ValueError, TypeError, KeyError) as error:
            raise CommandError(
                f"What you wrote for {self._called(option)} does not fit: {_fitting(option)}."
            ) from error

    def _chosen(self, option: JSON, value: Any) -> Any:
        for choice in option["choices"]:
            if value == choice["value"] or str(value) in {choice["name"], name_in(choice, self._user.locale)}:
                return choice["value"]
        known = ", ".join(self._called(choice) for choice in option["choices"])
        raise CommandError(f"Please choose for {self._called(option)} one of {known}.")

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
        return self._thing(kind, getattr(value, "id", None) or self._id_of(kind, str(value).strip()))

    def _id_of(self, kind: int, written: str) -> int:
        """The id of whoever, or of the channel that, is called like this; an id and a mention will do, too."""
        name = written.lstrip("@#").casefold()
        for place in self._channel.guild.channels if kind == CHANNEL and self._channel.guild else ():
            if place.name.casefold() == name and not place.deleted:
                return place.id
        for person in self._world.people() if kind == USER else ():
            if person.name.casefold() == name:
                return person.id
        return int(re.sub(r"\D", "", written))

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
            bits = payloads.person_permissions(self._user, self._channel.guild)
            self.resolved.setdefault("channels", {})[str(number)] = place | {"permissions": str(bits)}
        return str(number)

    def _resolve_user(self, number: int) -> None:
        person, guild = self._world.users[number], self._channel.guild
        self.resolved.setdefault("users", {})[str(number)] = payloads.user(person)
        if guild is not None:
            member = payloads.member(person, guild, self._world, with_user=False)
            bits = payloads.person_permissions(person, guild)
            self.resolved.setdefault("members", {})[str(number)] = member | {"permissions": str(bits)}


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
            raise CommandError(f"“/{place['name']}” has no “{word}”. Type / to see what there is.")
        wrappers.append(chosen)
        place = chosen
    if any(o["type"] in NESTING for o in place.get("options") or []):
        raise CommandError(f"“/{place['name']}” holds several commands. Please add the name of one.")
    return place, wrappers


def _fitting(option: JSON) -> str:
    """Describe the values that fit."""
    kinds = {INTEGER: "a whole number", NUMBER: "a number", BOOLEAN: "true or false", USER: "a person of this server"}
    kinds |= {CHANNEL: "a channel of this server", ATTACHMENT: "a file", STRING: "a text"}
    low, high = option.get("min_value"), option.get("max_value")
    if low is not None and high is not None:
        return f"it takes a number from {low} to {high}"
    if option["type"] == STRING and "max_length" in option:
        return f"it takes {option.get('min_length', 0)} to {option['max_length']} characters"
    return f"it takes {kinds.get(option['type'], 'something else')}"


def _in_length(option: JSON, value: str) -> str:
    if not option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000):
        raise ValueError("length")
    return value


def _in_range(option: JSON, value: float) -> float:
    if not option.get("min_value", value) <= value <= option.get("max_value", value):
        raise ValueError("range")
    return value

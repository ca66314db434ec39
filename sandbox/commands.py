"""Registered application commands: storing them, and finding the one that a person means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox import payloads
from sandbox.errors import invalid_form
from sandbox.world import JSON, Channel, Guild, User, World

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_GROUP = 1, 2
NAME = re.compile(r"^[-_'\w]{1,32}$")
CONTEXT_GUILD, CONTEXT_BOT_DM, CONTEXT_PRIVATE = 0, 1, 2
INSTALLED_BY_GUILD = 0


class CommandError(Exception):
    """A person cannot do that: no such command or option, a value that Discord's client would not send."""


@dataclass(frozen=True)
class Choice:
    """One suggestion of an autocompletion."""

    name: str
    value: Any


def register(world: World, commands: list[JSON], guild: Guild | None, *, replace: bool) -> list[JSON]:
    """Store commands, globally or for `guild`; `replace` removes those that are not in the list.

    Commands keep their id while their name and type stay.

    Raises:
        DiscordError: 50035, a name or description that Discord refuses.
    """
    for index, command in enumerate(commands):
        _check(command, f"{index}")
    before = {(c["name"], c["type"]): c for c in stored(world, guild)}
    if replace:
        for command in before.values():
            del world.commands[int(command["id"])]
    result = [_store(world, command, guild, before) for command in commands]
    world.tell("COMMANDS", result, guild)
    return result


def stored(world: World, guild: Guild | None) -> list[JSON]:
    """The commands registered globally (None) or for one server, without the others."""
    wanted = str(guild.id) if guild else None
    return [command for command in world.commands.values() if command.get("guild_id") == wanted]


def _check(command: JSON, path: str) -> None:
    kind = command.get("type", CHAT)
    name, description = str(command.get("name", "")), str(command.get("description", ""))
    if kind == CHAT and (not NAME.match(name) or name != name.lower()):
        raise invalid_form(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not 1 <= len(name) <= 32:
        raise invalid_form(f"{path}.name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
    if kind == CHAT and not 1 <= len(description) <= 100:
        text = "Must be between 1 and 100 in length."
        raise invalid_form(f"{path}.description", "BASE_TYPE_BAD_LENGTH", text)
    for index, option in enumerate(command.get("options") or []):
        _check(option | {"type": CHAT}, f"{path}.options.{index}")
        for number, nested in enumerate(option.get("options") or []):
            _check(nested | {"type": CHAT}, f"{path}.options.{index}.options.{number}")


def _store(world: World, command: JSON, guild: Guild | None, before: dict[tuple[str, int], JSON]) -> JSON:
    kind = command.get("type", CHAT)
    known = before.get((command["name"], kind))
    defaults: JSON = {
        "description": "",
        "options": [],
        "default_member_permissions": None,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
    }
    document = defaults | command | {"type": kind, "application_id": str(world.bot.id)}
    document["id"] = known["id"] if known else str(world.new_id())
    document["version"] = str(world.new_id())
    if guild is not None:
        document["guild_id"] = str(guild.id)
    world.commands[int(document["id"])] = document
    return document


def available(world: World, channel: Channel, user: User) -> list[JSON]:
    """The commands that `user` is offered in `channel`; a server's own hides a global one of its name."""
    found = {(c["name"], c["type"]): c for c in stored(world, None)}
    if channel.guild is not None:
        found |= {(c["name"], c["type"]): c for c in stored(world, channel.guild)}
    return [command for command in found.values() if _offered(command, channel, user)]


def context_of(channel: Channel) -> int:
    """Discord's number for where an interaction happens."""
    if channel.guild is not None:
        return CONTEXT_GUILD
    return CONTEXT_BOT_DM if channel.has_bot else CONTEXT_PRIVATE


def _offered(command: JSON, channel: Channel, user: User) -> bool:
    contexts = command.get("contexts")
    if contexts is not None and context_of(channel) not in contexts:
        return False
    types = command.get("integration_types") or [INSTALLED_BY_GUILD]
    if not channel.has_bot or INSTALLED_BY_GUILD not in types:
        return False
    if channel.guild is None:
        return command.get("dm_permission") is not False
    needed = command.get("default_member_permissions")
    if needed is None:
        return True
    bits = payloads.person_permissions(user, channel.guild)
    return int(needed) != 0 and bits & int(needed) == int(needed)


def name_in(thing: JSON, locale: str) -> str:
    """Return the name of a command, option or choice in the client's language `locale`."""
    return str((thing.get("name_localizations") or {}).get(locale) or thing["name"])


def find(world: World, channel: Channel, user: User, name: str, kind: int) -> JSON:
    """The command `name` (its first word for a chat command) of this kind, as `user` is offered it.

    Raises:
        CommandError: there is none.
    """
    offered = [command for command in available(world, channel, user) if command["type"] == kind]
    found = _named(offered, name, user.locale)
    if found is None and kind == CHAT:
        raise CommandError(f"There is no command “/{name}” for you here. Type / to see those that there are.")
    if found is None:
        raise CommandError(f"There is no “{name}” in your menu here.")
    return found


def _named(things: list[JSON], name: str, locale: str) -> JSON | None:
    """The one of that name, in English or in the language of the person who types it."""
    return next((thing for thing in things if name in {thing["name"], name_in(thing, locale)}), None)


def parse_line(world: World, channel: Channel, user: User, line: str) -> tuple[str, JSON]:
    """Split what a person typed, `/scene-art rerender notes:more fog`, into the path and the options.

    Names may stand in the person's language; those that are returned are the registered ones.

    A value reaches up to the next `name:` of a known option. A line without any `name:` after the
    path goes to the command's first option.

    Raises:
        CommandError: there is no such command.
    """
    words = line.strip().lstrip("/").split()
    place = find(world, channel, user, words[0] if words else "", CHAT)
    path = [place["name"]]
    for word in words[1:]:
        inner = [option for option in place.get("options") or [] if option["type"] in {SUB_COMMAND, SUB_GROUP}]
        found = _named(inner, word, user.locale)
        if found is None:
            break
        place = found
        path.append(place["name"])
    rest = " ".join(words[len(path) :])
    return " ".join(path), _options(place.get("options") or [], rest, user.locale)


def _options(schema: list[JSON], rest: str, locale: str) -> JSON:
    """The values that stand in `rest`, by the registered names of their options."""
    names = {called: option["name"] for option in schema for called in (option["name"], name_in(option, locale))}
    if not rest or not names:
        return {}
    pieces = re.split(rf"(?:^|\s)({'|'.join(map(re.escape, names))}):\s?", rest)
    values = (piece.strip() for piece in pieces[2::2])
    options: JSON = dict(zip((names[piece] for piece in pieces[1::2]), values, strict=True))
    first = pieces[0].strip()
    return ({schema[0]["name"]: first} if first else {}) | options

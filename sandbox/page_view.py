"""The content of a tab of the page, as the JSON documents that its scripts read."""

from __future__ import annotations

from sandbox import commands, payloads
from sandbox.accounts import LANGUAGES, Accounts, Seat
from sandbox.turns import TurnDesk
from sandbox.world import JSON, Channel, ChannelKind, Guild, Happening, Message, User, World

SHOWN_MESSAGES = 200


class View:
    """The world as the person in a seat sees it."""

    def __init__(self, world: World, accounts: Accounts, turns: TurnDesk) -> None:
        self._world = world
        self._accounts = accounts
        self._turns = turns

    def snapshot(self, seat: Seat) -> JSON:
        """Everything at once, as a tab needs it when it opens and when somebody else sits down."""
        channels = [channel for channel in self._world.channels.values() if _is_shown(channel, seat)]
        recent = [message for channel in channels for message in channel.messages[-SHOWN_MESSAGES:]]
        return {
            "type": "snapshot",
            "visitor": payloads.user(seat.user),
            "account": seat.key,
            "accounts": self._accounts.documents(),
            "locale": seat.locale,
            "languages": LANGUAGES,
            "can_play": self._turns.is_open,
            "people": [{"id": str(person.id), "name": person.name} for person in self._people()],
            "channels": [self._channel(channel, seat) for channel in channels],
            "messages": [self._message(m) for m in recent if not m.deleted and m.ephemeral_to in {None, seat.user}],
        }

    def _people(self) -> list[User]:
        """Everybody, bots last."""
        return sorted(self._world.people(), key=lambda person: person.bot)

    def news(self, event: Happening, seat: Seat) -> JSON | None:
        """Make the document about an event for a tab; None for an event that does not concern it."""
        subject = event.subject
        if isinstance(subject, Message):
            return self._message_news(event.name, subject, seat)
        if isinstance(subject, Channel) and event.name == "TYPING":
            return {"type": "typing", "channel": str(subject.id), "name": self._world.bot.name}
        if isinstance(subject, Channel | Guild) or event.name in {"COMMANDS", "GUILD_ROLE_CREATE"}:
            shown = [channel for channel in self._world.channels.values() if _is_shown(channel, seat)]
            return {"type": "channels", "channels": [self._channel(channel, seat) for channel in shown]}
        return None

    def _message_news(self, name: str, message: Message, seat: Seat) -> JSON | None:
        if message.ephemeral_to not in {None, seat.user} or not _is_shown(message.channel, seat):
            return None
        if name == "MESSAGE_DELETE":
            return {"type": "delete", "id": str(message.id), "channel": str(message.channel.id)}
        return {"type": "message", "message": self._message(message)}

    def _channel(self, channel: Channel, seat: Seat) -> JSON:
        return {
            "id": str(channel.id),
            "name": channel.name if channel.guild else self._world.bot.name,
            "kind": int(channel.kind),
            "guild": channel.guild.name if channel.guild else "",
            "parent": str(channel.parent.id) if channel.parent else None,
            "topic": channel.topic or _topic(channel),
            "age_restricted": channel.age_restricted,
            "roles": _roles(channel),
            "commands": commands.available(self._world, channel, seat.user),
        }

    def _message(self, message: Message) -> JSON:
        document = payloads.message(message, self._world)
        return document | {"ephemeral": message.ephemeral_to is not None, "loading": message.loading}


def _is_shown(channel: Channel, seat: Seat) -> bool:
    return not channel.deleted and channel.recipient in {None, seat.user}


def _topic(channel: Channel) -> str:
    """Return the topic of a channel that has none of its own."""
    if channel.parent is not None:
        return f"A thread of #{channel.parent.name}."
    if channel.kind is ChannelKind.DM:
        return "Only you and the bot read this."
    return ""


def _roles(channel: Channel) -> list[JSON]:
    roles = channel.guild.roles if channel.guild else {}
    return [{"id": str(role_id), "name": role.name} for role_id, role in roles.items()]

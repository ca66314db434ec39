"""The state of the pretended Discord: people, servers, channels, messages, and what happens to them."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from sandbox.errors import unknown

JSON = dict[str, Any]

DISCORD_EPOCH_MS = 1_420_070_400_000
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7


class ChannelKind(IntEnum):
    """Discord's numbers for the kinds of channels the sandbox has."""

    TEXT = 0
    DM = 1
    GROUP = 3
    """A conversation among persons, in which the bot is not."""
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    """Seen by its members, and by moderators of threads."""
    FORUM = 15
    """Holds posts, which are threads; nothing is said in it."""


@dataclass(eq=False)
class User:
    """A person, the bot, or the name under which a webhook (the game) writes."""

    id: int
    name: str
    bot: bool = False
    webhook: bool = False
    permissions: int = 0
    """Bits beyond those of everybody."""
    denied: int = 0
    """Bits of everybody's that this person lacks, as by an overwrite."""
    role_ids: set[int] = field(default_factory=set)
    """Roles beyond `@everyone`."""
    locale: str = "en-US"
    """The language of their client, as Discord names it."""


@dataclass(frozen=True)
class Role:
    """A role of a server, and what it grants beyond `@everyone`."""

    name: str
    permissions: int = 0


@dataclass(eq=False)
class Guild:
    """A server. Every person is a member of every server that they have not left."""

    id: int
    name: str
    owner: User
    bot_role_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    """By id, beyond `@everyone` and the bot's own."""
    channels: list[Channel] = field(default_factory=list)
    """Text channels and threads."""
    locale: str = "en-US"
    """The server's preferred language."""
    has_bot: bool = True
    """True: the bot is a member."""
    left: set[int] = field(default_factory=set)
    """The ids of the people who have left."""


@dataclass(eq=False)
class Channel:
    """A text channel, a thread or a direct conversation."""

    id: int
    kind: ChannelKind
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    topic: str = ""
    """The channel's topic, in a line."""
    age_restricted: bool = False
    bot_bits: int | None = None
    """The bot's permissions here when they differ from its role's."""
    recipient: User | None = None
    viewers: set[int] | None = None
    """The ids of those who see a text channel beside the bot, or who are in a private thread; None: everybody."""
    archived: bool = False
    locked: bool = False
    deleted: bool = False
    messages: list[Message] = field(default_factory=list)
    """Everything ever said, in order, deleted and ephemeral messages included."""

    @property
    def has_bot(self) -> bool:
        """True: the bot itself is a member."""
        return self.kind is not ChannelKind.GROUP if self.guild is None else self.guild.has_bot

    @property
    def is_thread(self) -> bool:
        """True for a thread of a text channel."""
        return self.kind in {ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD}


@dataclass(eq=False)
class Attachment:
    """A file of a message."""

    id: int
    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)


@dataclass(frozen=True)
class Button:
    """A button of a message, as a person sees it."""

    custom_id: str
    label: str
    style: int
    disabled: bool
    emoji: str | None
    url: str | None


@dataclass(eq=False)
class Message:
    """A message, live: edits change it in place."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    embeds: list[JSON] = field(default_factory=list)
    reference: int | None = None
    """The id of the message this one replies to."""
    nonce: str | None = None
    flags: int = 0
    mentions: list[User] = field(default_factory=list)
    """The pinged users, with `allowed_mentions` and the reply's ping taken into account."""
    mention_everyone: bool = False
    ephemeral_to: User | None = None
    interaction: JSON | None = None
    """Discord's `interaction_metadata`."""
    webhook_id: int | None = None
    system: bool = False
    """Discord's own line, such as "Mira joined the server"; nobody can reply to it."""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    edited: datetime | None = None
    edits: int = 0
    deleted: bool = False

    @property
    def loading(self) -> bool:
        """True: it shows "is thinking"."""
        return bool(self.flags & LOADING)

    @property
    def buttons(self) -> list[Button]:
        """Every button, in reading order, also those inside containers and sections."""
        return [_button(item) for item in walk(self.components) if item.get("type") == 2]

    def button(self, label_or_id: str) -> Button:
        """The button with this custom id or label; a price may stand behind the label, in brackets.

        Raises:
            LookupError: the message has none.
        """
        for button in self.buttons:
            if label_or_id in {button.custom_id, button.label, button.label.partition(" (")[0]}:
                return button
        raise LookupError(f"no button {label_or_id!r} among {[b.label for b in self.buttons]}")


def walk(components: list[JSON]) -> list[JSON]:
    """Every component of the trees, parents before their children."""
    found: list[JSON] = []
    for component in components:
        found.append(component)
        found += walk(component.get("components", []))
        found += walk([component[key] for key in ("accessory", "component") if component.get(key)])
    return found


def _button(item: JSON) -> Button:
    emoji = item.get("emoji") or {}
    return Button(
        custom_id=item.get("custom_id", ""),
        label=item.get("label", "") or "",
        style=item.get("style", 2),
        disabled=bool(item.get("disabled")),
        emoji=emoji.get("name"),
        url=item.get("url"),
    )


@dataclass(frozen=True)
class Happening:
    """Something that watchers (the gateway, the page) are told: a gateway event's name and its subject."""

    name: str
    subject: Any
    guild: Guild | None = None


@dataclass
class Settings:
    """Switches and limits for tests."""

    token: str = "sandbox-token"  # noqa: S105 - the sandbox's own, public on purpose
    rate_limits: bool = False
    """Enforce five messages per five seconds and channel with real 429 answers."""
    max_upload_bytes: int = 10 * 1024 * 1024
    interaction_seconds: float = 3.0
    """Time limit of a bot's first answer to an interaction."""
    nonce_seconds: float = 300.0
    privileged_intents: bool = True
    """False refuses the privileged intents (close code 4014), as for a bot that was not granted them."""
    interactions_in_turn: bool = False
    """Send each interaction to one session alone, in turn, so that all take part; Discord sends it to every one."""


class World:
    """Everything there is. Plain data and look-ups; the servers and the people change it."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, tuple[Channel, Attachment]] = {}
        self.commands: dict[int, JSON] = {}
        """Registered application commands by id; those of one server carry `guild_id`."""
        self.nonces: dict[tuple[int, int, str], tuple[Message, float]] = {}
        self.watchers: list[Callable[[Happening], None]] = []
        self.base_url = ""
        self.link_generation = 0
        self.link_secret = secrets.token_hex(8)
        self._counter = itertools.count()
        self._last_id = 0
        self.bot = self.add_user("Scene Painter", bot=True)
        self.operator = User(self.new_id(), "Operator")
        """To whom the bot's application belongs; a member of every server."""
        self.team: list[JSON] = []
        """The members of the team that has the application instead, as Discord sends them; empty: there is no team."""

    def new_id(self) -> int:
        """A snowflake: its time is now, and it is greater than every one before."""
        milliseconds = int(time.time() * 1000) - DISCORD_EPOCH_MS
        self._last_id = max(self._last_id + 1, milliseconds << 22)
        return self._last_id

    def tell(self, name: str, subject: Any, guild: Guild | None = None) -> None:
        """Tell every watcher that something happened."""
        for watcher in tuple(self.watchers):
            watcher(Happening(name, subject, guild))

    def add_user(self, name: str, *, bot: bool = False, webhook: bool = False, permissions: int = 0) -> User:
        """A new account."""
        user = User(self.new_id(), name, bot=bot, webhook=webhook, permissions=permissions)
        self.users[user.id] = user
        return user

    def webhook_user(self, name: str) -> User:
        """The account under which a webhook of this name writes; the same one every time."""
        found = (user for user in self.users.values() if user.webhook and user.name == name)
        return next(found, None) or self.add_user(name, bot=True, webhook=True)

    def channel(self, channel_id: int) -> Channel:
        """Look a channel up.

        Raises:
            DiscordError: 10003, there is none.
        """
        channel = self.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise unknown("Channel")
        return channel

    def guild(self, guild_id: int) -> Guild:
        """Look a server up.

        Raises:
            DiscordError: 10004, there is none.
        """
        guild = self.guilds.get(guild_id)
        if guild is None:
            raise unknown("Guild")
        return guild

    def message(self, channel: Channel, message_id: int) -> Message:
        """Look up a message that everybody in the channel can see.

        Raises:
            DiscordError: 10008, there is none or it was deleted.
        """
        message = self.find_message(channel, message_id)
        if message is None or message.ephemeral_to is not None:
            raise unknown("Message")
        return message

    def find_message(self, channel: Channel, message_id: int) -> Message | None:
        """The message, ephemeral ones included, or None when it never was or was deleted."""
        found = (m for m in reversed(channel.messages) if m.id == message_id and not m.deleted)
        return next(found, None)

    def direct_channel(self, user: User) -> Channel:
        """The direct conversation of `user` with the bot; made when there is none yet."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.new_id(), ChannelKind.DM, user.name, recipient=user)
        self.channels[channel.id] = channel
        self.tell("CHANNEL_CREATE", channel)
        return channel

    def people(self) -> list[User]:
        """Everybody who can be a member of a server: the bot and the persons, no webhooks."""
        return [user for user in self.users.values() if not user.webhook]

    def members(self, guild: Guild) -> list[User]:
        """The members of `guild`."""
        return [user for user in self.people() if user.id not in guild.left]

"""Furnishing the pretended Discord: servers, channels, threads, persons and the bot's rights."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox import payloads
from sandbox.world import HAS_THREAD, Channel, ChannelKind, Guild, Message, Role, User, World


class Places:
    """Makes and changes what stands in a world; a connected bot hears of everything."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_guild(self, name: str, *, bot: bool = True) -> Guild:
        """A new server with everybody in it, and with the bot unless it is left out; still without channels."""
        persons = (user for user in self.world.users.values() if not user.bot)
        # Never the bot: an owner may do everything everywhere.
        owner = next(persons, None) or self.add_user("Host")
        guild = Guild(self.world.new_id(), name, owner, self.world.new_id(), has_bot=bot)
        self.world.guilds[guild.id] = guild
        self.world.tell("GUILD_CREATE", guild, guild)
        return guild

    def remove_bot(self, guild: Guild) -> None:
        """Take the bot out of a server; a bot that is not connected hears nothing of it."""
        guild.has_bot = False
        self.world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild)

    def cut_off(self, guild: Guild) -> None:
        """Have an outage: Discord cannot serve the server for a while, and the bot stays in it."""
        self.world.tell("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild)

    def add_text_channel(
        self,
        guild: Guild,
        name: str,
        *,
        topic: str = "",
        age_restricted: bool = False,
        viewers: Iterable[User] | None = None,
    ) -> Channel:
        """A new text channel that the bot may use, and `viewers` or everybody; `topic` says what happens there."""
        channel = Channel(self.world.new_id(), ChannelKind.TEXT, name, guild, topic=topic)
        channel.age_restricted, channel.viewers = age_restricted, _ids(viewers)
        return self._place(channel, "CHANNEL_CREATE")

    def add_thread(
        self, channel: Channel, name: str, *, starter: Message | None = None, members: Iterable[User] | None = None
    ) -> Channel:
        """A new thread of a text channel, begun at the message `starter`, or at none; a private one with `members`.

        A thread has the id of the message that it begins at, which stays in the channel.
        """
        thread_id = self.world.new_id() if starter is None else starter.id
        if starter is not None:
            starter.flags |= HAS_THREAD
        kind = ChannelKind.PUBLIC_THREAD if members is None else ChannelKind.PRIVATE_THREAD
        thread = Channel(thread_id, kind, name, channel.guild, channel, viewers=_ids(members))
        return self._place(thread, "THREAD_CREATE")

    def _place(self, channel: Channel, event: str) -> Channel:
        self.world.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels.append(channel)
        self.world.tell(event, channel, channel.guild)
        return channel

    def add_forum(self, guild: Guild, name: str) -> Channel:
        """A new forum; `add_thread` makes its posts."""
        return self._place(Channel(self.world.new_id(), ChannelKind.FORUM, name, guild), "CHANNEL_CREATE")

    def add_dm(self, user: User) -> Channel:
        """The direct conversation of `user` with the bot."""
        return self.world.direct_channel(user)

    def add_group(self, name: str) -> Channel:
        """A group conversation, which a bot cannot be in."""
        return self._place(Channel(self.world.new_id(), ChannelKind.GROUP, name), "CHANNEL_CREATE")

    def add_user(self, name: str, *, permissions: int = 0, denied: int = 0, roles: Iterable[int] = ()) -> User:
        """A person, a member of every server; `permissions` are bits that they have beyond, `denied` that they lack."""
        user = self.world.add_user(name, permissions=permissions)
        user.denied, user.role_ids = denied, set(roles)
        return user

    def add_role(self, guild: Guild, name: str, *, permissions: int = 0) -> int:
        """A role of the server that grants `permissions`; its id."""
        role_id = self.world.new_id()
        guild.roles[role_id] = Role(name, permissions)
        self.world.tell("GUILD_ROLE_CREATE", (guild, role_id), guild)
        return role_id

    def leave(self, guild: Guild, user: User) -> None:
        """Let `user` leave the server, and lose the roles that they have there; nothing there is theirs to use."""
        user.role_ids -= guild.roles.keys()
        guild.left.add(user.id)
        document = {"guild_id": str(guild.id), "user": payloads.user(user)}
        self.world.tell("GUILD_MEMBER_REMOVE", document, guild)

    def join(self, guild: Guild, user: User) -> None:
        """Let `user` come back to a server that they left, without any role."""
        guild.left.discard(user.id)
        document = payloads.member(user, guild, self.world) | {"guild_id": str(guild.id)}
        self.world.tell("GUILD_MEMBER_ADD", document, guild)

    def delete_channel(self, channel: Channel) -> None:
        """Remove a channel or thread; requests to it answer 10003."""
        channel.deleted = True
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.world.tell(name, channel, channel.guild)

    def set_permissions(self, channel: Channel, bits: int | None) -> None:
        """Give the bot exactly these permission bits in `channel` and its threads; None: as invited."""
        owner = channel.parent or channel
        owner.bot_bits = bits
        self.world.tell("CHANNEL_UPDATE", owner, owner.guild)

    def set_thread(self, thread: Channel, *, archived: bool = False, locked: bool = False) -> None:
        """Archive or lock a thread, or open it again."""
        thread.archived, thread.locked = archived, locked
        self.world.tell("THREAD_UPDATE", thread, thread.guild)


def _ids(people: Iterable[User] | None) -> set[int] | None:
    return None if people is None else {person.id for person in people}

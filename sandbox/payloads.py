"""The world's things as the JSON documents of Discord's API, version 10."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from sandbox.permissions import ALL_BITS, BOT_DEFAULT, PERSON_DEFAULT, Permission, bot_permissions
from sandbox.world import HAS_THREAD, JSON, Attachment, Channel, Guild, Message, User, World

JOINED = "2024-01-01T00:00:00.000000+00:00"
DAY_SECONDS = 24 * 3600


def user(person: User) -> JSON:
    """A user object."""
    return {
        "id": str(person.id),
        "username": person.name if person.webhook else person.name.lower().replace(" ", "_"),
        "global_name": None if person.webhook else person.name,
        "discriminator": "0000" if person.webhook else "0",
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member(person: User, guild: Guild, world: World, *, with_user: bool = True) -> JSON:
    """A member object."""
    document: JSON = {
        "roles": [str(guild.bot_role_id)] if person is world.bot else _roles_of(person, guild),
        "joined_at": JOINED,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        document["user"] = user(person)
    return document


def _roles_of(person: User, guild: Guild) -> list[str]:
    return [str(role_id) for role_id in guild.roles if role_id in person.role_ids]


def _role(role_id: int, name: str, bits: int, position: int, tags: JSON | None) -> JSON:
    document: JSON = {
        "id": str(role_id),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": position,
        "permissions": str(bits),
        "managed": tags is not None,
        "mentionable": False,
        "flags": 0,
        "icon": None,
        "unicode_emoji": None,
    }
    return document | ({"tags": tags} if tags else {})


def roles(guild: Guild, world: World) -> list[JSON]:
    """`@everyone`, the bot's own role, and those that were added."""
    bot_tags = {"bot_id": str(world.bot.id)}
    return [
        _role(guild.id, "@everyone", PERSON_DEFAULT, 0, None),
        _role(guild.bot_role_id, world.bot.name, BOT_DEFAULT, 1, bot_tags),
        *(
            _role(role_id, role.name, role.permissions, position, None)
            for position, (role_id, role) in enumerate(guild.roles.items(), start=2)
        ),
    ]


def channel(place: Channel, world: World) -> JSON:
    """A channel object of whatever kind."""
    last = str(place.messages[-1].id) if place.messages else None
    common: JSON = {"id": str(place.id), "type": int(place.kind), "last_message_id": last, "flags": 0}
    if place.guild is None:
        people = [place.recipient] if place.recipient else []
        return common | {"recipients": [user(person) for person in people]}
    common |= {"guild_id": str(place.guild.id), "name": place.name, "rate_limit_per_user": 0}
    return common | (_thread_part(place, world) if place.is_thread else _text_part(place, world))


def _text_part(place: Channel, world: World) -> JSON:
    return {
        "position": 0,
        "permission_overwrites": list(_overwrites(place, world)),
        "nsfw": place.age_restricted,
        "parent_id": None,
        "topic": place.topic or None,
    }


def _overwrites(place: Channel, world: World) -> Iterator[JSON]:
    if place.bot_bits is not None or place.viewers is not None:
        bits = BOT_DEFAULT if place.bot_bits is None else place.bot_bits
        yield {"id": str(world.bot.id), "type": 1, "allow": str(bits), "deny": str(ALL_BITS & ~bits)}
    if place.viewers is not None and place.guild is not None:
        view = str(int(Permission.VIEW_CHANNEL))
        yield {"id": str(place.guild.id), "type": 0, "allow": "0", "deny": view}
        yield from ({"id": str(person), "type": 1, "allow": view, "deny": "0"} for person in place.viewers)


def _thread_part(place: Channel, world: World) -> JSON:
    metadata = {
        "archived": place.archived,
        "auto_archive_duration": 1440,
        "archive_timestamp": JOINED,
        "locked": place.locked,
        "create_timestamp": JOINED,
    }
    return {
        "parent_id": str(place.parent.id) if place.parent else None,
        "owner_id": str(world.bot.id),
        "message_count": len(place.messages),
        "total_message_sent": len(place.messages),
        "member_count": 1,
        "thread_metadata": metadata,
    }


def guild(server: Guild, world: World, *, complete: bool = False) -> JSON:
    """A guild object; `complete` adds what only GUILD_CREATE carries."""
    document: JSON = {
        "id": str(server.id),
        "name": server.name,
        "owner_id": str(server.owner.id),
        "roles": roles(server, world),
        "preferred_locale": server.locale,
        "afk_timeout": 300,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "system_channel_flags": 0,
        "max_members": 500_000,
    }
    document |= {key: [] for key in ("emojis", "stickers", "features")}
    zeros = ("verification_level", "default_message_notifications", "explicit_content_filter")
    document |= dict.fromkeys((*zeros, "mfa_level", "nsfw_level"), 0)
    nothing = ("icon", "splash", "discovery_splash", "banner", "description", "vanity_url_code")
    document |= dict.fromkeys((*nothing, "afk_channel_id", "system_channel_id", "rules_channel_id"))
    return document | (_live_part(server, world) if complete else {})


def _live_part(server: Guild, world: World) -> JSON:
    visible = [
        place for place in server.channels if not place.deleted and bot_permissions(place) & Permission.VIEW_CHANNEL
    ]
    hidden = [p for p in server.channels if p not in visible and not p.is_thread and not p.deleted]
    people = world.members(server)
    return {
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(people),
        "members": [member(person, server, world) for person in people],
        # Discord lists channels that the bot cannot see as well; it keeps back their threads.
        "channels": [channel(place, world) for place in visible + hidden if not place.is_thread],
        "threads": [channel(place, world) for place in visible if place.is_thread and not place.archived],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment_link(place: Channel, file: Attachment, world: World) -> str:
    """A signed link, good for a day or until `expire_links()`."""
    path = f"/attachments/{place.id}/{file.id}/{quote(file.filename)}"
    issued = int(time.time())
    times = f"{issued + DAY_SECONDS:x}", f"{issued:x}"
    query = f"ex={times[0]}&is={times[1]}&hm={link_signature(path, *times, world)}"
    return f"{world.base_url}{path}?{query}"


def link_signature(path: str, expires: str, issued: str, world: World) -> str:
    """The signature that a link to `path` with these times (hexadecimal unix seconds) carries at present."""
    text = f"{world.link_generation}:{path}:{expires}:{issued}".encode()
    return hmac.new(world.link_secret.encode(), text, hashlib.sha256).hexdigest()


def attachment(place: Channel, file: Attachment, world: World) -> JSON:
    """An attachment object."""
    link = attachment_link(place, file, world)
    document: JSON = {"id": str(file.id), "filename": file.filename, "size": file.size}
    document |= {"url": link, "proxy_url": link}
    optional = {
        "content_type": file.content_type,
        "description": file.description,
        "width": file.width,
        "height": file.height,
        "ephemeral": file.ephemeral or None,
    }
    return document | {key: value for key, value in optional.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="microseconds") if moment else None


def message(said: Message, world: World, *, deep: bool = True) -> JSON:
    """A message object; `deep` includes the message that it replies to."""
    place = said.channel
    document: JSON = {
        "id": str(said.id),
        "channel_id": str(place.id),
        "author": user(said.author),
        "content": said.content,
        "timestamp": _time(said.created),
        "edited_timestamp": _time(said.edited),
        "tts": False,
        "mention_everyone": said.mention_everyone,
        "mentions": [user(person) for person in said.mentions],
        "mention_roles": [],
        "attachments": [attachment(place, file, world) for file in said.attachments],
        "embeds": said.embeds,
        "components": said.components,
        "pinned": False,
        "type": _message_type(said),
        "flags": said.flags,
    }
    return document | _message_extras(said, world, deep=deep)


def _message_type(said: Message) -> int:
    """Discord's number: a newcomer's line, a reply, an answer to a command, or a plain message."""
    if said.system:
        return 7
    return 19 if said.reference else (20 if said.interaction else 0)


def _message_extras(said: Message, world: World, *, deep: bool) -> JSON:
    extras: JSON = {}
    if said.flags & HAS_THREAD and (thread := world.channels.get(said.id)) is not None:
        extras["thread"] = channel(thread, world)
    if said.nonce is not None:
        extras["nonce"] = said.nonce
    if said.webhook_id is not None:
        extras |= {"webhook_id": str(said.webhook_id)}
    if said.author is world.bot:
        extras["application_id"] = str(world.bot.id)
    if said.interaction is not None:
        extras["interaction_metadata"] = said.interaction
    if said.reference is not None:
        guild_part = {"guild_id": str(said.channel.guild.id)} if said.channel.guild else {}
        ids = {"message_id": str(said.reference), "channel_id": str(said.channel.id)}
        extras["message_reference"] = {"type": 0} | ids | guild_part
        if deep:
            target = world.find_message(said.channel, said.reference)
            extras["referenced_message"] = message(target, world, deep=False) if target else None
    return extras


def message_event(said: Message, world: World) -> JSON:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE carry it."""
    document = message(said, world)
    guild_of = said.channel.guild
    document["channel_type"] = int(said.channel.kind)
    if guild_of is None:
        return document
    document["guild_id"] = str(guild_of.id)
    if not said.author.webhook:
        document["member"] = member(said.author, guild_of, world, with_user=False)
    return document


def person_permissions(person: User, guild: Guild | None) -> int:
    """Compute a person's permissions in `guild`: those of `@everyone`, of their roles, and their own.

    The bot's own permissions are computed per channel.
    """
    granted = PERSON_DEFAULT | person.permissions
    for role_id, role in guild.roles.items() if guild else ():
        granted |= role.permissions if role_id in person.role_ids else 0
    return granted & ~person.denied

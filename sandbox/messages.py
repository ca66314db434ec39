"""Storing, changing and removing messages, by whoever does it: the bot, an interaction or a person."""

from __future__ import annotations

import io
import mimetypes
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image

from sandbox import components
from sandbox.errors import DiscordError, invalid_form, too_large, unknown
from sandbox.permissions import Permission, may
from sandbox.validation import check_message
from sandbox.world import EPHEMERAL, JSON, LOADING, Attachment, Channel, Message, User, World

USER_MENTION = re.compile(r"<@!?(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
KEPT_FLAGS = (1 << 2) | (1 << 12) | (1 << 15) | EPHEMERAL


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request; `index` is the n of its field `files[n]`."""

    index: int
    filename: str
    data: bytes


@dataclass(frozen=True)
class Draft:
    """A message before it is sent: the JSON body and its files."""

    body: JSON
    uploads: tuple[Upload, ...] = ()


def probe(data: bytes) -> tuple[int | None, int | None, str | None]:
    """Width, height and media type of a picture; three times None for anything else."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.width, picture.height, Image.MIME.get(picture.format or "")
    except (OSError, ValueError, SyntaxError):
        return None, None, None


def make_attachment(world: World, channel: Channel, upload: Upload, description: str | None) -> Attachment:
    """Store a file, so that it can be fetched by its link.

    Raises:
        DiscordError: 40005, it is too large.
    """
    if len(upload.data) > world.settings.max_upload_bytes:
        raise too_large()
    width, height, mime = probe(upload.data)
    filename = re.sub(r"[^\w.\-]+", "_", upload.filename) or "file"
    mime = mime or mimetypes.guess_type(filename)[0]
    file = Attachment(world.new_id(), filename, upload.data, mime, description or None, width, height)
    world.attachments[file.id] = (channel, file)
    return file


def _attachments(world: World, channel: Channel, draft: Draft, kept: list[Attachment]) -> list[Attachment]:
    """The files of a message: the kept ones that the body names, then the new ones."""
    listed = draft.body.get("attachments")
    by_id = {str(file.id): file for file in kept}
    described = {str(item.get("id")): item for item in listed or []}
    chosen = list(kept) if listed is None else [by_id[key] for key in described if key in by_id]
    for upload in draft.uploads:
        description = described.get(str(upload.index), {}).get("description")
        chosen.append(make_attachment(world, channel, upload, description))
    return chosen


def _nonce_key(channel: Channel, author: User, body: JSON) -> tuple[int, int, str] | None:
    if body.get("nonce") is None or not body.get("enforce_nonce"):
        return None
    return channel.id, author.id, str(body["nonce"])


def _said_before(world: World, key: tuple[int, int, str] | None) -> Message | None:
    """The message of an enforced nonce within the last minutes.

    Raises:
        DiscordError: 10008, it was deleted meanwhile.
    """
    if key is None or key not in world.nonces:
        return None
    message, when = world.nonces[key]
    if time.monotonic() - when > world.settings.nonce_seconds:
        return None
    if message.deleted:
        raise unknown("Message")
    return message


def _reference(world: World, channel: Channel, body: JSON) -> int | None:
    wanted = body.get("message_reference")
    if not wanted or not wanted.get("message_id"):
        return None
    target = world.find_message(channel, int(wanted["message_id"]))
    if target is not None and target.ephemeral_to is None:
        if not may(channel, Permission.READ_MESSAGE_HISTORY):
            text = "Cannot reply without permission to read message history"
            raise DiscordError(400, 160002, text)
        if target.system:
            text = "Cannot reply to a system message"
            raise invalid_form("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", text)
        return target.id
    if wanted.get("fail_if_not_exists", True):
        raise invalid_form("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    return None


def _set_mentions(world: World, message: Message, allowed: JSON | None) -> None:
    """Work out who is pinged: everyone named in the text, unless `allowed_mentions` says less."""
    named = {int(found) for found in USER_MENTION.findall(message.content)}
    everyone = bool(EVERYONE.search(message.content))
    replied = True
    if allowed is not None:
        parse = allowed.get("parse") or []
        listed = {int(user_id) for user_id in allowed.get("users") or []}
        named = named if "users" in parse else named & listed
        everyone = everyone and "everyone" in parse
        replied = bool(allowed.get("replied_user", False))
    if message.reference and replied:
        target = world.find_message(message.channel, message.reference)
        named |= {target.author.id} if target else set()
    message.mentions = [world.users[user_id] for user_id in sorted(named) if user_id in world.users]
    from_bot = message.author is world.bot
    message.mention_everyone = everyone and (not from_bot or may(message.channel, Permission.MENTION_EVERYONE))


def post(
    world: World,
    channel: Channel,
    author: User,
    draft: Draft,
    *,
    ephemeral_to: User | None = None,
    interaction: JSON | None = None,
    loading: bool = False,
    system: bool = False,
) -> Message:
    """Store a message and tell the watchers; with an enforced nonce said before, return the first one.

    Raises:
        DiscordError: Discord would refuse it.
    """
    body = draft.body
    if not (loading or system):
        check_message(body, files=len(draft.uploads))
    key = _nonce_key(channel, author, body)
    if first := _said_before(world, key):
        return first
    flags = int(body.get("flags") or 0) & KEPT_FLAGS & ~EPHEMERAL
    flags |= (EPHEMERAL if ephemeral_to else 0) | (LOADING if loading else 0)
    files = _attachments(world, channel, draft, [])
    message = Message(
        id=world.new_id(),
        channel=channel,
        author=author,
        content=body.get("content") or "",
        attachments=files,
        components=components.resolved(world, channel, list(body.get("components") or []), files),
        embeds=list(body.get("embeds") or []),
        reference=_reference(world, channel, body),
        nonce=None if body.get("nonce") is None else str(body["nonce"]),
        flags=flags,
        ephemeral_to=ephemeral_to,
        interaction=interaction,
        webhook_id=author.id if author.webhook else None,
        system=system,
    )
    _set_mentions(world, message, body.get("allowed_mentions"))
    channel.messages.append(message)
    if channel.is_thread:
        channel.archived = False
    if key is not None:
        world.nonces[key] = (message, time.monotonic())
    world.tell("MESSAGE_CREATE", message, channel.guild)
    return message


def edit(world: World, message: Message, draft: Draft) -> Message:
    """Change what the body names and leave the rest; the first edit of a "thinking" message fills it.

    Raises:
        DiscordError: Discord would refuse it.
    """
    body = draft.body
    flags = message.flags | (int(body.get("flags") or 0) & components.FLAG)
    check_message(_as_edited(message, body, flags), files=len(draft.uploads), editing=True)
    message.attachments = _attachments(world, message.channel, draft, message.attachments)
    message.flags = flags
    if "content" in body:
        message.content = body["content"] or ""
        _set_mentions(world, message, body.get("allowed_mentions"))
    if "components" in body:
        message.components = components.resolved(
            world, message.channel, list(body["components"] or []), message.attachments
        )
    if "embeds" in body:
        message.embeds = list(body["embeds"] or [])
    if message.loading:
        message.flags &= ~LOADING
    else:
        message.edited = datetime.now(UTC)
    message.edits += 1
    world.tell("MESSAGE_UPDATE", message, message.channel.guild)
    return message


def _as_edited(message: Message, body: JSON, flags: int) -> JSON:
    """The parts that the message would have: what is not named stays."""
    kept: JSON = {"content": message.content, "embeds": message.embeds} if components.is_v2(flags) else {}
    return kept | body | {"flags": flags}


def delete(world: World, message: Message) -> None:
    """Remove a message; its files can still be fetched, as on Discord for a while."""
    message.deleted = True
    world.tell("MESSAGE_DELETE", message, message.channel.guild)

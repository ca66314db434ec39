"""Components of the second kind ("Components V2"): what Discord refuses, and what it makes of pictures in them.

Facts: Discord's component reference and its message resource, "Message Flags" (1 << 15, IS_COMPONENTS_V2).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from sandbox import payloads
from sandbox.errors import DiscordError, invalid_form
from sandbox.world import JSON, Attachment, Channel, World, walk

FLAG = 1 << 15
ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 13, 14, 17
AT_TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
IN_CONTAINER = AT_TOP - {CONTAINER}
MOST_PARTS, MOST_LETTERS, MOST_PICTURES = 40, 4_000, 10
LEGACY = ("content", "embeds", "poll", "stickers")


def is_v2(flags: object) -> bool:
    """Tell whether a message with these flags holds such components."""
    return bool(int(str(flags or 0)) & FLAG)


def check_legacy(body: JSON) -> None:
    """Check that nothing stands beside the components.

    Raises:
        DiscordError: 50035, the message has a text or embeds.
    """
    for field in LEGACY:
        if body.get(field):
            text = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            raise invalid_form(field, code, text.replace("content", field))


def check_tree(components: list[JSON]) -> None:
    """Check the whole tree.

    Raises:
        DiscordError: 50035 with the place.
    """
    parts = walk(components)
    if len(parts) > MOST_PARTS:
        raise invalid_form("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_PARTS} in length.")
    if sum(len(str(part.get("content", ""))) for part in parts if part["type"] == TEXT) > MOST_LETTERS:
        raise invalid_form("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The text is too long.")
    _check_kinds(components, AT_TOP, "components")
    for part in parts:
        _check_part(part)


def _check_kinds(components: list[JSON], allowed: frozenset[int], path: str) -> None:
    for index, part in enumerate(components):
        if part.get("type") not in allowed:
            known = ", ".join(map(str, sorted(allowed)))
            text = f'Value of field "type" must be one of ({known}).'
            raise invalid_form(f"{path}.{index}", "UNION_TYPE_CHOICES", text)
        if part["type"] == CONTAINER:
            _check_kinds(part.get("components") or [], IN_CONTAINER, f"{path}.{index}.components")


def _check_part(part: JSON) -> None:
    kind = part["type"]
    if kind == TEXT and not str(part.get("content", "")).strip():
        raise invalid_form("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 4000 in length.")
    if kind == SECTION:
        texts = part.get("components") or []
        if not 1 <= len(texts) <= 3 or (part.get("accessory") or {}).get("type") not in {BUTTON, THUMBNAIL}:
            raise invalid_form("components", "BASE_TYPE_REQUIRED", "A section has texts and an accessory.")
    if kind == GALLERY and not 1 <= len(part.get("items") or []) <= MOST_PICTURES:
        raise invalid_form("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_PICTURES} in length.")
    for item in _media_of(part):
        if len(item.get("description") or "") > 1_024:
            raise invalid_form("components", "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length.")


def _media_of(part: JSON) -> Iterator[JSON]:
    if part["type"] == THUMBNAIL:
        yield part
    elif part["type"] == GALLERY:
        yield from part.get("items") or []


def resolved(world: World, channel: Channel, components: list[JSON], files: list[Attachment]) -> list[JSON]:
    """The tree as Discord answers with it: every picture with its link, its size and the file that it is.

    Raises:
        DiscordError: 50035, an `attachment://` names no file of the message.
    """
    tree = deepcopy(components)
    for part in walk(tree):
        for item in _media_of(part):
            item["media"] = _unfurled(world, channel, item.get("media") or {}, files)
        if part["type"] == FILE:
            part["file"] = _unfurled(world, channel, part.get("file") or {}, files)
    return tree


def _unfurled(world: World, channel: Channel, media: JSON, files: list[Attachment]) -> JSON:
    url = str(media.get("url", ""))
    if not url.startswith("attachment://"):
        if not url.startswith(("http://", "https://")):
            raise invalid_form("components", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")
        return {"url": url, "proxy_url": url, "loading_state": 2}
    name = url.removeprefix("attachment://")
    file = next((file for file in files if file.filename == name), None)
    if file is None:
        raise DiscordError(400, 50035, "Invalid Form Body: the file of an attachment:// is not in the message")
    link = payloads.attachment_link(channel, file, world)
    found: JSON = {"url": link, "proxy_url": link, "attachment_id": str(file.id), "loading_state": 2}
    return found | {"width": file.width, "height": file.height, "content_type": file.content_type}

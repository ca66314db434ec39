"""The picture in an answer of Gemini's, or of a relay's in front of it.

Google labels its pictures. Relays in front of the API were seen to label them `application/octet-stream`, or to write
them as a data: URI into the text. So a picture is recognized by its first bytes, whatever its label. Nothing may mark
where base64 ends and words begin: they are decoded together, and cut at the picture's own end mark.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from google.genai import types

from ...domain.file_types import FILE_TYPES

_HEADER = re.compile(r"data:[^,:]{0,200};\s*base64,", re.IGNORECASE)
_ENCODED = re.compile(r"[\w+/\s-]*", re.ASCII)
_URL_SAFE = str.maketrans("-_", "+/")
_KINDS = (
    *((kind.signature, mime) for mime, kind in FILE_TYPES.items()),
    (b"GIF8", "image/gif"),
    (b"\x00\x00\x00", "image/avif"),
)
_BRANDS = {b"RIFF": b"WEBP", b"\x00\x00\x00": b"ftyp"}
"""Bytes that must be among the first twelve of a container format that holds other things, too."""
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
"""A marker with a segment, or the end of the image (0xD9). In data, 0xFF is followed by a zero."""


@dataclass(frozen=True)
class AnsweredPicture:
    """The bytes of a picture, and its type by their beginning."""

    data: bytes
    mime: str


def picture_in(response: types.GenerateContentResponse) -> AnsweredPicture | None:
    """Find the last picture that is no draft, in any part of any candidate; None when there is none."""
    found = None
    for candidate in response.candidates or ():
        for part in (candidate.content.parts if candidate.content else None) or ():
            if not part.thought:
                found = next(_pictures_of(part), found)
    return found


def _pictures_of(part: types.Part) -> Iterator[AnsweredPicture]:
    blob = part.inline_data
    if blob is not None and blob.data:
        label = blob.mime_type or ""
        # A picture by Google's label is checked later, even where its beginning is unknown.
        labelled = AnsweredPicture(blob.data, label) if label.startswith("image/") else None
        yield from filter(None, [_recognised(blob.data) or labelled])
    for found in filter(None, map(_recognised, _written(part.text or ""))):
        cut = _CUTS.get(found.mime)
        yield replace(found, data=cut(found.data)) if cut else found


def _written(text: str) -> Iterator[bytes]:
    """Yield the bytes of each data: URI in `text`, with garbage behind them from decoding the words that follow."""
    for body in _HEADER.split(unquote(text))[1:]:
        found = _ENCODED.match(body)
        encoded = "".join(found[0].split()).translate(_URL_SAFE) if found else ""
        # A single character is less than a byte.
        yield base64.b64decode(encoded[: len(encoded) - (len(encoded) % 4 == 1)] + "==")


def _recognised(data: bytes) -> AnsweredPicture | None:
    for start, mime in _KINDS:
        if data.startswith(start) and _BRANDS.get(start, b"") in data[4:12]:
            return AnsweredPicture(data, mime)
    return None


def _png(data: bytes) -> bytes:
    return b"".join(data.partition(_PNG_END)[:2])


def _jpeg(data: bytes) -> bytes:
    """Cut a JPEG at its end, going by segments, since its thumbnail has an end mark of its own."""
    at = 0
    while found := _JPEG_MARKER.search(data, at):
        at = found.end()
        if found[0] == b"\xff\xd9":
            return data[:at]
        at += int.from_bytes(data[at : at + 2], "big")
    return data


def _webp(data: bytes) -> bytes:
    return data[: 8 + int.from_bytes(data[4:8], "little")]


_CUTS: dict[str, Callable[[bytes], bytes]] = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
"""Functions that cut a picture at its end. The decoders of the other kinds ignore data behind it."""

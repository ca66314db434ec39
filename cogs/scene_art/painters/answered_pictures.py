"""The picture in an answer of Gemini's, or of a relay's in front of it.

Google labels its pictures. Relays in front of the API were seen to label them `application/octet-stream`, or to write
them as a data: URI into the text. So a picture is told by its first bytes, whatever stands beside it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from google.genai import types

_DATA_URI = re.compile(r"data:[\w.+/-]*(?:;[\w=.-]+)*;base64,([A-Za-z0-9+/\s_-]+={0,2})", re.ASCII)
_URL_SAFE = str.maketrans("-_", "+/")
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
    (b"\x00\x00\x00", "image/avif"),
)
_BRANDS = {b"RIFF": b"WEBP", b"\x00\x00\x00": b"ftyp"}
"""What else stands in the first twelve bytes of a container that holds other things, too."""


@dataclass(frozen=True)
class AnsweredPicture:
    """The bytes of a picture, and what they are by their beginning."""

    data: bytes
    mime: str


def picture_in(response: types.GenerateContentResponse) -> AnsweredPicture | None:
    """The last picture that is no draft, in any part of any candidate; None when there is none."""
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
        # What Google calls a picture is looked at closely later, also where it begins like none that we know.
        labelled = AnsweredPicture(blob.data, label) if label.startswith("image/") else None
        yield from filter(None, [_recognised(blob.data) or labelled])
    yield from filter(None, map(_recognised, _written(part.text or "")))


def _written(text: str) -> Iterator[bytes]:
    """The bytes of each data: URI in `text`."""
    for encoded in _DATA_URI.findall(text):
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode("".join(encoded.split()).translate(_URL_SAFE))


def _recognised(data: bytes) -> AnsweredPicture | None:
    for start, mime in _KINDS:
        if data.startswith(start) and _BRANDS.get(start, b"") in data[4:12]:
            return AnsweredPicture(data, mime)
    return None

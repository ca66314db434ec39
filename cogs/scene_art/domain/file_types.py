"""Kinds of picture file that scene-art makes, keeps and posts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileType:
    """One kind of picture file."""

    ending: str
    signature: bytes
    """The bytes that every such file begins with."""
    pillow_format: str


FILE_TYPES = {
    "image/png": FileType("png", b"\x89PNG\r\n\x1a\n", "PNG"),
    "image/jpeg": FileType("jpg", b"\xff\xd8\xff", "JPEG"),
    "image/webp": FileType("webp", b"RIFF", "WEBP"),
}
"""The kinds by their MIME types."""

"""Values that go to a painter and come back, also between processes."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from ..i18n import Sentence


class Role(StrEnum):
    """The subject of a reference picture."""

    GAME_MASTER = "game_master"
    """The persona who watches over the session."""
    CHARACTER = "character"
    """One character, by name."""
    STORY = "story"
    """A picture whose address stood in the narrative."""
    UPLOAD = "upload"
    """A picture that a person added to their wish."""
    PLACE = "place"
    """A place of the story, by name."""
    PREVIOUS = "previous"
    """The channel's last picture, so that the room stays the same."""
    BASE = "base"
    """The picture that is to be varied."""
    SHEET = "sheet"
    """A contact sheet that several characters share, each labelled with a name."""


DRAWN_BY_STORYBOARD = frozenset({Role.GAME_MASTER, Role.CHARACTER})
"""Whom the storyboard painter shows; it has no use for other pictures."""


class Frozen(BaseModel):
    """Base of the values that travel through scene-art and over the pipes of worker processes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Picture(Frozen):
    """A prepared reference: a PNG, JPEG or WebP file of at most 1,536 px on the long side."""

    path: Path
    mime: str
    width: int
    height: int


class CastMember(Frozen):
    """Somebody in the picture. `picture` is None for those who are drawn from the text."""

    name: str
    role: Role
    picture: Picture | None = None
    description: str = ""
    missing_because: str = ""
    """Why there is no picture, for the operator and the record; empty when none was named."""
    told_because: Sentence | None = None
    """The same for people, where fetching it failed."""
    silhouette: bool = False
    """Marks somebody who does not want to be depicted: they are shown as a plain dark shape."""


class Label(Frozen):
    """A piece of text of the prompt."""

    kind: Literal["text"] = "text"
    text: str


class Shown(Frozen):
    """A picture of the prompt, right after the label that names it."""

    kind: Literal["picture"] = "picture"
    picture: Picture


class Prompt(Frozen):
    """Everything a painter needs. The same prompt serves every painter."""

    scene_id: str
    system: str
    """The system instruction: the safety directive first, house rules below it."""
    parts: tuple[Label | Shown, ...]
    """The prompt in the order in which it is sent."""
    scene: str
    """The scene text alone, without picture addresses, at most 2,000 characters."""
    cast: tuple[CastMember, ...]
    """The game master first, then the characters."""
    game_name: str = ""
    aspect_ratio: str = "16:9"
    image_size: str = "1K"
    is_relaxed: bool = False
    """Whether it may take minutes, for half the price, where the service offers that."""
    seed: int = 0
    """Another seed gives another picture of the same moment, where the painter can promise it."""


class ModelAndKey(Frozen):
    """With what a picture is painted: a model, and one of the painter's keys by its number. Keys do not travel."""

    painter: Literal["", "gemini", "storyboard"] = ""
    """Empty: the one that the worker process was started with."""
    model: str = ""
    key: int = 0


class Usage(Frozen):
    """What a picture cost, as the service reported it; zeros for the built-in painter."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    is_relaxed: bool = False
    """Whether the service says that it was done at the relaxed tier, for half the price."""

    @property
    def tokens(self) -> tuple[int, int]:
        """Those of the input and those of the output, thoughts among them: that is how they are billed."""
        return self.prompt_tokens, self.output_tokens + self.thought_tokens


class Painting(Frozen):
    """A finished picture. It is held in memory, so that no disk without room can lose what was paid for."""

    data: bytes = Field(default=b"", exclude=True, repr=False)
    """The file. Not part of the JSON form: it travels beside it."""
    mime: str
    width: int
    height: int
    painter: str
    model: str = ""
    usage: Usage = Usage()
    finish_reason: str = ""
    size: int = 0
    """Of `data`, in bytes."""
    digest: str = ""
    """The first 12 hexadecimal digits of their SHA-256."""
    small_copy: Base64Bytes = b""
    """A small copy of it, where the picture itself is too large to be opened as a reference again."""


RELAXED_SECONDS = 300.0
"""For a request at the relaxed tier, which waits for room."""


def longest_seconds(timeout_seconds: float, *, is_relaxed: bool) -> float:
    """How long a request may take where others may take `timeout_seconds`."""
    return max(timeout_seconds, RELAXED_SECONDS) if is_relaxed else timeout_seconds


def digest_of(data: bytes) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of `data`. Blocking: some milliseconds for a large picture."""
    return hashlib.sha256(data).hexdigest()[:12]

"""Values that go to a painter or into a recap and come back, also between processes."""

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
    """A picture that a person added to their request."""
    PLACE = "place"
    """A place of the story, by name."""
    PREVIOUS = "previous"
    """The channel's last picture, so that the room stays the same."""
    BASE = "base"
    """The picture that is to be varied."""
    SHEET = "sheet"
    """A contact sheet that several characters share, each labelled with a name."""


DRAWN_BY_STORYBOARD = frozenset({Role.GAME_MASTER, Role.CHARACTER})
"""The roles that the storyboard painter shows; it has no use for other pictures."""


class Frozen(BaseModel):
    """Base of the values that travel through scene-art and over the pipes of worker processes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Picture(Frozen):
    """A prepared reference: a PNG, JPEG or WebP file of at most 1,536 px on the long side."""

    path: Path
    mime: str
    width: int
    height: int


class Depicted(Frozen):
    """Whom a picture shows, as far as it is known."""

    names: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    """The players of those characters, and the owners of their entries in the cast book."""
    story: str = ""
    """The text that it was painted after: it may name more people."""
    silhouettes: tuple[str, ...] = ()
    """Names that the picture shows as silhouettes, and therefore not."""
    address: str = ""
    """Where the picture was found; empty when it is kept."""


class CastMember(Frozen):
    """Somebody in the picture. `picture` is None for those who are drawn from the text."""

    name: str
    role: Role
    picture: Picture | None = None
    description: str = ""
    missing_because: str = ""
    """The reason why there is no picture, for the operator and the record; empty when none was named."""
    told_because: Sentence | None = None
    """The reason for people; None when no download failed."""
    silhouette: bool = False
    """Marks somebody who does not want to be depicted: they are shown as a plain dark shape."""
    user_ids: tuple[str, ...] = ()
    """The players to whom the game gives the character."""
    owner_id: str = ""
    """The owner of the character's entry in the cast book, where the game gives the name to nobody."""


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
    """The system instruction: the safety directive first, the operator's house rules below it."""
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
    """True: the request may take minutes, for half the price, where the service offers that."""
    seed: int = 0
    """Another seed gives another picture of the same moment. 32 bits; today the storyboard painter alone reads it."""


class ModelAndKey(Frozen):
    """The painter, the model and the number of the key for one request. The keys themselves do not travel."""

    painter: Literal["", "gemini", "storyboard"] = ""
    """The painter's name; empty for the one that the worker process was started with."""
    model: str = ""
    key: int = 0


class Usage(Frozen):
    """The cost of a picture in tokens, as the service reported it; zeros for the built-in painter."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    is_relaxed: bool = False
    """True: the service reports the relaxed tier, at half the price."""

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens as they are billed: (input, output), with the thoughts in the output."""
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
    """The size of `data`, in bytes."""
    digest: str = ""
    """The first 12 hexadecimal digits of the SHA-256 of `data`."""
    small_copy: Base64Bytes = b""
    """A small copy, where the picture itself is too large to be opened as a reference again; else empty."""


class Panel(Frozen):
    """One scene of a recap."""

    picture: Picture | None = None
    """The scene's picture; None when it is gone."""
    story: str
    """The whole text of the scene."""
    caption: str
    """The sentence of the story that says most."""
    alt: str = ""
    names: tuple[str, ...] = ()
    when: str = ""
    """The day and the hour, in the reader's language."""


class Chapter(Frozen):
    """A session to make a recap of, the oldest scene first."""

    title: str
    subtitle: str = ""
    foot: str = ""
    """The line at the end of the comic page."""
    language: str = "en"
    panels: tuple[Panel, ...]


RELAXED_SECONDS = 300.0
"""Time limit of a request at the relaxed tier, which waits for free capacity."""


def longest_seconds(timeout_seconds: float, *, is_relaxed: bool) -> float:
    """Return the time limit of a request: `timeout_seconds`, or more at the relaxed tier."""
    return max(timeout_seconds, RELAXED_SECONDS) if is_relaxed else timeout_seconds


def digest_of(data: bytes) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of `data`. Blocks for some milliseconds with a large picture."""
    return hashlib.sha256(data).hexdigest()[:12]

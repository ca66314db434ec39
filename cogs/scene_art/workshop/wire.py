"""What goes over the pipe between the host and the workshop, one JSON object per line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ..painters import Brief, Brush, Frozen, Painting, Picture
from ..recap.panels import Chapter
from ..redaction import Guarded

MAX_LINE_BYTES = 8 * 1024 * 1024


class Equipment(Guarded, Frozen):
    """The first line: what the workshop needs to know. Holds the keys, so that it is never logged."""

    kind: Literal["equipment"] = "equipment"
    folder: Path
    painter: Literal["gemini", "storyboard"]
    keys: tuple[str, ...] = Field(default=(), repr=False)
    paint_timeout_seconds: float = 90.0
    trusted_hosts: str = ""
    reference_fresh_seconds: float = 3600.0
    words_file: Path | None = None
    """The operator's own words for the storyboard painter."""


class LoadReference(Frozen):
    """Fetch, decode and shrink the picture at an address, or a file of our own. Answers with a `Picture`."""

    kind: Literal["load"] = "load"
    url: str = ""
    group: str = ""
    """On whose behalf an address is opened, such as a guild's id: what is busy is shared out among groups."""
    file: Path | None = None


class LoadGiven(Frozen):
    """Decode and shrink a picture of somebody's, from a file that is removed afterwards. Answers with a `Picture`."""

    kind: Literal["given"] = "given"
    file: Path


class SheetEntry(Frozen):
    """One labelled picture of a contact sheet."""

    name: str
    path: Path


class MakeSheet(Frozen):
    """Put pictures on one labelled contact sheet. Answers with a `Picture`."""

    kind: Literal["sheet"] = "sheet"
    entries: tuple[SheetEntry, ...]


class ScaleDown(Frozen):
    """Scale a prepared picture down to `side` pixels on the long side. Answers with a `Picture`."""

    kind: Literal["scale"] = "scale"
    file: Path
    side: int


class DrawPage(Frozen):
    """Draw a comic page, of at most `upload_limit` bytes. Answers with a `Painting`."""

    kind: Literal["page"] = "page"
    chapter: Chapter
    upload_limit: int


class BindChapter(Frozen):
    """Bind a chapter to read, of at most `upload_limit` bytes where that can be. Answers with its file."""

    kind: Literal["chapter"] = "chapter"
    chapter: Chapter
    upload_limit: int


class Paint(Frozen):
    """Paint, and step the picture down until it has at most `upload_limit` bytes. Answers with a `Painting`."""

    kind: Literal["paint"] = "paint"
    brief: Brief
    brush: Brush
    upload_limit: int


class LookAt(Frozen):
    """Ask the service whether this key and this model work; costs nothing. Answers with nothing, or the error."""

    kind: Literal["look"] = "look"
    brush: Brush


class Shrink(Frozen):
    """Step a finished picture down once more. Answers with a `Painting`."""

    kind: Literal["shrink"] = "shrink"
    painting: Painting
    upload_limit: int


Order = Annotated[
    LoadReference | LoadGiven | MakeSheet | ScaleDown | DrawPage | BindChapter | Paint | LookAt | Shrink,
    Field(discriminator="kind"),
]


class Call(Frozen):
    """An order with its number."""

    kind: Literal["call"] = "call"
    number: int
    order: Order


class Cancel(Frozen):
    """Nobody waits for this call any more."""

    kind: Literal["cancel"] = "cancel"
    number: int


class Answer(Frozen):
    """The result of a call: one of the four is set, or none where there is nothing to tell."""

    kind: Literal["answer"] = "answer"
    number: int
    picture: Picture | None = None
    painting: Painting | None = None
    file: Path | None = None
    error: dict[str, object] | None = None


class LogLine(Frozen):
    """Something for the host's log."""

    kind: Literal["log"] = "log"
    level: int
    logger: str
    text: str


class Ready(Frozen):
    """The workshop is warmed up."""

    kind: Literal["ready"] = "ready"


ToWorkshop: TypeAdapter[Equipment | Call | Cancel] = TypeAdapter(
    Annotated[Equipment | Call | Cancel, Field(discriminator="kind")]
)
ToHost: TypeAdapter[Answer | LogLine | Ready] = TypeAdapter(
    Annotated[Answer | LogLine | Ready, Field(discriminator="kind")]
)

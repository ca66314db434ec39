"""The protocol of the pipes between the host and a worker process.

Each line is a JSON object. Behind the line of a call or an answer come as many plain bytes as its `size` says.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ..domain.painting import Chapter, Frozen, ModelAndKey, Painting, Picture, Prompt
from ..redaction import Guarded

MAX_LINE_BYTES = 8 * 1024 * 1024


class Worker(StrEnum):
    """The worker processes. Each is started, ended and started again without the other."""

    PAINTER = "painter"
    """Paid work alone: requests to Gemini, and the last step to an uploadable picture."""
    PICTURES = "pictures"
    """Work that is free to repeat: other people's pictures, contact sheets, recaps, the storyboard painter."""


class WorkerConfig(Guarded, Frozen):
    """The configuration of a worker: its first line. Holds the keys, and so is never logged."""

    worker: Worker = Worker.PICTURES
    folder: Path
    painter: Literal["gemini", "storyboard"]
    keys: tuple[str, ...] = Field(default=(), repr=False)
    paint_timeout_seconds: float = 90.0
    trusted_hosts: str = ""
    reference_fresh_seconds: float = 3600.0
    words_file: Path | None = None
    """The operator's own word file for the storyboard painter."""


class Grouped(Frozen):
    """A request whose turn is that of a group, such as a guild's id: threads and slots are shared out among groups."""

    group: str = ""


class LoadReference(Grouped):
    """Fetch, decode and shrink the picture at an address, or in a file of the operator's. Answers with a `Picture`."""

    kind: Literal["load"] = "load"
    url: str = ""
    file: Path | None = None


class LoadGiven(Grouped):
    """Decode and shrink an uploaded picture, from a file that is removed afterwards. Answers with a `Picture`."""

    kind: Literal["given"] = "given"
    file: Path


class MakeSheet(Grouped):
    """Put pictures, each with its name, on one contact sheet. Answers with a `Picture`."""

    kind: Literal["sheet"] = "sheet"
    entries: tuple[tuple[str, Path], ...]


class ScaleDown(Grouped):
    """Scale a prepared picture down to `side` pixels on the long side. Answers with a `Picture`."""

    kind: Literal["scale"] = "scale"
    file: Path
    side: int


class DrawRecap(Grouped):
    """Draw a comic page, or write a chapter to read, of at most `upload_limit` bytes, a chapter if possible.

    A page answers with a `Painting`, a chapter with its bytes.
    """

    kind: Literal["page", "chapter"]
    chapter: Chapter
    upload_limit: int


class Paint(Grouped):
    """Paint, and re-encode the picture until it has at most `upload_limit` bytes. Answers with a `Painting`."""

    kind: Literal["paint"] = "paint"
    prompt: Prompt
    model_and_key: ModelAndKey
    upload_limit: int


class LookAt(Frozen):
    """Check with the service that key and model work, which costs nothing. Answers with nothing, or the error."""

    kind: Literal["look"] = "look"
    model_and_key: ModelAndKey


class Shrink(Grouped):
    """Re-encode a finished picture, whose bytes follow, once more. Answers with a `Painting`."""

    kind: Literal["shrink"] = "shrink"
    painting: Painting
    upload_limit: int


WorkerRequest = Annotated[
    LoadReference | LoadGiven | MakeSheet | ScaleDown | DrawRecap | Paint | LookAt | Shrink,
    Field(discriminator="kind"),
]


class Call(Frozen):
    """A request with its number."""

    kind: Literal["call"] = "call"
    number: int
    request: WorkerRequest
    size: int = 0


class Cancel(Frozen):
    """Cancel a call that nobody waits for any more."""

    kind: Literal["cancel"] = "cancel"
    number: int


class Answer(Frozen):
    """The result of a call: a picture, a painting or an error; none of them where the bytes are all, or nothing is."""

    kind: Literal["answer"] = "answer"
    number: int
    picture: Picture | None = None
    painting: Painting | None = None
    error: dict[str, object] | None = None
    size: int = 0
    data: bytes = Field(default=b"", exclude=True, repr=False)


class Deadline(Frozen):
    """Promise that the call's next step ends within so many seconds. None: it waits for others."""

    kind: Literal["deadline"] = "deadline"
    number: int
    seconds: float | None


class Heartbeat(Frozen):
    """The worker's event loop is alive; calls may wait on."""

    kind: Literal["heartbeat"] = "heartbeat"


class LogLine(Frozen):
    """A line for the host's log."""

    kind: Literal["log"] = "log"
    level: int
    logger: str
    text: str


FromHost = Call | Cancel
FromWorker = Answer | Deadline | Heartbeat | LogLine
ToWorker: TypeAdapter[FromHost] = TypeAdapter(Annotated[FromHost, Field(discriminator="kind")])
ToHost: TypeAdapter[FromWorker] = TypeAdapter(Annotated[FromWorker, Field(discriminator="kind")])


def line_of(message: WorkerConfig | FromHost | FromWorker) -> bytes:
    """Encode a message as a line."""
    return message.model_dump_json().encode() + b"\n"

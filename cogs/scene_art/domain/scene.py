"""One scene from the moment it was heard: the record that the store keeps."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from ..i18n import Sentence
from .painting import Painting, Usage


class SceneState(StrEnum):
    """Where a scene is on its way."""

    WAITING = "waiting"
    """Heard; its request, its fallback or the cooldown is still to come."""
    PAINTING = "painting"
    """References are gathered and the painter works."""
    PAINTED = "painted"
    """The picture is there and kept in the store; from here on nothing is paid again."""
    POSTING = "posting"
    """The picture is on its way to Discord, which may have it already."""
    POSTED = "posted"
    """Done: `message_id` is the Discord message."""
    SKIPPED = "skipped"
    """A newer scene was drawn instead; can be drawn on demand."""
    REFUSED = "refused"
    """The painter declined; `reason` says why."""
    FAILED = "failed"
    """Something else went wrong; `reason` says what."""
    CANCELLED = "cancelled"
    """Somebody did not want it any more."""

    @property
    def finished(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in {SceneState.WAITING, SceneState.PAINTING, SceneState.PAINTED, SceneState.POSTING}


class Source(StrEnum):
    """Who asked for the scene."""

    REQUEST = "request"
    """The game's `game:art:request`."""
    TURN = "turn"
    """A turn for which no request came."""
    PERSON = "person"
    """Somebody in Discord: a rerender, or a scene of their own."""


class UsedReference(BaseModel):
    """One member of the cast as the painter was given it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    role: str
    arrived: bool
    missing_because: str = ""
    told_because: Sentence | None = None
    """The same for people, where fetching it failed."""


class PromptRecord(BaseModel):
    """What the painter was told, kept for `why`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt: str = ""
    references: tuple[UsedReference, ...] = ()


def sum_of(*dollars: float) -> float:
    """A sum of money in whole millionths of a dollar, as the budget counts it."""
    return round(sum(dollars), 6)


class Scene(BaseModel):
    """A scene and everything known about it. Frozen: every step makes a changed copy (`moved`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    """16 hexadecimal digits; also the stem of the nonce and of the buttons' ids."""
    channel_id: str
    source: Source
    narrative: str
    guild_id: str | None = None
    game_name: str = ""
    character_urls: tuple[str, ...] = ()
    character_names: tuple[str, ...] = ()
    aspect_ratio: str = ""
    look_up_cast: bool = False
    """Whether the characters come from the game's state, since the event named none."""
    turn_id: str | None = None
    reply_to: str | None = None
    """The Discord message that holds the narrative."""

    state: SceneState = SceneState.WAITING
    reason: str = ""
    """Why it was skipped, refused or failed: one line for the operator."""
    code: str = ""
    """The same for programs: one word, such as an error's `code`."""
    sentence: Sentence = Sentence("")
    """The same for people."""
    progress: str = ""
    """What is being done right now, for the person who watches."""

    heard_at: float = 0.0
    started_at: float | None = None
    painted_at: float | None = None
    finished_at: float | None = None
    attempts: int = 0
    """Requests to the painter so far, each counted before it was sent."""
    asked_at: float | None = None
    """When the last of them was sent."""
    prohibited: int = 0
    """How often the service called what it was asked prohibited: the first time leaves the text alone, the second
    nothing."""
    starts: int = 0
    """How often it was begun without coming to an end or being put off: one more than its process died."""
    resume_at: float | None = None
    """Put off until then (unix seconds); `reason` says why."""
    put_offs: int = 0
    closed: bool = False
    """It waits for the channel to be opened to the bot again."""

    notes: str = ""
    style: str = ""
    redo_of: str | None = None
    """The scene that it was painted again from."""
    origin_message_id: str | None = None
    """The message that showed it then."""
    vary: bool = False
    """Whether the picture of `redo_of` goes along, to be changed a little."""
    uploads: tuple[str, ...] = ()
    """Reference pictures that a person added; see `keeping.uploads`.

    Of a variation `by_answer` the first one is the picture that it varies.
    """
    requested_by: str | None = None
    by_answer: bool = False
    """Shown as the answer to a command, since the bot itself is not where it was asked for."""
    seed: int = 0

    brief: PromptRecord = PromptRecord()
    painter: str = ""
    model: str = ""
    usage: Usage = Usage()
    finish_reason: str = ""
    cost: float = 0.0
    """US dollars for all requests that have ended."""
    reserved: float | None = None
    """US dollars set aside for the request that is under way; None when none is."""
    charged: bool = False
    """A request of it was billed, or may have been: it counts against limits, whatever became of the picture."""
    paint_seconds: float = 0.0
    price: float = 0.0
    """About what another picture would cost, in US dollars; 0 where that is nothing, or not to be shown."""
    mime: str = ""
    """Of the kept picture."""
    has_copy: bool = False
    """Whether a small copy is kept with the record, since the picture is too large to be opened as a reference."""
    message_id: str | None = None
    attachment_url: str = ""
    """Where Discord has the picture; its signature ends after about a day."""
    hidden: bool = False
    """Posted as a spoiler: covered until somebody clicks on it."""
    deleted_by: str | None = None
    """Whoever had the picture deleted through scene-art; `message_id` is None then."""

    @property
    def nonce(self) -> str:
        """The same for every attempt to post this scene; Discord takes at most 25 characters."""
        return f"sa{self.id}"

    @property
    def has_picture(self) -> bool:
        """Whether it was painted and not yet posted."""
        return self.state in {SceneState.PAINTED, SceneState.POSTING}

    @property
    def is_charged(self) -> bool:
        """Whether something was sent that is paid for, even if nobody wants the picture any more."""
        return self.charged or self.reserved is not None

    @property
    def was_had(self) -> bool:
        """Tell whether it was painted, or paid for all the same."""
        return self.painted_at is not None or self.charged

    @property
    def is_kept(self) -> bool:
        """Whether its picture came after it was cancelled: it is kept for a while, and posted nowhere."""
        return self.state is SceneState.CANCELLED and self.painted_at is not None

    def settled(self) -> Self:
        """A copy in which a request under way counts as spent: nobody awaits its answer any more."""
        if self.reserved is None:
            return self
        return self.model_copy(update={"cost": sum_of(self.cost, self.reserved), "reserved": None, "charged": True})

    @property
    def fetched(self) -> tuple[int, int]:
        """How many reference pictures were looked at, and of how many."""
        numbers = [int(word) for word in self.progress.split() if word.isdecimal()]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)

    def moved(self, state: SceneState, **changes: object) -> Self:
        """A copy in another state."""
        return self.model_copy(update={"state": state, **changes})

    def painted_with(self, painting: Painting, at: float) -> Self:
        """A copy that tells how its picture came about."""
        told = {"painter": painting.painter, "model": painting.model, "usage": painting.usage, "mime": painting.mime}
        more = {"finish_reason": painting.finish_reason, "has_copy": bool(painting.small_copy), "painted_at": at}
        return self.model_copy(update=told | more)

    def title(self, limit: int = 80) -> str:
        """The beginning of the story on one line, to tell scenes apart in a list."""
        line = " ".join(self.narrative.split())
        return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"

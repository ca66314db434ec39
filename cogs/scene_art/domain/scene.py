"""One scene from its event on: the record that the store keeps, and the scenes that one run works on."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field

from ..i18n import Sentence
from .painting import Frozen, Painting, Role, Usage


class SceneState(StrEnum):
    """The stages of a scene."""

    WAITING = "waiting"
    """It waits for its request, for its fallback or for the end of the cooldown."""
    PAINTING = "painting"
    """References are gathered and the painter works."""
    PAINTED = "painted"
    """As `POSTING`, and surely not posted yet: written by the version before."""
    POSTING = "posting"
    """The picture is kept in the store and on its way to Discord, which may have it already. Nothing is paid again."""
    POSTED = "posted"
    """Done: `message_id` is the Discord message."""
    SKIPPED = "skipped"
    """A newer scene was drawn instead; this one can be drawn on demand."""
    REFUSED = "refused"
    """The painter declined; `reason` says why."""
    FAILED = "failed"
    """Something else went wrong; `reason` says what."""
    CANCELLED = "cancelled"
    """Somebody cancelled it."""

    @property
    def finished(self) -> bool:
        """True once nothing more happens by itself."""
        return self not in {SceneState.WAITING, SceneState.PAINTING, SceneState.PAINTED, SceneState.POSTING}


class Source(StrEnum):
    """The origin of a scene."""

    REQUEST = "request"
    """The game's `game:art:request`."""
    TURN = "turn"
    """A turn for which no request came."""
    PERSON = "person"
    """Somebody in Discord: a rerender, or a scene of their own."""


class UsedReference(Frozen):
    """One member of the cast as the painter was given it."""

    name: str
    role: str
    arrived: bool
    missing_because: str = ""
    told_because: Sentence | None = None
    """The reason for people; None when no download failed."""
    user_ids: tuple[str, ...] | None = None
    """The players to whom the game gave the character when it was drawn; None in records of earlier versions."""
    owner_id: str = ""
    """The owner of its entry in the cast book then, where the game gave the name to nobody."""

    @property
    def people(self) -> set[str]:
        """The user ids of all whose character it was, as far as they are recorded."""
        return {*(self.user_ids or ()), self.owner_id} - {""}


class PromptRecord(Frozen):
    """The prompt and the references of a scene, kept for `why`."""

    prompt: str = ""
    references: tuple[UsedReference, ...] = ()
    mentioned: tuple[str, ...] = ()
    """The user ids of players whose character only the story names."""


def sum_of(*dollars: float) -> float:
    """Add up US dollars, rounded to millionths as the budget counts them."""
    return round(sum(dollars), 6)


class Scene(Frozen):
    """A scene and everything known about it. Frozen: every step makes a changed copy (`moved`)."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    id: str
    """16 hexadecimal digits; also the stem of the nonce and of the buttons' ids."""
    channel_id: str
    """The channel or thread under which its record is kept, where buttons look for it, and where its picture lies."""
    source: Source
    narrative: str
    guild_id: str | None = None
    game_name: str = ""
    character_urls: tuple[str, ...] = ()
    character_names: tuple[str, ...] = ()
    aspect_ratio: str = ""
    look_up_cast: bool = False
    """True: the characters come from the game's state, since the event named none."""
    turn_id: str | None = None
    reply_to: str | None = None
    """The Discord message that holds the narrative."""

    state: SceneState = SceneState.WAITING
    reason: str = ""
    """The reason why it was skipped, refused or failed: one line for the operator."""
    code: str = ""
    """The reason for programs: one word, such as an error's `code`."""
    sentence: Sentence = Sentence("")
    """The reason for people."""
    progress: str = ""
    """The current step, for the person who watches."""

    heard_at: float = 0.0
    started_at: float | None = None
    painted_at: float | None = None
    finished_at: float | None = None
    attempts: int = 0
    """Requests to the painter so far, each counted before it was sent."""
    asked_at: float | None = None
    """The time of the last request, in unix seconds."""
    prohibited: int = 0
    """Requests that the service called prohibited. After one only the text is sent, after two nothing."""
    starts: int = 0
    """Starts that did not come to an end or to a delay: one more than the times that its process died."""
    resume_at: float | None = None
    """The time until which it is put off (unix seconds); `reason` says why."""
    put_offs: int = 0
    closed: bool = False
    """True: it waits until the bot may post in the channel again."""

    notes: str = ""
    style: str = ""
    rerender_of: str | None = Field(default=None, alias="redo_of")
    """The id of the scene that it is a rerender of."""
    origin_message_id: str | None = None
    """The message that showed the original scene when the rerender was asked for."""
    vary: bool = False
    """True: the painter gets the picture of `rerender_of`, to change it a little."""
    uploads: tuple[str, ...] = ()
    """Reference pictures that a person added; see `store.uploads`."""
    requested_by: str | None = None
    seed: int = 0

    prompt_record: PromptRecord = Field(default=PromptRecord(), alias="brief")
    painter: str = ""
    model: str = ""
    usage: Usage = Usage()
    finish_reason: str = ""
    cost: float = 0.0
    """US dollars for all requests that have ended."""
    reserved: float | None = None
    """US dollars reserved for the request under way; None when there is none."""
    charged: bool = False
    """True: one of its requests was billed, or may have been. It counts against limits then, even without a picture."""
    paint_seconds: float = 0.0
    price: float = 0.0
    """Estimated price of another picture, in US dollars; 0 where it is free, or where it is not shown."""
    mime: str = ""
    """MIME type of the kept picture."""
    has_copy: bool = False
    """True: a small copy is kept with the record, since the picture is too large to be opened as a reference."""
    message_id: str | None = None
    attachment_url: str = ""
    """Discord's address of the picture. Its signature expires after about a day."""
    is_spoiler: bool = Field(default=False, alias="hidden")
    """True: it is posted as a spoiler, covered until somebody clicks on it."""
    deleted_by: str | None = None
    """The user who had the picture deleted through scene-art; `message_id` is None then."""

    @property
    def cast(self) -> tuple[str, ...]:
        """The names of the characters in the picture, without the game master."""
        drawn = tuple(ref.name for ref in self.prompt_record.references if ref.role == Role.CHARACTER and ref.name)
        return drawn or self.character_names

    @property
    def server_id(self) -> str:
        """The id that a server's things are kept and counted under: the channel's in direct messages."""
        return self.guild_id or self.channel_id

    @property
    def nonce(self) -> str:
        """The nonce of every attempt to post this scene. Discord takes at most 25 characters."""
        return f"sa{self.id}"

    @property
    def has_picture(self) -> bool:
        """True while it is painted and not yet posted."""
        return self.state in {SceneState.PAINTED, SceneState.POSTING}

    @property
    def is_charged(self) -> bool:
        """True once a request was sent that is paid for, even if nobody wants the picture any more."""
        return self.charged or self.reserved is not None

    @property
    def was_had(self) -> bool:
        """True once it was painted, or paid for without a picture."""
        return self.painted_at is not None or self.charged

    @property
    def is_kept(self) -> bool:
        """True when its picture came after the cancellation: it is kept for a while, and posted nowhere."""
        return self.state is SceneState.CANCELLED and self.painted_at is not None

    def settled(self) -> Self:
        """Return a copy in which the request under way counts as spent, since nobody awaits its answer any more."""
        if self.reserved is None:
            return self
        return self.model_copy(update={"cost": sum_of(self.cost, self.reserved), "reserved": None, "charged": True})

    @property
    def fetched(self) -> tuple[int, int]:
        """The progress of loading references: (done, all); zeros when `progress` has no such numbers."""
        numbers = [int(word) for word in self.progress.split() if word.isdecimal()]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)

    def moved(self, state: SceneState, **changes: object) -> Self:
        """Return a copy in another state, with `changes`."""
        return self.model_copy(update={"state": state, **changes})

    def painted_with(self, painting: Painting, at: float) -> Self:
        """Return a copy with the facts about its picture; `at` is in unix seconds."""
        told = {"painter": painting.painter, "model": painting.model, "usage": painting.usage, "mime": painting.mime}
        more = {"finish_reason": painting.finish_reason, "has_copy": bool(painting.small_copy), "painted_at": at}
        return self.model_copy(update=told | more)

    def title(self, limit: int = 80) -> str:
        """Return the beginning of the story on one line of at most `limit` characters, for lists."""
        line = " ".join(self.narrative.split())
        return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


class UnitOfWork(dict[str, Scene]):
    """The scenes that one run of a channel job works on, by id. Remembers the new ones and the changed ones."""

    def __init__(self, known: dict[str, Scene]) -> None:
        super().__init__(known)
        self._read: dict[str, Scene | None] = dict(known)

    def update_known(self, more: dict[str, Scene]) -> None:
        """Add scenes as they were read."""
        self.update(more)
        self._read |= more

    def rewrite(self, scene: Scene) -> None:
        """Put in the new state of a scene that is in the store already."""
        self[scene.id] = scene
        self._read.setdefault(scene.id, None)

    @property
    def changed(self) -> list[Scene]:
        """The new scenes, and those that differ from what was read."""
        return [scene for scene_id, scene in self.items() if self._read.get(scene_id) is not scene]

    @property
    def added(self) -> list[str]:
        """The ids of the new scenes, which are not listed in their channel yet."""
        return [scene_id for scene_id in self if scene_id not in self._read]

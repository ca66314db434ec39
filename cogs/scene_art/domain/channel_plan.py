"""The planning rules of a channel: one scene at a time, each once. Pure, without any input or output.

`ChannelPlan` is the whole memory of one channel. `apply` has a rule for each kind of event; `next_step` says what to do
now or when to look again. Only one job at a time works on a channel's plan, so that the rules need no locks. Times are
unix seconds. The rules themselves are told in `docs/events.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from .events import ArtRequest, GameEvent, Heard, TurnComplete
from .painting import Frozen
from .scene import Scene, SceneState, Source

PAIRING_SECONDS = 15.0  # a request waits this long for the turn it belongs to
MEMORY_SECONDS = 3600.0  # how long a finished turn and an event's identity are remembered
BARE_EVENT_SECONDS = 5.0  # the same for events that carry neither turn_id nor ts: processes hear them that far apart
MAX_TURNS = 60
MAX_WAITING = 100
MAX_SEEN = 600
_TOLD = {"channel_id", "narrative", "guild_id", "game_name", "character_urls", "character_names", "turn_id"}
"""The fields that an event and its scene have in common."""


class TurnState(StrEnum):
    """The stage of a turn in the plan."""

    WAITING = "waiting"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


class Turn(Frozen):
    """One turn, or a request that still waits for its turn."""

    scene_id: str
    order: int
    heard_at: float
    due_at: float
    turn_id: str | None = None
    has_turn: bool = False
    requested_at: float | None = None
    resume_at: float | None = None
    """Begun, then put off until this time."""
    state: TurnState = TurnState.WAITING


@dataclass(frozen=True)
class Start:
    """Draw this scene now; the older ones were overtaken."""

    scene_id: str
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class WakeAt:
    """Nothing to do before this time (unix seconds); None: nothing is waiting."""

    when: float | None


OPEN_STATES = frozenset({TurnState.WAITING, TurnState.STARTED})


class ChannelPlan(BaseModel):
    """The plan of one channel. Kept as one JSON record in Redis; changed only by the channel's own job."""

    next_order: int = 0
    turns: list[Turn] = []
    cooldown_from: float | None = None
    """The start of the last automatic picture that did not fail."""
    cooldown_before: float | None = None
    """The value of `cooldown_from` before the picture now in work started."""
    seen: dict[str, float] = {}
    """Until when an event's identity is remembered."""
    home: str | None = None
    """The server that Discord said the channel is in, empty for direct messages; None: it was never asked."""

    @property
    def is_known(self) -> bool:
        """True: this was a channel of the bot's before."""
        return self.home is not None or bool(self.turns)

    def changeable_scenes(self, events: Sequence[Heard]) -> list[str]:
        """The ids of the scenes that these events, each with the time at which it was heard, could change.

        A request changes waiting scenes only; a turn also tells a request's scene where to reply to.
        """
        turns_heard = [at for at, event in events if isinstance(event, TurnComplete)]
        recent = min(turns_heard, default=0.0) - PAIRING_SECONDS
        return [
            turn.scene_id
            for turn in self.turns
            if turn.state is TurnState.WAITING
            or (turns_heard and turn.state is TurnState.STARTED)
            or (turns_heard and not turn.has_turn and turn.heard_at >= recent)
        ]

    def apply(self, event: GameEvent, scenes: dict[str, Scene], heard_at: float, fallback: timedelta) -> str | None:
        """Take in an event that was heard at `heard_at` (unix seconds). Doing it twice changes nothing.

        Puts new and changed scenes into `scenes`, the known ones. `fallback` is the longest wait of a turn for its
        request. Returns the id of the scene that a request belongs to; None for other events, and when it was heard
        before.
        """
        if not self._remember(event, heard_at):
            return None
        if isinstance(event, ArtRequest):
            return self._apply_request(event, scenes, heard_at)
        if isinstance(event, TurnComplete):
            self._apply_turn(event, scenes, heard_at, heard_at + fallback.total_seconds())
        return None

    def _remember(self, event: GameEvent, heard_at: float) -> bool:
        """Note the event's identity. False: it was heard before, and must not be taken in again."""
        if self.seen.get(event.event_id, 0.0) >= heard_at:
            return False
        strong = event.turn_id is not None or event.ts is not None
        self.seen[event.event_id] = heard_at + (MEMORY_SECONDS if strong else BARE_EVENT_SECONDS)
        return True

    def _apply_request(self, event: ArtRequest, scenes: dict[str, Scene], now: float) -> str:
        turn = self._turn_of_request(event) or self._add(event, now, due_at=now)
        if turn.state is TurnState.WAITING and turn.requested_at is None:
            known = scenes.get(turn.scene_id)  # none for a new one, or where the store has given its record up
            scenes[turn.scene_id] = requested(known, event) if known else scene_of_request(event, turn.scene_id, now)
            self._replace(turn.scene_id, requested_at=now, due_at=now, turn_id=turn.turn_id or event.turn_id)
        return turn.scene_id

    def _turn_of_request(self, event: ArtRequest) -> Turn | None:
        """The turn with the request's id, else the newest silent one that may be it: never one with another id.

        A failed turn that is asked for again takes no other turn's place.
        """
        if event.turn_id is not None and any(t.turn_id == event.turn_id for t in self.turns):
            return self._by_id(event.turn_id)
        silent = [
            t
            for t in self.turns
            if t.state is TurnState.WAITING
            and t.has_turn
            and t.requested_at is None
            and (t.turn_id is None or event.turn_id is None)
        ]
        return max(silent, key=lambda t: t.order, default=None)

    def _apply_turn(self, event: TurnComplete, scenes: dict[str, Scene], now: float, due_at: float) -> None:
        """Take a turn in: a scene of its own, or more about its request's."""
        turn = self._request_of_turn(event, now)
        if turn is not None:
            if turn.scene_id in scenes:
                scenes[turn.scene_id] = merge_turn(scenes[turn.scene_id], event)
            self._replace(turn.scene_id, has_turn=True, turn_id=turn.turn_id or event.turn_id)
        elif event.art:
            turn = self._add(event, now, due_at=due_at)
            scenes[turn.scene_id] = scene_of_turn(event, turn.scene_id, now)
            self._replace(turn.scene_id, has_turn=True)

    def _request_of_turn(self, event: TurnComplete, now: float) -> Turn | None:
        if event.turn_id is not None and (exact := self._by_id(event.turn_id)):
            return exact
        lonely = [
            t
            for t in self.turns
            if not t.has_turn
            and (t.turn_id is None or event.turn_id is None)
            and t.requested_at is not None
            and now - t.requested_at <= PAIRING_SECONDS
        ]
        return min(lonely, key=lambda t: (t.turn_id is not None, t.order), default=None)

    def _by_id(self, turn_id: str) -> Turn | None:
        """The turn with this id. A failed one does not count: the game may ask for it again."""
        same = (t for t in self.turns if t.turn_id == turn_id and t.state is not TurnState.FAILED)
        return next(same, None)

    def _add(self, event: GameEvent, now: float, *, due_at: float) -> Turn:
        scene_id = hashlib.sha256(f"{event.event_id}:{self.next_order}".encode()).hexdigest()[:16]
        turn = Turn(scene_id=scene_id, order=self.next_order, heard_at=now, due_at=due_at, turn_id=event.turn_id)
        self.next_order += 1
        self.turns.append(turn)
        return turn

    def _replace(self, scene_id: str, **changes: object) -> None:
        at = next(i for i, t in enumerate(self.turns) if t.scene_id == scene_id)
        self.turns[at] = self.turns[at].model_copy(update=changes)

    def next_step(self, now: float, cooldown: timedelta) -> Start | WakeAt:
        """Decide what to do now. A scene that was started and never settled (its process died) is started again."""
        if (begun := self.begun) is not None:
            if begun.resume_at is not None and begun.resume_at > now:
                return WakeAt(begun.resume_at)
            return Start(begun.scene_id)
        waiting = [t for t in self.turns if t.state is TurnState.WAITING]
        if not waiting:
            return WakeAt(None)
        # The moment at which the channel first had both something to draw and leave to draw it. What became due
        # later did not compete for that moment, however late this job looks at it.
        decided_at = min(t.due_at for t in waiting)
        cooldown_from, seconds = self.cooldown_from, cooldown.total_seconds()
        if cooldown_from is not None and cooldown_from <= now + seconds:  # else the clock was set back since
            decided_at = max(decided_at, cooldown_from + seconds)
        if decided_at > now:
            return WakeAt(decided_at)
        ready = sorted((t for t in waiting if t.due_at <= decided_at), key=lambda t: t.order)
        return Start(ready[-1].scene_id, tuple(t.scene_id for t in ready[:-1]))

    @property
    def begun(self) -> Turn | None:
        """The turn in work. There is one at most: the others wait until it has ended."""
        return next((turn for turn in self.turns if turn.state is TurnState.STARTED), None)

    def start(self, step: Start, now: float) -> None:
        """Note that `step` begins now. A scene that is begun again after a crash counts from there."""
        for scene_id in step.skipped:
            self._replace(scene_id, state=TurnState.DONE)
        if self.begun is None:
            self.cooldown_before = self.cooldown_from
        self._replace(step.scene_id, state=TurnState.STARTED, resume_at=None)
        self.cooldown_from = now

    def put_off(self, scene_id: str, until: float) -> None:
        """Note that the started scene is to be gone on with at `until`. The channel's other scenes wait for it."""
        if self._is_begun(scene_id):
            self._replace(scene_id, resume_at=until)

    def settle(self, scene_id: str, *, posted: bool) -> None:
        """Note how the started scene ended. A failed render does not use the cooldown up."""
        if self._is_begun(scene_id):
            self._replace(scene_id, state=TurnState.DONE if posted else TurnState.FAILED)
            if not posted:
                self.cooldown_from = self.cooldown_before

    def _is_begun(self, scene_id: str) -> bool:
        return any(turn.scene_id == scene_id and turn.state is TurnState.STARTED for turn in self.turns)

    def drop_surplus(self, most: int = MAX_WAITING) -> list[str]:
        """The scenes of the oldest waiting turns, where more than `most` wait; they are waited for no more."""
        waiting = [turn for turn in self.turns if turn.state is TurnState.WAITING]
        surplus = waiting[: max(0, len(waiting) - most)]
        for turn in surplus:
            self._replace(turn.scene_id, state=TurnState.DONE)
        return [turn.scene_id for turn in surplus]

    def forget(self, now: float) -> None:
        """Drop what can no longer matter, so that the record stays small."""
        self.seen = {key: until for key, until in self.seen.items() if until >= now}
        if len(self.seen) > MAX_SEEN:
            newest = sorted(self.seen.items(), key=lambda item: item[1])[-MAX_SEEN:]
            self.seen = dict(newest)
        kept = [t for t in self.turns if t.state in OPEN_STATES or now - t.heard_at <= MEMORY_SECONDS]
        closed = [t for t in kept if t.state not in OPEN_STATES]
        surplus = {t.scene_id for t in closed[: max(0, len(kept) - MAX_TURNS)]}
        self.turns = [t for t in kept if t.scene_id not in surplus]


def scene_of_request(event: ArtRequest, scene_id: str, now: float) -> Scene:
    """Return a new scene, as the game's request wants it."""
    return _scene_of(event, scene_id, now, source=Source.REQUEST, aspect_ratio=event.aspect_ratio)


def scene_of_turn(event: TurnComplete, scene_id: str, now: float) -> Scene:
    """Return a new scene, as the turn tells it. Who is in it is looked up where the turn does not say."""
    look_up_cast = not (event.character_urls or event.character_names)
    return _scene_of(event, scene_id, now, source=Source.TURN, look_up_cast=look_up_cast)


def _scene_of(event: GameEvent, scene_id: str, now: float, **more: Any) -> Scene:
    return Scene(
        id=scene_id,
        heard_at=now,
        seed=int(scene_id[:8], 16),
        reply_to=event.message_id,
        **event.model_dump(include=_TOLD),
        **more,
    )


def requested(scene: Scene, event: ArtRequest) -> Scene:
    """Return the waiting turn's scene as the game's request wants it; what the request leaves out stays."""
    return scene.model_copy(
        update={
            "source": Source.REQUEST,
            "look_up_cast": False,
            "narrative": event.narrative,
            "character_urls": event.character_urls or scene.character_urls,
            "character_names": event.character_names or scene.character_names,
            "game_name": event.game_name or scene.game_name,
            "aspect_ratio": event.aspect_ratio,
            "reply_to": event.message_id or scene.reply_to,
            "guild_id": event.guild_id or scene.guild_id,
        }
    )


def merge_turn(scene: Scene, event: TurnComplete) -> Scene:
    """Complete the request's scene with what only the turn knew; a posted one stays as it is."""
    if scene.state is SceneState.POSTED:
        return scene
    return scene.model_copy(
        update={
            "reply_to": scene.reply_to or event.message_id,
            "guild_id": scene.guild_id or event.guild_id,
            "game_name": scene.game_name or event.game_name,
        }
    )

"""The status of a scene for the host: the value of the dispatched events, and the result of a handle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from ..discord_io.captions import alt_text
from ..domain.scene import Scene
from ..i18n import ENGLISH

State = Literal["queued", "posted", "refused", "failed", "skipped", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneStatus:
    """A scene when it was queued, or at its end."""

    scene_id: str | None = None
    """16 hexadecimal digits; None: the request never became a scene, and `reason` says why."""
    channel_id: int
    guild_id: int | None
    """The server's id; None in direct messages, or when the event did not name it."""
    turn_id: str | None
    """The turn's id as the game gave it."""
    source: Literal["request", "turn", "person"] = "request"
    """The scene's origin: the game's request or `illustrate`, a turn without a request, or a person in Discord."""
    requested_by: int | None = None
    """The user id of that person."""
    state: State
    reason: str
    """The code of the reason for no picture, such as `refused`, `budget`, `overtaken`; empty when there is one."""
    detail: str
    """The reason in one line for the operator. It is no text for players, and holds no secret."""
    message_id: int | None = None
    """The Discord message that shows the picture; None also when it was deleted before scene-art got to know it."""
    attachment_url: str | None = None
    """Discord's address of the picture. Its signature expires after about a day."""
    alt: str = ""
    """The picture's alt text, in English."""
    cost: float = 0.0
    """US dollars, for all requests to the painter so far."""
    seconds: float = 0.0
    """Seconds from the event to the end; 0 for a scene that was just queued."""
    ts: float
    """Unix seconds of the end, or of the queueing."""


def queued_status(scene: Scene) -> SceneStatus:
    """Make the status of a scene that was just queued."""
    return _status(scene, "queued", scene.heard_at)


def ended_status(scene: Scene) -> SceneStatus:
    """Make the status of a finished scene."""
    return _status(scene, cast("State", scene.state.value), scene.finished_at or scene.heard_at)


def _status(scene: Scene, state: State, ts: float) -> SceneStatus:
    missing = state not in {"queued", "posted"}
    return SceneStatus(
        scene_id=scene.id,
        channel_id=int(scene.channel_id),
        guild_id=_number(scene.guild_id),
        turn_id=scene.turn_id,
        source=scene.source.value,
        requested_by=_number(scene.requested_by),
        state=state,
        reason=(scene.code or state) if missing else "",
        detail=scene.reason if missing else "",
        message_id=_number(scene.message_id),
        attachment_url=scene.attachment_url or None,
        alt=alt_text(scene, ENGLISH),
        cost=scene.cost,
        seconds=max(0.0, ts - scene.heard_at),
        ts=ts,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text else None

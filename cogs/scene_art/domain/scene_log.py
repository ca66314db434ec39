"""A scene in the log: one line at its end. Earlier remarks appear at DEBUG, and on that line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..text import cut_on_word, one_line
from .scene import Scene, SceneState

log = logging.getLogger(__name__)

MOST_REMARKS = 6
"""Most remarks on one line. An event may name 64 addresses that lead nowhere."""
REMARK_LENGTH = 250

_remarks: ContextVar[list[str] | None] = ContextVar("scene_art_remarks", default=None)


@contextmanager
def remarks_kept() -> Iterator[None]:
    """Collect the texts of `remark` for the line of `tell_end`, both within this context and the tasks begun there."""
    token = _remarks.set([])
    try:
        yield
    finally:
        _remarks.reset(token)


def remark(scene_id: str, text: str) -> None:
    """Note a problem that does not stop the scene, for the operator."""
    line = cut_on_word(one_line(text), REMARK_LENGTH)
    log.debug("scene %s: %s", scene_id, line)
    kept = _remarks.get()
    if kept is not None and line not in kept:
        kept.append(line)


def tell_end(scene: Scene) -> None:
    """Log the end of a scene: its outcome, its channel, its duration, its cost, and the reason."""
    lacking = scene.state in {SceneState.REFUSED, SceneState.FAILED}
    log.log(logging.WARNING if lacking else logging.INFO, "scene %s: %s%s", scene.id, _outcome(scene), _besides())


def _outcome(scene: Scene) -> str:
    if scene.state is SceneState.POSTED:
        end = f" as message {scene.message_id}" if scene.message_id else " and deleted again"
    else:
        end = f": {scene.reason}"
    seconds = (scene.finished_at or scene.heard_at) - scene.heard_at
    cost = f", ${scene.cost:.3f}" if scene.cost else ""
    return f"{scene.state}{end}; channel {scene.channel_id}, {seconds:.1f} s{cost}"


def _besides() -> str:
    kept = _remarks.get() or []
    told = "".join(f"; {line}" for line in kept[:MOST_REMARKS])
    return told + (f"; and {len(kept) - MOST_REMARKS} remarks more" if len(kept) > MOST_REMARKS else "")

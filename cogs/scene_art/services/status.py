"""The status of a channel. Without any Discord type."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.permissions import Requester
from ..domain.scene import Scene, SceneState
from ..settings import Settings
from ..store.budget import Books, Budget
from ..store.queue import Queue
from ..store.references import References
from ..store.scenes import SceneRepository
from .access import AccessControl

ERRORS_TOLD = 3
RECENT = 25


@dataclass(frozen=True)
class KeptReferences:
    """Bytes of reference pictures, each beside its cap: (used, most)."""

    own: tuple[int, int]
    """The person's, over all servers."""
    server: tuple[int, int] | None
    """Those of the server; None for anybody but its moderators."""
    total: tuple[int, int] | None
    """All of the bot's; None for anybody but the operator."""


@dataclass(frozen=True)
class Report:
    """The state of a channel, its server's money and the painter."""

    waiting: int
    """Pictures that people asked for and that no worker has begun."""
    in_progress: int
    """Scenes of this channel that are not finished."""
    books: Books | None
    """The money of this server today; None but for its moderators and the operator."""
    is_operators: bool
    """True: it is the operator's report, who alone is told of the money, the models and the keys of all."""
    troubles: tuple[Scene, ...]
    """The channel's last scenes without a picture, newest first; none for who may not use scene-art there."""
    painter: str
    models: tuple[str, ...]
    keys: int
    """The number of Gemini's keys."""
    references: KeptReferences


class StatusService:
    """Reports the status, and changes nothing. May raise `TransientError`: Redis is away."""

    def __init__(
        self,
        settings: Settings,
        *,
        access: AccessControl,
        repository: SceneRepository,
        queue: Queue,
        budget: Budget,
        references: References,
    ) -> None:
        self._settings = settings
        self._access = access
        self._repository = repository
        self._queue = queue
        self._budget = budget
        self._references = references

    async def report(self, channel_id: str, *, by: Requester) -> Report:
        """Report the status of the channel. Raises as `AccessControl.may_ask`."""
        may_ask = await self._access.may_ask(by, channel_id)
        scenes = await self._repository.recent(channel_id, RECENT)
        troubles = [scene for scene in scenes if scene.state in {SceneState.FAILED, SceneState.REFUSED}]
        return Report(
            waiting=await self._queue.length(),
            in_progress=sum(not scene.state.finished for scene in scenes),
            books=await self._budget.today(by.guild_id) if by.is_moderator or by.is_operator else None,
            is_operators=by.is_operator,
            troubles=tuple(troubles[:ERRORS_TOLD]) if may_ask else (),
            painter=self._settings.chosen_painter,
            models=self._settings.models if self._settings.chosen_painter == "gemini" else (),
            keys=len(self._settings.keys),
            references=await self._kept_references(channel_id, by),
        )

    async def _kept_references(self, channel_id: str, by: Requester) -> KeptReferences:
        usage, caps = await self._references.usage(by.user_id, by.server_of(channel_id)), self._references.caps
        return KeptReferences(
            own=(usage.user, caps.user),
            server=(usage.server, caps.server) if by.guild_id is not None and by.is_moderator else None,
            total=(usage.total, caps.total) if by.is_operator else None,
        )

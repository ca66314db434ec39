"""From a channel's mailbox into its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..domain.events import ArtRequest
from ..domain.scene import SceneState
from ..domain.scene_log import tell_end
from ..domain.unit_of_work import WorkSet
from ..store.channel_settings import Customs
from ..store.lock import Claim
from ..store.records import FollowedRequest
from ..store.scenes import ChannelRecord, Ledger
from .admission import Admission

LETTERS_AT_ONCE = 100
"""So many events of a mailbox are read in one look: a full one may hold some twenty megabytes."""


class Intake:
    """Reads the mail, sorts out what is not for the channel, and writes down what followed from the rest."""

    def __init__(self, ledger: Ledger, admission: Admission, customs: Customs, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._admission = admission
        self._customs = customs
        self._now = now

    async def open(self, channel_id: str, claim: Claim) -> ChannelRecord:
        """The channel's plan and the first letters that are for it, if `claim` was not lost."""
        record = await self._ledger.open_channel(channel_id, claim, LETTERS_AT_ONCE)
        if not claim.lost:
            record.ask_again_in = await self._admission.sift(record)
        return record

    async def take(self, record: ChannelRecord) -> WorkSet:
        """The mailbox's events, taken into the plan; the scenes that this made or changed."""
        letters = [letter for letter in record.letters if letter is not None]
        if not letters:
            return WorkSet({})
        # A request may change a waiting turn's scene, a turn may tell a request's scene where to reply to.
        known = record.plan.changeable_scenes(letters)
        scenes = WorkSet(await self._ledger.scenes(record.channel_id, known))
        customs = await self._customs.of(record.channel_id, record.plan.home or None)
        for heard_at, event in letters:
            scene_id = record.plan.hear(event, scenes, heard_at, customs.fallback)
            if scene_id is not None and isinstance(event, ArtRequest) and event.followed:
                record.followed[event.event_id] = FollowedRequest(scene_id=scene_id)
        self.skip(record.plan.crowd_out(), scenes, "crowded_out", "too many turns waited in this channel")
        if not customs.automatic:
            why = "automatic pictures are switched off in this channel"
            self.skip(record.plan.crowd_out(0), scenes, "switched_off", why)
        record.plan.forget(self._now())
        return scenes

    def skip(self, scene_ids: Sequence[str], scenes: WorkSet, code: str, why: str) -> None:
        """Note that these will not be drawn by themselves."""
        for scene_id in scene_ids:
            if scene_id in scenes:
                scenes[scene_id] = scenes[scene_id].moved(
                    SceneState.SKIPPED, reason=why, code=code, finished_at=self._now()
                )
                tell_end(scenes[scene_id])

    async def commit(self, record: ChannelRecord, scenes: WorkSet) -> None:
        """Write down what followed from the mail, and take it out of the mailbox."""
        if record.letters or scenes.changed:
            await self._ledger.commit(record, scenes.changed, scenes.added)

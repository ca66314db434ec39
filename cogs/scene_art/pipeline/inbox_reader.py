"""From a channel's inbox into its plan, and back into the store.

Events for channels that the bot is not in, and those of another server, are dropped before anything is planned, so that
they leave no scene and no plan behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from ..discord_io.channel_lookup import LookLaterError
from ..discord_io.channels import Channels
from ..domain.channel_plan import Start, WakeAt
from ..domain.events import ArtRequest
from ..domain.permissions import place_refusal
from ..domain.preferences import ChannelSettings
from ..domain.scene import SceneState, UnitOfWork
from ..domain.scene_log import tell_end
from ..errors import ChannelClosedError, PostError
from ..host.announcer import Announcer
from ..ingest.rate_limits import ThrottledLog
from ..settings import Settings
from ..store.blocks import Blocks
from ..store.channel_settings import ChannelSettingsReader
from ..store.inbox import ChannelRecord, Inbox
from ..store.lock import Lock
from ..store.records import FollowedRequest
from ..store.scenes import SceneRepository
from .publisher import UNWANTED, PlaceClosedError

ENTRIES_AT_ONCE = 100
"""So many events of an inbox are read in one look: a full one may hold some twenty megabytes."""
MAX_WAITING = 200
"""Most unknown channels whose look-up waits for its turn. The events of further ones are dropped."""
WAITING_SECONDS = 600.0
DROPPED_LINES = 50


class EventFilter:
    """Drops inbox entries that are not for the bot, of all channels. One per process."""

    def __init__(
        self, channels: Channels, blocks: Blocks, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channels = channels
        self._blocks = blocks
        self._settings = settings
        self._waiting: TTLCache[str, bool] = TTLCache(MAX_WAITING, WAITING_SECONDS, clock)
        """Channels whose look-up waits, the oldest first."""
        self._reports = ThrottledLog("Dropped an event for", DROPPED_LINES, clock)

    async def filter_events(self, record: ChannelRecord) -> float | None:
        """Drop the entries of `record` that are not for the bot.

        Returns the seconds after which to try again, when the look-up of an unknown channel has to wait for Discord.
        Entries of a channel that the bot was in before stay when Discord cannot be asked.
        """
        if not any(record.entries):
            return None
        try:
            place = await self._channels.place(record.channel_id)
        except LookLaterError as exc:
            return None if record.plan.is_known else self._put_off(record, exc.retry_after or 1.0)
        except PostError as exc:
            self._waiting.pop(record.channel_id, None)
            if not (isinstance(exc, ChannelClosedError) and record.plan.is_known):
                self._drop(record, "unknown_channel", f"the bot is not in it: {exc.detail}")
            return None
        self._waiting.pop(record.channel_id, None)
        if place is not None:
            record.plan.home = place.guild_id or ""
        self._drop_strays(record)
        await self._drop_unwanted(record)
        return None

    async def _drop_unwanted(self, record: ChannelRecord) -> None:
        """Drop everything where the operator or the channel's moderators want no pictures."""
        home = record.plan.home
        blocked = self._settings.blocked_channels, await self._blocks.of(home or None)
        if any(record.channel_id in ids for ids in blocked):
            self._drop(record, "channel_blocked", "it is blocked")
        elif home is not None and place_refusal(home or None, self._settings) is not None:
            self._drop(record, PlaceClosedError.code, UNWANTED)

    def _put_off(self, record: ChannelRecord, seconds: float) -> float | None:
        waiting = list(self._waiting)
        if record.channel_id not in waiting:
            if len(waiting) >= MAX_WAITING:
                self._drop(record, "busy", "too many unknown channels are to be looked up")
                return None
            self._waiting[record.channel_id] = True
            waiting.append(record.channel_id)
        # Their channels are looked up one after the other.
        return seconds + waiting.index(record.channel_id)

    def _drop_strays(self, record: ChannelRecord) -> None:
        home = record.plan.home
        if home is None:
            return
        for at, entry in enumerate(record.entries):
            if entry is not None and entry[1].guild_id not in {None, home}:
                why = "the channel is not in the server that the event names"
                record.drop(at, "other_guild", why)
                self._reports.warn(f"channel {record.channel_id}", why)

    def _drop(self, record: ChannelRecord, code: str, why: str) -> None:
        lost = sum(entry is not None for entry in record.entries)
        for at in range(len(record.entries)):
            record.drop(at, code, why)
        self._reports.warn(f"channel {record.channel_id}", why, lost)


class InboxReader:
    """Reads inboxes, drops what is not for the channel, and writes down what followed from the rest."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        repository: SceneRepository,
        event_filter: EventFilter,
        channel_settings: ChannelSettingsReader,
        announcer: Announcer,
        now: Callable[[], float],
    ) -> None:
        """`now` tells unix seconds, by a clock that all processes share."""
        self._inbox = inbox
        self._repository = repository
        self._event_filter = event_filter
        self._channel_settings = channel_settings
        self._announcer = announcer
        self._now = now

    async def open(self, channel_id: str, lock: Lock) -> ChannelRecord:
        """Read the channel's plan and the first entries that are for it; nothing where `lock` is lost."""
        record = await self._inbox.open_channel(channel_id, lock, ENTRIES_AT_ONCE)
        record.times_taken = lock.times_taken
        if not lock.lost:
            record.ask_again_in = await self._event_filter.filter_events(record)
        return record

    async def reopen(self, record: ChannelRecord, lock: Lock) -> bool:
        """Read `record` anew, unless it cannot have changed; True when it was read.

        It cannot where its plan is written, nothing came meanwhile, and the lock was kept all the time.
        """
        is_same = record.is_written and not await self._inbox.has_entries(record.channel_id, lock)
        if is_same and not lock.lost and lock.times_taken == record.times_taken:
            return False
        record.become(await self.open(record.channel_id, lock))
        return True

    async def take(self, record: ChannelRecord) -> UnitOfWork:
        """Take the inbox's events into the plan, and return the scenes that this made or changed."""
        entries = [entry for entry in record.entries if entry is not None]
        if not entries:
            return UnitOfWork({})
        # A request may change a waiting turn's scene, a turn may tell a request's scene where to reply to.
        known = record.plan.changeable_scenes(entries)
        scenes = UnitOfWork(await self._repository.scenes(record.channel_id, known))
        channel_settings = await self._settings_of(record)
        for heard_at, event in entries:
            scene_id = record.plan.apply(event, scenes, heard_at, channel_settings.fallback)
            if scene_id is not None and isinstance(event, ArtRequest) and event.followed:
                record.followed[event.event_id] = FollowedRequest(scene_id=scene_id)
        self.skip(record.plan.drop_surplus(), scenes, "crowded_out", "too many turns waited in this channel")
        if not channel_settings.automatic:
            why = "automatic pictures are switched off in this channel"
            self.skip(record.plan.drop_surplus(0), scenes, "switched_off", why)
        record.plan.forget(self._now())
        return scenes

    def skip(self, scene_ids: Sequence[str], scenes: UnitOfWork, code: str, why: str) -> None:
        """Note that these will not be drawn by themselves."""
        for scene_id in scene_ids:
            if scene_id in scenes:
                scenes[scene_id] = scenes[scene_id].moved(
                    SceneState.SKIPPED, reason=why, code=code, finished_at=self._now()
                )
                tell_end(scenes[scene_id])

    async def next_step(self, record: ChannelRecord) -> Start | WakeAt:
        """Ask the channel's plan what to do now, or when there will be something to do."""
        return record.plan.next_step(self._now(), (await self._settings_of(record)).cooldown)

    async def commit(self, record: ChannelRecord, scenes: UnitOfWork) -> None:
        """Write the plan and the changed scenes, empty the inbox of what was read, and announce what followed."""
        with self._announcer.writing(scenes):
            await self._inbox.commit(record, scenes.changed, scenes.added)

    async def commit_changes(self, record: ChannelRecord, scenes: UnitOfWork) -> None:
        """Commit if anything was read or changed."""
        if record.entries or scenes.changed:
            await self.commit(record, scenes)

    async def discard(self, record: ChannelRecord) -> None:
        """Empty the inbox of what was read; nothing follows from it."""
        await self._inbox.discard(record)

    async def _settings_of(self, record: ChannelRecord) -> ChannelSettings:
        return await self._channel_settings.of(record.channel_id, record.plan.home or None)

"""Rate limits of people's requests: counted in Redis before anything is paid, for all processes at once.

{namespace}:asked:<kind>:<id>    requests as `channel/scene`, by their time (unix seconds)

A recap counts by its time alone: it stands there as `channel/<16 random hex digits>`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..domain.permissions import Requester
from ..domain.scene import Scene
from ..errors import CannotDoError
from ..i18n import Sentence, gettext, ngettext
from ..settings import Settings
from .connection import RedisClient, is_cluster
from .reading import sound_pipeline
from .records import is_work_item, texts, work_item
from .scenes import SceneRepository
from .scripts import Script
from .timeouts import within_timeout

OPEN_SECONDS = 900
"""A scene that is open for longer no longer counts against a limit."""
HOUR_SECONDS = 3600
AHEAD_SECONDS = 600
"""An entry farther in the future is not scene-art's."""
SCENES_AT_ONCE = 50
UNWRITTEN_SECONDS = 60
"""A scene without a record after so long was never begun."""
RECAPS_OF_PERSON, RECAPS_OF_SERVER = 10, 40
"""Recaps in an hour, which cost no money but downloads, memory and processor time."""

_TAKE = Script("""
for at, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[2 + 3 * at])
  redis.call('ZREMRANGEBYSCORE', key, ARGV[3], '+inf')
  if redis.call('ZCARD', key) >= tonumber(ARGV[1 + 3 * at]) and not redis.call('ZSCORE', key, ARGV[1]) then
    return at
  end
end
for at, key in ipairs(KEYS) do
  redis.call('ZADD', key, ARGV[2], ARGV[1])
  redis.call('EXPIRE', key, ARGV[3 + 3 * at])
end
return 0
""")
"""Counts ARGV[1] at the time ARGV[2] against all limits or none; entries from ARGV[3] on are nobody's.

Behind them stand three values for each limit: the most, the time up to which entries are too old, and the time to live.
Returns the number of the first limit that is reached; 0 for none.
"""


@dataclass(frozen=True)
class Limit:
    """At most `most` entries in `seconds`. A scene matters only while `counts` is true of it; None: entries matter."""

    name: str
    most: int
    seconds: int
    counts: Callable[[Scene], bool] | None
    sentence: Callable[[int, float], Sentence]
    """Makes the refusal from `most` and the time when the oldest scene no longer counts (unix seconds)."""


class Allowances:
    """The rate limits of people. Every method may raise `TransientError`: Redis is away."""

    def __init__(
        self, client: RedisClient, repository: SceneRepository, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is in unix seconds, by a clock that all processes share."""
        self._client = client
        self._repository = repository
        self._settings = settings
        self._now = now

    async def take(self, scene: Scene, person: Requester) -> None:
        """Count `scene`, which `person` asks for, against all limits. Later it counts only if it was paid for.

        Raises:
            CannotDoError: a limit is reached; the scene is not counted then.
        """
        await self._take(work_item(scene), self._limits(scene, person))

    async def take_recap(self, channel_id: str, person: Requester) -> None:
        """Count a recap of the channel, which `person` asks for.

        Raises:
            CannotDoError: too many were made for the person or the server within the hour; it is not counted then.
        """
        user, server = f"recap:user:{person.user_id}", f"recap:guild:{person.server_of(channel_id)}"
        limits = [
            Limit(user, RECAPS_OF_PERSON, HOUR_SECONDS, None, _wait_for_recaps),
            Limit(server, RECAPS_OF_SERVER, HOUR_SECONDS, None, _wait_for_recaps_here),
        ]
        await self._take(f"{channel_id}/{secrets.token_hex(8)}", limits)

    async def give_back(self, scene: Scene, person: Requester) -> None:
        """Undo `take` for a scene that was not begun."""
        await self._remove(self._limits(scene, person), work_item(scene))

    async def left(self, person: Requester) -> tuple[int, int]:
        """Return the pictures that the person may still ask for within the hour, and the limit."""
        limit = self._of_person(person)
        await self._drop_what_does_not_count(limit)
        pipe = sound_pipeline(self._client)
        pipe.zremrangebyscore(self._key(limit), "-inf", self._now() - limit.seconds)
        pipe.zcard(self._key(limit))
        async with within_timeout():
            _, count = await pipe.execute()
        return max(0, limit.most - int(count)), limit.most

    def _of_person(self, person: Requester) -> Limit:
        """Select the person's hourly limit: the most generous one of their roles, else the default."""
        by_role = self._settings.role_pictures_per_hour
        own = [most for role, most in by_role.items() if role in person.role_ids]
        most = max(own, default=self._settings.user_pictures_per_hour)
        return Limit(f"hour:user:{person.user_id}", most, HOUR_SECONDS, _was_had, _wait_an_hour)

    def _limits(self, scene: Scene, person: Requester) -> list[Limit]:
        settings = self._settings
        user, channel = f"user:{scene.requested_by}", f"channel:{scene.channel_id}"
        server = f"guild:{scene.guild_id}" if scene.guild_id else channel
        hour = HOUR_SECONDS
        return [
            Limit(f"open:{user}", settings.rerenders_per_user, OPEN_SECONDS, _is_open, _wait_for_yours),
            self._of_person(person),
            Limit(f"open:{channel}", settings.rerenders_per_channel, OPEN_SECONDS, _is_open, _wait_for_one),
            Limit(f"hour:{server}", settings.guild_pictures_per_hour, hour, _was_had, _wait_here),
        ]

    async def _take(self, item: str, limits: Sequence[Limit]) -> None:
        looked_through: list[Limit] = []
        while (reached := await self._reached(item, limits)) is not None:
            if reached.counts is None or reached in looked_through:
                raise CannotDoError(reached.sentence(reached.most, await self._oldest(reached) + reached.seconds))
            # Scenes that ended since, or were never begun, no longer count. They are removed here, and not when it
            # happens, since a process that dies cannot do so.
            await self._drop_what_does_not_count(reached)
            looked_through.append(reached)

    async def _reached(self, item: str, limits: Sequence[Limit]) -> Limit | None:
        """Count `item` against all limits, or against none and return one that is reached.

        In one step, so that of many requests at the same time exactly as many pass as may. On a cluster, where the
        keys lie apart, one limit after the other: the narrowest first, so that what is given back was in nobody's way.
        """
        taken: list[Limit] = []
        for group in [[limit] for limit in limits] if is_cluster(self._client) else [limits]:
            if number := await self._count(item, group):
                await self._remove(taken, item)
                return group[number - 1]
            taken += group
        return None

    async def _count(self, item: str, limits: Sequence[Limit]) -> int:
        now = self._now()
        values = [value for limit in limits for value in (limit.most, repr(now - limit.seconds), limit.seconds)]
        keys = [self._key(limit) for limit in limits]
        return int(await _TAKE.run(self._client, keys, [item, repr(now), repr(now + AHEAD_SECONDS), *values]))

    async def _drop_what_does_not_count(self, limit: Limit) -> None:
        key = self._key(limit)
        async with within_timeout():
            found = await self._client.zrange(key, 0, limit.most, withscores=True)
        old = self._now() - UNWRITTEN_SECONDS
        scenes = await self._scenes([raw for raw, _ in found])
        gone = [
            raw for raw, at in found if raw not in scenes or not _counts(limit, scenes[raw], is_old=float(at) < old)
        ]
        if gone:
            async with within_timeout():
                await self._client.zrem(key, *gone)

    async def _scenes(self, asked: list[bytes]) -> dict[bytes, Scene | None]:
        """Read the scenes of the entries, in batches. Corrupt entries are left out; a missing record is None."""
        channels: dict[str, dict[str, bytes]] = {}
        for raw, text in zip(asked, texts(asked), strict=True):
            channel_id, _, scene_id = text.partition("/")
            if scene_id and is_work_item(text):
                channels.setdefault(channel_id, {})[scene_id] = raw
        scenes: dict[bytes, Scene | None] = {}
        for channel_id, ids in channels.items():
            for at in range(0, len(ids), SCENES_AT_ONCE):
                some = list(ids)[at : at + SCENES_AT_ONCE]
                known = await self._repository.scenes(channel_id, some)
                scenes |= {ids[scene_id]: known.get(scene_id) for scene_id in some}
        return scenes

    async def _oldest(self, limit: Limit) -> float:
        async with within_timeout():
            found = await self._client.zrange(self._key(limit), 0, 0, withscores=True)
        return float(found[0][1]) if found else self._now()

    async def _remove(self, limits: Sequence[Limit], item: str) -> None:
        for limit in limits:
            async with within_timeout():
                await self._client.zrem(self._key(limit), item)

    def _key(self, limit: Limit) -> str:
        return f"{self._settings.namespace}:asked:{limit.name}"


def _counts(limit: Limit, scene: Scene | None, *, is_old: bool) -> bool:
    return not is_old if scene is None else limit.counts is None or limit.counts(scene)


def _is_open(scene: Scene) -> bool:
    return not scene.state.finished


def _was_had(scene: Scene) -> bool:
    """Tell whether the scene is open, has had a picture, or was paid for."""
    return not scene.state.finished or scene.was_had


def _wait_for_yours(most: int, _: float) -> Sentence:
    if most == 1:
        return gettext("You already have a picture in progress. Wait for it, or cancel it with `/scene-art cancel`.")
    return gettext(
        "You already have {most} pictures in progress. Wait for one, or cancel one with `/scene-art cancel`.", most=most
    )


def _wait_for_one(most: int, _: float) -> Sentence:
    return ngettext(
        "This channel already has {most} picture in progress. Try again when one is done.",
        "This channel already has {most} pictures in progress. Try again when one is done.",
        most,
        most=most,
    )


def _wait_an_hour(most: int, free_at: float) -> Sentence:
    return ngettext(
        "You've reached your limit of {most} picture per hour. Try again {when}.",
        "You've reached your limit of {most} pictures per hour. Try again {when}.",
        most,
        most=most,
        when=f"<t:{int(free_at)}:R>",
    )


def _wait_here(most: int, free_at: float) -> Sentence:
    return ngettext(
        "This server has reached its limit of {most} picture per hour. Try again {when}.",
        "This server has reached its limit of {most} pictures per hour. Try again {when}.",
        most,
        most=most,
        when=f"<t:{int(free_at)}:R>",
    )


def _wait_for_recaps(most: int, free_at: float) -> Sentence:
    when = f"<t:{int(free_at)}:R>"
    return gettext("You've reached your limit of {most} recaps per hour. Try again {when}.", most=most, when=when)


def _wait_for_recaps_here(most: int, free_at: float) -> Sentence:
    when = f"<t:{int(free_at)}:R>"
    return gettext(
        "This server has reached its limit of {most} recaps per hour. Try again {when}.", most=most, when=when
    )

"""Sixty at once, over two processes: exactly the allowance is granted, no more and no fewer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from sandbox import Channel, Guild, InteractionAnswer, Permission, User, wait_until
from tests.hostile.people.actions import DRAWN
from tests.hostile.people.client import Client, told
from tests.redis_server import own_redis
from tests.stage import TIMEOUT_SECONDS, Stage, bot_process, open_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 60
OPEN_OF_PERSON, OPEN_OF_CHANNEL, HOUR_OF_PERSON, HOUR_OF_SERVER = 4, 6, 9, 11
LIMITS: Mapping[str, object] = {
    "rerenders_per_user": OPEN_OF_PERSON,
    "rerenders_per_channel": OPEN_OF_CHANNEL,
    "user_pictures_per_hour": HOUR_OF_PERSON,
    "guild_pictures_per_hour": HOUR_OF_SERVER,
}
PATIENT_SECONDS = 30.0
"""Discord waits for an answer, so that a slow machine does not lose presses."""
REFUSED = "You've reached your limit|You already have|This channel already has|This server has reached its limit"


class Race:
    """Two processes of one bot on one Redis."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        discord = stage.sandbox.discord
        self._moderator = discord.add_user("Moderator", permissions=int(Permission.MANAGE_MESSAGES))
        self._story = stage.channel()

    def guild(self) -> Guild:
        """A server of its own, whose hour is not begun."""
        return self.stage.sandbox.discord.add_guild("A guild of its own")

    def channel(self, guild: Guild | None = None) -> Channel:
        """A channel, in a server of its own unless one is given."""
        return self.stage.sandbox.discord.add_text_channel(guild or self.guild(), "story")

    def person(self) -> User:
        """Somebody whose hour is not begun."""
        return self.stage.sandbox.discord.add_user("Racer")

    def people(self, number: int) -> list[User]:
        """So many of them."""
        return [self.person() for _ in range(number)]

    @property
    def free(self) -> asyncio.Event:
        """Set: Gemini answers."""
        return self.stage.sandbox.gemini.free

    def client(self, person: User, channel: Channel) -> Client:
        """Somebody's in a channel."""
        return Client(self.stage, person, channel, (self._moderator, self._story))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def race() -> AsyncIterator[Race]:
    """Two real processes, each of which gets every other press."""
    async with two_processes() as opened:
        yield opened


@asynccontextmanager
async def two_processes() -> AsyncIterator[Race]:
    """Two copies of `bot.py`, connected."""
    with own_redis() as server:
        async with open_stage(server.url, bots=0, listening=False) as stage:
            stage.sandbox.discord.settings.interaction_seconds = PATIENT_SECONDS
            stage.sandbox.discord.settings.interactions_in_turn = True
            async with (
                bot_process(stage.sandbox, server.url, scratch=None, **LIMITS) as one,
                bot_process(stage.sandbox, server.url, scratch=None, **LIMITS) as other,
            ):
                await wait_until(lambda: "Connected as" in one.text and "Connected as" in other.text, TIMEOUT_SECONDS)
                yield Race(stage)


async def granted(race: Race, asking: Sequence[Awaitable[InteractionAnswer]]) -> int:
    """Count who gets a picture of all those who ask at once. Gemini waits until everybody has been told something."""
    race.free.clear()
    answers = await asyncio.gather(*asking)
    await wait_until(lambda: all(answer.history for answer in answers), timeout=TIMEOUT_SECONDS)
    race.free.set()
    words = [await told(answer) for answer in answers]
    assert [text for text in words if not re.match(f"{DRAWN}|{REFUSED}", text)] == []
    return sum(text.startswith(DRAWN) for text in words)


async def rerenders(race: Race, channel: Channel, people: Sequence[User]) -> list[Awaitable[InteractionAnswer]]:
    """Have all of `people` press Rerender under the same picture."""
    posts = race.stage.posts(channel)
    message = posts[0] if posts else await race.stage.shown(channel)
    custom_id = message.button("Rerender").custom_id
    return [race.client(person, channel).press(message, custom_id) for person in people]


async def test_one_person_has_exactly_so_many_pictures_open_and_exactly_so_many_an_hour(race: Race) -> None:
    channel, person = race.channel(), race.person()

    counts = [await granted(race, await rerenders(race, channel, [person] * AT_ONCE)) for _ in range(4)]

    assert counts == [OPEN_OF_PERSON, OPEN_OF_PERSON, HOUR_OF_PERSON - 2 * OPEN_OF_PERSON, 0]


async def test_sixty_people_have_exactly_so_many_pictures_open_in_a_channel(race: Race) -> None:
    channel = race.channel()

    counts = [await granted(race, await rerenders(race, channel, race.people(AT_ONCE))) for _ in range(2)]

    assert counts == [OPEN_OF_CHANNEL, HOUR_OF_SERVER - OPEN_OF_CHANNEL]
    assert len(race.stage.posts(channel)) == 1 + HOUR_OF_SERVER


async def test_sixty_people_have_exactly_so_many_pictures_an_hour_in_a_server(race: Race) -> None:
    guild, people = race.guild(), race.people(AT_ONCE)
    channels = [race.channel(guild) for _ in range(AT_ONCE // 3)]
    clients = [race.client(person, channels[number // 3]) for number, person in enumerate(people)]

    assert await granted(race, [one.run("scene-art draw", text="A fox.") for one in clients]) == HOUR_OF_SERVER
    assert sum(len(race.stage.posts(channel)) for channel in channels) == HOUR_OF_SERVER


async def test_whoever_has_nothing_left_keeps_nobody_else_from_what_is_theirs(race: Race) -> None:
    """A press that is refused in the end takes nothing in between."""
    greedy, elsewhere, channel = race.person(), race.channel(), race.channel()
    for _ in range(HOUR_OF_PERSON):
        assert (await race.client(greedy, elsewhere).told("scene-art draw", text="A fox.")).startswith(DRAWN)
    others = race.people(OPEN_OF_CHANNEL)
    crowd = [greedy] * (AT_ONCE - len(others))

    for number, person in enumerate(others):
        crowd.insert(number * 10, person)

    assert await granted(race, await rerenders(race, channel, crowd)) == len(others)

"""How fast people may press and type: faster than anybody plays, and each for themselves."""

from __future__ import annotations

import pytest

from cogs.scene_art.domain.permissions import Requester
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.services.rates import TYPING, USING, Pace, RequestRates
from tests.clock import Clock


def passed(rates: RequestRates, person: Requester, count: int, pace: Pace = USING) -> int:
    """Count those of `count` uses that are let in."""

    def fits() -> bool:
        try:
            rates.check(person, "42", pace)
        except CannotDoError:
            return False
        return True

    return sum(fits() for _ in range(count))


def test_one_persons_flood_takes_nothing_from_others_of_the_server() -> None:
    time = Clock(100.0)
    rates = RequestRates(time)
    assert passed(rates, Requester("1", guild_id="8"), 10_000) == USING.person.burst
    assert passed(rates, Requester("2", guild_id="8"), 30) == 30
    time.now += 1
    assert passed(rates, Requester("1", guild_id="8"), 10_000) == USING.person.per_second


def test_many_people_of_one_server_take_nothing_from_another() -> None:
    rates = RequestRates(Clock(100.0))
    crowd = sum(passed(rates, Requester(f"{number}", guild_id="8"), 20) for number in range(100))
    assert crowd == USING.server.burst
    assert passed(rates, Requester("1000", guild_id="9"), 30) == 30
    with pytest.raises(CannotDoError, match="This server is asking too fast"):
        rates.check(Requester("2000", guild_id="8"), "42")


def test_typing_takes_nothing_from_pressing() -> None:
    rates, person = RequestRates(Clock(100.0)), Requester("1", guild_id="8")
    assert passed(rates, person, 10_000, TYPING) == TYPING.person.burst
    with pytest.raises(CannotDoError, match="You're asking too fast"):
        rates.check(person, "42", TYPING)
    assert passed(rates, person, 30) == 30


@pytest.mark.parametrize("server", ["8", None])
def test_nobody_who_plays_notices(server: str | None) -> None:
    """An hour of a press every second, and of a letter every quarter of one."""
    time = Clock(100.0)
    rates, person = RequestRates(time), Requester("1", guild_id=server)
    for _ in range(3_600):
        time.now += 1
        rates.check(person, "42")
        assert passed(rates, person, 4, TYPING) == 4

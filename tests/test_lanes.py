"""Turns are shared out among servers and then among people, and none is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.lanes import SERVER_WAITS, YOURS_WAIT, Bounds, FairSemaphore, LaneFullError, Ticket

MANY = 1_000


def served(tickets: list[Ticket]) -> int:
    return sum(ticket.served.done() and not ticket.served.cancelled() for ticket in tickets)


async def test_one_server_never_has_all() -> None:
    turns = FairSemaphore(Bounds(5, 3, MANY))
    flood = [turns.ask("a") for _ in range(100)]
    assert served(flood) == 3
    others = [turns.ask("b") for _ in range(100)]
    assert served(others) == 2


async def test_what_becomes_free_goes_to_whoever_has_least() -> None:
    turns = FairSemaphore(Bounds(4, 3, MANY))
    flood = [turns.ask("a") for _ in range(10)]
    some = [turns.ask("b") for _ in range(3)]
    late = turns.ask("c")
    turns.end(flood[0])
    assert late.served.done()
    assert (served(flood[1:]), served(some)) == (2, 1)
    turns.end(late)
    assert (served(flood[1:]), served(some)) == (2, 2)


async def test_a_ticket_that_two_servers_want_comes_with_the_first_turn_of_either() -> None:
    turns = FairSemaphore(Bounds(3, 2, MANY))
    flood = [turns.ask("a") for _ in range(3)]
    assert not flood[2].served.done()
    turns.join(flood[2], "b")
    assert flood[2].served.result() == "b"
    turns.join(flood[2], "c")
    for ticket in flood:
        turns.end(ticket)
    assert served([turns.ask("a") for _ in range(3)]) == 2


async def test_who_gives_up_while_waiting_takes_no_turn_along() -> None:
    turns = FairSemaphore(Bounds(1, 1, MANY))
    first, second, third = (turns.ask("a") for _ in range(3))
    turns.end(second)
    turns.end(first)
    assert third.served.done()
    turns.end(third)
    assert turns.ask("b").served.done()


async def test_within_a_server_the_person_with_the_fewest_turns_comes_next() -> None:
    turns = FairSemaphore(Bounds(2, 2, MANY))
    flood = [turns.ask("a", "mira") for _ in range(10)]
    other = turns.ask("a", "tom")
    turns.end(flood[0])
    assert other.served.done()
    assert served(flood) == 2


async def test_one_person_never_has_all_the_turns_of_a_server() -> None:
    turns = FairSemaphore(Bounds(4, 3, MANY, at_once_of_person=1))
    flood = [turns.ask("a", "mira") for _ in range(10)]
    assert served(flood) == 1
    assert served([turns.ask("a", name) for name in ("tom", "kim", "ada")]) == 2


async def test_a_persons_bound_holds_in_all_servers_together() -> None:
    turns = FairSemaphore(Bounds(4, 3, MANY, at_once_of_person=1, inside_of_person=2))
    asked = [turns.ask(server, "mira") for server in "ab"]
    assert served(asked) == 1
    with pytest.raises(LaneFullError):
        turns.ask("c", "mira")


async def test_who_does_not_fit_is_told_at_once_whose_bound_it_is() -> None:
    turns = FairSemaphore(Bounds(1, 1, inside_of_server=3, inside_of_person=2))
    asked = [turns.ask("a", "mira") for _ in range(2)]
    with pytest.raises(LaneFullError) as refused:
        turns.ask("a", "mira")
    assert refused.value.sentence == YOURS_WAIT
    asked.append(turns.ask("a", "tom"))
    with pytest.raises(LaneFullError) as refused:
        turns.ask("a", "kim")
    assert refused.value.sentence == SERVER_WAITS
    turns.ask("b", "kim")

    for ticket in asked:
        turns.end(ticket)
    assert turns.ask("a", "mira").served.done() is False, "b has the turn"


async def test_a_request_that_is_cancelled_while_it_waits_leaves_room_for_another() -> None:
    turns = FairSemaphore(Bounds(1, 1, inside_of_server=2))
    first, second = turns.ask("a"), turns.ask("a")
    second.served.cancel()
    turns.end(second)
    third = turns.ask("a")
    turns.end(first)
    assert third.served.done()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.integers(0, 6)), max_size=80))
async def test_no_turn_is_ever_lost_or_given_twice_and_no_bound_passed(steps: list[tuple[str, str, int]]) -> None:
    turns = FairSemaphore(Bounds(4, 3, inside_of_server=6, at_once_of_person=2, inside_of_person=5))
    held: list[Ticket] = []
    for server, person, action in steps:
        if action < 4 or not held:
            try:
                held.append(turns.ask(server, person))
            except LaneFullError:
                inside = [seat for ticket in held for seat in ticket.seats]
                full = sum(seat[0] == server for seat in inside) == 6, sum(seat[1] == person for seat in inside) == 5
                assert any(full)
        elif action == 4:
            turns.join(held[0], server)
        else:
            turns.end(held.pop(action % len(held)))
        working = [ticket.seats[0] for ticket in held if ticket.served.done()]
        assert len(working) <= 4
        assert max(Counter(seat[0] for seat in working).values(), default=0) <= 3
        assert max(Counter(seat[1] for seat in working).values(), default=0) <= 2
    for ticket in held:
        turns.end(ticket)
    assert served([turns.ask(server) for server in "aabb"]) == 4

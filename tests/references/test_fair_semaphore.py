"""FairSemaphore are shared out among groups, and none is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.references.fair_semaphore import FairSemaphore, Ticket


def served(tickets: list[Ticket]) -> int:
    return sum(ticket.served.done() and not ticket.served.cancelled() for ticket in tickets)


async def test_one_group_never_has_all() -> None:
    turns = FairSemaphore(at_once=5, per_group=3)
    flood = [turns.ask("a") for _ in range(100)]
    assert served(flood) == 3
    others = [turns.ask("b") for _ in range(100)]
    assert served(others) == 2


async def test_what_becomes_free_goes_to_whoever_has_least() -> None:
    turns = FairSemaphore(at_once=4, per_group=3)
    flood = [turns.ask("a") for _ in range(10)]
    some = [turns.ask("b") for _ in range(3)]
    late = turns.ask("c")
    turns.end(flood[0])
    assert late.served.done()
    assert (served(flood[1:]), served(some)) == (2, 1)
    turns.end(late)
    assert (served(flood[1:]), served(some)) == (2, 2)


async def test_a_ticket_that_two_groups_want_comes_with_the_first_turn_of_either() -> None:
    turns = FairSemaphore(at_once=3, per_group=2)
    flood = [turns.ask("a") for _ in range(3)]
    assert not flood[2].served.done()
    turns.join(flood[2], "b")
    assert flood[2].served.result() == "b"
    turns.join(flood[2], "c")
    for ticket in flood:
        turns.end(ticket)
    assert served([turns.ask("a") for _ in range(3)]) == 2


async def test_who_gives_up_while_waiting_takes_no_turn_along() -> None:
    turns = FairSemaphore(at_once=1, per_group=1)
    first, second, third = (turns.ask("a") for _ in range(3))
    turns.end(second)
    turns.end(first)
    assert third.served.done()
    turns.end(third)
    assert turns.ask("b").served.done()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 5)), max_size=60))
async def test_no_turn_is_ever_lost_or_given_twice(steps: list[tuple[str, int]]) -> None:
    turns = FairSemaphore(at_once=4, per_group=2)
    held: list[Ticket] = []
    for group, action in steps:
        if action < 3 or not held:
            held.append(turns.ask(group))
        elif action == 3:
            turns.join(held[0], group)
        else:
            turns.end(held.pop(action % len(held)))
        working = [ticket.served.result() for ticket in held if ticket.served.done()]
        assert len(working) <= 4
        assert all(working.count(group) <= 2 for group in "abcd")
    for ticket in held:
        turns.end(ticket)
    assert served([turns.ask(group) for group in "aabb"]) == 4

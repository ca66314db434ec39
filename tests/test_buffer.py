"""What was heard and is not delivered yet."""

from __future__ import annotations

from cogs.scene_art.buffer import LONGEST, MOST_CHARACTERS, EventBuffer, Heard
from cogs.scene_art.events import MAX_NARRATIVE, TurnComplete


def heard(at: float, narrative: str = "A turn.") -> Heard:
    return at, TurnComplete(channel_id="42", narrative=narrative)


def test_events_come_out_as_they_came_in_once() -> None:
    buffer = EventBuffer()
    items = [heard(1), heard(2)]
    assert [buffer.append(item) for item in items] == [[], []]
    assert buffer.take_all() == items
    assert (len(buffer), buffer.take_all()) == (0, [])


def test_what_could_not_be_delivered_stands_before_what_came_meanwhile() -> None:
    buffer = EventBuffer()
    buffer.append(heard(3))
    assert buffer.put_back([heard(2), heard(1)]) == []
    assert [at for at, _ in buffer.take_all()] == [1, 2, 3]


def test_too_many_give_the_oldest_up() -> None:
    buffer = EventBuffer()
    gone = [item for number in range(LONGEST + 3) for item in buffer.append(heard(number))]
    assert [at for at, _ in gone] == [0, 1, 2]
    assert len(buffer.put_back([heard(-1), heard(-2)])) == 2
    assert len(buffer) == LONGEST


def test_too_much_gives_the_oldest_up() -> None:
    buffer = EventBuffer()
    large = "x" * MAX_NARRATIVE
    most = MOST_CHARACTERS // MAX_NARRATIVE
    gone = [item for number in range(most + 2) for item in buffer.append(heard(number, large))]
    assert [at for at, _ in gone] == list(range(most + 2 - len(buffer)))
    assert len(buffer) <= min(most, LONGEST)
    buffer.take_all()
    assert buffer.append(heard(0, large)) == []

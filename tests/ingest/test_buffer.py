"""What was heard and waits for Redis."""

from __future__ import annotations

from cogs.scene_art.domain.events import TurnComplete
from cogs.scene_art.ingest.buffer import BoundedQueue


def test_the_buffer_is_bounded_in_bytes_and_gives_up_the_oldest() -> None:
    bag = BoundedQueue(limit=100, limit_bytes=200_000)
    story = "\U0001f409" * 8_000
    given_up = [bag.add((float(n), TurnComplete(channel_id="1", narrative=f"{n}{story}"))) for n in range(50)]
    assert bag.bytes <= 200_000
    kept = bag.take(100, 10**9)
    assert [at for at, _ in kept] == [44.0 + n for n in range(6)][-len(kept) :]
    assert sum(map(len, given_up)) == 50 - len(kept) > 40
    assert (len(bag), bag.bytes) == (0, 0)


def test_what_comes_back_stands_in_front_by_its_time_and_is_taken_in_slices() -> None:
    bag = BoundedQueue(limit=4, limit_bytes=10**9)
    items = [(float(n), TurnComplete(channel_id="1", narrative=f"{n}")) for n in range(6)]
    for item in items[2:4]:
        bag.add(item)
    assert bag.put_back([items[1], items[0]]) == []
    assert bag.add(items[4]) == [items[0]]
    assert bag.put_back([items[0]]) == [items[0]]
    assert bag.take(2, 10**9) == items[1:3]
    assert bag.take(5, 1) == [items[3]], "one at least"
    assert bag.take(5, 10**9) == [items[4]]
    assert bag.take(5, 10**9) == []


def test_one_is_taken_out_by_its_identity_and_none_is_heard_in_the_future() -> None:
    bag = BoundedQueue(limit=4, limit_bytes=10**9)
    for n in range(3):
        bag.add((float(n), TurnComplete(channel_id="1", narrative=f"{n}", event_id=f"e{n}")))
    weight = bag.bytes

    assert bag.remove("e1")
    assert not bag.remove("e1")
    assert 0 < bag.bytes < weight
    bag.not_ahead(1.5)
    assert [(at, event.narrative) for at, event in bag.take(5, 10**9)] == [(0.0, "0"), (1.5, "2")]
    assert bag.bytes == 0

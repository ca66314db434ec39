"""What was heard and waits for Redis."""

from __future__ import annotations

import pytest

from cogs.scene_art.domain.events import GameEvent, TurnComplete
from cogs.scene_art.ingest.buffer import EventBuffer

BUFFER = "cogs.scene_art.ingest.buffer"


def test_the_buffer_is_bounded_in_bytes_and_gives_up_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{BUFFER}.BUFFER_LIMIT", 100)
    monkeypatch.setattr(f"{BUFFER}.BUFFER_BYTES", 200_000)
    given_up: list[GameEvent] = []
    bag = EventBuffer(given_up.append)
    story = "\U0001f409" * 8_000
    for n in range(50):
        bag.add(TurnComplete(channel_id="1", narrative=f"{n}{story}"), float(n))
    assert bag.bytes <= 200_000
    kept = bag.take(100, 10**9)
    assert [at for at, _ in kept] == [44.0 + n for n in range(6)][-len(kept) :]
    assert len(given_up) == 50 - len(kept) > 40
    assert (len(bag), bag.bytes) == (0, 0)


def test_a_full_buffer_gives_up_events_of_the_server_with_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{BUFFER}.BUFFER_LIMIT", 10)
    given_up: list[GameEvent] = []
    bag = EventBuffer(given_up.append, lambda channel_id: channel_id[0])
    bag.add(TurnComplete(channel_id="21", narrative="Ours."), 0.0)
    for n in range(50):
        bag.add(TurnComplete(channel_id=f"1{n}", narrative=f"{n}"), float(n))
    assert {event.channel_id[0] for event in given_up} == {"1"}
    assert len(bag) == 10
    assert [event.channel_id for _, event in bag.take(3, 10**9)] == ["21", "141", "142"]


def test_servers_are_delivered_in_turn() -> None:
    bag = EventBuffer(server_of=lambda channel_id: channel_id[0])
    for n in range(300):
        bag.add(TurnComplete(channel_id=f"1{n}", narrative=f"{n}"), float(n))
    bag.add(TurnComplete(channel_id="2", narrative="Ours."), 300.0)
    assert "2" in [event.channel_id for _, event in bag.take(2, 10**9)]
    assert len(bag.take(1_000, 10**9)) == 299
    assert (len(bag), bag.bytes) == (0, 0)


def test_what_comes_back_stands_in_front_by_its_time_and_is_taken_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{BUFFER}.BUFFER_LIMIT", 4)
    given_up: list[GameEvent] = []
    bag = EventBuffer(given_up.append)
    items = [(float(n), TurnComplete(channel_id="1", narrative=f"{n}")) for n in range(6)]
    for at, event in items[2:4]:
        bag.add(event, at)
    bag.put_back([items[1], items[0]])
    assert given_up == []
    bag.add(items[4][1], items[4][0])
    assert given_up == [items[0][1]]
    bag.put_back([items[0]])
    assert given_up == [items[0][1]] * 2
    assert bag.take(2, 10**9) == items[1:3]
    assert bag.take(5, 1) == [items[3]], "one at least"
    assert bag.take(5, 10**9) == [items[4]]
    assert bag.take(5, 10**9) == []


def test_one_is_taken_out_by_its_identity_and_none_is_heard_in_the_future() -> None:
    bag = EventBuffer()
    for n in range(3):
        bag.add(TurnComplete(channel_id="1", narrative=f"{n}", event_id=f"e{n}"), float(n))
    weight = bag.bytes

    assert bag.withdraw("e1")
    assert not bag.withdraw("e1")
    assert 0 < bag.bytes < weight
    bag.not_ahead(1.5)
    assert [(at, event.narrative) for at, event in bag.take(5, 10**9)] == [(0.0, "0"), (1.5, "2")]
    assert bag.bytes == 0

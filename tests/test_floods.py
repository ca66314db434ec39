"""How much is taken in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.floods import ALL_BYTES, ALL_EVENTS, CHANNEL_EVENTS, Bucket, Buckets, Floodgate, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    st.lists(st.tuples(st.floats(-5, 60), st.floats(0, 30)), max_size=60),
    st.floats(1, 50),
    st.floats(0.1, 10),
)
def test_a_bucket_never_gives_more_than_its_rate(
    wishes: list[tuple[float, float]], burst: float, per_second: float
) -> None:
    """Also when its clock goes back."""
    bucket, now, latest, given_out = Bucket(Rate(burst, per_second), 0.0), 0.0, 0.0, 0.0
    passed = 0.0
    for pause, amount in wishes:
        now += pause
        passed += max(0.0, pause)
        latest = max(latest, now)
        if bucket.take(amount, now):
            given_out += amount
        assert given_out <= burst + passed * per_second + 1e-6


def test_a_channel_has_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    gate = Floodgate(clock)
    burst, per_second = int(CHANNEL_EVENTS.burst), int(CHANNEL_EVENTS.per_second)
    assert sum(gate.lets_event_in("42") for _ in range(2 * burst)) == burst
    assert gate.lets_event_in("43"), "a flood in one channel takes nothing from another"
    clock.now += 1
    assert sum(gate.lets_event_in("42") for _ in range(burst)) == per_second


def test_all_channels_together_have_bounds_too() -> None:
    gate = Floodgate(Clock())
    taken = sum(gate.lets_event_in(str(channel)) for channel in range(3 * int(ALL_EVENTS.burst)))
    assert taken == ALL_EVENTS.burst


def test_messages_are_weighed() -> None:
    clock = Clock()
    gate = Floodgate(clock)
    assert sum(gate.lets_message_in(1_000_000) for _ in range(100)) == ALL_BYTES.burst // 1e6
    clock.now += 1
    assert gate.lets_message_in(int(ALL_BYTES.per_second))
    assert not gate.lets_message_in(1)


def test_of_many_channels_the_last_ones_are_remembered() -> None:
    buckets = Buckets(Rate(burst=1, per_second=0), remembered=2)
    assert [buckets.take(name, 1, 0.0) for name in "aab"] == [True, False, True]
    assert [buckets.take(name, 1, 0.0) for name in "ca"] == [True, True], "a was forgotten for c"
    assert not buckets.take("c", 1, 0.0)

"""Rate limits of events: token buckets per channel and in all, and log lines that do not fill a disk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.token_bucket import Bucket, Rate
from cogs.scene_art.ingest.rate_limits import (
    CATCHING_UP,
    CHANNELS_WATCHED,
    LIVE,
    REPORT_EVERY_SECONDS,
    Limits,
    RateLimiter,
    ThrottledLog,
)
from tests.clock import Clock

SMALL = 2_000
NO_END = Rate(1e12, 1e12)


@pytest.fixture
def time() -> Clock:
    return Clock(100.0)


def taken(limiter: RateLimiter, channel_id: str, count: int, weight: int = SMALL) -> int:
    """Count those of `count` events that are accepted."""
    return sum(not limiter.refusal(channel_id, weight) for _ in range(count))


def test_a_channel_has_a_burst_and_then_a_rate(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    assert taken(limiter, "1", 1_000) == 200
    time.now += 10
    assert taken(limiter, "1", 1_000) == 50
    time.now += 3_600
    assert taken(limiter, "1", 1_000) == 200, "what is not used is not saved up beyond the burst"


def test_one_channels_flood_takes_nothing_from_the_others(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    assert taken(limiter, "1", 100_000) == 200
    assert [taken(limiter, str(number), 1) for number in range(2, 1_700)] == [1] * 1_698


def test_channels_that_nobody_knows_take_nothing_from_those_that_are_known(time: Clock) -> None:
    limiter = RateLimiter(clock=time, knows=lambda channel_id: channel_id == "known")
    assert sum(taken(limiter, str(number), 1) for number in range(20_000)) == 200
    assert taken(limiter, "known", 100) == 100
    time.now += 1
    assert sum(taken(limiter, str(number), 1) for number in range(20_000)) == 20


def test_a_server_with_many_channels_leaves_half_to_the_others(time: Clock) -> None:
    limiter = RateLimiter(clock=time, server_of=lambda channel_id: channel_id[0])
    assert sum(taken(limiter, f"1{number}", 100) for number in range(200)) == 1_000
    assert sum(taken(limiter, f"2{number}", 100) for number in range(5)) == 500
    assert "server 1 is flooded" in limiter.refusal("1777", SMALL)
    time.now += 1
    assert sum(taken(limiter, f"1{number}", 100) for number in range(200)) == 100


def test_all_channels_together_have_a_bound(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    assert sum(taken(limiter, str(number), 1) for number in range(20_000)) == 2_000
    time.now += 2
    assert sum(taken(limiter, str(number), 1) for number in range(20_000)) == 400


def test_long_texts_have_a_bound_of_their_own(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    weight = 64 * 1024
    assert taken(limiter, "1", 200, weight) == 64
    assert "long texts" in limiter.refusal("1", weight)
    assert taken(limiter, "1", 1) == 0, "nor a short one, while the channel is in debt"
    time.now += 2
    assert taken(limiter, "1", 100, weight) == 2
    assert sum(taken(limiter, str(number), 1, weight) for number in range(2, 2_000)) <= 512


def test_ten_minutes_of_play_in_many_channels_are_no_flood() -> None:
    """Read at once after an absence, by the times at which it was published: the whole stream of our publishers."""
    limiter = RateLimiter(CATCHING_UP, Clock(100.0), knows=lambda _: False)
    events = [(number * 0.6, str(number % 12)) for number in range(1_000)]
    assert [limiter.refusal(channel, SMALL, at=1e9 + at) for at, channel in events] == [""] * 1_000


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    assert taken(limiter, "1", 500) == 200
    time.now -= 50
    assert taken(limiter, "1", 500) == 0
    time.now += 52
    assert taken(limiter, "1", 500) == 10


def test_channels_without_end_take_no_memory_without_end(time: Clock) -> None:
    limiter = RateLimiter(Limits(unknown_channels=NO_END, events=NO_END, bytes=NO_END), time)
    assert taken(limiter, "mine", 150) == 150
    for number in range(CHANNELS_WATCHED * 3):
        limiter.refusal(str(number), SMALL)
        if number % 1_000 == 0:
            limiter.refusal("mine", SMALL)
    assert len(limiter._channels) == CHANNELS_WATCHED
    assert taken(limiter, "mine", 500) == 200 - 150 - 13, "a channel that is used is not forgotten"


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 50)), max_size=60))
def test_no_more_than_burst_and_rate_ever_pass(steps: list[tuple[float, int]]) -> None:
    rate, now, passed = Rate(30, 3), 0.0, 0
    bucket = Bucket(rate, now)
    for seconds, tries in steps:
        now += seconds
        for _ in range(tries):
            if bucket.has(1, rate, now):
                bucket.take(1)
                passed += 1
    assert passed <= rate.burst + rate.per_second * now + 1e-6


def test_a_bucket_tells_when_there_is_enough_and_takes_back() -> None:
    rate = Rate(2, 0.5)
    bucket = Bucket(rate, 0.0)
    for _ in range(2):
        assert bucket.has(1, rate, 0.0)
        bucket.take(1)
    assert not bucket.has(1, rate, 1.0)
    assert bucket.seconds_until(1, rate) == pytest.approx(1.0)
    bucket.give_back(5, rate)
    assert bucket.has(2, rate, 1.0)
    assert not bucket.has(3, rate, 1.0)


def test_what_is_read_again_may_come_in_a_larger_burst() -> None:
    assert CATCHING_UP.channel_events.burst > LIVE.channel_events.burst


def test_a_flood_is_told_by_one_line_and_then_by_one_in_ten_seconds(
    time: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    reports = ThrottledLog("Shed an event on", 1, time)
    for _ in range(240):
        for _ in range(100):
            reports.warn("game:turn:complete", "channel 1 is flooded")
        time.now += REPORT_EVERY_SECONDS / 80
    assert reports.total == 24_000
    assert len(caplog.records) == 3
    assert caplog.messages[0].startswith("Shed an event on game:turn:complete: channel 1 is flooded (1 dropped so far")
    assert "16001 dropped so far, 15998 of them unreported" in caplog.messages[2]


def test_a_few_messages_are_told_one_by_one(time: Clock, caplog: pytest.LogCaptureFixture) -> None:
    reports = ThrottledLog("Dropped a message on", 250, time)
    for _ in range(5_000):
        reports.warn("game:turn:complete", "not JSON")
    assert len(caplog.records) == 250
    time.now += 3 * REPORT_EVERY_SECONDS
    reports.warn("game:turn:complete", "not JSON", 7)
    reports.warn("game:turn:complete", "not JSON")
    assert len(caplog.records) == 252, "after a quiet time they are told one by one again"
    assert reports.total == 5_008


def test_messages_are_weighed_before_they_are_read_and_small_ones_still_fit(time: Clock) -> None:
    limiter = RateLimiter(clock=time)
    large = 256 * 1024
    assert sum(limiter.allow_bytes(large) for _ in range(1_000)) == LIVE.message_bytes.burst // large
    time.now += 0.01
    assert not limiter.allow_bytes(large)
    assert all(limiter.allow_bytes(2_000) for _ in range(40))

"""The judging of a chaos run: given what was published, paid, posted and recorded, what is lost and what is doubled."""

from __future__ import annotations

import signal

from chaos.monkey import plan
from chaos.report import stories, story
from chaos.tally import Call, Post, Record, Tally, Turn, judge, marker, marker_in, quantile
from chaos.weather import spoil_posts
from sandbox import Sandbox

ONE, TWO = marker(1), marker(2)
HERE, THERE = "100", "200"


def turn(name: str, channel: str = HERE, published: float = 10.0) -> Turn:
    return Turn(name, channel, "request", published)


def paid(name: str, at: float = 11.0) -> Call:
    return Call(name, at, paid=True)


def post(name: str, channel: str = HERE, at: float = 12.0) -> Post:
    return Post(name, channel, at)


def record(name: str, state: str, reason: str = "") -> Record:
    return Record(name, "0" * 16, state, reason)


def test_one_post_and_one_paid_call_for_every_turn_meets_every_target() -> None:
    tally = Tally([turn(ONE), turn(TWO)], [paid(ONE), paid(TWO)], [post(ONE), post(TWO)])

    verdict = judge(tally)

    assert verdict.missed == []
    assert (verdict.turns, verdict.posts, verdict.paid_per_turn) == (2, 2, 1.0)


def test_a_turn_with_neither_a_post_nor_a_reason_is_lost() -> None:
    assert judge(Tally([turn(ONE), turn(TWO)], posts=[post(ONE)])).lost == (TWO,)


def test_a_turn_is_lost_whose_record_says_posted_where_nothing_stands() -> None:
    assert judge(Tally([turn(ONE)], records=[record(ONE, "posted")])).lost == (ONE,)


def test_a_turn_whose_record_is_still_open_or_gives_no_reason_is_lost() -> None:
    for state in ("waiting", "painting", "painted", "posting"):
        assert judge(Tally([turn(ONE)], records=[record(ONE, state, "put off")])).lost == (ONE,)
    assert judge(Tally([turn(ONE)], records=[record(ONE, "failed")])).lost == (ONE,)


def test_a_recorded_reason_stands_for_the_picture() -> None:
    for state in ("skipped", "refused", "failed"):
        verdict = judge(Tally([turn(ONE)], records=[record(ONE, state, "a newer scene")]))
        assert verdict.lost == ()
        assert verdict.explained == {ONE: f"{state}: a newer scene"}


def test_a_reason_beside_a_picture_counts_for_nothing() -> None:
    assert judge(Tally([turn(ONE)], posts=[post(ONE)], records=[record(ONE, "failed", "at first")])).explained == {}


def test_a_turn_with_more_than_one_post_is_doubled_once() -> None:
    verdict = judge(Tally([turn(ONE), turn(TWO)], posts=[post(ONE), post(ONE), post(ONE), post(TWO)]))

    assert verdict.doubled == (ONE,)
    assert verdict.missed == ["doubled: 1"]


def test_a_picture_of_no_turn_or_in_another_channel_is_astray() -> None:
    strange, elsewhere = post(""), post(ONE, THERE)

    assert judge(Tally([turn(ONE)], posts=[strange, elsewhere])).astray == (strange, elsewhere)


def test_every_paid_call_counts_and_no_other() -> None:
    calls = [paid(ONE), paid(ONE), Call(ONE, 11.0, paid=False), paid("")]

    verdict = judge(Tally([turn(ONE), turn(TWO)], calls, [post(ONE), post(TWO)]))

    assert verdict.paid_per_turn == 1.5
    assert verdict.repaid == {ONE: 2}
    assert verdict.missed == ["paid calls per turn: 1.50"]


def test_a_second_payment_is_excused_by_a_bot_killed_while_gemini_painted() -> None:
    first, second = Call(ONE, 11.0, paid=True, seconds=2.0), Call(ONE, 45.0, paid=True, seconds=2.0)

    assert judge(Tally([turn(ONE)], [first, second], deaths=[12.0])).unexcused == ()
    assert judge(Tally([turn(ONE)], [first, second], deaths=[10.0, 14.0])).unexcused == (ONE,)
    assert judge(Tally([turn(ONE)], [first], deaths=[])).unexcused == ()


def test_a_run_without_turns_proves_nothing() -> None:
    assert judge(Tally()).missed == ["no turn was published"]


def test_the_delay_ends_with_the_first_picture() -> None:
    tally = Tally(
        [turn(ONE, published=10.0), turn(TWO, published=10.0)], posts=[post(ONE, at=30.0), post(ONE, at=14.0)]
    )

    assert judge(tally).delays == (4.0,)


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile(range(1, 101), share) for share in (0.5, 0.95, 1.0)] == [51, 96, 100]
    assert quantile((), 0.5) == 0.0


def test_a_marker_is_found_in_a_prompt() -> None:
    assert marker_in(f"The scene:\n«««\nThe gate opens and {marker(42)} shines.\n»»»") == marker(42)
    assert marker_in("The gate opens.") == ""


def test_the_report_tells_what_befell_a_turn() -> None:
    calls = [Call(ONE, 10.2, paid=False), paid(ONE, at=11.5)]
    tally = Tally([turn(ONE)], calls, [post(ONE, at=12.0), post(ONE, at=48.0)], [record(ONE, "posted")])

    assert story(ONE, tally).endswith(f"503 0.2; paid 1.5; posted 2.0; posted 38.0; {'0' * 16} posted")
    assert stories(judge(tally), tally).startswith(f"DOUBLED: {ONE}")


def test_the_monkeys_plan_follows_from_the_seed() -> None:
    assert plan(7, 200) == plan(7, 200) != plan(8, 200)


def test_the_monkey_strikes_bots_and_redis_in_both_ways() -> None:
    strikes = plan(7, 200)

    assert sum(strike.target == "redis" for strike in strikes) == 4
    assert sum(strike.target != "redis" for strike in strikes) == 30
    assert {strike.how for strike in strikes} == {signal.SIGKILL, signal.SIGTERM}
    assert all(strike.how is signal.SIGKILL for strike in strikes if strike.target == "redis")
    assert [strike.after_turns for strike in strikes] == sorted(strike.after_turns for strike in strikes)


def test_fifteen_of_a_hundred_posts_get_an_ambiguous_answer_whatever_the_seed() -> None:
    for seed in range(5):
        arranged = spoil_posts(Sandbox(), seed, posts=100)
        assert sum(len(faults) for faults in arranged.values()) == 15

"""The planning rules, in the order of docs/events.md. Times are seconds since the first event of a test."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cogs.scene_art.domain.channel_plan import (
    BARE_EVENT_SECONDS,
    MAX_SEEN,
    MAX_TURNS,
    MEMORY_SECONDS,
    PAIRING_SECONDS,
    ChannelPlan,
    Start,
    WakeAt,
)
from cogs.scene_art.domain.events import CHANNELS, ArtRequest, TurnComplete, parse_event
from cogs.scene_art.domain.scene import Scene, SceneState, Source

FALLBACK = timedelta(seconds=60)
COOLDOWN = timedelta(seconds=30)
NOTHING = WakeAt(None)
START = 100_000.0
"""The unix time of a test's second 0."""


class Channel:
    """A channel as its job sees it: the plan, the scenes, and a clock that the test moves."""

    def __init__(self) -> None:
        self.plan = ChannelPlan()
        self.scenes: dict[str, Scene] = {}
        self._numbers = itertools.count()

    def request(self, at: float, story: str = "A door.", *, event_id: str = "", **fields: Any) -> str:
        """The game asks for a picture; answers the scene's story as it is now planned."""
        values = {"event_id": event_id or f"r{next(self._numbers)}", "channel_id": "42", "ts": at} | fields
        self.plan.apply(ArtRequest.model_validate(values | {"narrative": story}), self.scenes, START + at, FALLBACK)
        return story

    def turn(self, at: float, story: str = "A door.", *, event_id: str = "", **fields: Any) -> str:
        """A turn was posted."""
        values = {"event_id": event_id or f"t{next(self._numbers)}", "channel_id": "42", "ts": at} | fields
        self.plan.apply(TurnComplete.model_validate(values | {"narrative": story}), self.scenes, START + at, FALLBACK)
        return story

    def look(self, at: float, cooldown: timedelta = COOLDOWN) -> Start | WakeAt:
        """What is to be done at this time."""
        step = self.plan.next_step(START + at, cooldown)
        return WakeAt(step.when - START) if isinstance(step, WakeAt) and step.when is not None else step

    def forget(self, at: float) -> None:
        """Drop what can no longer matter."""
        self.plan.forget(START + at)

    def drawn(self, at: float) -> list[str]:
        """Begin what is due; the stories: the drawn one first, then the skipped ones. Empty: nothing is due."""
        step = self.look(at)
        if isinstance(step, WakeAt):
            return []
        self.plan.start(step, START + at)
        return [self.scenes[scene_id].narrative for scene_id in (step.scene_id, *step.skipped)]

    def end(self, story: str, *, posted: bool = True) -> None:
        """The scene that was begun has ended."""
        scene_id = next(scene.id for scene in self.scenes.values() if scene.narrative == story)
        self.plan.settle(scene_id, posted=posted)

    def draw(self, at: float, *, posted: bool = True) -> list[str]:
        """As `drawn`, and it ends at once."""
        stories = self.drawn(at)
        if stories:
            self.end(stories[0], posted=posted)
        return stories


@pytest.fixture
def channel() -> Channel:
    return Channel()


# A turn gets at most one automatic picture.


def test_a_request_is_drawn_at_once(channel: Channel) -> None:
    channel.request(0, "The gate opens.")
    assert channel.draw(0) == ["The gate opens."]
    assert channel.look(1000) == NOTHING


def test_a_silent_turn_is_drawn_after_sixty_seconds(channel: Channel) -> None:
    channel.turn(0, "The gate opens.")
    assert channel.look(0) == WakeAt(60)
    assert channel.look(59.9) == WakeAt(60)
    assert channel.draw(60) == ["The gate opens."]
    assert channel.look(1000) == NOTHING


@pytest.mark.parametrize("turn_id", [None, "7"])
def test_the_request_after_its_turn_brings_the_picture_forward(channel: Channel, turn_id: str | None) -> None:
    channel.turn(0, "A long story about a gate.", turn_id=turn_id, message_id="9")
    channel.request(5, "The gate opens.", turn_id=turn_id, character_names=["Mira"])
    assert channel.draw(5) == ["The gate opens."]
    [scene] = channel.scenes.values()
    assert (scene.source, scene.character_names, scene.reply_to) == (Source.REQUEST, ("Mira",), "9")
    assert channel.look(1000) == NOTHING


@pytest.mark.parametrize("turn_id", [None, "7"])
@pytest.mark.parametrize("drawn_before", [True, False])
def test_the_turn_after_its_request_brings_no_second_picture(
    channel: Channel, turn_id: str | None, drawn_before: bool
) -> None:
    channel.request(0, "The gate opens.", turn_id=turn_id)
    early = channel.draw(1) if drawn_before else []
    channel.turn(3, "A long story.", turn_id=turn_id, message_id="9", guild_id="5")
    assert early or channel.draw(3) == ["The gate opens."]
    assert channel.look(1000) == NOTHING
    [scene] = channel.scenes.values()
    assert (scene.reply_to, scene.guild_id) == ("9", "5"), "what only the turn knew goes to the scene"


def test_without_turn_id_a_turn_belongs_to_a_request_of_the_last_fifteen_seconds(channel: Channel) -> None:
    channel.request(0, "The gate opens.")
    channel.draw(0)
    channel.turn(PAIRING_SECONDS, "Its turn.")
    assert channel.look(1000) == NOTHING

    channel.request(2000, "The gate falls shut.")
    channel.draw(2000)
    channel.turn(2000 + PAIRING_SECONDS + 0.1, "Another turn.")
    assert channel.draw(2000 + PAIRING_SECONDS + 60.1) == ["Another turn."]


def test_a_request_takes_one_turn_only(channel: Channel) -> None:
    channel.request(0, "The gate opens.")
    channel.turn(1, "Its turn.")
    channel.turn(2, "The next turn.")
    assert channel.draw(2) == ["The gate opens."]
    assert channel.draw(62) == ["The next turn."]


def test_two_requests_take_their_turns_in_order(channel: Channel) -> None:
    channel.request(0, "One.")
    channel.request(1, "Two.")
    channel.turn(2, "Turn one.", message_id="101")
    channel.turn(3, "Turn two.", message_id="102")
    replies = {scene.narrative: scene.reply_to for scene in channel.scenes.values()}
    assert replies == {"One.": "101", "Two.": "102"}


def test_without_turn_id_a_request_belongs_to_the_newest_waiting_turn(channel: Channel) -> None:
    channel.turn(0, "Older.")
    channel.turn(10, "Newer.")
    channel.request(20, "The newer one, as a scene.")
    assert channel.draw(20) == ["The newer one, as a scene."]
    assert channel.draw(60) == ["Older."]


def test_with_turn_id_a_request_finds_its_turn_among_newer_ones(channel: Channel) -> None:
    channel.turn(0, "Older.", turn_id="1")
    channel.turn(10, "Newer.", turn_id="2")
    channel.request(20, "The older one, as a scene.", turn_id="1")
    assert channel.draw(20) == ["The older one, as a scene."]
    assert channel.draw(70) == ["Newer."]


def test_with_turn_id_a_late_request_for_a_drawn_turn_changes_nothing(channel: Channel) -> None:
    channel.turn(0, "The gate opens.", turn_id="7")
    channel.draw(60)
    channel.request(70, "Too late.", turn_id="7")
    assert channel.look(1000) == NOTHING


def test_a_turn_may_want_no_picture(channel: Channel) -> None:
    channel.turn(0, art=False)
    assert (channel.look(1000), channel.scenes) == (NOTHING, {})


def test_the_cast_of_a_silent_turn_comes_from_the_games_state_unless_the_event_named_it(channel: Channel) -> None:
    channel.turn(0, "Silent.", turn_id="1")
    channel.turn(1, "Named.", turn_id="2", character_names=["Mira"])
    channel.request(100, "Asked.", turn_id="x")
    assert {s.narrative: s.look_up_cast for s in channel.scenes.values()} == {
        "Silent.": True,
        "Named.": False,
        "Asked.": False,
    }


def test_a_waiting_scene_whose_record_was_lost_is_made_anew_by_its_request(channel: Channel) -> None:
    """The store keeps a bounded number of scenes; a channel must never stand still for one that it gave up."""
    channel.turn(0, "Lost.", turn_id="7")
    channel.scenes.clear()
    channel.request(5, "As the request tells it.", turn_id="7")
    assert channel.draw(5) == ["As the request tells it."]


@pytest.mark.parametrize(("of_turn", "of_request"), [("7", None), (None, "7"), ("7", "7"), (None, None)])
@pytest.mark.parametrize("turn_first", [True, False])
def test_a_turn_and_its_request_are_one_scene_also_when_only_one_knows_the_id(
    channel: Channel, of_turn: str | None, of_request: str | None, turn_first: bool
) -> None:
    events = [lambda at: channel.turn(at, turn_id=of_turn), lambda at: channel.request(at, turn_id=of_request)]
    for at, event in enumerate(events if turn_first else reversed(events)):
        event(at)
    assert len(channel.scenes) == 1
    assert channel.plan.turns[0].turn_id == (of_turn or of_request)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, "1", "2"])), max_size=8))
def test_two_different_ids_are_never_one_scene(events: list[tuple[bool, str | None]]) -> None:
    channel = Channel()
    named = {turn_id for _, turn_id in events if turn_id is not None}
    for at, (is_turn, turn_id) in enumerate(events):
        (channel.turn if is_turn else channel.request)(at, turn_id=turn_id)
    assert {turn.turn_id for turn in channel.plan.turns} >= named


ids = st.sampled_from([None, "1", "2", "3"])


@given(st.booleans(), st.booleans(), st.lists(st.sampled_from(["x", "y", "z"])), st.integers(1, 14))
def test_one_id_is_enough_for_one_scene_whatever_else_is_told_with_ids_of_its_own(
    turn_first: bool, turn_knows: bool, others: list[str], apart: int
) -> None:
    channel = Channel()
    ours = [
        lambda at: channel.turn(at, "ours", turn_id="7" if turn_knows else None),
        lambda at: channel.request(at, "ours", turn_id=None if turn_knows else "7"),
    ]
    first, second = ours if turn_first else reversed(ours)
    for turn_id in others:  # complete before ours begin, so that none of them waits for a partner
        channel.turn(0, "other", turn_id=turn_id)
        channel.request(0, "other", turn_id=turn_id)
    first(1.0)
    second(1.0 + apart)
    assert [scene.narrative for scene in channel.scenes.values()].count("ours") == 1
    assert [turn.turn_id for turn in channel.plan.turns].count("7") == 1


@given(st.lists(st.tuples(st.booleans(), ids, st.sampled_from([0.1, 3.0, 20.0])), max_size=10))
def test_the_plan_never_gives_an_id_away_or_to_two(events: list[tuple[bool, str | None, float]]) -> None:
    channel, at = Channel(), 0.0
    told: dict[str, str] = {}
    for is_turn, turn_id, pause in events:
        (channel.turn if is_turn else channel.request)(at, turn_id=turn_id)
        at += pause
        for turn in channel.plan.turns:
            if turn.turn_id is not None:
                assert told.setdefault(turn.scene_id, turn.turn_id) == turn.turn_id, "a scene keeps its first id"
    assert len(set(told.values())) == len(told), "and no other scene has it"


def test_the_same_turn_again_is_known_by_the_id_that_its_request_brought(channel: Channel) -> None:
    channel.turn(0, "Once.")
    channel.request(1, "Once.", turn_id="7")
    assert channel.draw(1) == ["Once."]
    channel.turn(100, "Once.", turn_id="7")
    channel.request(101, "Once.", turn_id="7")
    assert channel.look(1000) == NOTHING


def test_a_failed_turn_that_is_asked_for_again_takes_no_other_turns_place(channel: Channel) -> None:
    channel.turn(0, "Failed.", turn_id="7")
    channel.draw(60, posted=False)
    channel.turn(61, "Silent.")
    channel.request(62, "Failed, again.", turn_id="7")
    assert channel.draw(62) == ["Failed, again."]
    assert channel.draw(121) == ["Silent."]


def test_a_turn_without_an_id_prefers_the_request_without_one(channel: Channel) -> None:
    channel.request(0, "With.", turn_id="7")
    channel.request(1, "Without.")
    channel.turn(2, "Without.", message_id="102")
    channel.turn(3, "With.", turn_id="7", message_id="107")
    assert {s.narrative: s.reply_to for s in channel.scenes.values()} == {"With.": "107", "Without.": "102"}


def test_a_request_with_an_id_that_waited_too_long_is_left_alone(channel: Channel) -> None:
    channel.request(0, "With.", turn_id="7")
    channel.turn(PAIRING_SECONDS + 0.1, "Without.")
    assert len(channel.scenes) == 2


def test_a_scene_that_is_put_off_is_gone_on_with_at_its_time_and_holds_the_others_up(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.drawn(0)
    channel.plan.put_off(channel.plan.turns[0].scene_id, START + 100)
    channel.request(40, "Second.")
    assert channel.look(50) == WakeAt(100)
    assert channel.draw(100) == ["First."]
    assert channel.draw(130) == ["Second."]


# Each waiting turn has its own sixty seconds.


def test_a_newer_turn_neither_fires_an_older_one_early_nor_takes_its_place(channel: Channel) -> None:
    channel.turn(0, "First.")
    channel.turn(40, "Second.")
    assert channel.look(40) == WakeAt(60)
    assert channel.draw(60) == ["First."]
    assert channel.look(60) == WakeAt(100)
    assert channel.draw(100) == ["Second."]


# At most one automatic picture per channel every thirty seconds, and the newest wins.


def test_back_to_back_requests_the_first_at_once_the_second_when_the_cooldown_ends(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.request(1, "Second.")
    assert channel.draw(1) == ["First."], "what came later did not compete for a moment that was the first one's"
    assert channel.look(2) == WakeAt(31)
    assert channel.draw(31) == ["Second."]


def test_when_the_cooldown_ends_the_newest_waiting_scene_is_drawn_and_older_ones_are_skipped(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.draw(0)
    for at in (5, 10, 15):
        channel.request(at, f"At {at}.")
    assert channel.look(29) == WakeAt(30)
    assert channel.draw(30) == ["At 15.", "At 5.", "At 10."]
    assert channel.look(1000) == NOTHING, "a skipped scene does not come back by itself"


def test_a_turn_whose_sixty_seconds_still_run_is_not_skipped(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.draw(0)
    channel.turn(16, "Patient.", turn_id="p")
    channel.request(17, "Another one.", turn_id="x")
    assert channel.draw(30) == ["Another one."]
    assert channel.draw(76) == ["Patient."]


def test_the_cooldown_counts_from_the_start_of_the_last_picture(channel: Channel) -> None:
    channel.request(0, "First.")
    assert channel.drawn(0) == ["First."]
    channel.request(5, "Second.")
    channel.end("First.")  # at 29, say: painting took long
    assert channel.look(29) == WakeAt(30)


def test_a_clock_that_was_set_back_prolongs_no_cooldown(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.draw(0)
    channel.plan.cooldown_from = START + 5_000
    channel.request(10, "The next one.")
    assert isinstance(channel.look(10), Start)
    channel.plan.cooldown_from = START + 11  # another process's clock may be a little ahead
    assert channel.look(10) == WakeAt(41.0)


def test_a_failed_render_does_not_use_the_cooldown_up(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.draw(0)
    channel.request(30, "Refused.")
    channel.draw(30, posted=False)
    channel.request(31, "Third.")
    assert channel.draw(31) == ["Third."]


def test_a_failed_render_does_not_end_the_cooldown_of_the_picture_before(channel: Channel) -> None:
    """An operator may have made the cooldown longer meanwhile; the last posted picture still counts."""
    channel.request(0, "First.")
    channel.draw(0)
    channel.request(30, "Refused.")
    channel.draw(30, posted=False)
    channel.request(31, "Third.")
    assert channel.look(31, timedelta(seconds=45)) == WakeAt(45)


def test_a_failed_turn_may_be_asked_for_again(channel: Channel) -> None:
    channel.turn(0, "The gate opens.", turn_id="7")
    channel.draw(60, posted=False)
    assert channel.look(1000) == NOTHING, "it is not repeated by itself"
    channel.request(61, "The gate, again.", turn_id="7")
    assert channel.draw(61) == ["The gate, again."]


# Only one scene of a channel is begun, and it survives the death of its process.


def test_nothing_else_begins_while_a_scene_is_painted(channel: Channel) -> None:
    channel.request(0, "First.")
    first = channel.look(0)
    channel.drawn(0)
    channel.request(50, "Second.")
    assert channel.look(100) == first, "asked again: the process died, and the same scene is begun again"
    channel.end("First.")
    assert channel.draw(100) == ["Second."]


def test_a_scene_that_is_begun_again_after_a_crash_counts_from_there(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.drawn(0)
    channel.request(1, "Second.")
    assert channel.draw(500) == ["First."]
    assert channel.look(501) == WakeAt(530)


def test_a_crash_and_a_failure_together_use_no_cooldown_up(channel: Channel) -> None:
    channel.request(0, "First.")
    channel.drawn(0)
    channel.draw(500, posted=False)
    channel.request(501, "Second.")
    assert channel.draw(501) == ["Second."]


def test_settling_twice_or_what_was_never_begun_changes_nothing(channel: Channel) -> None:
    channel.request(0, "First.")
    before = channel.plan.model_copy(deep=True)
    channel.end("First.")
    channel.plan.settle("unknown", posted=True)
    assert channel.plan == before
    channel.draw(0)
    channel.end("First.", posted=False)
    assert channel.plan.cooldown_from == START


# Each event is acted on once.


@pytest.mark.parametrize("fields", [{"turn_id": "7"}, {"ts": 5.0}])
def test_an_event_that_is_heard_twice_is_acted_on_once_for_an_hour(channel: Channel, fields: dict[str, Any]) -> None:
    channel.request(0, event_id="same", **fields)
    channel.draw(0)
    channel.request(MEMORY_SECONDS, event_id="same", **fields)
    assert channel.look(MEMORY_SECONDS) == NOTHING


def test_without_time_and_turn_id_the_same_words_are_a_new_event_after_five_seconds(channel: Channel) -> None:
    channel.request(0, "You wait.", event_id="same", ts=None)
    channel.draw(0)
    channel.request(BARE_EVENT_SECONDS, "You wait.", event_id="same", ts=None)
    assert channel.look(1000) == NOTHING
    channel.request(BARE_EVENT_SECONDS + 1, "You wait.", event_id="same", ts=None)
    assert isinstance(channel.look(1000), Start)


# The record stays small.


def test_what_can_no_longer_matter_is_forgotten(channel: Channel) -> None:
    for at in range(0, 600 * 60, 60):
        channel.request(at, f"At {at}.")
        assert channel.draw(at) == [f"At {at}."]
        channel.forget(at)
        assert len(channel.plan.turns) <= MAX_TURNS + 1
        assert len(channel.plan.seen) <= MAX_SEEN
    assert len(channel.plan.model_dump_json()) < 40_000
    channel.forget(600 * 60 + 2 * MEMORY_SECONDS)
    assert (channel.plan.turns, channel.plan.seen) == ([], {})


def test_a_waiting_turn_is_never_forgotten(channel: Channel) -> None:
    channel.turn(0, "Patient.")
    for number in range(1, 300):
        channel.request(number / 100, turn_id=str(number))
    channel.forget(5000)
    assert channel.plan.turns[0].heard_at == START
    assert len(channel.plan.seen) == 0


class Life(RuleBasedStateMachine):
    """Any order of events, time, failures and crashes; what must hold whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.channel = Channel()
        self.now = 0.0
        self.begun: str | None = None
        self.starts: list[float] = []
        self.drawn: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.failed: set[str] = set()
        self.turn_ids: list[str] = []

    @rule(with_id=st.booleans(), art=st.booleans())
    def turn(self, with_id: bool, art: bool) -> None:
        turn_id = f"id{len(self.turn_ids)}" if with_id else None
        self.turn_ids += [turn_id] if turn_id else []
        self.channel.turn(self.now, f"turn at {self.now}", turn_id=turn_id, art=art)

    @rule(data=st.data())
    def request(self, data: st.DataObject) -> None:
        turn_id = data.draw(st.sampled_from([None, "new", *self.turn_ids]))
        self.channel.request(self.now, f"request at {self.now}", turn_id=turn_id)

    @rule(seconds=st.sampled_from([0.5, 3.0, 14.0, 29.5, 61.0]))
    def time_goes_on(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def job_looks(self) -> None:
        step = self.channel.look(self.now)
        if isinstance(step, WakeAt):
            assert step.when is None or step.when > self.now
            assert self.begun is None
            return
        assert self.begun in (None, step.scene_id), "never two at once"
        if self.begun is None:
            waiting = {turn.scene_id: turn.order for turn in self.channel.plan.turns if turn.state == "waiting"}
            assert all(waiting[older] < waiting[step.scene_id] for older in step.skipped), "the newest wins"
            self.skipped.update(step.skipped)
            self.starts.append(self.now)
        else:
            self.starts[-1] = self.now
        self.channel.plan.start(step, START + self.now)
        self.begun = step.scene_id

    @precondition(lambda self: self.begun is not None)
    @rule(posted=st.booleans())
    def painting_ends(self, posted: bool) -> None:
        assert self.begun is not None
        self.channel.plan.settle(self.begun, posted=posted)
        if posted:
            self.drawn[self.begun] += 1
            scene = self.channel.scenes[self.begun]
            self.channel.scenes[self.begun] = scene.moved(SceneState.POSTED)
        else:
            self.failed.add(self.begun)
            self.starts.pop()
        self.begun = None

    @rule()
    def process_dies(self) -> None:
        """What is left is the record in Redis."""
        self.channel.plan = ChannelPlan.model_validate_json(self.channel.plan.model_dump_json())

    @rule()
    def old_things_are_forgotten(self) -> None:
        self.channel.forget(self.now)

    @invariant()
    def no_scene_is_drawn_twice_or_drawn_and_skipped(self) -> None:
        assert all(count == 1 for count in (self.drawn + self.skipped).values())

    @invariant()
    def pictures_keep_their_distance(self) -> None:
        assert all(later - earlier >= 30 for earlier, later in itertools.pairwise(self.starts))

    @invariant()
    def the_record_stays_small(self) -> None:
        text = self.channel.plan.model_dump_json()
        assert ChannelPlan.model_validate_json(text) == self.channel.plan
        assert len(text) < 1_000 + 450 * len(self.channel.plan.turns)

    def teardown(self) -> None:
        """When time goes on and nothing fails any more, everything that was heard ends, once."""
        for _ in range(4 * len(self.channel.scenes) + 4):
            if self.begun is not None:
                self.painting_ends(posted=True)
            step = self.channel.look(self.now)
            if isinstance(step, WakeAt) and step.when is None:
                break
            self.now = max(self.now, step.when or 0) if isinstance(step, WakeAt) else self.now
            self.job_looks()
            self.no_scene_is_drawn_twice_or_drawn_and_skipped()
            self.pictures_keep_their_distance()
        assert self.channel.look(self.now + 10_000) == NOTHING
        assert set(self.channel.scenes) == set(self.drawn) | set(self.skipped) | self.failed


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=50)
TestLife = Life.TestCase


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_event_is_taken_in_once(channel: str) -> None:
    plan, scenes = ChannelPlan(), dict[str, Scene]()
    event = parse_event(channel, json.dumps({"channel_id": "42", "narrative": "A door.", "turn_id": "t-1"}))
    plan.apply(event, scenes, 1_000.0, timedelta(seconds=60))
    before = plan.model_copy(deep=True), dict(scenes)

    assert plan.apply(event, scenes, 1_000.0, timedelta(seconds=60)) is None
    assert (plan, scenes) == before

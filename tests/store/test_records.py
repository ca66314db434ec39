"""What comes back from Redis: whatever it is, it costs itself."""

from __future__ import annotations

import json
import logging
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cogs.scene_art.domain.channel_plan import ChannelPlan, Turn
from cogs.scene_art.domain.events import ArtRequest, TurnComplete
from cogs.scene_art.domain.scene import PromptRecord, Scene, SceneState, Source, UsedReference
from cogs.scene_art.store.records import (
    LATEST_SECONDS,
    is_channel_id,
    is_scene_id,
    is_work_item,
    read_entries,
    read_picture,
    read_plan,
    read_scene,
    read_time,
    texts,
)

NOW = 1_800_000_000.0
CHANNEL, ID = "42", "0123456789abcdef"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


def a_scene(**changes: Any) -> Scene:
    values: dict[str, Any] = {"id": ID, "channel_id": CHANNEL, "source": Source.TURN, "narrative": "The gate opens."}
    return Scene.model_validate(values | {"heard_at": NOW - 5} | changes)


def a_plan(**changes: Any) -> ChannelPlan:
    turn = Turn(scene_id=ID, order=3, heard_at=NOW - 5, due_at=NOW + 55, turn_id="t3")
    values: dict[str, Any] = {"next_order": 4, "turns": [turn], "cooldown_from": NOW - 9, "seen": {"e1": NOW + 3600}}
    return ChannelPlan.model_validate(values | changes)


def an_entry(**changes: Any) -> dict[str, Any]:
    event = ArtRequest(channel_id=CHANNEL, narrative="The gate opens.", event_id="e1", ts=5.0)
    return {"at": NOW - 1, "event": event.model_dump() | changes}


def encoded(values: object) -> bytes:
    return json.dumps(values).encode()


def read(values: object) -> Scene | None:
    return read_scene(encoded(values), CHANNEL, ID, NOW)


def test_good_records_come_back_as_they_were_written() -> None:
    whole = a_scene(
        narrative="The gate opens.\n\nMira - 明子 - steps out. 👩\u200d🚀",
        state=SceneState.PAINTED,
        mime="image/webp",
        character_names=("Mira", "", "明子"),
        character_urls=("", "https://x.example/a%20b.png?sig=1"),
        notes="at night\nby the sea",
        guild_id="1",
        reply_to="2",
        requested_by="3",
        redo_of="f" * 16,
        resume_at=NOW + 40 * 3600,
        usage={"prompt_tokens": 1200},
        brief=PromptRecord(prompt="Paint\n\n«this».", references=(UsedReference(name="Mira", role="c", arrived=True),)),
    )
    assert read_scene(whole.model_dump_json().encode(), CHANNEL, ID, NOW) == whole
    assert read_plan(a_plan().model_dump_json().encode(), CHANNEL, NOW) == a_plan()
    [letter] = read_entries([encoded(an_entry())], CHANNEL, NOW)
    assert letter is not None
    assert letter[0] == NOW - 1
    assert letter[1].narrative == "The gate opens."


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "f" * 16},
        {"id": "../../../../etc/passwd"},
        {"channel_id": "43"},
        {"heard_at": -1.0},
        {"heard_at": math.nan},
        {"resume_at": math.inf},
        {"finished_at": -math.inf},
        {"painted_at": 1e300},
        {"started_at": NOW + LATEST_SECONDS + 1},
        {"put_offs": -1},
        {"put_offs": 10**7},
        {"starts": -1},
        {"attempts": 10**30},
        {"usage": {"output_tokens": -5}},
        {"usage": {"prompt_tokens": 10**12}},
        {"seed": -1},
        {"state": "stolen"},
        {"source": "nobody"},
        {"narrative": None},
        {"state": "painted", "mime": "../../../tmp/x"},
        {"state": "posting", "mime": "text/html"},
        {"reply_to": "abc"},
        {"message_id": ""},
        {"guild_id": "-1"},
        {"requested_by": "<@1>"},
        {"deleted_by": "1" * 40},
        {"redo_of": "../x"},
        {"uploads": ["../x"]},
        {"uploads": [ID] * 5},
    ],
    ids=str,
)
def test_a_scene_that_cannot_be_costs_itself_and_one_line(
    changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert read(a_scene().model_dump(mode="json") | changes) is None
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "passwd" not in caplog.text
    assert "tmp" not in caplog.text


@given(st.dictionaries(st.sampled_from(sorted(Scene.model_fields)), json_values))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_scenes_record_holds(changes: dict[str, Any]) -> None:
    scene = read(a_scene().model_dump(mode="json") | changes)
    if scene is None:
        return
    assert (scene.id, scene.channel_id) == (ID, CHANNEL)
    for time in (scene.heard_at, scene.resume_at, scene.started_at):
        assert time is None or 0 <= time <= NOW + LATEST_SECONDS
    assert scene.reply_to is None or int(scene.reply_to) >= 0
    assert math.isfinite(2.0**scene.put_offs)
    # What was read once is read again as the same.
    assert read_scene(scene.model_dump_json().encode(), CHANNEL, ID, NOW) == scene


@given(st.binary(max_size=200) | json_values.map(encoded))
def test_no_bytes_at_all_are_too_much(raw: bytes) -> None:
    assert read_scene(raw, CHANNEL, ID, NOW) is None
    plan = read_plan(raw, CHANNEL, NOW)
    plan.forget(NOW)
    read_entries([raw], CHANNEL, NOW)
    read_picture([raw], a_scene(state=SceneState.PAINTED, mime="image/png"))
    assert 0 <= read_time(raw, NOW, 60) <= NOW + 60
    texts([raw])


@pytest.mark.parametrize("raw", [b"[" * 200_000, b'{"turns":' * 50_000, b'{"at": ' + b"9" * 5_000 + b"}"], ids=len)
def test_deep_and_long_ones(raw: bytes) -> None:
    assert read_scene(raw, CHANNEL, ID, NOW) is None
    assert read_plan(raw, CHANNEL, NOW) == ChannelPlan()
    assert read_entries([raw], CHANNEL, NOW) == [None]


@pytest.mark.parametrize(
    "changes",
    [
        {"next_order": -1},
        {"next_order": 10**40},
        {"cooldown_from": math.nan},
        {"cooldown_before": -1.0},
        {"cooldown_from": 1e300},
        {"seen": {"e1": math.inf}},
        {"seen": {"x" * 1000: NOW}},
        {"turns": [{"scene_id": "../x", "order": 1, "heard_at": 1.0, "due_at": 1.0}]},
        {"turns": [{"scene_id": ID, "order": 1, "heard_at": 1.0, "due_at": 1e18}]},
        {"turns": [{"scene_id": ID, "order": 1, "heard_at": 1.0, "due_at": 1.0, "state": "odd"}]},
        {"turns": [{"scene_id": ID, "order": 1, "heard_at": 1.0, "due_at": 1.0}] * 2},
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_costs_itself_and_one_line(
    changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert read_plan(encoded(a_plan().model_dump(mode="json") | changes), CHANNEL, NOW) == ChannelPlan()
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "letter",
    [
        an_entry(channel_id="43"),
        an_entry(channel_id="../43"),
        an_entry(kind="other", narrative=""),
        an_entry(event_id="x" * 1000),
        an_entry() | {"at": -5},
        an_entry() | {"at": "soon"},
        an_entry() | {"at": NOW * 2},
        an_entry() | {"at": 10**400},
        {"at": NOW, "event": None},
        {"at": NOW, "event": []},
        [],
        None,
    ],
    ids=lambda letter: str(letter)[:60],
)
def test_letters_that_do_not_fit_cost_one_line_together(letter: object, caplog: pytest.LogCaptureFixture) -> None:
    good = TurnComplete(channel_id=CHANNEL, narrative="It rains.", event_id="e2").model_dump()
    raw = [encoded(letter), encoded({"at": NOW, "event": good}), encoded(letter)]
    first, second, third = read_entries(raw, CHANNEL, NOW)
    assert first is third is None
    assert second is not None
    assert second[1].narrative == "It rains."
    assert len(caplog.records) == 1


@pytest.mark.parametrize("data", [b"<html>", b"\xff\xd8", b"%PDF-1.7", b"GIF89a", b"\x89PNG"])
def test_what_is_kept_must_be_a_picture_of_its_kind(data: bytes) -> None:
    assert read_picture([data], a_scene(state=SceneState.PAINTED, mime="image/png")) is None


@given(st.text())
def test_ids_and_errands(text: str) -> None:
    assert not is_scene_id(text) or len(text) == 16
    assert not is_channel_id(text) or text.isascii()
    assert not is_work_item(text) or set(text) <= set("0123456789abcdef/")
    for good in ("42", f"42/{ID}"):
        assert is_work_item(good)
        assert not is_work_item(good + "\n")
    assert not any(map(is_channel_id, (None, 42, ["42"], "\u0664\u0662", "4 2", "42}x", "")))


@given(st.floats() | st.integers())
def test_rests_are_bounded(number: float) -> None:
    until = read_time(str(number).encode(), NOW, 60)
    assert until == 0 or until == number <= NOW + 60


def test_a_record_of_the_release_before_is_told_in_todays_words_and_every_language() -> None:
    wired = {
        "text": "The painter's safety check withheld this picture. Calmer words or notes may help.",
        "template": "The painter's safety check withheld this picture. Calmer words or notes may help.",
        "values": {},
    }
    record = json.loads(a_scene(state=SceneState.REFUSED).model_dump_json()) | {"sentence": wired}

    read = read_scene(json.dumps(record).encode(), CHANNEL, ID, NOW)

    assert read is not None
    assert read.sentence == "The painter's safety filter blocked this picture. Try milder words or notes."
    assert read.sentence.translated("de").startswith("Der Sicherheitsfilter des Malers hat dieses Bild blockiert.")

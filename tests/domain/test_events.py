"""What the game may say, and that nothing it says can do harm."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs.scene_art.domain.events import (
    MAX_CAST,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ID,
    MAX_MESSAGE_BYTES,
    MAX_NAME,
    MAX_NARRATIVE,
    MAX_TOKENS,
    MAX_URL,
    MAX_URL_BYTES,
    MODELS,
    ArtRequest,
    EventError,
    GameEvent,
    TurnComplete,
    channel_of,
    event_of,
    parse_event,
)
from cogs.scene_art.publish import REQUEST_CHANNEL, TURN_CHANNEL
from cogs.scene_art.text import MARKS_PER_LETTER

CHANNELS = [REQUEST_CHANNEL, TURN_CHANNEL]
WHOLE: dict[str, Any] = {
    "channel_id": "1234567890123456789",
    "narrative": "Mira lights the lantern.",
    "character_urls": ["https://x.example/mira.png"],
    "character_names": ["Mira", "Old Tom"],
    "game_name": "Lantern Keep",
    "aspect_ratio": "21:9",
    "ts": 1_790_000_000.5,
    "turn_id": "turn-7",
    "message_id": "1234567890123456790",
    "guild_id": "1234567890123456791",
}


def event(channel: str = REQUEST_CHANNEL, /, **changes: Any) -> GameEvent:
    """The least that an event needs, with `changes`."""
    fields = {"channel_id": "42", "narrative": "A door."} | changes
    return parse_event(channel, json.dumps(fields))


def test_a_request_carries_everything_of_the_contract() -> None:
    heard = parse_event(REQUEST_CHANNEL, json.dumps(WHOLE).encode())
    assert isinstance(heard, ArtRequest)
    told = heard.model_dump(exclude={"event_id", "kind", "followed"})
    assert told == WHOLE | {"character_urls": (WHOLE["character_urls"][0],), "character_names": ("Mira", "Old Tom")}


def test_a_turn_is_drawn_unless_it_says_otherwise() -> None:
    heard = event(TURN_CHANNEL, character_names=["Mira"], character_urls=["https://x.example/a.png"])
    assert isinstance(heard, TurnComplete)
    assert heard.art
    assert heard.character_names == ("Mira",)
    silent = event(TURN_CHANNEL, art=False)
    assert isinstance(silent, TurnComplete)
    assert not silent.art


@pytest.mark.parametrize("channel", CHANNELS)
def test_only_the_channel_and_the_story_are_needed(channel: str) -> None:
    heard = event(channel)
    assert (heard.channel_id, heard.narrative) == ("42", "A door.")
    assert (heard.character_urls, heard.game_name, heard.turn_id, heard.message_id) == ((), "", None, None)


@pytest.mark.parametrize("channel", CHANNELS)
def test_unknown_fields_are_ignored_and_the_redis_channel_alone_says_what_it_is(channel: str) -> None:
    heard = event(channel, mood="grim", kind="something else", event_id="forged")
    assert heard.kind == ("request" if channel == REQUEST_CHANNEL else "turn")
    assert heard.event_id != "forged"


@pytest.mark.parametrize("given_id", ["42", 42, " 42 ", "0042"])
def test_an_id_may_be_a_string_of_digits_or_a_whole_number(given_id: object) -> None:
    assert event(channel_id=given_id).channel_id == "42"


@pytest.mark.parametrize(
    "wrong", [None, "", "abc", "-1", "0", 0, -5, 4.5, True, False, [42], "9" * 20, 10**25, 10**400, "٤٢", "4 2"]
)
def test_an_event_without_a_channel_is_dropped(wrong: object) -> None:
    with pytest.raises(EventError, match=r"^channel_id: "):
        event(channel_id=wrong)


def test_a_strange_message_id_costs_the_reply_and_not_the_picture() -> None:
    assert event(message_id="soon", guild_id=True).message_id is None
    assert event(message_id=77).message_id == "77"


@pytest.mark.parametrize("wrong", [None, "", "  \n\t", "\u200b\u202e\x00", 7, ["A door."]])
def test_a_blank_story_is_no_scene(wrong: object) -> None:
    with pytest.raises(EventError, match=r"^narrative: "):
        event(narrative=wrong)


def test_null_stands_for_what_is_not_there() -> None:
    nothing = dict.fromkeys(
        ("character_urls", "character_names", "game_name", "ts", "turn_id", "message_id", "guild_id", "aspect_ratio")
    )
    assert event(**nothing).model_dump(exclude={"event_id"}) == event().model_dump(exclude={"event_id"})
    turn = event(TURN_CHANNEL, art=None)
    assert isinstance(turn, TurnComplete)
    assert turn.art


def test_null_inside_a_list_keeps_the_places_of_the_others() -> None:
    """The i-th picture shows the i-th name, also when the second character has none."""
    heard = event(character_urls=["https://a.example/1.png", None, "https://a.example/3.png"])
    assert heard.character_urls == ("https://a.example/1.png", "", "https://a.example/3.png")


@pytest.mark.parametrize("wrong", ["Mira", {"0": "Mira"}, [1], [["Mira"]], 3])
def test_names_are_a_list_of_strings(wrong: object) -> None:
    with pytest.raises(EventError, match=r"^character_names: must "):
        event(character_names=wrong)


def test_everything_that_is_kept_is_bounded() -> None:
    heard = event(
        narrative="x" * 20_000,
        character_names=["n" * 500] * 200,
        character_urls=["https://x.example/" + "u" * 5_000, "https://x.example/fine.png"],
        game_name="g" * 5_000,
        turn_id="t" * 5_000,
    )
    assert len(heard.narrative) == MAX_NARRATIVE
    assert len(heard.character_names) == MAX_CAST
    assert {len(name) for name in heard.character_names} == {100}
    assert heard.character_urls == ("", "https://x.example/fine.png"), "half an address is none"
    assert (len(heard.game_name), len(heard.turn_id or "")) == (200, 200)


def test_a_message_may_have_256_kib_and_not_a_byte_more() -> None:
    def of_size(size: int) -> bytes:
        empty = json.dumps({"channel_id": "42", "narrative": "A door.", "padding": ""})
        return json.dumps({"channel_id": "42", "narrative": "A door.", "padding": "x" * (size - len(empty))}).encode()

    assert parse_event(REQUEST_CHANNEL, of_size(MAX_MESSAGE_BYTES)).channel_id == "42"
    with pytest.raises(EventError, match="larger than 256 KiB"):
        parse_event(REQUEST_CHANNEL, of_size(MAX_MESSAGE_BYTES + 1))


def _with_story(raw: bytes) -> bytes:
    return b'{"channel_id": "42", "narrative": ' + raw + b"}"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"channel_id": "42"}',
        _with_story(b'"caf\xe9"'),
        _with_story(b'"\\ud800"'),
        _with_story(b'"A door.", "ts": NaN'),
        _with_story(b'"A door.", "ts": -Infinity'),
        _with_story(b'"A door.", "deep": ' + b"[" * 50_000 + b"]" * 50_000),
        b"[" * 100_000,
        _with_story(b'"A door.", "turn_id": ' + b"9" * 100_000),
        "{\ud800",
    ],
    ids=lambda payload: repr(payload[:60]),
)
def test_what_is_no_event_is_an_error_of_ours(payload: bytes | str) -> None:
    with pytest.raises(EventError):
        parse_event(REQUEST_CHANNEL, payload)


@pytest.mark.parametrize("ts", [10**400, -(10**400), True, "soon", [], 1e308, 0])
def test_a_strange_time_costs_nothing(ts: object) -> None:
    assert event(ts=ts).narrative == "A door."


def test_a_number_that_overflows_is_no_time() -> None:
    heard = parse_event(REQUEST_CHANNEL, _with_story(b'"A door.", "ts": 1e999'))
    assert heard.ts is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_same_message_is_the_same_event_in_every_process(channel: str) -> None:
    """Many bots may listen to one Redis: by this they know that another one has acted already."""
    assert event(channel, ts=1.0).event_id == event(channel, ts=1.0).event_id
    assert event(channel, ts=1.0).event_id != event(channel, ts=2.0).event_id
    assert event(channel, turn_id="7", ts=1.0).event_id != event(channel, turn_id="7", ts=2.0).event_id
    assert event(channel, turn_id="7").event_id != event(channel, turn_id="8").event_id
    assert event(channel, turn_id="7").event_id != event(channel, turn_id="7", channel_id="43").event_id


def test_a_request_and_its_turn_are_two_events() -> None:
    assert event(REQUEST_CHANNEL, turn_id="7").event_id != event(TURN_CHANNEL, turn_id="7").event_id


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_a_blank_turn_id_is_none_and_ties_no_events_together(blank: str) -> None:
    first, second = event(turn_id=blank, ts=1.0), event(turn_id=blank, ts=2.0)
    assert first.turn_id is None
    assert first.event_id != second.event_id


@given(st.sampled_from(CHANNELS), st.binary(max_size=400) | st.text(max_size=400))
def test_no_bytes_can_do_more_than_be_dropped(channel: str, payload: bytes | str) -> None:
    with pytest.raises(EventError) as dropped:
        parse_event(channel, payload)
    assert str(dropped.value)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**30), 1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
SECRET = "zyxwv-story-zyxwv"


@given(
    st.sampled_from(CHANNELS),
    st.fixed_dictionaries(
        {},
        optional={name: ANYTHING | st.just(value) | st.just(SECRET) for name, value in (WHOLE | {"art": True}).items()},
    ),
)
def test_no_json_can_do_more_than_be_dropped_with_one_line_that_quotes_nothing(
    channel: str, fields: dict[str, Any]
) -> None:
    heard, problem = None, "none"
    try:
        heard = parse_event(channel, json.dumps(fields))
    except EventError as exc:
        problem = str(exc)
    assert SECRET not in problem
    assert len(problem.splitlines()) == 1
    assert len(problem) < 200
    if heard is not None:
        assert heard.channel_id.isdigit()
        assert heard.narrative.strip()
        again = type(heard).model_validate_json(heard.model_dump_json())
        assert again == heard, "an event that waits in a mailbox is taken out as it was put in"


def test_the_addresses_that_fit_stay_and_the_others_leave_empty_places() -> None:
    long = "https://x.example/" + "u" * (MAX_URL - 18)
    heard = event(character_urls=[long] * 20 + ["https://x.example/short.png"], character_names=["Mira"] * 21)

    kept = MAX_URL_BYTES // MAX_URL - 1
    assert heard.character_urls == (long,) * kept + ("",) * (20 - kept) + ("https://x.example/short.png",)
    assert len(heard.character_names) == 21
    heard = event(character_urls=[*[long] * 11, "", long[:1_000], long, "https://x.example/short.png"])
    assert heard.character_urls[-2:] == ("", "https://x.example/short.png"), "what still fits stays"


def test_long_ids_of_turns_stay_as_different_as_they_are() -> None:
    first, same, other = (event(turn_id="t" * 5_000 + end).turn_id for end in ("1", "1", "2"))
    assert first == same != other
    assert len(first or "") == len(other or "") == MAX_ID


@pytest.mark.parametrize("equal", [42, "42", " 42", "042", "\t42\n"])
def test_what_is_the_same_id_is_equal(equal: object) -> None:
    heard = event(channel_id=equal, message_id=equal, guild_id=equal)
    assert {heard.channel_id, heard.message_id, heard.guild_id} == {"42"}


@pytest.mark.parametrize(
    "no_id",
    ["+42", "4_2", "0x2a", "42.0", "4\u00b2", "\u0664\u0662", "\uff14\uff12", "42\u0000", 42.0, 4e1, 2**63, "1" * 21],
)
def test_what_only_looks_like_an_id_is_none(no_id: object) -> None:
    assert event(message_id=no_id, guild_id=no_id).guild_id is None
    with pytest.raises(EventError, match=r"^channel_id: "):
        event(channel_id=no_id)


def test_of_two_fields_with_one_name_the_last_one_counts() -> None:
    heard = parse_event(
        REQUEST_CHANNEL, b'{"channel_id": "1", "narrative": "A.", "channel_id": "2", "narrative": "B."}'
    )
    assert (heard.channel_id, heard.narrative) == ("2", "B.")


def test_a_nul_in_a_text_is_taken_out() -> None:
    heard = event(narrative="A\x00 door.", turn_id="t\x007", character_names=["Mi\x00ra"], **{"\x00": "\x00"})
    assert (heard.narrative, heard.turn_id, heard.character_names) == ("A door.", "t7", ("Mira",))


def nested(depth: int) -> bytes:
    """An event whose deepest list is so many levels deep, the event itself counted."""
    return _with_story(b'"A door.", "deep": ' + b"[" * (depth - 1) + b"]" * (depth - 1))


def test_depth_has_a_bound_and_brackets_in_a_story_are_none() -> None:
    assert parse_event(REQUEST_CHANNEL, nested(MAX_DEPTH)).narrative == "A door."
    with pytest.raises(EventError, match="nested too deeply"):
        parse_event(REQUEST_CHANNEL, nested(MAX_DEPTH + 1))
    story = '[{" \\ ' * 1_000
    assert event(narrative=story).narrative == story.strip()


@pytest.mark.parametrize(
    "many",
    [
        b"[" + b"1," * MAX_TOKENS + b"1]",
        b"[" + b"[]," * MAX_TOKENS + b"1]",
        b"{" + b",".join(b'"%d":0' % number for number in range(MAX_TOKENS // 2)) + b"}",
        b'""' * MAX_TOKENS,
    ],
    ids=lambda many: repr(many[:20]),
)
def test_the_number_of_parts_has_a_bound(many: bytes) -> None:
    with pytest.raises(EventError, match="of too many parts"):
        parse_event(REQUEST_CHANNEL, _with_story(b'"A door.", "many": ' + many))


def test_five_hundred_unknown_fields_are_ignored_as_before() -> None:
    assert event(**{f"field {number}": [number, {"x": 1.5}] for number in range(500)}).narrative == "A door."


def test_a_number_has_a_bound() -> None:
    assert parse_event(REQUEST_CHANNEL, _with_story(b'"A door.", "x": ' + b"9" * MAX_DIGITS)).narrative == "A door."
    with pytest.raises(EventError, match="digits"):
        parse_event(REQUEST_CHANNEL, _with_story(b'"A door.", "x": ' + b"9" * (MAX_DIGITS + 1)))


@pytest.mark.parametrize("between", ["", "\u200b"])
def test_accents_do_not_pile_up(between: str) -> None:
    """Unicode wants them sorted, which took twelve seconds for one message full of them."""
    heard = event(narrative="a" + (between + "\u0316\u0301") * 4_000 + "b e\u0301")
    assert max(piles(heard.narrative)) <= MARKS_PER_LETTER
    assert heard.narrative.endswith("b \u00e9"), "ordinary ones stay"


def piles(text: str) -> Iterator[int]:
    """How many accents stand on each letter."""
    pile = 0
    for char in text:
        pile = pile + 1 if unicodedata.combining(char) else 0 if char.strip() else pile
        yield pile


def test_an_event_tells_about_how_much_memory_it_takes() -> None:
    assert event(narrative="x" * 8_000).weight > 8_000
    assert event(narrative="\U0001f409" * 8_000).weight > 32_000, "in memory it takes four bytes each"


TEXTS = st.text() | st.text().map(lambda text: text * 5_000) | st.just("[" * 9_000) | st.just("\u0316\u0301" * 9_000)
HOSTILE = ANYTHING | TEXTS | st.lists(TEXTS, max_size=3).map(lambda texts: texts * 50)


def is_within_bounds(heard: GameEvent) -> bool:
    """Whether nothing of it is more than the contract allows."""
    return (
        0 < int(heard.channel_id) < 2**63
        and str(int(heard.channel_id)) == heard.channel_id
        and 0 < len(heard.narrative) <= MAX_NARRATIVE
        and len(heard.character_names) <= MAX_CAST >= len(heard.character_urls)
        and all(len(name) <= MAX_NAME for name in heard.character_names)
        and all(len(url) <= MAX_URL for url in heard.character_urls)
        and sum(len(url.encode()) for url in heard.character_urls) <= MAX_URL_BYTES
        and len(heard.turn_id or "") <= MAX_ID >= len(heard.game_name)
        and heard.weight < 150_000
    )


@given(
    st.sampled_from(CHANNELS),
    st.dictionaries(st.sampled_from([*WHOLE, "art"]) | st.text(max_size=9), HOSTILE, max_size=12),
    st.booleans(),
)
def test_whatever_is_said_is_an_event_within_bounds_or_none(channel: str, fields: dict[str, Any], raw: bool) -> None:
    try:
        heard = parse_event(channel, json.dumps(WHOLE | fields, ensure_ascii=raw))
    except EventError:
        return
    assert is_within_bounds(heard)
    assert type(heard).model_validate_json(heard.model_dump_json()) == heard, "a mailbox changes nothing"


GOOD = json.dumps(WHOLE).encode()


@given(
    st.sampled_from(CHANNELS),
    st.integers(0, len(GOOD)),
    st.integers(0, 30),
    st.binary(max_size=30)
    | st.sampled_from([b"[" * 60, b'\\"', b"\\ud800", b"\xef\xbb\xbf", b"\x00", b"1e999", b"NaN"]),
)
@example(REQUEST_CHANNEL, 0, 0, b"\xef\xbb\xbf")
def test_a_good_event_with_bytes_changed_is_an_event_within_bounds_or_none(
    channel: str, at: int, gone: int, put_in: bytes
) -> None:
    try:
        heard = parse_event(channel, GOOD[:at] + put_in + GOOD[at + gone :])
    except EventError:
        return
    assert is_within_bounds(heard)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (rb"A lamp \ud83d goes out.", "A lamp goes out."),
        (rb"A lamp \ude00\ud83d goes out.", "A lamp goes out."),
        (rb"A smile \ud83d\ude00.", "A smile \U0001f600."),
        (rb"A path C:\\ud83d.", r"A path C:\ud83d."),
    ],
)
def test_an_emoji_that_a_game_cut_in_half_costs_no_turn(raw: bytes, kept: str) -> None:
    message = b'\xef\xbb\xbf{"channel_id": "1", "narrative": "%s"}' % raw
    assert parse_event(TURN_CHANNEL, message).narrative == kept


# One table tells of every kind of event where it is heard, and how it waits.

MESSAGE = json.dumps({"channel_id": "42", "narrative": "A door.", "turn_id": "t-1"})


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_heard_waits_under_its_name_and_is_the_same_afterwards(channel: str) -> None:
    heard = parse_event(channel, MESSAGE)

    assert type(heard) is MODELS[channel]
    assert channel_of(heard) == channel
    assert event_of(json.loads(json.dumps(heard.model_dump()))) == heard


def test_no_two_kinds_share_a_name() -> None:
    assert len({model.model_fields["kind"].default for model in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize("channel", ["game:art", "game:art:requests", ""])
def test_nothing_is_heard_on_another_channel(channel: str) -> None:
    with pytest.raises(EventError, match="channel"):
        parse_event(channel, MESSAGE)


@pytest.mark.parametrize("fields", [{}, {"kind": "dance", "channel_id": "42", "narrative": "A door."}, {"kind": None}])
def test_what_names_no_kind_is_no_event(fields: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        event_of(fields)

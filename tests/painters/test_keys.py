"""The ring of keys: which one is asked next."""

from __future__ import annotations

import pytest

from cogs.scene_art.errors import (
    ConfigurationError,
    NoImageError,
    QuotaError,
    QuotaExhaustedError,
    RefusedError,
    SceneArtError,
    TransientError,
)
from cogs.scene_art.painters.keys import KeyRing


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ring(watch: Watch) -> KeyRing:
    return KeyRing(["one", "two"], watch)


def test_the_first_key_is_asked_while_nothing_is_wrong_with_it(ring: KeyRing) -> None:
    assert [ring.current(), ring.current()] == ["one", "one"]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (QuotaError("429", retry_after=34.0), 34),
        (QuotaError("429"), 60),
        (QuotaError("429", retry_after=0.0), 60),
        (QuotaExhaustedError("daily"), 3600),
        (ConfigurationError("wrong key"), 3600),
    ],
)
def test_a_key_that_was_turned_away_rests_and_comes_back(
    ring: KeyRing, watch: Watch, error: SceneArtError, seconds: int
) -> None:
    assert ring.pass_on("one", error)
    assert ring.current() == "two"
    watch.now += seconds - 0.1
    assert ring.current() == "two"
    watch.now += 0.1
    assert ring.current() == "one"


@pytest.mark.parametrize("error", [TransientError("503"), RefusedError("SAFETY"), NoImageError("NO_IMAGE")])
def test_what_is_not_about_the_key_leaves_it_where_it_is(ring: KeyRing, error: SceneArtError) -> None:
    assert not ring.pass_on("one", error)
    assert ring.current() == "one"


def test_when_all_rest_the_one_that_is_free_soonest_is_asked(ring: KeyRing) -> None:
    assert ring.pass_on("one", QuotaExhaustedError("daily"))
    assert not ring.pass_on("two", QuotaError("429", retry_after=34.0)), "nothing to try now"
    assert ring.current() == "two"


def test_without_a_key_the_operator_is_told_which_setting_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY"):
        KeyRing([])


def test_keys_are_not_shown(ring: KeyRing) -> None:
    assert repr(ring) == str(ring) == "KeyRing(2 keys)"


def test_a_key_that_the_service_repeats_is_taken_out_of_the_error() -> None:
    error = RefusedError("Header AIza-long-secret is bad: a key")
    KeyRing(["AIza-long-secret", "a"]).hide_in(error)
    assert error.detail == str(error) == "Header [key] is bad: a key"

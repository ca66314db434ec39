"""One line about a fault, for the operator's log."""

from __future__ import annotations

from cogs.scene_art import faults


def _fall(depth: int) -> None:
    if depth:
        _fall(depth - 1)
    raise KeyError("what a player wrote")


def test_a_fault_is_told_by_kind_and_place_without_its_text() -> None:
    try:
        _fall(9)
    except KeyError as exc:
        line = faults.summary(exc)
    assert line.startswith("KeyError in test_faults.py:")
    assert line.count("test_faults.py") == faults.FRAMES
    assert "player" not in line


def test_one_that_was_never_raised_has_no_place() -> None:
    assert faults.summary(ValueError("x")) == "ValueError in ?"

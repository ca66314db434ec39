"""The search for a Chromium: a chosen one, those of the machine, the downloaded one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.chromium import find


def program(path: Path, *, starts: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {0 if starts else 127}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose PATH leads nowhere."""
    find.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("tools.chromium._ELSEWHERE", ())
    monkeypatch.delenv("CHROMIUM", raising=False)


def test_the_chosen_one_goes_before_that_of_the_path_before_the_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "browsers"
    assert find(folder) is None

    for place in ("browsers/shell-1255/linux/chrome-headless-shell", "bin/google-chrome", "mine"):
        found = program(tmp_path / place)
        if place == "mine":
            monkeypatch.setenv("CHROMIUM", str(found))
        find.cache_clear()
        assert find(folder) == found


def test_one_that_does_not_start_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a wrapper that asks for a package to be installed, or a download whose libraries are missing."""
    program(tmp_path / "bin" / "chromium-browser", starts=False)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))

    assert find(tmp_path / "browsers") is None

"""The output of `make demo`, in a terminal and without one."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAY = "import sys; from demo.__main__ import main; from demo.story import TURNS; sys.exit(main(TURNS[:1]))"
LOG = """
import logging
from demo.__main__ import quiet_log
with quiet_log() as log:
    logging.warning("too quiet")
    {then}
"""
SECONDS = 90


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Python, started in `folder`, with nobody in front of it."""
    command, environment = [sys.executable, "-c", script], os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603  # our own command
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
        check=True,
    )  # fmt: skip


def test_without_a_terminal_it_ends_with_what_was_drawn(tmp_path: Path) -> None:
    ended = run(PLAY, tmp_path)

    first, *_, last, hint = (line for line in ended.stdout.splitlines() if line.strip())
    assert first.startswith("Open this address in a browser:  http://127.0.0.1:")
    assert (
        last == f"The sample game is over: 2 pictures of 1 turns were drawn. They are in {tmp_path / 'demo-pictures'}"
    )
    assert "http" not in hint
    assert len(list((tmp_path / "demo-pictures").glob("*.png"))) == 2
    assert "  1. #lantern-road: Mira wakes a blue fire in the old forest at night … painted.\n" in ended.stdout
    for inside in ("game:", "memory://", "WARNING", "cogs.", "turn_id"):
        assert inside not in ended.stdout + ended.stderr


def test_at_a_terminal_it_says_what_to_try_and_stays_open(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    demo = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-c", PLAY], cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        said = ""
        while "Ctrl-C ends the demo" not in said:
            said += os.read(mine, 4_096).decode()
        assert demo.poll() is None
        demo.send_signal(signal.SIGINT)
        assert demo.wait(SECONDS) == 0
        said += os.read(mine, 4_096).decode()
    finally:
        demo.kill()
        demo.wait()
        os.close(mine)
    assert "Press “Play a turn”" in said
    assert said.strip().endswith("The demo is closed.")
    assert "WARNING" not in said


def test_what_the_bot_notes_is_kept_for_the_case_that_something_goes_wrong(tmp_path: Path) -> None:
    assert run(LOG.format(then=""), tmp_path).stderr == ""
    assert run(LOG.format(then="log.flush()"), tmp_path).stderr == "  WARNING root: too quiet\n"
    told = run(LOG.format(then="logging.error('too loud')"), tmp_path).stderr
    assert told == "  WARNING root: too quiet\n  ERROR root: too loud\n"

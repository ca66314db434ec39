"""What a worker process tells its host of a fault has no word of a library's or a service's in it."""

from __future__ import annotations

import logging

import pytest

from sandbox import wait_until
from tests.stage import KEY, TIMEOUT_SECONDS
from tests.worker_process.support import opened

FAULTY = f"""
import pathlib, threading, time, warnings
word = "{KEY}" if b"painter" in pathlib.Path("/proc/self/cmdline").read_bytes() else "nothing"
class Odd:
    def __del__(self):
        raise ValueError("in a finaliser: " + word)
def later():
    while threading.excepthook is threading.__excepthook__ and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)
    warnings.warn("in a warning: " + word[::-1])
    Odd()
    raise ValueError("in a thread: " + word)
end = time.monotonic() + 5
threading.Thread(target=later, daemon=True).start()
"""


@pytest.fixture
def faults_inside(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have such things happen in each worker that is started."""
    folder = tmp_path_factory.mktemp("faulty")
    (folder / "sitecustomize.py").write_text(FAULTY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.usefixtures("faults_inside")
async def test_a_fault_that_nobody_can_catch_is_told_without_its_words(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        async with opened("gemini") as workers:
            await workers.warm_up()
            await wait_until(
                lambda: caplog.text.count("outside of every call: ValueError") == 4, timeout=TIMEOUT_SECONDS
            )
    written = caplog.text + "".join(capfd.readouterr())
    assert "in a warning: [key]" in written
    assert "Traceback" not in written
    assert "in a thread" not in written
    assert not [piece for piece in (KEY, KEY[::-1]) if piece in written]

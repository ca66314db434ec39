"""Log lines about floods."""

from __future__ import annotations

import pytest

from cogs.scene_art.reports import EVERY_SECONDS, Reports


def test_a_flood_of_nonsense_does_not_fill_the_disk(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    reports = Reports(3, lambda: now)
    for _ in range(5_000):
        reports.warn("Dropped")
    assert [record.getMessage() for record in caplog.records] == [
        f"Dropped ({n} so far, 0 of them unreported)" for n in (1, 2, 3)
    ]
    now += EVERY_SECONDS
    reports.warn("Dropped")
    assert caplog.records[-1].getMessage() == "Dropped (5001 so far, 4997 of them unreported)"
    reports.warn("Dropped")
    assert len(caplog.records) == 4, "while it goes on, one line each time"
    now += 2 * EVERY_SECONDS
    for _ in range(3):
        reports.warn("Dropped")
    assert len(caplog.records) == 7, "after a silence the first few are free again"

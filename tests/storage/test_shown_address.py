"""Where Redis is, as the log may say it."""

from __future__ import annotations

import pytest

from cogs.scene_art.storage.connection import shown_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("rediss://name:pass%40word@redis.example:6380/1?password=other", "rediss://redis.example:6380/1"),
        ("redis+sentinel://:p@ss/word@one:1,two:2/mymaster", "redis+sentinel://one:1,two:2/mymaster"),
        ("redis://host#secret", "redis://host"),
        ("memory://", "memory://"),
    ],
)
def test_it_holds_no_secret(url: str, shown: str) -> None:
    assert shown_address(url) == shown

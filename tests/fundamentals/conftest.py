"""What every fundamental keeps: no key and no token in any log line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stage import KEY


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, the operator's secrets stay out of the log."""
    caplog.set_level("INFO")
    yield
    for secret in (KEY, "sandbox-token"):
        assert secret not in caplog.text

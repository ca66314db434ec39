"""docket's traces of Redis's troubles."""

from __future__ import annotations

import logging

import pytest
from redis.exceptions import AuthenticationError

from cogs.scene_art.storage.traces import LOGGERS, without_traces


def fail(log: logging.Logger, problem: Exception) -> None:
    password = "canary-password"
    try:
        raise problem
    except type(problem):
        log.exception("Error sending %s", f"heartbeat 100% {len(password)}")


@pytest.mark.parametrize("name", LOGGERS)
def test_a_trouble_with_redis_is_one_line_that_names_its_kind(name: str, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger(name)
    with without_traces(), without_traces():
        fail(log, AuthenticationError("secret"))
        fail(log, ConnectionResetError("secret"))
        fail(log, KeyError("a fault that must be found"))
    fail(log, AuthenticationError("secret"))

    first, second, fault, after = caplog.records
    assert first.getMessage() == "Error sending heartbeat 100% 15 (AuthenticationError)"
    assert second.getMessage().endswith("(ConnectionResetError)")
    assert [record.exc_info is None for record in (first, second, fault, after)] == [True, True, False, False]

"""docket's lines: those about our jobs are for DEBUG, and a host's own docket keeps its own."""

from __future__ import annotations

import importlib
import logging
import pkgutil

import docket
import pytest
from redis.exceptions import AuthenticationError, ResponseError

from cogs.scene_art.jobs.docket_log import LOGGERS, docket_lines, lowered_to_debug


def fail(log: logging.Logger, problem: Exception) -> None:
    password = "canary-password"
    try:
        raise problem
    except type(problem):
        log.exception("Error sending %s", f"heartbeat 100% {len(password)}")


def test_every_logger_of_docket_is_known() -> None:
    """It has one for a module; `task` and what is below are made for tasks that ask for one, which ours do not."""
    found = set()
    for info in pkgutil.walk_packages(docket.__path__, "docket."):
        if not info.name.startswith(("docket.cli", "docket.__main__", "docket._prometheus", "docket.testing")):
            module = importlib.import_module(info.name)
            found |= {value.name for value in vars(module).values() if isinstance(value, logging.Logger)}
    assert found == set(LOGGERS)


@pytest.mark.parametrize("name", LOGGERS)
def test_our_lines_are_for_debug_and_the_hosts_are_as_they_were(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    log = logging.getLogger(name)
    with lowered_to_debug(), lowered_to_debug():
        log.info("the host's")
        with docket_lines(ours=True):
            log.info("ours")
            log.warning("ours")
            with docket_lines(ours=False):
                log.warning("the host's")
    with docket_lines(ours=True):
        log.info("before or after")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "the host's"),
        ("DEBUG", "ours"),
        ("DEBUG", "ours"),
        ("WARNING", "the host's"),
        ("INFO", "before or after"),
    ]


def test_where_debug_is_not_wished_they_are_none(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with lowered_to_debug(), docket_lines(ours=True):
        logging.getLogger("docket.worker").warning("ours")
        fail(logging.getLogger("docket.worker"), AuthenticationError("secret"))
    assert not caplog.records


def test_a_trouble_with_redis_has_no_trace_and_a_fault_stays_an_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    log = logging.getLogger("docket.worker")
    with lowered_to_debug(), docket_lines(ours=True):
        for problem in (ConnectionResetError("secret"), TimeoutError(), KeyError("a fault"), ResponseError("secret")):
            fail(log, problem)
        fail(log, ResponseError("secret"))
    told = [(record.levelname, record.exc_info is None) for record in caplog.records]
    assert told == [("DEBUG", True), ("ERROR", True), ("ERROR", False), ("ERROR", True), ("DEBUG", True)]
    assert caplog.messages[0] == "Error sending heartbeat 100% 15 (ConnectionResetError)"


def test_no_level_and_no_handler_is_touched() -> None:
    loggers = [logging.getLogger(name) for name in ("docket", *LOGGERS)]
    before = [(log.level, log.propagate, log.disabled, *log.handlers, *log.filters) for log in loggers]
    with lowered_to_debug():
        assert [(log.level, log.propagate, log.disabled, *log.handlers) for log in loggers] == [
            entry[:3] for entry in before
        ]
    assert [(log.level, log.propagate, log.disabled, *log.handlers, *log.filters) for log in loggers] == before

"""Startup checks of Redis: one log line for each danger, and ACL rules without which the work would hang."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import Iterator

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.checks import FAR_APART_SECONDS, check_redis, missing_rules
from sandbox.waiting import wait_until
from tests import acl
from tests.jobs.support import Jobs, engine_on
from tests.redis_server import RedisServer, as_port, client_of, redis_binary

PREFIX = "scene_art-v1"
EVERYTHING = ("~*", "&*", "+@all")
# A pattern that is subscribed to must stand in the rules letter by letter; one that covers it is not enough.
ENOUGH = ("~scene_art*", f"&{PREFIX}:*", f"&{PREFIX}:cancel:*", "+@all")


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server that a test may change as it likes."""
    binary = redis_binary()
    own = RedisServer(binary, "--appendonly", "yes")
    own.start()
    yield own
    own.close()


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


async def check(server: RedisServer, caplog: pytest.LogCaptureFixture, url: str = "") -> list[str]:
    """The lines above INFO that the checks leave, and nothing may leave a line twice."""
    async with client_of(url or server.url) as client:
        await check_redis(as_port(client))
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


async def test_a_good_redis_is_worth_no_word(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    assert await check(server, caplog) == []


@pytest.mark.parametrize(("limit", "when"), [("100mb", "when its memory is full"), ("0", "as soon as it has a")])
@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
async def test_a_redis_that_throws_keys_away(
    server: RedisServer, caplog: pytest.LogCaptureFixture, policy: str, limit: str, when: str
) -> None:
    server.configure("maxmemory-policy", policy)
    server.configure("maxmemory", limit)

    [line] = await check(server, caplog)

    assert policy in line
    assert when in line
    assert line.endswith("set maxmemory-policy noeviction")


async def test_a_full_redis_that_throws_nothing_away_is_worth_no_word(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.configure("maxmemory", "100mb")

    assert await check(server, caplog) == []


@pytest.mark.parametrize(("save", "words"), [("", "keeps nothing on disk"), ("60 1000", "keeps snapshots only")])
async def test_a_redis_that_forgets(
    server: RedisServer, caplog: pytest.LogCaptureFixture, save: str, words: str
) -> None:
    server.configure("appendonly", "no")
    server.configure("save", save)

    [line] = await check(server, caplog)

    assert words in line
    assert line.endswith("set appendonly yes")


async def test_what_may_not_be_asked_is_not_guessed(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    server.configure("appendonly", "no")
    url = server.set_user("plain", *EVERYTHING, "-config")

    [line] = await check(server, caplog, url)

    assert "its last snapshot, if it makes any" in line


async def test_a_redis_that_tells_nothing_is_worth_no_word(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.configure("appendonly", "no")
    server.configure("maxmemory-policy", "allkeys-lru")
    url = server.set_user("mute", *EVERYTHING, "-@dangerous", "-time")

    with caplog.at_level(logging.DEBUG, logger="cogs.scene_art"):
        assert await check(server, caplog, url) == []

    assert caplog.text.count("could not be done: NoPermissionError") == 2
    assert caplog.text.count("does not tell its time") == 1


class OtherClock(Redis):
    """A Redis on a machine whose clock shows something else."""

    ahead: float

    async def time(self, **_: object) -> tuple[int, int]:
        shown = time.time() + self.ahead
        return int(shown), int(shown % 1 * 1e6)


@pytest.mark.parametrize(("ahead", "words"), [(600, "600 s behind Redis's"), (-7200, "7200 s ahead of Redis's")])
async def test_clocks_far_apart(
    server: RedisServer, caplog: pytest.LogCaptureFixture, ahead: float, words: str
) -> None:
    async with OtherClock(port=server.port) as client:
        client.ahead = ahead
        await check_redis(as_port(client))

    assert words in caplog.text


@pytest.mark.parametrize("ahead", [-(FAR_APART_SECONDS - 1), FAR_APART_SECONDS - 1])
async def test_clocks_a_little_apart(server: RedisServer, caplog: pytest.LogCaptureFixture, ahead: float) -> None:
    async with OtherClock(port=server.port) as client:
        client.ahead = ahead
        await check_redis(as_port(client))

    assert caplog.text == ""


async def test_a_frozen_redis_does_not_hold_the_checks(
    server: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.scene_art.store.checks.CHECK_SECONDS", 0.1)
    async with client_of(server.url) as client:
        server.freeze()
        async with asyncio.timeout(3):  # not one wait after the other for each rule
            await check_redis(as_port(client))
            assert await missing_rules(as_port(client), PREFIX) == []
    assert caplog.text == ""


async def test_the_in_process_redis_is_not_asked(caplog: pytest.LogCaptureFixture) -> None:
    async with open_docket("memory://unasked", "scene_art") as (_, client):
        with caplog.at_level(logging.DEBUG, logger="cogs.scene_art"):
            await check_redis(client)
            assert await missing_rules(client, PREFIX) == []
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        (ENOUGH, []),
        (("~scene_art*", "+@all"), [f"&{PREFIX}:cancel:*"]),
        (("~scene_art*", f"&{PREFIX}:*", "+@all"), [f"&{PREFIX}:cancel:*"]),
        ((*ENOUGH, "-psubscribe"), ["+psubscribe"]),
        ((*ENOUGH, "-xclaim", "-evalsha"), ["+xclaim", "+evalsha"]),
        (("~scene_art:*", *ENOUGH[1:]), [f"~{PREFIX}:*"]),
    ],
)
async def test_the_rules_that_an_acl_lacks(server: RedisServer, rules: tuple[str, ...], missing: list[str]) -> None:
    async with client_of(server.set_user("bot", *rules)) as client:
        assert await missing_rules(as_port(client), PREFIX) == missing


UNASKED = {
    *("multi", "exec", "discard", "subscribe", "unsubscribe", "punsubscribe", "ping"),  # without them nothing begins
    "srem",  # is done at the end alone
    "time",  # the work goes on without
}


async def test_the_documented_rules_are_those_that_are_asked_for(server: RedisServer) -> None:
    """Each one that is left out is named, so that the document and the check cannot come apart."""
    async with client_of(acl.give(server, acl.BOT)) as client:
        assert await missing_rules(as_port(client), PREFIX) == []
    asked = sorted(acl.commands(acl.BOT) - UNASKED)
    for command in asked:
        async with client_of(acl.give(server, acl.BOT, without=(f"+{command}",))) as client:
            assert await missing_rules(as_port(client), PREFIX) == [f"+{command}"]
    async with client_of(acl.give(server, acl.BOT, "-@all", "+multi", "+exec")) as client:
        named = {rule.removeprefix("+") for rule in await missing_rules(as_port(client), PREFIX)}
    assert named == set(asked)


@pytest.mark.parametrize("rule", ["~scene_art-v1:*", "&scene_art-v1:cancel:*"])
async def test_the_documented_keys_and_channels_are_asked_for(server: RedisServer, rule: str) -> None:
    async with client_of(acl.give(server, acl.BOT, without=(rule,))) as client:
        assert rule in await missing_rules(as_port(client), PREFIX)


def test_the_documented_lines_are_those_of_a_file() -> None:
    """Redis reads them at its start."""
    binary = redis_binary()
    lines = [line for line in acl.DOCUMENT.read_text("utf-8").splitlines() if line.startswith("user ")]
    assert len(lines) == 3
    with tempfile.NamedTemporaryFile("w", suffix=".acl") as file:
        file.write("\n".join([*lines, "user default on nopass ~* &* +@all", ""]))
        file.flush()
        own = RedisServer(binary, "--aclfile", file.name)
        own.start()
        try:
            with BlockingRedis.from_url(own.url) as client:
                assert {acl.PUBLISHER, acl.KEEPER, acl.BOT} <= set(client.acl_users())
        finally:
            own.close()


async def test_asking_for_the_rules_changes_nothing(server: RedisServer) -> None:
    async with client_of(server.url) as client:
        assert await missing_rules(as_port(client), PREFIX) == []
        assert await client.keys() == []


async def test_work_waits_for_an_acl_that_refuses_it_and_goes_on_by_itself(
    server: RedisServer, jobs: Jobs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docket would wait for ever, and its only word is a warning that Redis is away."""
    monkeypatch.setattr("cogs.scene_art.jobs.engine.PERMISSION_PAUSE", 0.05)
    url = server.set_user("bot", "~scene_art*", f"&{PREFIX}:*", "+@all")
    with caplog.at_level(logging.INFO, logger="cogs.scene_art"):
        async with engine_on(url) as engine, engine.running(*jobs.runs):
            await wait_until(lambda: server.refusals() >= 3)
            await engine.wake("42")
            assert jobs.began == []
            assert caplog.text.count(f"give its user the rules: &{PREFIX}:cancel:*") == 1
            server.set_user("bot", *ENOUGH)
            await wait_until(lambda: jobs.ended == ["42"])
    assert caplog.text.count("allows the work now") == 1

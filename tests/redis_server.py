"""A real redis-server on loopback, for tests that must not take an imitation's word."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError

from cogs.scene_art.store.connection import RedisClient
from tools import redis_servers

START_SECONDS = 10.0


def redis_binary() -> str:
    """The server that this run uses; skips the test where none can be had."""
    return redis_servers.find() or pytest.skip(redis_servers.NONE_HERE)


class RedisServer:
    """One server, one port; it can be ended and started again on the same port.

    It comes back empty, unless it is `durable`: then every write is on disk before it is answered.
    """

    def __init__(self, binary: str, *options: str, durable: bool = False) -> None:
        """`options` are added to the command line; the last of two equal ones counts."""
        self.binary = binary
        self._options = ("--appendonly", "yes", "--appendfsync", "always", *options) if durable else options
        self._folder = tempfile.TemporaryDirectory(prefix="scene-art-redis-")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Database 0 of the server."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603
            [
                self.binary,
                *("--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", self._folder.name),
                *self._options,
            ],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                self.stop()
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with BlockingRedis(port=self.port) as client:
                return bool(client.ping())
        except AuthenticationError:
            return True
        except RedisConnectionError:
            return False

    def flush(self) -> None:
        """Forget every key."""
        with BlockingRedis(port=self.port) as client:
            client.flushall()

    def set_user(self, name: str, *rules: str) -> str:
        """Make a user with exactly these ACL rules, or change it at once; the address to use."""
        with BlockingRedis(port=self.port) as client:
            client.execute_command("ACL", "SETUSER", name, "reset", "resetchannels", "on", "nopass", *rules)
        return f"redis://{name}:any@127.0.0.1:{self.port}/0"

    def refusals(self) -> int:
        """Count the refusals of its ACL."""
        with BlockingRedis(port=self.port) as client:
            lines = cast("list[dict[str, Any]]", client.acl_log())
            return sum(int(line["count"]) for line in lines)

    def configure(self, name: str, value: str) -> None:
        """Change one setting of the running server."""
        with BlockingRedis(port=self.port) as client:
            client.config_set(name, value)

    def freeze(self) -> None:
        """Let it accept what it gets and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on; idempotent."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def keys_without_end(self) -> set[str]:
        """The keys that would stay for ever."""
        with BlockingRedis(port=self.port) as client:
            keys = cast("list[bytes]", client.keys())
            return {key.decode() for key in keys if client.ttl(key) == -1}

    def stop(self) -> None:
        """End it, by the process that we started; idempotent."""
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            self._process.wait(START_SECONDS)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None

    def close(self) -> None:
        """End it and remove its folder."""
        self.stop()
        self._folder.cleanup()


@contextlib.contextmanager
def own_redis() -> Iterator[RedisServer]:
    """A server that nobody else has, running; ended at the end."""
    server = RedisServer(redis_binary())
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextlib.asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Redis]:
    """A redis-py client, closed at the end."""
    client: Redis = Redis.from_url(url)
    try:
        yield client
    finally:
        await client.aclose()


def as_port(client: Any) -> RedisClient:
    """`client` as the part of it that scene-art uses."""
    return cast("RedisClient", client)


def _free_port() -> int:
    """A port below those that outgoing connections get, so that none of them takes it while the server is down."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def own_tasks() -> list[str]:
    """The names of scene-art's tasks that are still at work in this loop."""
    return [t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("scene-art") and not t.done()]

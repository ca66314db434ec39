"""A Redis that writes everything down, can be killed and comes back with what it knew."""

from __future__ import annotations

import subprocess
import time

from tests.redis_server import START_SECONDS, RedisServer


class LastingRedis(RedisServer):
    """AOF, synced every second: what a SIGKILL leaves is all that was acknowledged."""

    def start(self) -> None:
        """Start it with what it wrote down before, and wait until it answers."""
        self._process = subprocess.Popen(
            [
                self.binary,
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._folder.name),
                *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
            ],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                self.stop()
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None

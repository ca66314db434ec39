"""Lua scripts: read and change several keys in one step, on a server, a cluster, or docket's in-process server.

A script is named by its hash, and sent in full only where the server has not seen it. All keys of one share a hash tag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError

from .connection import RedisClient
from .timeouts import TIMEOUT_SECONDS, within_timeout


class Script:
    """One script. It must be safe to run twice, since redis-py sends it again after a lost answer."""

    def __init__(self, lua: str) -> None:
        self._lua = lua
        # Redis names scripts by this hash; nothing is kept secret with it.
        self._sha = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self, client: RedisClient, keys: Sequence[str], values: Sequence[str | int], seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Run the script and return its result.

        Raises:
            TransientError: Redis is away, frozen for `seconds`, or refuses a command.
        """
        arguments = (*keys, *map(str, values))
        async with within_timeout(seconds):
            try:
                return await client.evalsha(self._sha, len(keys), *arguments)
            except NoScriptError:
                await client.script_load(self._lua)
                return await client.evalsha(self._sha, len(keys), *arguments)

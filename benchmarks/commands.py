"""Count the Redis commands of one picture: `python benchmarks/commands.py`. Takes a minute and a half.

bot.py runs on a real redis-server, and Redis's MONITOR tells every command, also those that scripts run. What the bot
asks while nothing is published is measured first, and taken off. `--turns N` draws more pictures than ten, `--list`
prints the way of the last one, command by command, and `--fallback 0.3` has each turn wait for its request, as games
that send none know it: then it takes two jobs, one that takes it in and one that draws it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))

from redis.asyncio import Redis

from sandbox import Channel, Sandbox, wait_until
from tests.redis_server import RedisServer, client_of
from tests.stage import as_event, bot_process, portrait
from tools import redis_servers

SETTLING_SECONDS, IDLE_SECONDS = 5, 12
QUIET_SECONDS = 0.5
"""After the post: until the channel's job has written down how it ended."""
FRESH_SECONDS = 3.5
"""Time after which the remembered settings and choices of a server are read anew."""
FAMILIES = (
    ("docket", r"scene_art-v1"),
    ("budget", r"scene_art:\{spent\}"),
    ("key pool", r"scene_art:\{keys\}"),
    ("due list", r"scene_art:open$"),
    ("queue", r"scene_art:queue$"),
    ("lock", r"scene_art:\{\d+\}:work"),
    ("inbox and plan", r"scene_art:\{\d+\}:(mailbox|plan|asked)"),
    ("pictures", r"scene_art:\{\d+\}:(picture|copy)"),
    ("scenes", r"scene_art:\{\d+\}:(scene|cancel)"),
    ("settings", r"scene_art:\{\d+\}:preferences"),
    ("blocks", r"scene_art:\{\d+\}:blocked"),
    ("characters and opt-outs", r"scene_art:\{\d+\}:(hidden|cast)"),
    ("game", r"game:"),
)
LONGEST, LONGEST_LINE = 400, 64 * 1024 * 1024
"""Characters of a command that are looked at, and bytes that one may have."""
_LINE = re.compile(r"\+[0-9.]+ \[\d+ (?P<client>.*?)\] (?P<command>.*)", re.DOTALL)
_WORD = re.compile(r'"(.*?)(?<!\\)"')
FRAMES = {"MULTI", "EXEC", "PING", "SUBSCRIBE", "TIME"}


@dataclass(frozen=True)
class Seen:
    """One command, as MONITOR told it."""

    client: str
    name: str
    family: str
    text: str


class Watch:
    """Notes every command but the measuring's own."""

    def __init__(self, own: str) -> None:
        self._own = own
        self.seen: list[Seen] = []

    def note(self, line: str) -> None:
        """Note one line of MONITOR."""
        told = _LINE.match(line)
        if told is None or told["client"] == self._own:
            return
        words = [word.replace('\\"', '"') for word in _WORD.findall(told["command"])]
        name = words[0].upper() + (" in a script" if told["client"] == "lua" else "")
        self.seen.append(Seen(told["client"], name, _family(words), " ".join(words)[:LONGEST]))

    def since(self, at: int) -> Counter[tuple[str, str]]:
        """Count what came from the `at`-th on, by family and command. MULTI and EXEC belong to what they frame."""
        return Counter((seen.family, seen.name) for seen in _framed(self.seen[at:]))


def _family(words: Iterable[str]) -> str:
    for word in words:
        for family, pattern in FAMILIES:
            if re.match(pattern, word.strip('"')):
                return family
    return ""


def _framed(seen: list[Seen]) -> list[Seen]:
    """Give what names no key the family of what the same connection asked next, or before."""
    found = list(seen)
    for step in (-1, 1):
        last: dict[str, str] = {}
        for at in range(len(found))[::step]:
            one = found[at]
            if one.family:
                last[one.client] = one.family
            elif one.name in FRAMES and (near := last.get(one.client)):
                found[at] = Seen(one.client, one.name, near, one.text)
    return found


@asynccontextmanager
async def watching(url: str, own: Redis) -> AsyncIterator[Watch]:
    """MONITOR until the end."""
    info: dict[str, Any] = await own.client_info()
    watch = Watch(info["addr"])
    address = urlsplit(url)
    # redis-py's own reads no line that is as long as a picture.
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=LONGEST_LINE)
    writer.write(b"MONITOR\r\n")

    async def read() -> None:
        async for line in reader:
            watch.note(line[: 2 * LONGEST].decode(errors="replace"))

    task = asyncio.create_task(read(), name="monitor")
    try:
        yield watch
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        writer.close()


class Measurement:
    """A bot that draws turns, and what Redis was asked meanwhile."""

    def __init__(self, sandbox: Sandbox, redis: Redis, watch: Watch) -> None:
        self._sandbox = sandbox
        self._redis = redis
        self._watch = watch
        self._guild = sandbox.discord.add_guild("bench")
        self._portrait = sandbox.files.add("mira.png", portrait("teal"))

    async def idle(self) -> tuple[Counter[tuple[str, str]], float]:
        """Count the commands of an idle bot; return them and the seconds watched."""
        at, began = len(self._watch.seen), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        return self._watch.since(at), time.monotonic() - began

    async def turn(self, channel: Channel, number: int) -> tuple[Counter[tuple[str, str]], float]:
        """Count the commands of one turn with one character, until it is posted and written down."""
        posted = len(self._sandbox.discord.messages(channel)) + 1
        at, began = len(self._watch.seen), time.monotonic()
        fields = {"character_urls": [self._portrait], "character_names": ["Mira"], "turn_id": f"t-{number}"}
        await self._redis.publish("game:turn:complete", as_event(channel, f"Mira opens door {number}.", fields))
        await wait_until(lambda: len(self._sandbox.discord.messages(channel)) >= posted, 30)
        await asyncio.sleep(QUIET_SECONDS)
        return self._watch.since(at), time.monotonic() - began

    def channel(self) -> Channel:
        """A fresh channel."""
        return self._sandbox.discord.add_text_channel(self._guild, "story")


def table(title: str, counts: dict[str, float]) -> None:
    """Print counts, the largest first, and their sum."""
    print(title)
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        if abs(count) >= 0.05:
            print(f"  {name:<28} {count:7.1f}")
    print(f"  {'all':<28} {sum(counts.values()):7.1f}")


def summed(counts: dict[tuple[str, str], float], part: int) -> dict[str, float]:
    """Add up by family (0) or by command (1)."""
    found: Counter[str] = Counter()
    for key, count in counts.items():
        found[key[part] or "other"] += count  # type: ignore[assignment]
    return dict(found)


async def measure(url: str, turns: int, fallback_seconds: float, *, listed: bool) -> None:
    """Print what an idle second and a picture ask."""
    async with (
        Sandbox() as sandbox,
        client_of(url) as redis,
        watching(url, redis) as watch,
        bot_process(sandbox, url, cooldown_seconds=0, fallback_seconds=fallback_seconds),
    ):
        await asyncio.sleep(SETTLING_SECONDS)
        measurement = Measurement(sandbox, redis, watch)
        channel = measurement.channel()
        await measurement.turn(channel, 0)  # scripts are loaded, the channel is known
        idle, seconds = await measurement.idle()
        rates = {key: count / seconds for key, count in idle.items()}
        spent, passed, at = Counter[tuple[str, str]](), 0.0, 0
        for number in range(1, turns + 1):
            await asyncio.sleep(FRESH_SECONDS)
            at = len(watch.seen)
            found, took = await measurement.turn(channel, number)
            spent, passed = spent + found, passed + took
        way = watch.seen[at:]
    if listed:
        print("\n".join(f"{seen.client:<22} {seen.text}" for seen in way))
    for part, told in enumerate(("family", "command")):
        table(f"commands in an idle second, by {told}", summed(rates, part))
    per_picture = {key: (spent[key] - rates.get(key, 0.0) * passed) / turns for key in {*spent, *rates}}
    for part, told in enumerate(("family", "command")):
        table(f"commands for a picture, by {told}", summed(per_picture, part))


def main() -> None:
    """Measure on a server of its own."""
    parser = argparse.ArgumentParser(description="Count what one picture asks of Redis.")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--fallback", type=float, default=0.0)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    binary = redis_servers.find()
    if binary is None:
        sys.exit(redis_servers.NONE_HERE)
    server = RedisServer(binary)
    try:
        server.start()
        asyncio.run(measure(server.url, options.turns, options.fallback, listed=options.list))
    finally:
        server.close()


if __name__ == "__main__":
    main()

"""How fast a picture is delivered, and what that costs: `make bench`.

The sandbox and Redis run beside a bot process of its own. Every time stands beside its ratio to something plain that
was measured in the same minute on the same machine; compare the ratios, not the times.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import aiohttp
from aiohttp import web
from PIL import Image

from sandbox import Channel, Sandbox, wait_until
from sandbox.gemini import GeminiRequest
from sandbox.gemini_answers import Answer, candidate, image_part
from tests.redis_server import RedisServer, client_of
from tests.stage import BotProcess, as_event, children_of, encoded, environment, photo, python
from tools import redis_servers

FOLDER = Path(__file__).parent
REQUESTS = 40
PICTURES = 20
LARGE = 16
CHANNELS = 24
GEMINI_SECONDS = 2.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Bench:
    """A bot process between a pretended Discord, a pretended Gemini and a real Redis."""

    def __init__(self, sandbox: Sandbox, redis_url: str, bot: BotProcess) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.redis_url = redis_url
        self._guild = sandbox.discord.add_guild("bench")

    def channel(self) -> Channel:
        """A fresh channel."""
        return self.sandbox.discord.add_text_channel(self._guild, "story")

    def posts(self, channel: Channel) -> int:
        """Pictures in the channel."""
        return len(self.sandbox.discord.messages(channel))

    async def deliver(self, channels: Sequence[Channel]) -> float:
        """One scene for each of the channels, published together; seconds until the last one is posted."""
        wanted = {channel.id: self.posts(channel) + 1 for channel in channels}
        async with client_of(self.redis_url) as redis:
            began = time.monotonic()
            for channel in channels:
                story = f"The knight enters the cave of {time.time()}."
                await redis.publish("game:art:request", as_event(channel, story, {}))
            await wait_until(
                lambda: all(self.posts(channel) >= wanted[channel.id] for channel in channels), 120, interval=0.001
            )
            return time.monotonic() - began

    def cpu_seconds(self) -> float:
        """Of the bot's process and its helper."""
        pids = [self.bot.process.pid, *children_of(self.bot.process.pid)]
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in pids]
        return sum(int(field[11]) + int(field[12]) for field in fields) / TICKS_PER_SECOND


def prepared(picture: bytes, delay: float = 0.0) -> Answer:
    """Gemini's answer with this picture, encoded beforehand, so that the sandbox has nothing left to do."""
    return Answer(body=json.dumps(candidate([image_part(picture)])).encode(), delay=delay)


async def bare_posts(size: int) -> list[float]:
    """Seconds from sending a POST of `size` bytes to its arrival, server and client in this one process."""
    arrived: list[float] = []

    async def take(request: web.Request) -> web.Response:
        await request.read()
        arrived.append(time.monotonic())
        return web.Response()

    app = web.Application(client_max_size=2**30)
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    taken = []
    async with aiohttp.ClientSession() as session:
        for _ in range(REQUESTS):
            began = time.monotonic()
            async with session.post(f"http://127.0.0.1:{port}/", data=bytes(size)) as answer:
                await answer.read()
            taken.append(arrived[-1] - began)
    await runner.cleanup()
    return taken


async def first_request(bench: Bench) -> None:
    """From the game's event to the painter."""
    bench.sandbox.gemini.default = prepared(photo(256))
    channel = bench.channel()
    taken = []
    async with client_of(bench.redis_url) as redis:
        for number in range(REQUESTS):
            story = as_event(channel, f"The knight {number} enters the cave.", {})
            before, posted = len(bench.sandbox.gemini.requests), bench.posts(channel)
            began = time.monotonic()
            await redis.publish("game:art:request", story)
            await wait_until(lambda n=posted: bench.posts(channel) > n, 30, interval=0.001)  # type: ignore[misc]
            taken.append(bench.sandbox.gemini.requests[before].time - began)
            await asyncio.sleep(0.02)
    body = len(json.dumps(bench.sandbox.gemini.requests[-1].body))
    bare = statistics.median(await bare_posts(body))
    p50, p95 = quantile(taken, 0.5), quantile(taken, 0.95)
    print(f"event published to request at Gemini (p50, p95 of {REQUESTS}; target 10 ms)")
    print(f"  {p50 * 1000:.1f} ms, {p95 * 1000:.1f} ms")
    print(f"  ratio to a bare POST of the same {body / 1000:.0f} kB ({bare * 1000:.1f} ms): {p50 / bare:.1f}")


async def last_byte_to_post(bench: Bench) -> None:
    """From the painter's answer to Discord, and the whole delivery's processor time."""
    picture = photo(1024)
    answered: list[float] = []

    def answer(_: GeminiRequest) -> Answer:
        answered.append(time.monotonic())
        return made

    made = prepared(picture)
    bench.sandbox.gemini.default = answer
    channel = bench.channel()
    await bench.deliver([channel])
    answered.clear()
    before, cpu = len(bench.sandbox.discord.requests), bench.cpu_seconds()
    for _ in range(PICTURES):
        await bench.deliver([channel])
        await asyncio.sleep(0.02)
    cpu = (bench.cpu_seconds() - cpu) / PICTURES
    posts = [r.time for r in bench.sandbox.discord.requests[before:] if r.method == "POST"]
    taken = [post - at for post, at in zip(posts, answered, strict=True)]
    bare = statistics.median(await bare_posts(len(picture) * 4 // 3))
    p50 = quantile(taken, 0.5)
    print(f"Gemini's answer to the post at Discord, 1K picture of {len(picture) / 1e6:.1f} MB (p50; target 30 ms)")
    print(f"  {p50 * 1000:.1f} ms, p95 {quantile(taken, 0.95) * 1000:.1f} ms")
    print(f"  ratio to a bare POST of the same bytes as base64 ({bare * 1000:.1f} ms): {p50 / bare:.1f}")
    print("processor time per delivered 1K picture, bot and helper (target 50 ms)")
    print(f"  {cpu * 1000:.1f} ms")


def large_photo(grain: int) -> bytes:
    """4096 x 4096, as a PNG that is the smaller the coarser its grain is."""
    small = Image.open(io.BytesIO(photo(4096 // grain, roughness=3)))
    return encoded(small.resize((4096, 4096), Image.Resampling.BICUBIC))


async def large_ones(bench: Bench, grain: int) -> tuple[float, float]:
    """Sixteen 4096 x 4096 pictures at once; when that was."""
    picture = large_photo(grain)
    bench.sandbox.gemini.default = prepared(picture)
    channels = [bench.channel() for _ in range(LARGE)]
    began = time.monotonic()
    seconds = await bench.deliver(channels)
    print(f"{LARGE} pictures of 4096 x 4096 and {len(picture) / 1e6:.1f} MB at once: {seconds:.1f} s")
    return began, time.monotonic()


async def many_channels(bench: Bench) -> None:
    """Channels do not wait for each other."""
    bench.sandbox.gemini.default = prepared(photo(512), delay=GEMINI_SECONDS)
    seconds = await bench.deliver([bench.channel() for _ in range(CHANNELS)])
    print(f"{CHANNELS} channels at once with a Gemini that takes {GEMINI_SECONDS:g} s (target: little more than that)")
    print(f"  {seconds:.2f} s, ratio {seconds / GEMINI_SECONDS:.2f}")


def report_lag(file: Path, windows: dict[str, tuple[float, float]]) -> None:
    """What the probe beside scene-art saw."""
    samples = [(float(at), float(lag)) for at, lag in (line.split() for line in file.read_text().splitlines())]
    for name, (began, ended) in windows.items():
        lags = [lag for at, lag in samples if began <= at <= ended]
        print(f"lag of the bot's event loop, {name} ({len(lags)} samples; target p99 10 ms, max 100 ms)")
        print(f"  p50 {quantile(lags, 0.5):.2f} ms, p99 {quantile(lags, 0.99):.2f} ms, max {max(lags):.1f} ms")


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all is not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def main() -> None:
    """Every figure, one after the other."""
    binary = redis_servers.find()
    if binary is None:
        sys.exit(redis_servers.NONE_HERE)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = RedisServer(binary)
        stack.callback(redis.close)
        redis.start()
        sandbox = await stack.enter_async_context(Sandbox())
        lag_file = folder / "lag"
        settings = {**environment(sandbox, redis.url), "LAG_FILE": str(lag_file)}
        windows: dict[str, tuple[float, float]] = {}
        async with python(str(FOLDER / "probed_bot.py"), environ=settings) as process:
            bench = Bench(sandbox, redis.url, process)
            await sandbox.discord.wait_for_bot()
            async with client_of(redis.url) as client:
                while not (await client.pubsub_numsub("game:art:request"))[0][1]:  # noqa: ASYNC110  # it is Redis that knows
                    await asyncio.sleep(0.02)
            for _ in range(3):
                await bench.deliver([bench.channel()])
            idle = time.monotonic()
            await asyncio.sleep(1)
            windows["nothing to do"] = (idle, time.monotonic())
            await first_request(bench)
            await last_byte_to_post(bench)
            await many_channels(bench)
            windows[f"{LARGE} large pictures, posted as they are"] = await large_ones(bench, grain=16)
            windows[f"{LARGE} large pictures, stepped down"] = await large_ones(bench, grain=2)
        print("".join(f"bot: {line}\n" for line in process.lines if "ERROR" in line), end="")
        report_lag(lag_file, windows)


if __name__ == "__main__":
    asyncio.run(main())

"""A whole theatre for a test: sandbox, Redis and a bot with scene-art, in this process or as `bot.py`."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from PIL import Image

from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.connection import RedisClient
from sandbox import Channel, Guild, InteractionAnswer, Message, Sandbox, User, wait_until
from sandbox.world import walk

ROOT = Path(__file__).parents[1]
KEY = "AIzaSy-a-very-secret-key-0001"
EXTENSION = "cogs.scene_art"
OURS = ("SCENE_ART_", "GEMINI_", "GOOGLE_", "DISCORD_", "REDIS_")
TIMEOUT_SECONDS = 40.0
TEXT_DISPLAY = 10


def memory_url() -> str:
    """An in-process Redis that nobody else has."""
    return f"memory://stage-{uuid.uuid4().hex}"


def environment(sandbox: Sandbox, redis_url: str, **settings: object) -> dict[str, str]:
    """Make the environment of this stage's operator. `settings` have no prefix; an empty one unsets a default."""
    sandbox.gemini.keys.add(KEY)
    given = {f"SCENE_ART_{name.upper()}": str(value) for name, value in settings.items()}
    values = {
        "DISCORD_TOKEN": sandbox.discord.token,
        "DISCORD_API_BASE": sandbox.discord.api_base,
        "REDIS_URL": redis_url,
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": sandbox.gemini.base_url,
        "SCENE_ART_TRUSTED_HOSTS": "127.0.0.1",
        "SCENE_ART_COOLDOWN_SECONDS": "0",
        "SCENE_ART_FALLBACK_SECONDS": "0.5",
    }
    return values | given


class Stage:
    """One sandbox, one Redis, one bot in this process."""

    def __init__(self, sandbox: Sandbox, redis: RedisClient, redis_url: str, patch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self.patch = patch
        """Undone with the stage, whose environment it is."""
        self.redis = redis
        self.redis_url = redis_url
        self.guild: Guild = sandbox.discord.add_guild("The Lantern Guild")
        self.bots: list[commands.Bot] = []

    @property
    def bot(self) -> commands.Bot:
        """The first bot."""
        return self.bots[0]

    @property
    def cog(self) -> Any:
        """scene-art in the first bot."""
        return self.bot.get_cog("SceneArt")

    def channel(self, name: str = "story") -> Channel:
        """A channel of its own for a test."""
        return self.sandbox.discord.add_text_channel(self.guild, name)

    async def publish(self, event: str, text: str) -> None:
        """Anything at all on a Redis channel."""
        await self.redis.publish(event, text)

    async def request(self, channel: Channel | int, narrative: str, **fields: object) -> None:
        """`game:art:request`."""
        await self.publish("game:art:request", as_event(channel, narrative, fields))

    async def turn(self, channel: Channel | int, narrative: str, **fields: object) -> None:
        """`game:turn:complete`."""
        await self.publish("game:turn:complete", as_event(channel, narrative, fields))

    async def remember(self, key: str, value: object) -> None:
        """Something of the game's state."""
        pipe = self.redis.pipeline()
        pipe.set(key, value if isinstance(value, str) else json.dumps(value))
        await pipe.execute()

    def posts(self, channel: Channel) -> list[Message]:
        """The pictures that stand in the channel."""
        return [message for message in self.sandbox.discord.messages(channel) if message.attachments]

    async def pictures(self, channel: Channel, count: int = 1) -> list[Message]:
        """Wait until that many pictures stand in the channel."""
        await wait_until(lambda: len(self.posts(channel)) >= count, timeout=TIMEOUT_SECONDS)
        return self.posts(channel)

    async def picture(self, channel: Channel) -> Message:
        """Wait for the channel's first picture."""
        return (await self.pictures(channel))[0]

    async def settled(self, channel: Channel) -> None:
        """Wait until nothing of the channel's plan is open any more and nobody works on it."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while True:
            raw = await self.redis.get(f"scene_art:{{{channel.id}}}:plan")
            turns = json.loads(raw)["turns"] if raw else []
            entries = await self.redis.llen(f"scene_art:{{{channel.id}}}:mailbox")
            if turns and not entries and all(turn["state"] in {"done", "failed"} for turn in turns):
                return
            assert time.monotonic() < end, f"still open: {turns}"
            await asyncio.sleep(0.02)

    async def scenes(self, channel: Channel) -> list[dict[str, Any]]:
        """The store's records of the channel, oldest first."""
        ids = await self.redis.lrange(f"scene_art:{{{channel.id}}}:scenes", 0, -1)
        found = await asyncio.gather(
            *(self.redis.get(f"scene_art:{{{channel.id}}}:scene:{raw.decode()}") for raw in ids)
        )
        return [json.loads(raw) for raw in found if raw]

    async def ended(self, channel: Channel, state: str) -> dict[str, Any]:
        """Wait until a scene of the channel is in that state; its record."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while True:
            if found := [scene for scene in await self.scenes(channel) if scene["state"] == state]:
                return found[-1]
            assert time.monotonic() < end, f"no scene is {state}"
            await asyncio.sleep(0.02)

    async def shown(self, channel: Channel, story: str = "The bridge of Vael burns.", **fields: object) -> Message:
        """Have the game ask for a picture, and wait until it stands in the channel and nothing is open."""
        before = len(self.posts(channel))
        await self.request(channel, story, **fields)
        message = (await self.pictures(channel, before + 1))[-1]
        await self.settled(channel)
        return message

    async def pressed(self, message: Message, label: str, person: User) -> str:
        """Press a button; the sentence in which its answer ends."""
        return await ended(await self.sandbox.discord.press(message, message.button(label).custom_id, person))

    async def typed(self, channel: Channel, person: User, command: str, **options: object) -> str:
        """Type a command under `/scene-art`; the sentence in which its answer ends."""
        path = f"scene-art {command}"
        return await ended(await self.sandbox.discord.run_command(channel, person, path, options=options))

    async def asked(self, marker: str) -> Any:
        """Wait for Gemini's request whose prompt contains `marker`."""
        await wait_until(lambda: self.asked_now(marker), timeout=TIMEOUT_SECONDS)
        return self.asked_now(marker)[-1]

    def asked_now(self, marker: str) -> list[Any]:
        """Gemini's requests so far whose prompt contains `marker`."""
        return [request for request in self.sandbox.gemini.requests if marker in "\n".join(request.texts)]


def as_event(channel: Channel | int, narrative: str, fields: Mapping[str, object]) -> str:
    """An event as a game in any language would write it."""
    channel_id = channel if isinstance(channel, int) else channel.id
    return json.dumps({"channel_id": str(channel_id), "narrative": narrative, "ts": time.time()} | dict(fields))


@asynccontextmanager
async def open_stage(
    redis_url: str = "", *, bots: int = 1, kind: type[Any] = commands.Bot, listening: bool = True, **settings: object
) -> AsyncIterator[Stage]:
    """Everything up and listening. `settings` are scene-art's, without their prefix, in lower case."""
    redis_url = redis_url or memory_url()
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        sandbox = await stack.enter_async_context(Sandbox())
        _, redis = await stack.enter_async_context(open_docket(redis_url, "game"))
        stage = Stage(sandbox, redis, redis_url, patch)
        use_environment(patch, environment(sandbox, redis_url, **settings))
        patch.setattr(discord.http.Route, "BASE", sandbox.discord.api_base)
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.discord.gateway_url))
        for _ in range(bots):
            stage.bots.append(await stack.enter_async_context(running_bot(sandbox, kind)))
        await wait_until(lambda: not listening or all(is_listening(bot) for bot in stage.bots), timeout=10)
        yield stage


@asynccontextmanager
async def without_redis() -> AsyncIterator[Stage]:
    """A stage whose bot finds nobody at the address of its Redis, and has noticed."""
    async with open_stage(bots=0, listening=False, painter="storyboard") as stage:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
            async with running_bot(stage.sandbox) as bot:
                stage.bots.append(bot)
                await wait_until(lambda: stage.cog.app.reach.trouble is not None, timeout=TIMEOUT_SECONDS)
                yield stage


def is_listening(bot: commands.Bot) -> bool:
    """Tell whether this bot would receive an event that is published now."""
    cog: Any = bot.get_cog("SceneArt")
    return cog is not None and bool(cog.is_listening)


def use_environment(patch: pytest.MonkeyPatch, values: Mapping[str, str]) -> None:
    """Exactly these variables of ours, whatever the machine has set."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        patch.delenv(name)
    for name, value in values.items():
        patch.setenv(name, value)


@asynccontextmanager
async def running_bot(
    sandbox: Sandbox, kind: type[Any] = commands.Bot, *, extension: str = EXTENSION
) -> AsyncIterator[Any]:
    """Somebody's own bot, logged in and ready, its commands synced; closed at the end."""
    imported = our_modules()
    # discord.py waits this long for one more server before it is ready; 2 s is its default.
    bot = kind(command_prefix="!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
    async with bot:
        await bot.login(sandbox.discord.token)
        if extension:
            await bot.load_extension(extension)
            await bot.tree.sync()
        task = asyncio.create_task(bot.connect(), name="host bot")
        try:
            await wait_until(lambda: task.done() or bot.is_ready(), timeout=10)
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(task, return_exceptions=True)
            # Unloading takes the extension's modules out of Python's list; what other tests imported stays the same.
            sys.modules.update(imported)


def our_modules() -> dict[str, ModuleType]:
    """The modules of the extension that are imported now."""
    return {name: module for name, module in sys.modules.items() if name.startswith(EXTENSION)}


class BotProcess:
    """A Python process and the lines that it wrote."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        """Everything that it wrote so far."""
        return "\n".join(self.lines)

    def children(self) -> list[int]:
        """The ids of its living child processes."""
        return children_of(self.process.pid)

    async def ended(self, seconds: float = 15.0) -> int:
        """Its exit code."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def read(self) -> None:
        """Note every line until its end."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())


@asynccontextmanager
async def python(*arguments: str, environ: Mapping[str, str], folder: Path = ROOT) -> AsyncIterator[BotProcess]:
    """Run Python with these arguments and exactly these settings of ours; ended at the end, if it has not."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith((*OURS, "PYTHON"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env=inherited | {"PYTHONUNBUFFERED": "1"} | dict(environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    started = BotProcess(process)
    reader = asyncio.create_task(started.read(), name="process output")
    try:
        yield started
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await started.ended()
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reader


@asynccontextmanager
async def bot_process(
    sandbox: Sandbox, redis_url: str, *, scratch: Path | None = None, **settings: object
) -> AsyncIterator[BotProcess]:
    """`bot.py` as an operator runs it, connected; `scratch` is where it makes its temporary folders."""
    connected = len(sandbox.discord.gateway.connected)
    environ = environment(sandbox, redis_url, **settings) | ({"TMPDIR": str(scratch)} if scratch else {})
    async with python("bot.py", environ=environ) as started:
        await sandbox.discord.wait_for_bot(connected + 1, timeout=TIMEOUT_SECONDS)
        yield started


def children_of(pid: int) -> list[int]:
    """The ids of the living children of a process, from Linux's /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(") ")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(stat.parent.name))
    return found


def portrait(color: str, size: tuple[int, int] = (64, 96)) -> bytes:
    """A small PNG of one color."""
    return encoded(Image.new("RGB", size, color))


def photo(side: int, roughness: int = 8) -> bytes:
    """A square PNG that compresses about as badly as a painted picture does."""
    noise = Image.effect_noise((side, side), roughness)
    return encoded(Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))))


def encoded(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    """`image` as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, form, **({"compress_level": 1} if form == "PNG" else {}) | options)
    return buffer.getvalue()


async def ended(answer: InteractionAnswer) -> str:
    """The sentence in which the answer ends, whatever lines it had before."""
    await answer.wait_for(lambda a: a.content and not a.content.endswith("…"), timeout=TIMEOUT_SECONDS)
    return answer.content


def words_of(message: Message | None) -> str:
    """Everything that a message says, in its text or in its components."""
    if message is None:
        return ""
    texts = [str(item["content"]) for item in walk(message.components) if item.get("type") == TEXT_DISPLAY]
    return "\n".join([message.content, *texts]).strip()


async def answered(answer: InteractionAnswer) -> str:
    """Wait for the final text of an answer, in its content or in its components."""
    await answer.wait_for(lambda a: a.original and not a.original.loading and words_of(a.original), TIMEOUT_SECONDS)
    return words_of(answer.original)

"""After a run full of failures no secret stands anywhere: log, tracebacks, Redis, Discord, files, process arguments."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis.asyncio import Redis

from sandbox import Sandbox, wait_until
from sandbox.gemini_answers import Answer, error, finished, rate_limited, text_only
from tests.faults.support import POSTS, TIMEOUT_SECONDS, World, as_text
from tests.stage import BotProcess, children_of, environment, python
from tests.test_redaction import DRESSES, survives

CHATTY = str(Path(__file__).parents[1] / "chatty_bot.py")
PIECE = 12
KEY, OTHER_KEY = "AIzaSyC4n4ry7Qk0x-4711_Wm3Tz9LrVhE2uNcY", "AIzaSyCanaryKeyNumberTwo-0815-ijklmnop"
PASSWORD = "canary-redis-password/with+signs-9f3a"
WRONG_PASSWORD = "canary-of-a-wrong-redis-password-77"
SIGNATURE, USER, WORD = "canarysignature8842aa51", "canary-user-name-31", "canary-pass-word-62"
TOKEN_OF_URL = "canary-webhook-token-in-an-address-5"

SECRETS = (KEY, OTHER_KEY, PASSWORD, WRONG_PASSWORD, SIGNATURE, USER, WORD, TOKEN_OF_URL)


def pieces(secret: str) -> Iterator[str]:
    """Yield the pieces that must not be found: each longer part of each form."""
    raw = secret.encode()
    forms = [secret, quote(secret, safe=""), raw.hex()]
    for before in range(3):
        packed = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        forms += [packed[4:-4], packed[4:-4].replace("+", "-").replace("/", "_")]
    for form in forms:
        yield from (form[at : at + PIECE].lower() for at in range(len(form) - PIECE + 1))


SOME_DRESSES = ("backwards", "apart by ' '", "percent twice", "html", "json")
PIECES = {piece: secret for secret in SECRETS for piece in pieces(secret)}


def found_in(text: str) -> set[str]:
    """The secrets that stand in `text`, whole or in part."""
    low = text.lower()
    return {PIECES[low[at : at + PIECE]] for at in range(len(low) - PIECE + 1) if low[at : at + PIECE] in PIECES}


def lines_with_secrets(text: str) -> list[str]:
    return [f"{found_in(line)}: {line[:400]}" for line in text.splitlines() if found_in(line)]


def bad_addresses(port: int) -> list[str]:
    """References that fail in every way, each with a signed query or user info."""
    signed = f"?X-Amz-Signature={SIGNATURE}&token={SIGNATURE}"
    return [
        f"http://127.0.0.1:{port}/nothing-here.png{signed}",
        f"http://127.0.0.1:1/refused.png{signed}",
        f"http://10.0.0.1/private.png{signed}",
        f"http://{USER}:{WORD}@127.0.0.1:{port}/a.png",
        f"http://nowhere.invalid/a.png{signed}",
        f"ftp://127.0.0.1/a.png{signed}",
        f"http://[::1{signed}",
        f"http://127.0.0.1:{port}/api/v10/gateway{signed}",
    ]


def echoes() -> list[Answer]:
    """List answers of a service, or of a proxy in front of it, that repeat the key of the request."""
    return [
        error(500, "INTERNAL", f"header x-goog-api-key: {KEY}"),
        error(503, KEY[:30], f"?key={quote(KEY)}&alt=json"),
        Answer(status=302, headers={"Location": f"http://127.0.0.1:1/?key={KEY}"}),
        Answer(status=200, body=f'{{"broken": "{KEY}'.encode()),
        error(400, "INVALID_ARGUMENT", "x" * 165 + f" {KEY}"),
        rate_limited(retry_delay="1s", message=base64.b64encode(f"key {KEY}".encode()).decode()),
        error(403, "PERMISSION_DENIED", f"Consumer 'api_key:{KEY}' has been suspended."),
        error(404, "NOT_FOUND", f"no model for {OTHER_KEY}"),
        text_only(f"My key is {OTHER_KEY}, and I will not draw."),
        finished("IMAGE_SAFETY", message=f"blocked for {OTHER_KEY}"),
        Answer(status=500, body=f"<html>{OTHER_KEY}</html>".encode(), headers={"X-Key": OTHER_KEY}),
        *(error(500, "INTERNAL", f"for {DRESSES[dress](KEY)}") for dress in SOME_DRESSES),
    ]


def pool(sandbox: Sandbox) -> dict[str, str]:
    sandbox.gemini.keys |= {KEY, OTHER_KEY}
    return {"GEMINI_API_KEYS": f"{KEY},{OTHER_KEY}", "GEMINI_API_KEY": ""}


async def everything_in(redis: Redis, addresses: Iterable[str]) -> str:
    """All names and values, of all types; without the addresses themselves, which the records must hold."""
    told = []
    async for name in redis.scan_iter():
        kind = as_text(await redis.type(name))
        told.append(f"{name!r} {await _content(redis, kind, name)}")
    text = "\n".join(told)
    for address in addresses:
        text = text.replace(address, "ADDRESS")
    return text


async def _content(redis: Any, kind: str, name: bytes) -> str:
    reads = {
        "string": lambda: redis.get(name),
        "list": lambda: redis.lrange(name, 0, -1),
        "hash": lambda: redis.hgetall(name),
        "zset": lambda: redis.zrange(name, 0, -1, withscores=True),
        "set": lambda: redis.smembers(name),
        "stream": lambda: redis.xrange(name),
    }
    content = await reads[kind]()
    raw = content if isinstance(content, bytes) else repr(content).encode()
    return raw.decode("utf-8", "replace")


def processes(bot: BotProcess) -> list[int]:
    return [bot.process.pid, *children_of(bot.process.pid)]


def command_lines(pids: Iterable[int]) -> str:
    parts = (Path(f"/proc/{pid}/{name}") for pid in pids for name in ("cmdline", "comm"))
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in parts if path.exists())


def environments(pids: Iterable[int]) -> str:
    return "\n".join(Path(f"/proc/{pid}/environ").read_text("latin-1") for pid in pids)


def names_of_files(folder: str) -> str:
    """Names and contents: what the worker processes wrote."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return "\n".join(f"{path} {path.read_bytes().decode('latin-1')}" for path in files)


@pytest.mark.parametrize("script", ["bot.py", CHATTY], ids=["as it is run", "at DEBUG, with locals"])
async def test_nothing_is_told_by_a_run_full_of_failures(world: World, script: str) -> None:
    let_in(world, PASSWORD)
    redis_url = f"redis://art:{quote(PASSWORD, safe='')}@127.0.0.1:{world.server.port}/0"
    addresses = bad_addresses(int(world.sandbox.discord.api_base.split(":")[2].split("/")[0]))
    bot = await start(world, script, redis_url)
    channel = world.channel()
    await world.request(channel, "The first lantern.", character_urls=addresses, character_names=list("abcdefgh"))
    await world.pictures(channel)

    for number, answer in enumerate(echoes()):
        world.sandbox.gemini.script(answer)
        await world.request(channel, f"Echo {number}.", turn_id=f"e{number}")
        await world.ended(channel, f"Echo {number}.", within=2 * TIMEOUT_SECONDS)
        await forgive(world)

    # Discord refuses, tells a token, hangs up.
    world.sandbox.discord.fail_next("POST", POSTS, 404, code=10015, body={"message": TOKEN_OF_URL, "code": 10015})
    await world.request(channel, "Discord echoes.", turn_id="d1")
    await world.ended(channel, "Discord echoes.", within=2 * TIMEOUT_SECONDS)
    arguments = command_lines(processes(bot))
    arguments += environments(bot.children())
    files = names_of_files(world.scratch)

    for pid in bot.children():
        os.kill(pid, signal.SIGKILL)
    await world.redis_crashes(1.0)  # which forgets its users, too
    let_in(world, PASSWORD)
    await world.heard_by(1)
    await world.one_more(channel, within=2 * TIMEOUT_SECONDS)
    # The password is changed under the running bot.
    losses = bot.text.count("Redis does not serve")
    let_in(world, "another-password")
    await world.command("CLIENT", "KILL", "USER", "art")
    await wait_until(lambda: bot.text.count("Redis does not serve") > losses, timeout=TIMEOUT_SECONDS)
    world.ask_to_stop(bot)
    await bot.ended(60)

    dump = await everything_in(world.redis, addresses)
    sent = "\n".join([*map(repr, world.sandbox.discord.requests), *map(repr, world.sandbox.discord.messages(channel))])
    for place, text in {
        "log": bot.text,
        "redis": dump,
        "arguments": arguments,
        "files": files,
        "discord": sent,
    }.items():
        assert lines_with_secrets(text) == [], place
        assert survives(KEY, text) == set(), place
    assert world.sandbox.discord.token not in bot.text + dump + arguments + files


def let_in(world: World, password: str) -> None:
    """The bot's user has this password from now on."""
    world.server.set_user("art", "~*", "&*", "+@all", "resetpass", f">{password}")


async def forgive(world: World) -> None:
    """The keys and models that were put aside are tried again."""
    names = [name async for name in world.redis.scan_iter("scene_art:{keys}:*")]
    if names:
        await world.redis.delete(*names)


async def start(world: World, script: str, redis_url: str) -> BotProcess:
    """As `World.bot`, with a pool of keys."""
    environ = environment(world.sandbox, redis_url) | pool(world.sandbox) | {"TMPDIR": world.scratch}
    environ |= {"SCENE_ART_PAINT_ATTEMPTS": "2", "SCENE_ART_NOTICES": "true"}
    bot = await world._stack.enter_async_context(python(script, environ=environ))
    world.bots.append(bot)
    await world.heard_by(1)
    await wait_until(lambda: world.sandbox.discord.gateway.connected, timeout=TIMEOUT_SECONDS)
    return bot


def logs_the_fault(bot: BotProcess) -> bool:
    """Tell whether the log says what is wrong."""
    return "Redis cannot be" in bot.text or "REDIS_URL" in bot.text


@pytest.mark.parametrize("script", ["bot.py", CHATTY], ids=["as it is run", "at DEBUG, with locals"])
@pytest.mark.parametrize(
    "url",
    [
        "redis://art:{}@127.0.0.1:{}/0",
        "redis://:{}@127.0.0.1:1/0",
        "redis://art:p{}#x@127.0.0.1:{}/0",
        "redis://art:{}@127.0.0.1:not-a-port/0",
        "redis+sentinel://art:{}@127.0.0.1:1/mymaster",
        "odd://art:{}@127.0.0.1/0",
    ],
)
async def test_a_redis_that_cannot_be_used_is_told_without_its_address(world: World, script: str, url: str) -> None:
    let_in(world, PASSWORD)
    address = url.format(WRONG_PASSWORD, world.server.port)
    environ = environment(world.sandbox, address) | pool(world.sandbox) | {"TMPDIR": world.scratch}
    async with python(script, environ=environ) as bot:
        world.bots.append(bot)
        await wait_until(lambda: logs_the_fault(bot), timeout=TIMEOUT_SECONDS)
        lines = command_lines(processes(bot))
        with suppress(ProcessLookupError):  # what is no address stops the start
            bot.process.send_signal(signal.SIGTERM)
        await bot.ended(TIMEOUT_SECONDS)  # traces with all locals take their time
    assert lines_with_secrets(bot.text) == []
    assert lines_with_secrets(lines) == []

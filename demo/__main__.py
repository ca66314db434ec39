"""`python -m demo`: a sandbox, a bot and a sample game in one process; see `story.py` for the story.

Prints each step, the address of the page that shows the channels, and where the pictures were saved. Ends by itself
when nobody sits at a terminal; stays open for exploring when somebody does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from discord.ext import commands

from sandbox import PlayedTurn, Sandbox
from sandbox.waiting import wait_until
from sandbox.world import Channel, Message

from .portraits import portrait
from .story import CROWN_HOLDER, PLAYERS, TURNS, Hero, SampleTurn

PICTURES = Path("demo-pictures")
FALLBACK_SECONDS = 3
PATIENCE_SECONDS = 60.0
MEMORY_URL = "memory://"


def say(text: str) -> None:
    """One line for the person who watches, at once."""
    print(text, flush=True)


class Demo:
    """The sample game on a running sandbox, with a bot that is connected to it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        guild = sandbox.discord.add_guild("scene-art sandbox")
        names = dict.fromkeys(turn.channel for turn in TURNS)
        self._channels = {name: sandbox.discord.add_text_channel(guild, name) for name in names}
        self._urls: dict[str, str] = {}

    def environment(self) -> dict[str, str]:
        """The settings under which the bot runs: everything on this machine, no key, no Redis."""
        return {
            "REDIS_URL": MEMORY_URL,
            "SCENE_ART_PAINTER": "storyboard",
            "SCENE_ART_FALLBACK_SECONDS": str(FALLBACK_SECONDS),
            "SCENE_ART_COOLDOWN_SECONDS": "1",
            "SCENE_ART_TRUSTED_HOSTS": "127.0.0.1",
            "SCENE_ART_CROWN_BEARERS": CROWN_HOLDER,
        }

    def channel(self, name: str) -> Channel:
        """A channel of the sample game."""
        return self._channels[name]

    async def play(self, redis: object) -> None:
        """All turns, one after the other, through the real publishers; then a rerender by hand."""
        await asyncio.to_thread(_empty_folder)
        await self._write_game_state(redis)
        for number, turn in enumerate(TURNS, start=1):
            await self._play_turn(redis, number, turn)
        await self._rerender()

    async def _write_game_state(self, redis: object) -> None:
        """What the game keeps in Redis: a session, and a character for each player."""
        pipe = redis.pipeline()  # type: ignore[attr-defined]
        for name, crown_holder, players in (
            ("lantern-road", None, list(PLAYERS)),
            ("crown-and-loop", CROWN_HOLDER, [CROWN_HOLDER]),
        ):
            session = {"active": True, "game_name": name, "crown_holder": crown_holder, "players": players}
            pipe.set(f"game:session:{self._channels[name].id}", json.dumps(session))
        for user_id, hero in PLAYERS.items():
            character = {"name": hero.name, "image_url": self._url(hero)}
            pipe.set(f"game:character:{user_id}", json.dumps(character))
        await pipe.execute()

    def _url(self, hero: Hero) -> str:
        if hero.portrait and hero.portrait not in self._urls:
            self._urls[hero.portrait] = self._sandbox.files.add(f"{hero.portrait}.png", portrait(hero.portrait))
        return self._urls.get(hero.portrait, "")

    async def _play_turn(self, redis: object, number: int, turn: SampleTurn) -> None:
        from cogs.scene_art import publish_art_request, publish_turn_complete  # noqa: PLC0415

        channel = self._channels[turn.channel]
        say(f"\nTurn {number} in #{turn.channel}: {turn.step}.")
        message = self._sandbox.discord.say(channel, "S.N.E.S.", turn.narrative)
        turn_id = f"demo-{number}"
        await publish_turn_complete(
            redis,  # type: ignore[arg-type]
            channel_id=channel.id,
            narrative=turn.narrative,
            game_name=turn.game_name,
            turn_id=turn_id,
            message_id=message.id,
        )
        say("  published game:turn:complete")
        if turn.requested:
            await publish_art_request(
                redis,  # type: ignore[arg-type]
                channel_id=channel.id,
                narrative=turn.narrative,
                character_names=[hero.name for hero in turn.heroes],
                character_urls=[self._url(hero) for hero in turn.heroes],
                game_name=turn.game_name,
                turn_id=turn_id,
                message_id=message.id,
            )
            say("  published game:art:request")
        else:
            say(f"  no request comes; the picture follows after {FALLBACK_SECONDS} s (60 s in a real game)")
        self._save(await self._next_picture(channel, replied_to=message.id), number)

    async def _next_picture(self, channel: Channel, replied_to: int) -> Message:
        def found() -> list[Message]:
            return [m for m in self._sandbox.discord.messages(channel) if m.attachments and m.reference == replied_to]

        await wait_until(lambda: bool(found()), timeout=PATIENCE_SECONDS)
        return found()[-1]

    def _save(self, message: Message, number: int) -> None:
        attachment = message.attachments[0]
        path = PICTURES / f"{number}-{attachment.filename}"
        path.write_bytes(attachment.data)
        say(f"  posted {attachment.filename} ({attachment.width} x {attachment.height}); saved as {path.resolve()}")
        say(f"  its alt text: {(attachment.description or '')[:100]}…")

    async def _rerender(self) -> None:
        channel = self._channels["lantern-road"]
        say("\nA player types /scene-art rerender notes:more fog")
        answer = await self._sandbox.discord.run_command(
            channel, self._sandbox.discord.visitor, "scene-art rerender", {"notes": "more fog"}
        )
        await answer.wait_for(lambda now: "http" in (now.content or ""), PATIENCE_SECONDS)
        for line in answer.history:
            say(f"  {line}")
        self._save(self._sandbox.discord.messages(channel)[-1], len(TURNS) + 1)


async def publish(redis: object, turn: PlayedTurn) -> None:
    """The visitor's turn, as a game publishes its own."""
    from cogs.scene_art import publish_art_request, publish_turn_complete  # noqa: PLC0415

    told = {
        "channel_id": turn.channel.id,
        "narrative": turn.narrative,
        "game_name": turn.game_name,
        "turn_id": f"visitor-{turn.message.id}",
        "message_id": turn.message.id,
        "character_names": list(turn.character_names),
        "character_urls": list(turn.character_urls),
    }
    await publish_turn_complete(redis, **told)  # type: ignore[arg-type]
    if turn.requested:
        await publish_art_request(redis, **told, aspect_ratio=turn.aspect_ratio or "16:9")  # type: ignore[arg-type]


@asynccontextmanager
async def game_redis() -> AsyncIterator[object]:
    """The Redis on which the game and the bot meet.

    Yields:
        A client.
    """
    from cogs.scene_art.jobs.engine import open_docket  # noqa: PLC0415  # costs a second, so not at start

    async with open_docket(MEMORY_URL, "demo") as (_, redis):
        yield redis


def _empty_folder() -> None:
    """Make the folder for the pictures, without those of the last demo."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*-scene_*.*"):
        old.unlink()


@asynccontextmanager
async def running_bot(sandbox: Sandbox) -> AsyncIterator[asyncio.Task[None]]:
    """The bot on a sandbox, its settings taken from the environment, once it hears events.

    Yields:
        The task in which it runs.

    Raises:
        TimeoutError: it did not come up.
    """
    from bot import Host  # noqa: PLC0415  # reads the environment

    async with Host(api_base=sandbox.discord.api_base) as bot:
        running = asyncio.create_task(bot.start(sandbox.discord.token), name="bot")
        try:
            await wait_until(lambda: _is_listening(bot), timeout=PATIENCE_SECONDS)
            yield running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _is_listening(bot: commands.AutoShardedBot) -> bool:
    """Whether an event published now would be heard."""
    cog = bot.get_cog("SceneArt")
    return cog is not None and bool(getattr(cog, "is_listening", False)) and bot.is_ready()


async def run() -> None:
    """Sandbox, bot, game; then wait for Ctrl-C when somebody is there."""
    async with Sandbox() as sandbox, game_redis() as redis:
        demo = Demo(sandbox)
        os.environ.update(demo.environment())
        sandbox.publish_turns(lambda turn: publish(redis, turn))
        say(f"The sandbox is open: look at {sandbox.page_url}")
        async with running_bot(sandbox) as running:
            await demo.play(redis)
            say(f"\nDone. The channels as a person sees them: {sandbox.page_url}")
            if sys.stdin.isatty() and sys.stdout.isatty():
                say("Press buttons, type commands and play turns there; Ctrl-C here ends the demo.")
                await running


def main() -> int:
    """The exit code: 0 when every picture was posted."""
    logging.basicConfig(level=logging.WARNING, format="  [%(levelname)s] %(name)s: %(message)s")
    logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        say("\nThe demo is closed.")
    except TimeoutError:
        say("\nThe demo gave up: a picture did not come in time. The lines above say why.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

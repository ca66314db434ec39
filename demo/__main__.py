"""`python -m demo`: a sandbox, a bot and a sample game in one process; see `story.py` for the story.

Says which page to open, then one line for each turn of the game. Ends by itself when nobody sits at a terminal; stays
open for exploring when somebody does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import logging.handlers
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from discord.ext import commands

from sandbox import PlayedTurn, Sandbox
from sandbox.accounts import MODERATOR, NAMES, PLAYER
from sandbox.waiting import wait_until
from sandbox.world import Channel, Message

from .portraits import portrait
from .story import ABSENT, CHANNELS, PLAYERS, TURNS, Hero, SampleTurn

PICTURES = Path("demo-pictures")
FALLBACK_SECONDS = 3
TIMEOUT_SECONDS = 60.0
MEMORY_URL = "memory://"
WORDS = 100
"""How many log records are kept for the case that something goes wrong."""

OPENING = """
Open this address in a browser:  {url}

It is a pretended Discord in which a game is being played. scene-art paints each turn and posts the picture below it.
Nothing leaves this computer: no account, no key, no cost.
"""
TO_TRY = """
The sample game is over; now it is your turn, on the page:
  - Press “Play a turn” and write what happens next.
  - Press the buttons below a picture, or type / for all commands; /scene-art draw paints what you describe.
  - Choose at the lower left who you are (a moderator may block people) and one of six languages.

The pictures are in {folder} as well. Ctrl-C ends the demo and closes the page.
"""
DRAWN = """
The sample game is over: {pictures} pictures of {turns} turns were drawn. They are in {folder}
Start the demo in a terminal, and the page stays open to explore.
"""


def gettext(text: str, end: str = "\n") -> None:
    """A line for the person who watches, at once."""
    print(text, end=end, flush=True)


class Demo:
    """The sample game on a running sandbox, with a bot that is connected to it."""

    def __init__(self, sandbox: Sandbox, turns: Sequence[SampleTurn] = TURNS) -> None:
        self._sandbox = sandbox
        self._turns = turns
        guild = sandbox.discord.add_guild("The game table")
        self._channels = {
            name: sandbox.discord.add_text_channel(guild, name, topic=topic) for name, topic in CHANNELS.items()
        }
        sandbox.discord.add_thread(self._channels["lantern-road"], "side-quest")
        for account in NAMES:
            sandbox.discord.add_dm(sandbox.discord.account(account))
        self._urls: dict[str, str] = {}
        self.saved = 0
        """How many pictures lie in the folder."""

    def environment(self) -> dict[str, str]:
        """The settings under which the bot runs: everything on this machine, no key, no Redis."""
        return {
            "REDIS_URL": MEMORY_URL,
            "SCENE_ART_PAINTER": "storyboard",
            "SCENE_ART_FALLBACK_SECONDS": str(FALLBACK_SECONDS),
            "SCENE_ART_COOLDOWN_SECONDS": "1",
            "SCENE_ART_TRUSTED_HOSTS": "127.0.0.1",
            "SCENE_ART_CROWN_BEARERS": self._id_of(MODERATOR),
        }

    def channel(self, name: str) -> Channel:
        """A channel of the sample game."""
        return self._channels[name]

    def _id_of(self, player: str) -> str:
        return player if player == ABSENT else str(self._sandbox.discord.account(player).id)

    async def play(self, redis: object) -> Path:
        """All turns, one after the other, through the real publishers; then a rerender by hand.

        Returns:
            The folder in which the pictures lie.
        """
        folder = await asyncio.to_thread(_empty_folder)
        await self._write_game_state(redis)
        for number, turn in enumerate(self._turns, start=1):
            await self._play_turn(redis, number, turn)
        await self._rerender()
        return folder

    async def _write_game_state(self, redis: object) -> None:
        """What the game keeps in Redis: a session, and a character for each player."""
        pipe = redis.pipeline()  # type: ignore[attr-defined]
        crown_bearer = self._id_of(MODERATOR)
        context_images = [self._id_of(player) for player in PLAYERS if player != MODERATOR]
        for name, crown_holder, players in (
            ("lantern-road", None, context_images),
            ("crown-and-loop", crown_bearer, [crown_bearer]),
        ):
            session = {"active": True, "game_name": name, "crown_holder": crown_holder, "players": players}
            pipe.set(f"game:session:{self._channels[name].id}", json.dumps(session))
        for player, hero in PLAYERS.items():
            character = {"name": hero.name, "image_url": self._url(hero)}
            pipe.set(f"game:character:{self._id_of(player)}", json.dumps(character))
        await pipe.execute()

    def _url(self, hero: Hero) -> str:
        if hero.portrait and hero.portrait not in self._urls:
            self._urls[hero.portrait] = self._sandbox.files.add(f"{hero.portrait}.png", portrait(hero.portrait))
        return self._urls.get(hero.portrait, "")

    async def _play_turn(self, redis: object, number: int, turn: SampleTurn) -> None:
        from cogs.scene_art import publish_art_request, publish_turn_complete  # noqa: PLC0415

        channel = self._channels[turn.channel]
        gettext(f"  {number}. #{turn.channel}: {turn.summary} … ", end="")
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
        self._save(await self._next_picture(channel, replied_to=message.id), number)

    async def _next_picture(self, channel: Channel, replied_to: int) -> Message:
        def found() -> list[Message]:
            return [m for m in self._sandbox.discord.messages(channel) if m.attachments and m.reference == replied_to]

        await wait_until(lambda: bool(found()), timeout=TIMEOUT_SECONDS)
        return found()[-1]

    def _save(self, message: Message, number: int) -> None:
        attachment = message.attachments[0]
        path = PICTURES / f"{number}-{attachment.filename}"
        path.write_bytes(attachment.data)
        self.saved += 1
        gettext("painted.")

    async def _rerender(self) -> None:
        channel, player = self._channels["lantern-road"], self._sandbox.discord.account(PLAYER)
        number = len(self._turns) + 1
        gettext(f"  {number}. {player.name} asks for a picture again, with more fog … ", end="")
        answer = await self._sandbox.discord.run_command(channel, player, "scene-art rerender", {"notes": "more fog"})
        await answer.wait_for(lambda now: "http" in (now.content or ""), TIMEOUT_SECONDS)
        self._save(self._sandbox.discord.messages(channel)[-1], number)


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


def _empty_folder() -> Path:
    """Make the folder for the pictures, without those of the last demo; its full path."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*-scene_*.*"):
        old.unlink()
    return PICTURES.resolve()


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
            await wait_until(lambda: _is_listening(bot), timeout=TIMEOUT_SECONDS)
            yield running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _is_listening(bot: commands.AutoShardedBot) -> bool:
    """Whether an event published now would be heard."""
    cog = bot.get_cog("SceneArt")
    return cog is not None and bool(getattr(cog, "is_listening", False)) and bot.is_ready()


async def run(turns: Sequence[SampleTurn] = TURNS) -> None:
    """Sandbox, bot, game; then wait for Ctrl-C when somebody is there."""
    async with Sandbox() as sandbox, game_redis() as redis:
        demo = Demo(sandbox, turns)
        os.environ.update(demo.environment())
        sandbox.publish_turns(lambda turn: publish(redis, turn))
        gettext(OPENING.format(url=sandbox.page_url))
        async with running_bot(sandbox) as running:
            folder = await demo.play(redis)
            if sys.stdin.isatty() and sys.stdout.isatty():
                gettext(TO_TRY.format(folder=folder))
                await running
            else:
                gettext(DRAWN.format(turns=len(turns), pictures=demo.saved, folder=folder))


def main(turns: Sequence[SampleTurn] = TURNS) -> int:
    """Play, and return the exit code: 0 when every picture was posted."""
    with quiet_log() as log:
        try:
            asyncio.run(run(turns))
        except KeyboardInterrupt:
            gettext("\nThe demo is closed.")
        except TimeoutError:
            gettext("\nA picture did not come within a minute, so the demo ends here. What the bot noted:")
            log.flush()
            return 1
    return 0


@contextmanager
def quiet_log() -> Iterator[logging.handlers.MemoryHandler]:
    """The log, kept back until an error comes or somebody flushes it: a demo that goes well shows none of it.

    Yields:
        Its handler.
    """
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("  %(levelname)s %(name)s: %(message)s"))
    log = logging.handlers.MemoryHandler(WORDS, flushLevel=logging.ERROR, target=shown, flushOnClose=False)
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        yield log
    finally:
        log.setTarget(None)  # at its exit Python would flush it


if __name__ == "__main__":
    sys.exit(main())

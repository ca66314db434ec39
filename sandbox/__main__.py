"""Run the sandbox by itself: `python -m sandbox [--port 8080]`, until Ctrl+C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from sandbox.harness import Sandbox


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of Discord and the page (default: a free one)")
    parser.add_argument("--gemini-port", type=int, default=0)
    parser.add_argument("--files-port", type=int, default=0)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(options.port, options.gemini_port, options.files_port))


async def run(discord_port: int, gemini_port: int, files_port: int) -> None:
    """Serve a small furnished world and print where everything is."""
    ports = {"discord_port": discord_port, "gemini_port": gemini_port, "files_port": files_port}
    async with Sandbox(**ports) as sandbox:
        furnish(sandbox)
        print(addresses(sandbox), flush=True)
        await _interrupted()


def furnish(sandbox: Sandbox) -> None:
    """One server with a channel and a thread, so that there is something to look at."""
    guild = sandbox.discord.add_guild("The Lantern Guild")
    story = sandbox.discord.add_text_channel(guild, "story", topic="Where a game would tell its story.")
    sandbox.discord.add_thread(story, "the-old-mill")
    sandbox.discord.add_text_channel(guild, "tavern", topic="A second channel, for talk.")
    sandbox.discord.say(story, "S.N.E.S.", "*The lanterns flicker.* Something moves beyond the **old mill**.")


def addresses(sandbox: Sandbox) -> str:
    """List the page's address and the settings with which a bot finds the sandbox, one a line."""
    channels = [c for c in sandbox.discord.world.channels.values() if c.guild is not None]
    return "\n".join(
        [
            f"Page: {sandbox.page_url}",
            f"DISCORD_API_BASE={sandbox.discord.api_base}",
            f"DISCORD_TOKEN={sandbox.discord.token}",
            f"GOOGLE_GEMINI_BASE_URL={sandbox.gemini.base_url}",
            f"GEMINI_API_KEY={sandbox.gemini.key}",
            *[f"Channel {channel.name}: {channel.id}" for channel in channels],
        ]
    )


async def _interrupted() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    main()

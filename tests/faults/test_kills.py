"""kill -9 at every stage of a scene: it ends in one picture, and nothing paid is lost."""

from __future__ import annotations

from tests.faults.support import World, slow


async def test_killed_while_gemini_paints(world: World) -> None:
    channel = world.channel()
    world.sandbox.gemini.script(slow(30))
    first = await world.start_bot()
    await world.request(channel, "The bridge burns.")
    await world.until_asked("The bridge burns.")

    await world.kill(first)
    await world.start_bot()

    await world.pictures(channel)
    await world.until_state(channel, "posted")
    await world.still_works(channel)
    assert len(world.posts(channel)) == 2
    assert len(world.asked("The bridge burns.")) == 2


async def test_killed_between_the_painting_and_the_post(world: World) -> None:
    channel = world.channel()
    first = await world.start_bot()
    # The message never reaches Discord: the process dies while it is being sent.
    world.sandbox.discord.fail_next("POST", r"/channels/\d+/messages$", 0, hang=True)
    await world.request(channel, "The tower falls.")
    await world.until_state(channel, "posting")

    await world.kill(first)
    await world.start_bot()

    await world.pictures(channel)
    await world.still_works(channel)
    assert len(world.posts(channel)) == 2
    assert len(world.asked("The tower falls.")) == 1, "what is painted is never paid again"


async def test_killed_after_discord_stored_the_message(world: World) -> None:
    channel = world.channel()
    world.sandbox.discord.world.settings.nonce_seconds = 1.0  # forgotten when the next process comes
    first = await world.start_bot()
    world.sandbox.discord.fail_next("POST", r"/channels/\d+/messages$", 0, after_storing=True, hang=True)
    await world.request(channel, "The gate opens.")
    await world.pictures(channel)

    await world.kill(first)
    await world.start_bot()

    await world.until_state(channel, "posted")
    assert len(world.posts(channel)) == 1
    await world.still_works(channel)
    assert len(world.asked("The gate opens.")) == 1

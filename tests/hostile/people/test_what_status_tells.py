"""`/scene-art status` tells everybody how things stand, and nobody more of the money than is theirs."""

from __future__ import annotations

import pytest

from sandbox import Channel
from tests.hostile.people.client import Client
from tests.hostile.people.scenery import ALONE, Scenery

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVER, TOTAL, KEYS = "in this server", "in total", "API keys"


async def status(client: Client) -> str:
    """What somebody is told."""
    return await client.told("scene-art status")


def told_of_money(text: str) -> set[str]:
    """Of which money and keys `text` tells."""
    return {words for words in (SERVER, TOTAL, KEYS) if words in text} | ({"dollars"} if "$" in text else set())


@pytest.mark.parametrize("who", ["stranger", "player", "asker", "elsewhere", ALONE])
async def test_nobody_is_told_of_money_and_keys_who_has_nothing_to_do_with_them(scenery: Scenery, who: str) -> None:
    text = await status(scenery.client(who))

    assert text.startswith("**scene-art")
    assert told_of_money(text) == set()


async def test_a_moderator_is_told_what_their_own_server_spent(scenery: Scenery) -> None:
    assert told_of_money(await status(scenery.client("moderator"))) == {SERVER, "dollars"}


async def test_a_moderator_is_told_nothing_of_another_servers_money(scenery: Scenery) -> None:
    await scenery.picture(scenery.story)

    at_home = await status(scenery.client("elsewhere", scenery.abroad))
    away = await status(scenery.client("moderator", scenery.abroad))

    assert told_of_money(at_home) == {SERVER, "dollars"}
    assert told_of_money(away) == set()


@pytest.mark.parametrize("place", ["server", "direct"])
async def test_the_bots_owner_is_told_everything_wherever_they_ask(scenery: Scenery, place: str) -> None:
    discord = scenery.stage.sandbox.discord
    owner = discord.world.operator
    where: Channel = scenery.story if place == "server" else discord.add_dm(owner)

    text = await status(Client(scenery.stage, owner, where, (scenery.people["moderator"], scenery.story)))

    assert told_of_money(text) >= {TOTAL, KEYS, "dollars"}


@pytest.mark.parametrize("who", ["blocked", "muted"])
async def test_who_may_not_ask_for_pictures_is_told_nothing(scenery: Scenery, who: str) -> None:
    assert not (await status(scenery.client(who))).startswith("**scene-art")

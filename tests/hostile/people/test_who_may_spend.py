"""Who gets at the operator's money, in every house that an operator may have set up.

The purse is empty: whoever may ask gets as far as the money, and nothing has to be painted to tell.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from sandbox import Channel, Permission, User, wait_until
from tests.hostile.people.actions import ILLUSTRATE
from tests.hostile.people.client import Client, told
from tests.stage import TIMEOUT_SECONDS, Stage, is_listening, open_stage, running_bot

WORDS: Mapping[str, str] = {
    "yes": "(Today's|The) picture budget has too little left",
    "role": "You need a certain role to ask for pictures.",
    "server": ".*server",
    "direct": ".*direct messages",
}
"""How the answer begins, as a regular expression."""

# Painter: has the role. Moderator: Manage Messages in the operator's server, without the role. Elsewhere: Manage Server
# in a server of their own, to which they invited the bot. Alone: in a direct conversation.
_HOUSES = """
settings                                     stranger painter moderator elsewhere alone
-                                            yes      yes     yes       yes       yes
ROLES                                        role     yes     role      role      direct
ROLES MODERATORS_ALWAYS=true                 role     yes     yes       yes       direct
ROLES DIRECT_MESSAGES=true                   role     yes     role      role      yes
GUILDS                                       yes      yes     yes       server    direct
GUILDS DIRECT_MESSAGES=true                  yes      yes     yes       server    yes
GUILDS ROLES MODERATORS_ALWAYS=true          role     yes     yes       server    direct
DIRECT_MESSAGES=false                        yes      yes     yes       yes       direct
"""
_NAME_WIDTH = 45
HOUSES = {row[:_NAME_WIDTH].strip(): row[_NAME_WIDTH:].split() for row in _HOUSES.strip("\n").splitlines()}
PEOPLE = HOUSES.pop("settings")


class House:
    """A server of the operator's, another one, and who is there."""

    def __init__(self, stage: Stage) -> None:
        discord = stage.sandbox.discord
        self.stage, self.elsewhere = stage, discord.add_guild("Another Guild")
        self.role = discord.add_role(stage.guild, "Painters")
        moderators = discord.add_role(stage.guild, "Moderators", permissions=int(Permission.MANAGE_MESSAGES))
        others = discord.add_role(self.elsewhere, "Moderators", permissions=int(Permission.MANAGE_GUILD))
        story, abroad = stage.channel(), discord.add_text_channel(self.elsewhere, "abroad")
        roles = {"stranger": [], "painter": [self.role], "moderator": [moderators], "elsewhere": [others], "alone": []}
        people = {name: discord.add_user(name.title(), roles=own) for name, own in roles.items()}
        places: dict[str, Channel] = {"elsewhere": abroad, "alone": discord.add_dm(people["alone"])}
        self.offered_to = (people["moderator"], story)
        self.clients = {name: self._client(person, places.get(name, story)) for name, person in people.items()}

    def _client(self, person: User, place: Channel) -> Client:
        return Client(self.stage, person, place, self.offered_to)

    def settings(self, words: str) -> Mapping[str, str]:
        """The operator's environment: names alone have this house's own id."""
        given = dict(word.partition("=")[::2] for word in words.split() if word != "-")
        ids = {"ROLES": f"7,{self.role}", "GUILDS": f"7,{self.stage.guild.id}"}
        return {f"SCENE_ART_{name}": value or ids[name] for name, value in given.items()}


@asynccontextmanager
async def open_house(words: str) -> AsyncIterator[House]:
    """A house that is set up like this, and open."""
    async with open_stage(bots=0, listening=False, budget_day=0) as stage:
        house = House(stage)
        for name, value in house.settings(words).items():
            stage.patch.setenv(name, value)
        async with running_bot(stage.sandbox) as bot:
            stage.bots.append(bot)
            await wait_until(lambda: is_listening(bot), timeout=TIMEOUT_SECONDS)
            yield house


async def ask(client: Client) -> list[str]:
    """Ask for a picture in two ways; what the person is told."""
    said = client.stage.sandbox.discord.say(client.place, client.person, "The lantern goes out.")
    answers = await asyncio.gather(client.run("scene-art draw", text="A fox."), client.menu(said, ILLUSTRATE))
    return [await told(answer) for answer in answers]


@pytest.mark.parametrize("words", HOUSES)
async def test_nobody_spends_in_a_house_but_whom_its_operator_lets(words: str) -> None:
    async with open_house(words) as house:
        said = {who: await ask(house.clients[who]) for who in PEOPLE}

        expected = dict(zip(PEOPLE, HOUSES[words], strict=True))
        wrong = {who: told for who in PEOPLE for told in said[who] if not re.match(WORDS[expected[who]], told)}
        assert wrong == {}
        assert house.stage.sandbox.gemini.requests == []

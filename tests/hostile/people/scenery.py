"""Who is there, where they are, and the things that they try to get at.

In the server's channel `story` somebody asked for a picture with Mirabel in it. The game says that Mirabel is another
player's; her entry in the cast book is of the one who asked. Whoever is alone has all of that in a direct conversation.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis

from sandbox import Channel, InteractionAnswer, Message, Permission, User
from sandbox.gemini_answers import picture
from tests.hostile.people.client import Client, fresh_name, told
from tests.redis_server import client_of, own_redis
from tests.stage import TIMEOUT_SECONDS, Stage, open_stage, portrait

HERS = "Mirabel"
"""The player's character, by the game."""
UNLISTED, LOOK_ALIKE = "Tamsin", "T\N{CYRILLIC SMALL LETTER A}msin"
"""A bystander's character, by the game, who is in no cast book; and the same for the eye."""
ENTRY, PLACE = "Orrin", "Harbour of Vael"
"""A character and a place that the game does not know."""
LOOK = ("look.png", portrait("teal"))
ALONE = "alone"
MANY = 10_000
PATIENT_SECONDS, NEVER_SECONDS = 600, 900.0
"""What the bot waits for a picture, and what Gemini takes for one that is not to be done."""


class Scenery:
    """One stage with everybody on it."""

    def __init__(self, stage: Stage, redis: Redis) -> None:
        self.stage, self._redis = stage, redis
        discord = stage.sandbox.discord
        self.elsewhere = discord.add_guild("Another Guild")
        self.story, self.workshop = stage.channel("story"), stage.channel("workshop")
        self.abroad = discord.add_text_channel(self.elsewhere, "abroad")
        self.role = discord.add_role(stage.guild, "Moderators", permissions=int(Permission.MANAGE_MESSAGES))
        other_role = discord.add_role(self.elsewhere, "Moderators", permissions=int(Permission.MANAGE_GUILD))
        self.people: dict[str, User] = {
            "stranger": discord.add_user("Stranger"),
            "player": discord.add_user("Player"),
            "asker": discord.add_user("Asker"),
            "blocked": discord.add_user("Blocked"),
            "muted": discord.add_user("Muted", denied=int(Permission.SEND_MESSAGES)),
            "moderator": discord.add_user("Moderator", roles=[self.role]),
            "elsewhere": discord.add_user("Elsewhere", roles=[other_role]),
            ALONE: discord.add_user("Alone"),
        }
        self.bystander = discord.add_user("Bystander")
        self._pictures: dict[tuple[Channel, str], Message] = {}
        self._lines: list[InteractionAnswer] = []

    async def set_up(self) -> None:
        """Have everything happen that happened before."""
        for place in (self.story, self.dm):
            self.stage.sandbox.discord.say(place, self.bystander, "The lantern goes out.")
            await self.owner(place).told("scene-art cast add", name=HERS, picture=LOOK)
        await self._give_her_away(self.story)
        for place in (self.story, self.dm):
            await self.picture(place)
            await self.entry(place, ENTRY)
            await self.turn_picture(place)
            await self.kept(place)
        await self.pin(self.story)
        await self.turn_picture(self.workshop)
        await self.unfinished(self.workshop)
        for who in ("stranger", "player", "asker", "elsewhere"):
            await self.own_entry(self.client(who))
        await self.client("moderator").told("scene-art-mod block", user=self.people["blocked"])

    async def _give_her_away(self, place: Channel) -> None:
        player = self.people["player"]
        await self.stage.remember(f"game:character:{player.id}", {"name": HERS})
        await self.stage.remember(f"game:character:{self.bystander.id}", {"name": UNLISTED})
        players = [str(person.id) for person in (*self.people.values(), self.bystander)]
        session = {"active": True, "game_name": "Lanterns", "players": players}
        await self.stage.remember(f"game:session:{place.id}", session)

    # Who, and where

    @property
    def dm(self) -> Channel:
        """The direct conversation of whoever is alone."""
        return self.stage.sandbox.discord.add_dm(self.people[ALONE])

    def client(self, name: str, place: Channel | None = None) -> Client:
        """The client of somebody, in the channel where they are unless another is given."""
        home = self.dm if name == ALONE else self.story
        return Client(self.stage, self.people[name], place or home, (self.people["moderator"], self.story))

    def owner(self, place: Channel) -> Client:
        """Whoever has asked for the things in `place`."""
        return self.client(ALONE if place is self.dm else "asker", place)

    # Things, made anew where somebody took them away

    async def picture(self, place: Channel) -> Message:
        """The picture that somebody asked for, with the player's character in it."""
        return await self._there(place, "asked", self._drawn)

    async def scene_id(self, place: Channel) -> str:
        """The id of that picture's scene."""
        return (await self.picture(place)).buttons[0].custom_id.rpartition(":")[2]

    async def turn_picture(self, place: Channel) -> Message:
        """A picture that the game asked for, with nobody of ours in it."""
        return await self._there(place, "turn", self._played)

    async def _there(self, place: Channel, kind: str, make: Any) -> Message:
        if (found := self._pictures.get((place, kind))) is None or found.deleted:
            self._pictures[place, kind] = found = await make(place)
        return found

    async def _drawn(self, place: Channel) -> Message:
        text = f"{HERS} waits at the gate."
        assert "your picture" in await self.owner(place).told("scene-art draw", text=text, cast=HERS)
        return self.stage.posts(place)[-1]

    async def _played(self, place: Channel) -> Message:
        return await self.stage.shown(place, "A fox crosses the bridge.", game_name="Lanterns")

    async def entry(self, place: Channel, name: str) -> None:
        """The entry in the cast book of whoever asked for the picture."""
        owner = self.owner(place)
        if "There's no character" not in await owner.told("scene-art cast show", name=name):
            return
        await self._redis.delete(f"game:character:{self.people['player'].id}")
        await owner.told("scene-art cast add", name=name, picture=LOOK)
        await self._give_her_away(self.story)

    async def own_entry(self, client: Client) -> str:
        """The name of an entry that somebody has made, if they may."""
        name = f"{client.person.name}sson"
        if "There's no character" in await client.told("scene-art cast show", name=name):
            await client.told("scene-art cast add", name=name, picture=LOOK)
        return name

    async def pin(self, place: Channel) -> None:
        """The place that a moderator has pinned."""
        await self.picture(place)
        if PLACE not in await self.client("moderator").told("scene-art place list"):
            await self.client("moderator").told("scene-art place pin", name=PLACE)

    def said(self, place: Channel) -> Message:
        """What somebody said first."""
        return next(message for message in self.stage.sandbox.discord.messages(place) if not message.author.bot)

    def filled(self, value: str | list[str]) -> str | list[str]:
        """A setting's value with the ids of this scenery."""
        if isinstance(value, list):
            return [one.format(role=self.role, channel=self.story.id) for one in value]
        return value

    async def unfinished(self, place: Channel) -> str:
        """The id of a scene that somebody asked for and that is being painted."""
        found = await self._unfinished(place)
        return found[-1] if found else await self._begun(place, NEVER_SECONDS)

    async def _unfinished(self, place: Channel) -> list[str]:
        return [str(scene["id"]) for scene in await self.stage.scenes(place) if scene["finished_at"] is None]

    async def _begun(self, place: Channel, seconds: float) -> str:
        text = f"A long night of {fresh_name()}."
        self.stage.sandbox.gemini.script(picture(portrait("red"), delay=seconds))
        self._lines.append(await self.owner(place).run("scene-art draw", text=text))
        await self.stage.asked(text)
        return str((await self.stage.scenes(place))[-1]["id"])

    async def kept(self, place: Channel) -> str:
        """The id of a scene that was cancelled too late, so that its picture is kept for whoever asked."""
        kept = [
            scene for scene in await self.stage.scenes(place) if scene["state"] == "cancelled" and scene["painted_at"]
        ]
        return str(kept[-1]["id"]) if kept else await self._cancelled_too_late(place)

    async def _cancelled_too_late(self, place: Channel) -> str:
        free = self.stage.sandbox.gemini.free
        free.clear()
        scene = await self._begun(place, 0.0)
        await self.owner(place).told("scene-art cancel", scene=scene)
        await self._recorded(place, scene, "finished_at")
        free.set()
        await self._recorded(place, scene, "painted_at")
        return scene

    async def _recorded(self, place: Channel, scene: str, field: str) -> None:
        """Wait until the record of a scene has a value there."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not await self._has(place, scene, field):  # noqa: ASYNC110  # it is Redis that knows
                await asyncio.sleep(0.02)

    async def _has(self, place: Channel, scene: str, field: str) -> bool:
        return any(one["id"] == scene and one[field] for one in await self.stage.scenes(place))

    async def end(self) -> None:
        """Cancel what is still being painted, and see the line of whoever waits to its end."""
        for place in (self.workshop, self.dm):
            for scene in await self._unfinished(place):
                await self.owner(place).told("scene-art cancel", scene=scene)
        for line in self._lines:
            await told(line)

    # What there is

    async def restore(self, records: dict[str | bytes, Any]) -> None:
        """Put the records of `everything` back, where somebody did what they may not."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.delete(*await self._redis.keys("scene_art:*"))
        for key, dumped in records.items():
            pipe.restore(key, 0, dumped)
        await pipe.execute()

    async def everything(self) -> tuple[dict[str | bytes, Any], list[Any]]:
        """Every record of scene-art's, and everything that stands in channels for all to see."""
        keys = sorted(await self._redis.keys("scene_art:*"))
        pipe = self._redis.pipeline(transaction=False)
        for key in keys:
            pipe.dump(key)
        records = dict(zip(keys, await pipe.execute(), strict=True))
        places = self.stage.sandbox.discord.world.channels.values()
        shown = [
            (message.id, message.content, [file.filename for file in message.attachments])
            for place in places
            for message in self.stage.sandbox.discord.messages(place)
        ]
        return records, shown


@contextlib.asynccontextmanager
async def open_scenery() -> AsyncIterator[Scenery]:
    """A scenery with nothing in the way but who somebody is: no limit, no role, no budget."""
    limits = ("rerenders_per_channel", "rerenders_per_user", "user_pictures_per_hour", "guild_pictures_per_hour")
    generous: dict[str, Any] = dict(zip(limits, (100, 100, MANY, MANY), strict=True))
    with own_redis() as server:
        async with (
            client_of(server.url) as redis,
            open_stage(
                server.url, show_prices="false", continuity="false", paint_timeout_seconds=PATIENT_SECONDS, **generous
            ) as stage,
        ):
            scenery = Scenery(stage, redis)
            await scenery.set_up()
            yield scenery
            await scenery.end()

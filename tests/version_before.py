"""What an earlier version left behind, put into a stage before today's bot starts: its keys in Redis, its messages.

`tests/data/version_before.json` was written by the commit fef37fb, in which modules and classes had other names. Ids
stand there as names of 19 characters, as long as an id is, so that they fit into pickled bytes as well. Times are told
from the moment at which the file is read, so that it never ages. Nobody mends the file: what it tells did happen.
"""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.typing import EncodableT, FieldT

from sandbox import Attachment, Channel, InteractionAnswer, Message, User
from sandbox.interaction_answer import Kind
from sandbox.messages import Upload, make_attachment
from sandbox.world import DISCORD_EPOCH_MS, JSON
from tests.stage import ROOT, Stage

FILE = ROOT / "tests" / "data" / "version_before.json"
GAME = "S.N.E.S."

_CHANNEL = re.compile(r"<channel-([a-z]+)-*>")
_TIME = re.compile(r"<now([+-]\d+(?:\.\d+)?)( ms| iso)?>")


class VersionBefore:
    """One copy of it. Everything that is said there is old; everything that happens from now on is today's."""

    def __init__(self, stage: Stage) -> None:
        """Set the stage's Discord up: channels, people and messages."""
        self.now = time.time()
        self._stage = stage
        text = FILE.read_text(encoding="utf-8")
        self._file: JSON = json.loads(text)
        self._names: dict[str, int] = {"<guild------------>": stage.guild.id, "<bot-------------->": self._bot.id}
        self.channels = {name: self._channel(name) for name in dict.fromkeys(_CHANNEL.findall(text))}
        self.people = {person["name"]: self._person(name, person) for name, person in self._file["people"].items()}
        self._names["<webhook-game----->"] = stage.sandbox.discord.world.webhook_user(GAME).id
        for number, (name, seconds) in enumerate(self._file["ids"].items()):
            milliseconds = round((self.now + seconds) * 1000) - DISCORD_EPOCH_MS
            self._names[name] = (milliseconds << 22) + number
        self.picture = {name: base64.b64decode(data) for name, data in self._file["pictures"].items()}
        for name, picture in self._file["files"].items():
            stage.sandbox.files.add(name, self.picture[picture])
        self._messages = {said["id"]: self._say(said) for said in self._file["messages"]}

    @property
    def _bot(self) -> User:
        return self._stage.sandbox.discord.bot

    def _channel(self, name: str) -> Channel:
        channel = self._stage.channel(name)
        self._names[f"<{f'channel-{name}':-<17}>"] = channel.id
        return channel

    def _person(self, name: str, person: JSON) -> User:
        user = self._stage.sandbox.discord.add_user(person["name"], permissions=person["permissions"])
        self._names[name] = user.id
        return user

    # What is said

    def filled(self, text: str) -> str:
        """`text` with this stage's ids and addresses, and with times."""
        for name, number in self._names.items():
            text = text.replace(name, str(number))
        text = text.replace("<discord>", self._stage.sandbox.discord.world.base_url)
        text = text.replace("<files>", self._stage.sandbox.files.base_url)
        text = text.replace("<today>", time.strftime("%Y%m%d", time.gmtime(self.now)))
        return _TIME.sub(self._time, text)

    def _time(self, found: re.Match[str]) -> str:
        seconds, form = self.now + float(found[1]), found[2]
        if form == " iso":
            return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
        if form == " ms":
            return str(round(seconds * 1000))
        return f"{seconds:.3f}" if "." in found[1] else f"{seconds:.0f}"

    def _filled_json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.filled(key): self._filled_json(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled_json(inner) for inner in value]
        if isinstance(value, str):
            return float(self.filled(value)) if _TIME.fullmatch(value) else self.filled(value)
        return value

    # Discord

    def _say(self, said: JSON) -> Message:
        world = self._stage.sandbox.discord.world
        channel = self.channels[self._name_of(said["channel"])]
        message = Message(
            id=self._names[said["id"]],
            channel=channel,
            author=world.users[self._names[said["author"]]],
            content=self.filled(said.get("content", "")),
            attachments=[self._attach(channel, given) for given in said.get("attachments", [])],
            components=self._filled_json(said.get("components", [])),
            embeds=self._filled_json(said.get("embeds", [])),
            reference=self._names.get(said.get("reference", "")),
            nonce=said.get("nonce"),
            flags=said.get("flags", 0),
            ephemeral_to=world.users.get(self._names.get(said.get("ephemeral_to", ""), 0)),
            interaction=self._filled_json(said.get("interaction")),
            webhook_id=self._names.get(said.get("webhook_id", "")),
            created=datetime.fromtimestamp(self._filled_json(said["created"]), UTC),
        )
        channel.messages.append(message)
        return message

    def _name_of(self, channel: str) -> str:
        found = _CHANNEL.fullmatch(channel)
        assert found is not None
        return found[1]

    def _attach(self, channel: Channel, given: JSON) -> Attachment:
        world = self._stage.sandbox.discord.world
        upload = Upload(0, given["filename"], self.picture[given["picture"]])
        file = make_attachment(world, channel, upload, given["description"])
        del world.attachments[file.id]
        file.id = self._names[given["id"]]
        world.attachments[file.id] = (channel, file)
        return file

    @property
    def messages(self) -> list[Message]:
        """Everything that was said before, the oldest first."""
        return list(self._messages.values())

    def shown(self, what: str) -> Message:
        """The `history`, the settings' `panel`, the list of the `cast`, or the line of the waiting `rerender`."""
        return self._messages[self._file["shown"][what]]

    def form(self, what: str) -> InteractionAnswer:
        """A form that somebody has had open since then: `change` or `setting`."""
        form = self._file["forms"][what]
        world = self._stage.sandbox.discord.world
        return InteractionAnswer(
            id=world.new_id(),
            kind=Kind.COMPONENT,
            channel=self.channels[self._name_of(form["channel"])],
            user=world.users[self._names[form["user"]]],
            data={},
            source=self._messages.get(form.get("source", "")),
            modal=self._filled_json(form["modal"]),
        )

    # Redis

    async def load(self, redis: Redis) -> None:
        """Write every key, with the time to live that it had left."""
        for name, entry in self._file["redis"].items():
            key = self.filled(name)
            await self._write(redis, key, entry["type"], entry["value"])
            if entry["ttl"] is not None:
                await redis.expire(key, entry["ttl"])

    async def _write(self, redis: Redis, key: str, kind: str, value: Any) -> None:
        match kind:
            case "string":
                await redis.set(key, self._bytes(value))
            case "list":
                await redis.rpush(key, *map(self._bytes, value))
            case "hash":
                await redis.hset(key, mapping=self._fields(value))
            case "set":
                await redis.sadd(key, *map(self._bytes, value))
            case "zset":
                await redis.zadd(key, {self._bytes(member): self._filled_json(score) for member, score in value})
            case "stream":
                await self._write_stream(redis, key, value)
            case _:
                raise ValueError(f"{key} is a {kind}")

    async def _write_stream(self, redis: Redis, key: str, value: JSON) -> None:
        for entry, fields in value["entries"]:
            await redis.xadd(key, self._fields(fields), self.filled(entry))
        for group in value["groups"]:
            await redis.xgroup_create(key, group["name"], self.filled(group["last"]))
            for pending in group["pending"]:
                await redis.xclaim(
                    key,
                    group["name"],
                    pending["consumer"],
                    0,
                    [self.filled(pending["id"])],
                    idle=round(pending["idle_seconds"] * 1000),
                    retrycount=pending["deliveries"],
                    force=True,
                    justid=True,
                )

    def _fields(self, value: JSON) -> dict[FieldT, EncodableT]:
        return {self.filled(field): self._bytes(inner) for field, inner in value.items()}

    def _bytes(self, value: Any) -> bytes:
        if isinstance(value, str):
            return self.filled(value).encode()
        if "picture" in value:
            return self.picture[value["picture"]]
        if "json" in value:
            return json.dumps(self._filled_json(value["json"])).encode()
        data = base64.b64decode(value["base64"])
        for name, number in self._names.items():
            data = data.replace(name.encode(), str(number).encode())
        return data

"""The services behind commands and buttons, on a Redis of one's own and without Discord."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, cast

from cogs.scene_art.domain.audit import Entry
from cogs.scene_art.domain.scene import Scene, SceneState, Source
from cogs.scene_art.domain.styles import load_styles
from cogs.scene_art.errors import TransientError
from cogs.scene_art.services.access import Doorkeeper
from cogs.scene_art.services.audit_log import Audit
from cogs.scene_art.services.history import Gallery
from cogs.scene_art.services.pictures import Studio, Tools
from cogs.scene_art.services.settings import Office
from cogs.scene_art.services.uploads import UploadReader
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.allowances import Allowance
from cogs.scene_art.store.answer_tokens import AnswerTokens
from cogs.scene_art.store.blocks import Blocks
from cogs.scene_art.store.budget import Budget
from cogs.scene_art.store.channel_settings import Customs
from cogs.scene_art.store.character_book import CastBook
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.game_state import GameCharacter, GameSession
from cogs.scene_art.store.preferences import PreferenceBook, Spot
from cogs.scene_art.store.queue import Queue
from cogs.scene_art.store.scenes import Ledger
from cogs.scene_art.store.uploads import Uploads
from cogs.scene_art.worker_process import Workshop

CHANNEL, MIRA, TOM = "42", "1001", "1002"


class Clock:
    """An alarm clock that only remembers whom it woke."""

    def __init__(self) -> None:
        self.woken: list[tuple[str, str]] = []
        self.broken = False

    async def wake_scene(self, channel_id: str, scene_id: str, at: float | None = None) -> None:
        if self.broken:
            raise TransientError("Redis: ConnectionError")
        self.woken.append((channel_id, scene_id))


class Hand:
    """Discord, as far as the gallery changes something there."""

    def __init__(self) -> None:
        self.erased: list[str | None] = []
        self.covered: list[bool] = []
        self.problem: Exception | None = None

    async def erase(self, scene: Scene) -> None:
        if self.problem is not None:
            raise self.problem
        self.erased.append(scene.message_id)

    async def cover(self, scene: Scene) -> None:
        self.covered.append(scene.hidden)


class Game:
    """A game's state: whose character is called what."""

    def __init__(self, **names: str) -> None:
        self.names = {user.removeprefix("u"): name for user, name in names.items()}

    async def session(self, channel_id: str) -> GameSession | None:
        return GameSession(players=tuple(self.names))

    async def character(self, user_id: str) -> GameCharacter | None:
        return GameCharacter(name=self.names[user_id]) if user_id in self.names else None

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        return False


class Bureau:
    """Everything together."""

    def __init__(self, client: RedisClient, workshop: Workshop | None = None, **settings: Any) -> None:
        self.settings = Settings.model_validate(settings)
        self.client = client
        self.ledger = ledger_of(client)
        self.clock, self.hand, self.game = Clock(), Hand(), Game(u1001="Mira")
        self.told: list[str] = []
        customs = Customs(PreferenceBook(client, self.settings), self.settings, Spot)
        blocks = Blocks(client, self.settings.namespace)
        doorkeeper = Doorkeeper(
            self.settings, blocks=blocks, customs=customs, state=self.game, book=CastBook(client, "scene_art")
        )
        self.audit = Audit(customs, self._tell)
        self.uploads = Uploads(client, "scene_art", timedelta(days=1))
        queue, styles = Queue(client, "scene_art"), load_styles(None, "console")
        self.studio = Studio(
            self.settings,
            Tools(
                budget=Budget(client, self.settings),
                ledger=self.ledger,
                styles=styles,
                clock=self.clock,
                allowance=Allowance(client, self.ledger, self.settings),
                doorkeeper=doorkeeper,
                customs=customs,
                queue=queue,
                answers=AnswerTokens(client, "scene_art"),
                uploads=self.uploads,
                reader=UploadReader(cast("Workshop", workshop)),
                audit=self.audit,
            ),
        )
        self.gallery = Gallery(
            ledger=self.ledger, doorkeeper=doorkeeper, hand=self.hand, audit=self.audit, keep_scenes=200
        )
        self.office = Office(
            self.settings,
            customs=customs,
            styles=styles,
            blocks=blocks,
            doorkeeper=doorkeeper,
            ledger=self.ledger,
            queue=queue,
            budget=Budget(client, self.settings),
            audit=self.audit,
        )

    async def _tell(self, channel_id: str, entry: Entry) -> None:
        self.told.append(f"{channel_id} {entry.line}")


def ledger_of(client: RedisClient) -> Ledger:
    day = timedelta(days=1)
    return Ledger(client, namespace="scene_art", keep_scenes=200, keep=day, keep_pictures=day)


def a_scene(number: int = 1, state: SceneState = SceneState.POSTED, **changes: Any) -> Scene:
    """A scene of the channel."""
    values = {"id": f"{number:016x}", "channel_id": CHANNEL, "source": Source.TURN, "narrative": f"Scene {number}."}
    return Scene.model_validate(values | {"state": state, "heard_at": time.time()} | changes)

"""The services behind commands and buttons, on a Redis of one's own and without Discord."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, cast

from cogs.scene_art.discord_io.log_channel import Entry
from cogs.scene_art.domain.scene import Scene, SceneState, Source
from cogs.scene_art.domain.styles import load_styles
from cogs.scene_art.errors import TransientError
from cogs.scene_art.host.announcer import Announcer
from cogs.scene_art.jobs.scheduler import Scheduler
from cogs.scene_art.services.access import AccessControl, RequestLimits
from cogs.scene_art.services.audit_log import AuditLog
from cogs.scene_art.services.dispatcher import SceneDispatcher
from cogs.scene_art.services.history import HistoryService
from cogs.scene_art.services.pictures import PictureService
from cogs.scene_art.services.settings import SettingsService
from cogs.scene_art.services.status import StatusService
from cogs.scene_art.services.uploads import UploadReader
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.allowances import Allowances
from cogs.scene_art.store.blocks import Blocks
from cogs.scene_art.store.budget import Budget
from cogs.scene_art.store.channel_settings import ChannelSettingsReader
from cogs.scene_art.store.character_book import CharacterBook
from cogs.scene_art.store.connection import RedisClient
from cogs.scene_art.store.game_state import GameCharacter, GameSession
from cogs.scene_art.store.opt_outs import OptOuts
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from cogs.scene_art.store.queue import Queue
from cogs.scene_art.store.references import References
from cogs.scene_art.store.scenes import SceneRepository
from cogs.scene_art.store.space import Caps
from cogs.scene_art.store.uploads import Uploads
from cogs.scene_art.worker_process import WorkerProcesses
from tests.stores import Stores

CHANNEL, MIRA, TOM = "42", "1001", "1002"


class Clock:
    """An alarm clock that only remembers whom it woke."""

    def __init__(self) -> None:
        self.woken: list[tuple[str, str]] = []
        self.broken = False

    async def wake(self, channel_id: str, scene_id: str = "", at: float | None = None) -> None:
        if self.broken:
            raise TransientError("Redis: ConnectionError")
        self.woken.append((channel_id, scene_id))

    async def wake_anew(self, channel_id: str, scene_id: str) -> None:
        self.woken.append((channel_id, scene_id))

    async def guard(self, channel_id: str, scene_id: str, at: float) -> None:
        self.woken.append((channel_id, scene_id))


class MessageEditor:
    """Discord, as far as the history service changes something there."""

    def __init__(self) -> None:
        self.erased: list[str | None] = []
        self.covered: list[bool] = []
        self.problem: Exception | None = None

    async def erase(self, scene: Scene) -> None:
        if self.problem is not None:
            raise self.problem
        self.erased.append(scene.message_id)

    async def cover(self, scene: Scene) -> None:
        self.covered.append(scene.is_spoiler)


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

    def __init__(self, client: RedisClient, workers: WorkerProcesses | None = None, **settings: Any) -> None:
        self.settings = Settings.model_validate(settings)
        self.client = client
        stores = Stores(client)
        self.repository, self.pictures = stores.scenes, stores.pictures
        self.clock, self.editor, self.game = Clock(), MessageEditor(), Game(u1001="Mira")
        self.told: list[str] = []
        channel_settings = ChannelSettingsReader(
            PreferenceRepository(client, self.settings), self.settings, ChannelScope
        )
        blocks = Blocks(client, self.settings.namespace)
        access = AccessControl(
            self.settings,
            blocks=blocks,
            channel_settings=channel_settings,
            state=self.game,
            book=CharacterBook(client, "scene_art"),
            opt_outs=OptOuts(client, "scene_art"),
        )
        self.audit = AuditLog(channel_settings, self._tell)
        self.uploads = Uploads(client, "scene_art", timedelta(days=1))
        queue, styles = Queue(client, "scene_art"), load_styles(None, "console")
        budget = Budget(client, self.settings)
        self.limits = RequestLimits(
            self.settings,
            access=access,
            channel_settings=channel_settings,
            allowances=Allowances(client, self.repository, self.settings),
            budget=budget,
        )
        self.dispatcher = SceneDispatcher(
            repository=self.repository,
            queue=queue,
            scheduler=Scheduler(stores.due_list, self.clock),
            announcer=Announcer(),
        )
        self.history_service = HistoryService(
            repository=self.repository,
            pictures=self.pictures,
            access=access,
            editor=self.editor,
            audit=self.audit,
            keep_scenes=self.settings.keep_scenes,
        )
        self.picture_service = PictureService(
            history=self.history_service,
            limits=self.limits,
            dispatcher=self.dispatcher,
            uploads=UploadReader(cast("WorkerProcesses", workers), self.uploads),
            styles=styles,
            audit=self.audit,
        )
        self.settings_service = SettingsService(
            channel_settings=channel_settings, blocks=blocks, styles=styles, access=access, audit=self.audit
        )
        self.status = StatusService(
            self.settings,
            access=access,
            repository=self.repository,
            queue=queue,
            budget=budget,
            references=References(client, "scene_art", Caps.of(self.settings)),
        )

    async def _tell(self, channel_id: str, entry: Entry) -> None:
        self.told.append(f"{channel_id} {entry.line}")


def repository_of(client: RedisClient) -> SceneRepository:
    return Stores(client).scenes


def a_scene(number: int = 1, state: SceneState = SceneState.POSTED, **changes: Any) -> Scene:
    """A scene of the channel."""
    values = {"id": f"{number:016x}", "channel_id": CHANNEL, "source": Source.TURN, "narrative": f"Scene {number}."}
    return Scene.model_validate(values | {"state": state, "heard_at": time.time()} | changes)

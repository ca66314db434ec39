"""Builds every part of the extension, each once, from those that it needs. Opens nothing: that is `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from docket import Docket

from .discord_io.attachment_links import DiscordLinks
from .discord_io.channels import AnyBot, Channels
from .discord_io.log_channel import LogChannel
from .discord_io.posted_messages import PostedPictures
from .discord_io.poster import Poster
from .host.following import Sources
from .ingest.delivery import Delivery
from .ingest.subscriber import Subscriber
from .jobs.engine import Engine
from .jobs.scheduler import Scheduler
from .pipeline.cast import CastResolver
from .pipeline.channel_job import ChannelJob
from .pipeline.context_images import ContextImages
from .pipeline.event_filter import EventFilter
from .pipeline.generation import Generator
from .pipeline.illustrate import Pipeline
from .pipeline.inbox_reader import InboxReader
from .pipeline.known_characters import LookResolver
from .pipeline.late_answers import LateAnswers
from .pipeline.notices import Notices
from .pipeline.paid_requests import MOST_REQUESTS, PaidRequests
from .pipeline.prompt_builder import PromptBuilder
from .pipeline.publisher import Publisher
from .pipeline.render_job import Renderer
from .pipeline.scene_job import SceneJob
from .pipeline.scene_runs import SceneRuns
from .services.access import AccessControl, RequestLimits
from .services.audit_log import AuditLog
from .services.characters import CharacterService, CurrentGame
from .services.dispatcher import SceneDispatcher
from .services.history import HistoryService
from .services.host import Hosting
from .services.pictures import PictureService
from .services.places import PlaceService
from .services.recap import RecapService
from .services.services import Services
from .services.settings import SettingsService
from .services.status import StatusService
from .services.uploads import UploadReader
from .startup_checks import Config
from .store.allowances import Allowances
from .store.blocks import Blocks
from .store.budget import Budget
from .store.channel_settings import ChannelSettingsReader
from .store.character_book import CharacterBook
from .store.clock import SharedClock
from .store.connection import RedisClient
from .store.due_list import DueList
from .store.followed_requests import FollowedRequests
from .store.game_state import GameState, RedisGameState
from .store.health import ConnectionHealth
from .store.inbox import Inbox
from .store.key_pool import KeyPool
from .store.lock import Locks
from .store.opt_outs import OptOuts
from .store.pictures import PictureStore
from .store.preferences import PreferenceRepository
from .store.queue import Queue
from .store.scenes import SceneRepository
from .store.timeouts import RETRY_SECONDS
from .store.uploads import Uploads
from .worker_process import WorkerProcesses

LATE_SECONDS = 240.0
"""Beyond the painter's own limit: an answer waits in the helper process, is read and is fitted."""


@dataclass(frozen=True)
class Foundation:
    """The parts that are there before Redis has been reached."""

    bot: AnyBot
    config: Config
    state: GameState | None
    """The operator's own; None means what the game keeps in Redis."""
    channels: Channels
    poster: Poster
    hosting: Hosting


class Wiring:
    """All stores, and each further part built from those that it needs when it is first asked for. Opens nothing."""

    def __init__(
        self,
        foundation: Foundation,
        docket: Docket,
        client: RedisClient,
        workers: WorkerProcesses,
        clock: SharedClock,
    ) -> None:
        self._foundation = foundation
        self._config = foundation.config
        self._settings = settings = foundation.config.settings
        self._docket = docket
        self.client = client
        self.workers = workers
        self.clock = clock
        self.health = ConnectionHealth()
        self._now = now = clock.now
        namespace, keep = settings.namespace, timedelta(days=settings.keep_days)
        keep_pictures = timedelta(hours=settings.keep_pictures_hours)
        self._state = foundation.state or RedisGameState(client)
        self._pictures = PictureStore(client, namespace=namespace, keep=keep, keep_pictures=keep_pictures)
        self._scenes = SceneRepository(
            client, namespace=namespace, pictures=self._pictures, keep_scenes=settings.keep_scenes, keep=keep, now=now
        )
        followed = FollowedRequests(client, namespace)
        self._inbox = Inbox(client, namespace=namespace, scenes=self._scenes, followed=followed, now=now)
        self.sources = Sources(self._scenes, self._inbox, followed)
        self._due_list = DueList(client, namespace)
        self._locks = Locks(client, namespace)
        self._queue = Queue(client, namespace)
        self._budget = Budget(client, settings, now)
        keys = [key.get_secret_value() for key in settings.keys] if settings.chosen_painter == "gemini" else []
        self.keys = KeyPool(client, namespace=namespace, keys=keys, models=settings.models, now=now)
        self._blocks = Blocks(client, namespace, now)
        self._characters = CharacterBook(client, namespace, now)
        self._places = CharacterBook(client, f"{namespace}:place", now)
        self._opt_outs = OptOuts(client, namespace, now)
        self._uploads = Uploads(client, namespace, keep)
        preferences = PreferenceRepository(client, settings)
        self._channel_settings = ChannelSettingsReader(preferences, settings, foundation.channels.channel_scope)

    # From an event to its post.

    @cached_property
    def engine(self) -> Engine:
        # Longer than everything inside a job may take; that ends by its own limits, with a better reason.
        requests = MOST_REQUESTS * (self._settings.paint_timeout_seconds + 30)
        return Engine(
            self._docket,
            concurrency=self._settings.concurrency,
            job_limit=timedelta(seconds=requests + RETRY_SECONDS + 600),
            health=self.health,
            to_local=self.clock.to_local,
        )

    @cached_property
    def scheduler(self) -> Scheduler:
        return Scheduler(self._due_list, self.engine, self._now)

    @cached_property
    def listener(self) -> Subscriber:
        hosting = self._foundation.hosting
        return Subscriber(
            self.client,
            Delivery(self._inbox, self.scheduler, hosting.delivered).deliver,
            self._now,
            health=self.health,
            limiter=hosting.limiter,
            buffer=hosting.buffer,
        )

    @cached_property
    def channel_job(self) -> ChannelJob:
        return ChannelJob(
            inbox_reader=InboxReader(
                inbox=self._inbox,
                repository=self._scenes,
                event_filter=EventFilter(self._foundation.channels, self._blocks, self._settings),
                channel_settings=self._channel_settings,
                announcer=self._foundation.hosting.announcer,
                now=self._now,
            ),
            repository=self._scenes,
            locks=self._locks,
            runs=self._runs,
            publisher=self._publisher,
            scheduler=self.scheduler,
        )

    @cached_property
    def scene_job(self) -> SceneJob:
        return SceneJob(
            repository=self._scenes,
            queue=self._queue,
            locks=self._locks,
            runs=self._runs,
            publisher=self._publisher,
            scheduler=self.scheduler,
        )

    @cached_property
    def _runs(self) -> SceneRuns:
        notices = Notices(self._foundation.poster, self._publisher, self._channel_settings)
        return SceneRuns(self._renderer, self._uploads, self._foundation.hosting.announcer, notices)

    @cached_property
    def _publisher(self) -> Publisher:
        return Publisher(
            self._foundation.channels,
            self._foundation.poster,
            blocks=self._blocks,
            blocked_channels=self._settings.blocked_channels,
            pictures=self._pictures,
            workers=self.workers,
        )

    @cached_property
    def _renderer(self) -> Renderer:
        return Renderer(
            repository=self._scenes,
            pipeline=self._pipeline,
            publisher=self._publisher,
            late_answers=self.late_answers,
            keep_pictures=timedelta(hours=self._settings.keep_pictures_hours),
            now=self._now,
        )

    @cached_property
    def late_answers(self) -> LateAnswers:
        longest = self._settings.paint_timeout_seconds + LATE_SECONDS
        return LateAnswers(repository=self._scenes, longest_seconds=longest, now=self._now)

    @cached_property
    def _pipeline(self) -> Pipeline:
        return Pipeline(
            self._settings,
            channel_settings=self._channel_settings,
            cast_resolver=self._cast_resolver,
            context_images=ContextImages(
                repository=self._scenes,
                posted=self._posted,
                uploads=self._uploads,
                places=self._places,
                workers=self.workers,
            ),
            prompt_builder=PromptBuilder(self._settings, self._config.styles, self.workers),
            generator=Generator(self._settings, PaidRequests(self.workers, self.keys, self._now), self._budget),
        )

    @cached_property
    def _cast_resolver(self) -> CastResolver:
        return CastResolver(
            workers=self.workers,
            state=self._state,
            personas=self._config.personas,
            links=DiscordLinks(self._foundation.bot, self._config.trusted_hosts),
            look_resolver=LookResolver(book=self._characters, opt_outs=self._opt_outs, workers=self.workers),
        )

    @cached_property
    def _posted(self) -> PostedPictures:
        return PostedPictures(self._foundation.channels, self._pictures)

    # What people can do.

    @cached_property
    def services(self) -> Services:
        return Services(
            pictures=PictureService(
                history=self._history,
                limits=self._limits,
                dispatcher=self._dispatcher,
                uploads=self._upload_reader,
                styles=self._config.styles,
                audit=self.audit,
            ),
            limits=self._limits,
            dispatcher=self._dispatcher,
            history=self._history,
            recap=RecapService(history=self._history, posted=self._posted, workers=self.workers),
            settings=SettingsService(
                channel_settings=self._channel_settings,
                blocks=self._blocks,
                styles=self._config.styles,
                access=self._access,
                audit=self.audit,
            ),
            status=self._status,
            characters=CharacterService(
                book=self._characters,
                access=self._access,
                game=CurrentGame(self._state, self._scenes),
                reader=self._upload_reader,
                audit=self.audit,
                opt_outs=self._opt_outs,
            ),
            places=self._place_service,
            styles=self._config.styles,
            posted=self._posted,
        )

    @cached_property
    def _access(self) -> AccessControl:
        return AccessControl(
            self._settings,
            blocks=self._blocks,
            channel_settings=self._channel_settings,
            state=self._state,
            book=self._characters,
        )

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self._channel_settings, LogChannel(self._foundation.channels).tell)

    @cached_property
    def _limits(self) -> RequestLimits:
        return RequestLimits(
            self._settings,
            access=self._access,
            channel_settings=self._channel_settings,
            allowances=Allowances(self.client, self._scenes, self._settings, self._now),
            budget=self._budget,
        )

    @cached_property
    def _dispatcher(self) -> SceneDispatcher:
        return SceneDispatcher(
            repository=self._scenes,
            queue=self._queue,
            scheduler=self.scheduler,
            announcer=self._foundation.hosting.announcer,
        )

    @cached_property
    def _upload_reader(self) -> UploadReader:
        return UploadReader(self.workers, self._uploads)

    @cached_property
    def _history(self) -> HistoryService:
        return HistoryService(
            repository=self._scenes,
            pictures=self._pictures,
            access=self._access,
            editor=self._foundation.poster,
            audit=self.audit,
            keep_scenes=self._settings.keep_scenes,
        )

    @cached_property
    def _status(self) -> StatusService:
        return StatusService(
            self._settings,
            access=self._access,
            repository=self._scenes,
            queue=self._queue,
            budget=self._budget,
        )

    @cached_property
    def _place_service(self) -> PlaceService:
        return PlaceService(
            book=self._places,
            history=self._history,
            access=self._access,
            posted=self._posted,
            reader=self._upload_reader,
            audit=self.audit,
        )

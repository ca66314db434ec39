"""Builds every part that needs Redis, each once, from those that it needs. Opens nothing: that is `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from docket import Docket

from .discord_io.attachment_links import DiscordLinks
from .discord_io.audience import Audience
from .discord_io.channels import AnyBot, Channels
from .discord_io.log_channel import write_entry
from .discord_io.memberships import BotServers
from .discord_io.posted_messages import PostedPictures
from .discord_io.poster import Poster
from .host.following import Sources
from .ingest.buffer import deliver
from .ingest.subscriber import Subscriber
from .jobs.engine import Engine
from .jobs.scheduler import Scheduler
from .pipeline.cast import CastResolver
from .pipeline.channel_job import ChannelJob
from .pipeline.context_images import ContextImages
from .pipeline.generation import Generation
from .pipeline.illustrate import Pipeline
from .pipeline.inbox_reader import EventFilter, InboxReader
from .pipeline.late_answers import LateAnswers
from .pipeline.paid_requests import MOST_REQUESTS, PaidRequests
from .pipeline.prompt import PromptBuilder
from .pipeline.publisher import Publisher
from .pipeline.render_job import Renderer, SceneRuns
from .pipeline.scene_book import SceneBook
from .pipeline.scene_job import SceneJob
from .services.access import AccessControl, RequestLimits
from .services.audit_log import AuditLog
from .services.characters import CharacterService, CurrentGame
from .services.departures import Departures, ServerRecords
from .services.dispatcher import SceneDispatcher
from .services.history import HistoryService
from .services.host import Hosting
from .services.pictures import PictureService
from .services.places import PlaceService
from .services.rates import RequestRates
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
from .store.game_state import GameState, RedisGameState
from .store.health import ConnectionHealth
from .store.inbox import Inbox
from .store.key_pool import KeyPool
from .store.lock import Locks
from .store.memberships import Memberships
from .store.opt_outs import OptOuts
from .store.pictures import PictureStore
from .store.preferences import PreferenceRepository
from .store.queue import Queue
from .store.references import References, Shelf
from .store.scenes import SceneRepository
from .store.space import Caps
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
    """Every part, built once, each after those that it needs. Opens nothing."""

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
        self.client = client
        self.workers = workers
        self.clock = clock
        self.health = ConnectionHealth()
        self._now = now = clock.now
        namespace, keep = settings.namespace, timedelta(days=settings.keep_days)
        self._keep_pictures = timedelta(hours=settings.keep_pictures_hours)
        self._state = foundation.state or RedisGameState(client)
        self._pictures = PictureStore(client, namespace=namespace, keep=keep, keep_pictures=self._keep_pictures)
        self._scenes = SceneRepository(
            client, namespace=namespace, pictures=self._pictures, keep_scenes=settings.keep_scenes, keep=keep, now=now
        )
        self._inbox = Inbox(client, namespace=namespace, scenes=self._scenes, now=now)
        self.sources = Sources(self._scenes, self._inbox)
        self._locks = Locks(client, namespace)
        self._queue = Queue(client, namespace)
        self._budget = Budget(client, settings, now)
        keys = [key.get_secret_value() for key in settings.keys] if settings.chosen_painter == "gemini" else []
        self.keys = KeyPool(client, namespace=namespace, keys=keys, models=settings.models, now=now)
        self._blocks = Blocks(client, namespace, now)
        self._references = references = References(client, namespace, Caps.of(settings), now)
        self._characters = CharacterBook(client, namespace, now, references=references)
        self._places = CharacterBook(client, namespace, now, references=references, shelf=Shelf.PLACES)
        self._opt_outs = OptOuts(client, namespace, now)
        self._uploads = Uploads(client, namespace, keep, now)
        preferences = PreferenceRepository(client, settings)
        self._channel_settings = ChannelSettingsReader(preferences, settings, foundation.channels.channel_scope)
        self._posted = PostedPictures(foundation.channels, self._pictures)

        # Longer than everything inside a job may take; that ends by its own limits, with a better reason.
        requests = MOST_REQUESTS * (settings.paint_timeout_seconds + 30)
        self.engine = Engine(
            docket,
            concurrency=settings.concurrency,
            job_limit=timedelta(seconds=requests + RETRY_SECONDS + 600),
            health=self.health,
            to_local=clock.to_local,
            server_of=foundation.channels.server_of,
        )
        self.scheduler = Scheduler(DueList(client, namespace), self.engine, now)
        hosting = foundation.hosting
        self.listener = Subscriber(
            client,
            partial(deliver, self._inbox, self.scheduler, hosting.delivered),
            now,
            health=self.health,
            limiter=hosting.limiter,
            buffer=hosting.buffer,
        )
        longest = settings.paint_timeout_seconds + LATE_SECONDS
        self.late_answers = LateAnswers(repository=self._scenes, longest_seconds=longest, now=now)
        self.channel_job, self.scene_job = self._jobs()
        self.audit = AuditLog(self._channel_settings, partial(write_entry, foundation.channels))
        self.departures = self._departures(preferences)
        self.services = self._services()

    def _jobs(self) -> tuple[ChannelJob, SceneJob]:
        channels, poster = self._foundation.channels, self._foundation.poster
        announcer = self._foundation.hosting.announcer
        publisher = Publisher(
            channels,
            poster,
            blocks=self._blocks,
            settings=self._settings,
            pictures=self._pictures,
            workers=self.workers,
        )
        renderer = Renderer(
            repository=self._scenes,
            pipeline=self._pipeline(),
            publisher=publisher,
            late_answers=self.late_answers,
            keep_pictures=self._keep_pictures,
            now=self._now,
        )
        runs = SceneRuns(
            renderer,
            uploads=self._uploads,
            announcer=announcer,
            poster=poster,
            publisher=publisher,
            channel_settings=self._channel_settings,
        )
        inbox_reader = InboxReader(
            inbox=self._inbox,
            repository=self._scenes,
            event_filter=EventFilter(channels, self._blocks, self._settings),
            channel_settings=self._channel_settings,
            announcer=announcer,
            now=self._now,
        )
        channel_job = ChannelJob(
            inbox_reader=inbox_reader,
            repository=self._scenes,
            locks=self._locks,
            runs=runs,
            publisher=publisher,
            scheduler=self.scheduler,
        )
        scene_job = SceneJob(
            repository=self._scenes,
            queue=self._queue,
            locks=self._locks,
            runs=runs,
            publisher=publisher,
            scheduler=self.scheduler,
        )
        return channel_job, scene_job

    def _pipeline(self) -> Pipeline:
        audience = Audience(self._foundation.bot, self._foundation.channels.requests)
        return Pipeline(
            self._settings,
            channel_settings=self._channel_settings,
            cast_resolver=CastResolver(
                workers=self.workers,
                state=self._state,
                personas=self._config.personas,
                links=DiscordLinks(self._foundation.bot, self._config.trusted_hosts),
                book=SceneBook(self._characters, audience),
                opt_outs=self._opt_outs,
            ),
            context_images=ContextImages(
                repository=self._scenes,
                posted=self._posted,
                uploads=self._uploads,
                places=SceneBook(self._places, audience),
                workers=self.workers,
            ),
            new_generation=partial(
                Generation,
                self._settings,
                requests=PaidRequests(self.workers, self.keys, self._now),
                budget=self._budget,
                prompt_builder=PromptBuilder(self._settings, self._config.styles, self.workers),
            ),
        )

    def _departures(self, preferences: PreferenceRepository) -> Departures:
        channels, references = self._foundation.channels, self._references
        return Departures(
            BotServers(self._foundation.bot, channels.requests),
            memberships=Memberships(self.client, self._settings.namespace, self._now),
            records=ServerRecords(
                references=references,
                scenes=self._scenes,
                uploads=self._uploads,
                preferences=preferences,
                blocks=self._blocks,
                opt_outs=self._opt_outs,
            ),
            references=references,
        )

    def _services(self) -> Services:
        settings, audit, styles = self._settings, self.audit, self._config.styles
        access = AccessControl(
            settings,
            blocks=self._blocks,
            channel_settings=self._channel_settings,
            state=self._state,
            book=self._characters,
            opt_outs=self._opt_outs,
        )
        limits = RequestLimits(
            settings,
            access=access,
            channel_settings=self._channel_settings,
            allowances=Allowances(self.client, self._scenes, settings, self._now),
            budget=self._budget,
        )
        dispatcher = SceneDispatcher(
            repository=self._scenes,
            queue=self._queue,
            scheduler=self.scheduler,
            announcer=self._foundation.hosting.announcer,
        )
        history = HistoryService(
            repository=self._scenes,
            pictures=self._pictures,
            access=access,
            editor=self._foundation.poster,
            audit=audit,
            keep_scenes=settings.keep_scenes,
        )
        uploads = UploadReader(self.workers, self._uploads)
        return Services(
            pictures=PictureService(
                history=history, limits=limits, dispatcher=dispatcher, uploads=uploads, styles=styles, audit=audit
            ),
            limits=limits,
            rates=RequestRates(),
            dispatcher=dispatcher,
            history=history,
            recap=RecapService(
                history=history, access=access, limits=limits, posted=self._posted, workers=self.workers
            ),
            settings=SettingsService(
                channel_settings=self._channel_settings, blocks=self._blocks, styles=styles, access=access, audit=audit
            ),
            status=StatusService(
                settings,
                access=access,
                repository=self._scenes,
                queue=self._queue,
                budget=self._budget,
                references=self._references,
            ),
            characters=CharacterService(
                book=self._characters,
                access=access,
                game=CurrentGame(self._state, self._scenes),
                reader=uploads,
                audit=audit,
                opt_outs=self._opt_outs,
            ),
            places=PlaceService(
                book=self._places, history=history, access=access, posted=self._posted, reader=uploads, audit=audit
            ),
            styles=styles,
            posted=self._posted,
        )

"""Builds the parts and connects them. Nothing is opened here, and nothing begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from docket import Docket

from .discord_io.channels import Channels
from .discord_io.log_channel import LogChannel
from .discord_io.posted_messages import PostedPictures
from .discord_io.poster import Poster, ViewFactory
from .domain.events import Heard
from .domain.styles import Styles
from .host.following import Sources
from .ingest.buffer import Deliver
from .ingest.subscriber import Subscriber
from .jobs.engine import Engine
from .pipeline.admission import Admission
from .pipeline.cast import CastResolver
from .pipeline.context_images import ContextImages
from .pipeline.generation import GenerationTools
from .pipeline.illustrate import Pipeline
from .pipeline.inbox_reader import InboxReader
from .pipeline.late_answers import LateAnswers
from .pipeline.paid_requests import MOST_REQUESTS, PaidRequests
from .pipeline.render_job import Renderer
from .pipeline.scene_worker import SceneWorker
from .services.access import AccessControl
from .services.audit_log import AuditLog
from .services.characters import CharacterService
from .services.history import HistoryService
from .services.host import Hosting
from .services.pictures import PictureService, Tools
from .services.places import PlaceService
from .services.recap import RecapService
from .services.services import Services
from .services.settings import SettingsService
from .services.uploads import UploadReader
from .settings import Settings
from .store.allowances import Allowances
from .store.blocks import Blocks
from .store.budget import Budget
from .store.channel_settings import ChannelSettingsReader
from .store.character_book import CharacterBook
from .store.clock import SharedClock
from .store.connection import RedisClient
from .store.due_list import DueList
from .store.followed_requests import FollowedRequests
from .store.game_state import GameState
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
from .worker_process.protocol import WorkerConfig

LATE_SECONDS = 240.0
"""Beyond the painter's own limit: an answer waits in the helper process, is read and is fitted."""


@dataclass(frozen=True)
class Parts:
    """Parts that are opened, and what others ask for."""

    services: Services
    scene_worker: SceneWorker
    listener: Subscriber
    engine: Engine
    keys: KeyPool
    audit: AuditLog
    followed_in: Sources
    late_answers: LateAnswers


def assemble(
    settings: Settings,
    *,
    docket: Docket,
    client: RedisClient,
    workers: WorkerProcesses,
    channels: Channels,
    view_of: ViewFactory,
    retry_view: ViewFactory,
    state: GameState,
    cast_resolver: CastResolver,
    book: CharacterBook,
    hidden: OptOuts,
    styles: Styles,
    clock: SharedClock,
    health: ConnectionHealth,
    hosting: Hosting,
) -> Parts:
    """Every part, connected to the others."""
    pictures = _pictures(settings, client)
    repository = _repository(settings, client, pictures, clock)
    followed = FollowedRequests(client, settings.namespace)
    inbox = Inbox(client, namespace=settings.namespace, scenes=repository, followed=followed, now=clock.now)
    due_list = DueList(client, settings.namespace)
    poster = Poster(channels, view_of, retry_view)
    keys = _key_ring(settings, client, clock)
    budget = Budget(client, settings, clock.now)
    queue = Queue(client, settings.namespace)
    means = GenerationTools(settings, workers, PaidRequests(workers, keys, clock.now), budget)
    posted = PostedPictures(channels, pictures)
    uploads = Uploads(client, settings.namespace, timedelta(days=settings.keep_days))
    places = CharacterBook(client, f"{settings.namespace}:place", clock.now)
    context_images = ContextImages(
        repository=repository, posted=posted, uploads=uploads, places=places, workers=workers
    )
    illustrator = Pipeline(
        settings, cast_resolver=cast_resolver, context_images=context_images, styles=styles, means=means
    )
    reader = UploadReader(workers)
    blocks = Blocks(client, settings.namespace, clock.now)
    channel_settings = ChannelSettingsReader(PreferenceRepository(client, settings), settings, channels.channel_scope)
    late_answers = LateAnswers(
        repository=repository, longest_seconds=settings.paint_timeout_seconds + LATE_SECONDS, now=clock.now
    )
    renderer = Renderer(
        settings,
        repository=repository,
        pictures=pictures,
        channel_settings=channel_settings,
        illustrator=illustrator,
        channels=channels,
        poster=poster,
        workers=workers,
        blocks=blocks,
        uploads=uploads,
        late_answers=late_answers,
        now=clock.now,
    )
    scene_worker = SceneWorker(
        repository=repository,
        inbox=inbox,
        due_list=due_list,
        locks=Locks(client, settings.namespace),
        channel_settings=channel_settings,
        queue=queue,
        inbox_reader=InboxReader(inbox, repository, Admission(channels, blocks, settings), channel_settings, clock.now),
        renderer=renderer,
        channels=channels,
        poster=poster,
        announcer=hosting.announcer,
        now=clock.now,
    )
    engine = Engine(
        docket,
        run_channel_job=scene_worker.run_channel_job,
        on_scene=scene_worker.on_scene,
        concurrency=settings.concurrency,
        job_limit=_job_limit(settings),
        health=health,
        to_local=clock.to_local,
    )
    scene_worker.connect(engine)
    access = AccessControl(settings, blocks=blocks, channel_settings=channel_settings, state=state, book=book)
    audit = AuditLog(channel_settings, LogChannel(channels).tell)
    tools = Tools(
        repository=repository,
        due_list=due_list,
        styles=styles,
        clock=engine,
        allowances=Allowances(client, repository, settings, clock.now),
        access=access,
        channel_settings=channel_settings,
        queue=queue,
        budget=budget,
        uploads=uploads,
        reader=reader,
        audit=audit,
        announcer=hosting.announcer,
        now=clock.now,
    )
    history_service = HistoryService(
        repository=repository,
        pictures=pictures,
        access=access,
        hand=poster,
        audit=audit,
        keep_scenes=settings.keep_scenes,
    )
    picture_service = PictureService(settings, tools)
    services = Services(
        picture_service=picture_service,
        place_service=PlaceService(
            book=places, picture_service=picture_service, access=access, posted=posted, workers=workers, audit=audit
        ),
        history_service=history_service,
        recap_service=RecapService(history_service=history_service, posted=posted, workers=workers),
        settings_service=SettingsService(
            settings,
            channel_settings=channel_settings,
            styles=styles,
            blocks=blocks,
            access=access,
            repository=repository,
            queue=queue,
            budget=budget,
            audit=audit,
        ),
        character_service=CharacterService(
            book=book,
            hidden=hidden,
            access=access,
            state=state,
            repository=repository,
            workers=workers,
            reader=reader,
            audit=audit,
        ),
        posted=posted,
    )
    deliver = _telling(scene_worker.deliver, hosting)
    listener = Subscriber(
        client, deliver, clock.now, health=health, known=channels.knows, limiter=hosting.limiter, buffer=hosting.buffer
    )
    followed_in = Sources(repository, inbox, followed)
    return Parts(services, scene_worker, listener, engine, keys, audit, followed_in, late_answers)


def _telling(deliver: Deliver, hosting: Hosting) -> Deliver:
    async def delivered(channel_id: str, heard: Sequence[Heard]) -> None:
        await deliver(channel_id, heard)
        hosting.delivered(heard)

    return delivered


def _key_ring(settings: Settings, client: RedisClient, clock: SharedClock) -> KeyPool:
    keys = [key.get_secret_value() for key in settings.keys] if settings.chosen_painter == "gemini" else []
    return KeyPool(client, namespace=settings.namespace, keys=keys, models=settings.models, now=clock.now)


def _pictures(settings: Settings, client: RedisClient) -> PictureStore:
    return PictureStore(
        client,
        namespace=settings.namespace,
        keep=timedelta(days=settings.keep_days),
        keep_pictures=timedelta(hours=settings.keep_pictures_hours),
    )


def _repository(settings: Settings, client: RedisClient, pictures: PictureStore, clock: SharedClock) -> SceneRepository:
    return SceneRepository(
        client,
        namespace=settings.namespace,
        pictures=pictures,
        keep_scenes=settings.keep_scenes,
        keep=timedelta(days=settings.keep_days),
        now=clock.now,
    )


def worker_config(settings: Settings) -> WorkerConfig:
    """Build the config that the worker processes are started with."""
    return WorkerConfig(
        folder=Path(),
        painter=settings.chosen_painter,
        keys=tuple(key.get_secret_value() for key in settings.keys),
        paint_timeout_seconds=settings.paint_timeout_seconds,
        trusted_hosts=settings.trusted_hosts,
        reference_fresh_seconds=settings.reference_fresh_seconds,
        words_file=settings.words_file,
    )


def _job_limit(settings: Settings) -> timedelta:
    """Longer than everything inside it may take; that ends by its own limits, with a better reason."""
    requests = MOST_REQUESTS * (settings.paint_timeout_seconds + 30)
    return timedelta(seconds=requests + RETRY_SECONDS + 600)

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
from .domain.styles import Styles
from .ingest.bounded_queue import Heard
from .ingest.buffer import Deliver
from .ingest.subscriber import Listener
from .jobs.engine import Engine
from .pipeline.admission import Admission
from .pipeline.cast import Casting
from .pipeline.context_images import Companions
from .pipeline.generation import Means
from .pipeline.illustrate import Illustrator
from .pipeline.inbox_reader import Intake
from .pipeline.late_answers import LateAnswers
from .pipeline.paid_requests import MOST_REQUESTS, PaidRequests
from .pipeline.render_job import Drawer
from .pipeline.scene_worker import Conductor
from .services.access import Doorkeeper
from .services.audit_log import Audit
from .services.characters import Wardrobe
from .services.history import Gallery
from .services.host import Hosting
from .services.pictures import Studio, Tools
from .services.places import Atlas
from .services.recap import Binder
from .services.services import Services
from .services.settings import Office
from .services.uploads import UploadReader
from .settings import Settings
from .store.allowances import Allowance
from .store.answer_tokens import AnswerTokens
from .store.blocks import Blocks
from .store.budget import Budget
from .store.channel_settings import Customs
from .store.character_book import CastBook
from .store.clock import SharedClock
from .store.connection import RedisClient
from .store.game_state import GameState
from .store.health import ConnectionHealth
from .store.key_pool import KeyRing
from .store.opt_outs import Hidden
from .store.preferences import PreferenceBook
from .store.queue import Queue
from .store.scenes import Ledger
from .store.timeouts import INSIST_SECONDS
from .store.uploads import Uploads
from .worker_process import Workshop
from .worker_process.protocol import Equipment

LATE_SECONDS = 240.0
"""Beyond the painter's own limit: an answer waits in the helper process, is read and is fitted."""


@dataclass(frozen=True)
class Parts:
    """What the house opens, and what others ask it for."""

    services: Services
    conductor: Conductor
    listener: Listener
    engine: Engine
    keys: KeyRing
    audit: Audit
    ledger: Ledger
    late_answers: LateAnswers


def assemble(
    settings: Settings,
    *,
    docket: Docket,
    client: RedisClient,
    workshop: Workshop,
    channels: Channels,
    view_of: ViewFactory,
    retry_view: ViewFactory,
    state: GameState,
    casting: Casting,
    book: CastBook,
    hidden: Hidden,
    styles: Styles,
    clock: SharedClock,
    health: ConnectionHealth,
    hosting: Hosting,
) -> Parts:
    """Every part, connected to the others."""
    ledger = _ledger(settings, client, clock)
    answers = AnswerTokens(client, settings.namespace)
    poster = Poster(channels, answers, view_of, retry_view)
    keys = _key_ring(settings, client, clock)
    budget = Budget(client, settings, clock.now)
    queue = Queue(client, settings.namespace)
    means = Means(settings, workshop, PaidRequests(workshop, keys, clock.now), budget)
    posted = PostedPictures(channels, ledger)
    uploads = Uploads(client, settings.namespace, timedelta(days=settings.keep_days))
    places = CastBook(client, f"{settings.namespace}:place", clock.now)
    companions = Companions(ledger=ledger, posted=posted, uploads=uploads, places=places, workshop=workshop)
    illustrator = Illustrator(settings, casting=casting, companions=companions, styles=styles, means=means)
    reader = UploadReader(workshop)
    blocks = Blocks(client, settings.namespace, clock.now)
    customs = Customs(PreferenceBook(client, settings), settings, channels.spot)
    late_answers = LateAnswers(
        ledger=ledger, longest_seconds=settings.paint_timeout_seconds + LATE_SECONDS, now=clock.now
    )
    drawer = Drawer(
        settings,
        ledger=ledger,
        customs=customs,
        illustrator=illustrator,
        channels=channels,
        poster=poster,
        workshop=workshop,
        blocks=blocks,
        uploads=uploads,
        late_answers=late_answers,
        now=clock.now,
    )
    conductor = Conductor(
        ledger=ledger,
        customs=customs,
        queue=queue,
        intake=Intake(ledger, Admission(channels, blocks, settings), customs, clock.now),
        drawer=drawer,
        channels=channels,
        poster=poster,
        announcer=hosting.announcer,
        now=clock.now,
    )
    engine = Engine(
        docket,
        on_channel=conductor.on_channel,
        on_scene=conductor.on_scene,
        concurrency=settings.concurrency,
        job_limit=_job_limit(settings),
        health=health,
        to_local=clock.to_local,
    )
    conductor.connect(engine)
    doorkeeper = Doorkeeper(settings, blocks=blocks, customs=customs, state=state, book=book)
    audit = Audit(customs, LogChannel(channels).tell)
    tools = Tools(
        ledger=ledger,
        styles=styles,
        clock=engine,
        allowance=Allowance(client, ledger, settings, clock.now),
        doorkeeper=doorkeeper,
        customs=customs,
        queue=queue,
        budget=budget,
        uploads=uploads,
        answers=answers,
        reader=reader,
        audit=audit,
        announcer=hosting.announcer,
        now=clock.now,
    )
    gallery = Gallery(ledger=ledger, doorkeeper=doorkeeper, hand=poster, audit=audit, keep_scenes=settings.keep_scenes)
    studio = Studio(settings, tools)
    services = Services(
        studio=studio,
        atlas=Atlas(book=places, studio=studio, doorkeeper=doorkeeper, posted=posted, workshop=workshop, audit=audit),
        gallery=gallery,
        binder=Binder(gallery=gallery, posted=posted, workshop=workshop),
        office=Office(
            settings,
            customs=customs,
            styles=styles,
            blocks=blocks,
            doorkeeper=doorkeeper,
            ledger=ledger,
            queue=queue,
            budget=budget,
            audit=audit,
        ),
        wardrobe=Wardrobe(
            book=book,
            hidden=hidden,
            doorkeeper=doorkeeper,
            state=state,
            ledger=ledger,
            workshop=workshop,
            reader=reader,
            audit=audit,
        ),
        poster=poster,
        posted=posted,
    )
    deliver = _telling(conductor.deliver, hosting)
    listener = Listener(
        client, deliver, clock.now, health=health, known=channels.knows, gate=hosting.gate, buffer=hosting.buffer
    )
    return Parts(services, conductor, listener, engine, keys, audit, ledger, late_answers)


def _telling(deliver: Deliver, hosting: Hosting) -> Deliver:
    async def delivered(channel_id: str, heard: Sequence[Heard]) -> None:
        await deliver(channel_id, heard)
        hosting.delivered(heard)

    return delivered


def _key_ring(settings: Settings, client: RedisClient, clock: SharedClock) -> KeyRing:
    keys = [key.get_secret_value() for key in settings.keys] if settings.chosen_painter == "gemini" else []
    return KeyRing(client, namespace=settings.namespace, keys=keys, models=settings.models, now=clock.now)


def _ledger(settings: Settings, client: RedisClient, clock: SharedClock) -> Ledger:
    return Ledger(
        client,
        namespace=settings.namespace,
        keep_scenes=settings.keep_scenes,
        keep=timedelta(days=settings.keep_days),
        keep_pictures=timedelta(hours=settings.keep_pictures_hours),
        now=clock.now,
    )


def equipment(settings: Settings) -> Equipment:
    """What the workshop is started with."""
    return Equipment(
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
    return timedelta(seconds=requests + INSIST_SECONDS + 600)

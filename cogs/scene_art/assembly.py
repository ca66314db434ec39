"""Builds the parts and connects them. Nothing is opened here, and nothing begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from docket import Docket

from .admission import Admission
from .allowance import Allowance
from .blocks import Blocks
from .budget import Budget
from .casting import Casting
from .channels import Channels
from .clock import SharedClock
from .commission import Means
from .conductor import Conductor
from .connection import RedisClient
from .drawing import Drawer
from .engine import Engine
from .illustrate import Illustrator
from .intake import Intake
from .keyring import KeyRing
from .ladder import PROBES
from .ledger import Ledger
from .listener import Listener
from .patience import INSIST_SECONDS
from .post import Poster, ViewFactory
from .settings import Settings
from .studio import Studio
from .styles import Styles
from .workshop import Workshop
from .workshop.wire import Equipment


@dataclass(frozen=True)
class Parts:
    """What the house opens, and what others ask it for."""

    studio: Studio
    conductor: Conductor
    listener: Listener
    engine: Engine
    keys: KeyRing


def assemble(
    settings: Settings,
    *,
    docket: Docket,
    client: RedisClient,
    workshop: Workshop,
    channels: Channels,
    view_of: ViewFactory,
    retry_view: ViewFactory,
    casting: Casting,
    styles: Styles,
    clock: SharedClock,
) -> Parts:
    """Every part, connected to the others."""
    ledger = _ledger(settings, client, clock)
    poster = Poster(channels, view_of)
    keys = _key_ring(settings, client, clock)
    means = Means(settings, workshop, keys, Budget(client, settings, clock.now))
    illustrator = Illustrator(settings, casting=casting, styles=styles, means=means)
    blocks = Blocks(client, settings.namespace, clock.now)
    drawer = Drawer(
        settings,
        ledger=ledger,
        illustrator=illustrator,
        channels=channels,
        poster=poster,
        workshop=workshop,
        blocks=blocks,
        now=clock.now,
    )
    conductor = Conductor(
        settings,
        ledger=ledger,
        intake=Intake(ledger, Admission(channels, blocks, settings), settings.fallback, clock.now),
        drawer=drawer,
        channels=channels,
        poster=poster,
        retry_view=retry_view,
        now=clock.now,
    )
    engine = Engine(
        docket,
        on_channel=conductor.on_channel,
        on_scene=conductor.on_scene,
        concurrency=settings.concurrency,
        job_limit=_job_limit(settings),
        to_local=clock.to_local,
    )
    conductor.connect(engine)
    studio = Studio(
        settings,
        ledger=ledger,
        styles=styles,
        clock=engine,
        allowance=Allowance(client, ledger, settings, clock.now),
        blocks=blocks,
        eraser=poster,
        now=clock.now,
    )
    listener = Listener(client, conductor.deliver, clock.now, known=channels.knows)
    return Parts(studio, conductor, listener, engine, keys)


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
    )


def _job_limit(settings: Settings) -> timedelta:
    """Longer than everything inside it may take; that ends by its own limits, with a better reason."""
    requests = (settings.paint_attempts * len(settings.models) + PROBES) * (settings.paint_timeout_seconds + 30)
    return timedelta(seconds=requests + INSIST_SECONDS + 600)

"""What an operator wants to know at the start, one line each."""

from __future__ import annotations

import logging

from .drawing.keyring import KeyRing
from .errors import ConfigurationError, SceneArtError, TransientError
from .painters import Brush
from .painters.models import DEFAULT_MODEL, is_retired
from .settings import Settings
from .workshop import Workshop

log = logging.getLogger(__name__)


def announce(settings: Settings) -> None:
    """Which painter it is, and what is to be expected of it and of Redis.

    Raises:
        ConfigurationError: Gemini is wanted and there is no key.
    """
    painter = settings.chosen_painter
    if painter == "storyboard":
        log.info("Painting with the built-in storyboard painter (no Gemini key is set, or it was chosen)")
    else:
        log.info("Painting with Gemini, model %s", settings.model)
        if not settings.keys:
            raise ConfigurationError("SCENE_ART_PAINTER is gemini, but no key is set; set GEMINI_API_KEY")
        for model in filter(is_retired, settings.models):
            log.error("The model %s is retired and will not answer; set SCENE_ART_MODEL to %s", model, DEFAULT_MODEL)
    if settings.redis_url.get_secret_value().startswith("memory:"):
        log.warning("REDIS_URL is memory://: nothing survives a restart, and no other process is heard")


async def check_painter(settings: Settings, keys: KeyRing, workshop: Workshop) -> None:
    """Try what only its owner can have mended since the last start, and say which key or model does not work.

    Asks for descriptions only, which costs nothing. Never raises.
    """
    if settings.chosen_painter != "gemini":
        return
    try:
        await keys.forgive()
    except TransientError as exc:
        log.debug("The keys that were left out stay so: %s", exc.detail)
    brushes = [Brush(model=settings.model, key=number) for number in range(len(settings.keys))]
    for brush in (*brushes, *(Brush(model=model) for model in settings.models[1:])):
        try:
            await workshop.look_at(brush)
        except SceneArtError as exc:
            # Says so, if it is about the key or the model.
            await keys.set_aside(brush, exc)

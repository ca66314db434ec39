"""What an operator wants to know at the start, one line each."""

from __future__ import annotations

import logging

from .drawing.keyring import KeyRing
from .errors import ConfigurationError, KeyForbiddenError, KeyRejectedError, ModelRetiredError, SceneArtError
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
    await keys.forgive()
    brushes = [Brush(model=settings.model, key=number) for number in range(len(settings.keys))]
    undescribed = []
    for brush in (*brushes, *(Brush(model=model) for model in settings.models[1:])):
        try:
            await workshop.look_at(brush)
        except (KeyForbiddenError, ModelRetiredError):
            undescribed.append(brush.model)
        except KeyRejectedError as exc:
            await keys.disable(brush, exc)
        except SceneArtError as exc:
            log.debug("Gemini's description of %s cannot be had just now: %s", brush.model, exc.detail)
    if undescribed:
        # Relays in front of the API lack this endpoint, so that it says nothing of what paints.
        names = ", ".join(dict.fromkeys(undescribed))
        log.info(
            "Gemini does not describe %s, as is usual behind a relay; it is asked for pictures all the same", names
        )

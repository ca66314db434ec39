"""What is suggested while somebody types an option's value."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from discord import app_commands

from ..domain.scene import Scene
from ..errors import SceneArtError
from ..i18n import Sentence, gettext, translate
from ..image_models import RATIOS_14
from ..services.services import FindServices, Services
from .responses import Interaction

log = logging.getLogger(__name__)

MAX_CHOICES = 25
MAX_LABEL = 100

Choices = list[app_commands.Choice[str]]
Scenes = Callable[[Services], Awaitable[Iterable[Scene]]]


def matching(current: str, labelled: Iterable[tuple[str, str]]) -> Choices:
    """Those of (label, value) that contain what was typed so far."""
    wanted = str(current).casefold().strip()
    fitting = [(label, value) for label, value in labelled if wanted in label.casefold() or wanted == value]
    return [app_commands.Choice(name=label[:MAX_LABEL], value=value[:MAX_LABEL]) for label, value in fitting][
        :MAX_CHOICES
    ]


async def scene_choices(interaction: Interaction, find: FindServices, current: str, scenes: Scenes) -> Choices:
    """Scenes to choose from, told by their age, their state and their beginning."""
    try:
        found = await scenes(find())
    except SceneArtError as exc:
        log.debug("No scenes to choose from: %s", exc.detail)
        return []
    now, locale = time.time(), str(interaction.locale)
    return matching(current, [(label_of(scene, now, locale), scene.id) for scene in found])


def aspect_choices(current: str) -> Choices:
    """The shapes that a picture can have."""
    return matching(current, [(ratio, ratio) for ratio in RATIOS_14])


def style_choices(find: FindServices, current: str) -> Choices:
    """The looks that a picture can have."""
    try:
        styles = find().styles.all
    except SceneArtError:
        return []
    return matching(current, [(style.name, style.id) for style in styles])


def label_of(scene: Scene, now: float, locale: str) -> str:
    """Such as `4 min ago, skipped: The gate falls shut`."""
    room = MAX_LABEL - len(translate(_labelled(scene, now, ""), locale))
    return translate(_labelled(scene, now, scene.title(room)), locale)


def _labelled(scene: Scene, now: float, title: str) -> Sentence:
    ago = _ago(now - scene.heard_at)
    if scene.state == "posted":
        return gettext("{ago}: {title}", ago=ago, title=title)
    state = _STATES.get(scene.state, gettext("waiting"))
    return gettext("{ago}, {state}: {title}", ago=ago, state=state, title=title)


_STATES = {
    "waiting": gettext("waiting"),
    "painting": gettext("drawing"),
    "painted": gettext("drawn, not posted yet"),
    "posting": gettext("posting"),
    "skipped": gettext("skipped"),
    "refused": gettext("declined"),
    "failed": gettext("failed"),
    "cancelled": gettext("cancelled"),
}


def _ago(seconds: float) -> Sentence:
    if seconds >= 86_400:
        return gettext("{days} d ago", days=int(seconds // 86_400))
    if seconds >= 3_600:
        return gettext("{hours} h ago", hours=int(seconds // 3_600))
    if seconds >= 60:
        return gettext("{minutes} min ago", minutes=int(seconds // 60))
    return gettext("just now")

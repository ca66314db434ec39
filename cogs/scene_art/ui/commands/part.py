"""A part of a group of commands: how all parts answer, and what they suggest while somebody types an option's value."""

from __future__ import annotations

import functools
import inspect
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from discord import app_commands

from ... import faults
from ...domain.scene import Scene
from ...i18n import Sentence, gettext, translate
from ...services.services import FindServices
from ..context import Interaction, RequestContext, read_context
from ..responses import Answer, respond

log = logging.getLogger(__name__)

MAX_CHOICES = 25
MAX_LABEL = 100

PartT = TypeVar("PartT", bound="CommandPart")
P = ParamSpec("P")
Choices = list[app_commands.Choice[str]]
Labelled = Iterable[tuple[str, str]]
"""Labels, each with its value."""


class CommandPart(app_commands.Group):
    """Commands of one subject, which translate between Discord and its services."""

    def __init__(self, find: FindServices) -> None:
        super().__init__()
        self.find = find

    async def suggest(
        self, interaction: Interaction, current: str, options: Callable[[RequestContext], Awaitable[Labelled]]
    ) -> Choices:
        """Suggest those of `options` that fit what was typed so far; none where they cannot be read. Never raises."""
        try:
            return match(current, await options(read_context(interaction, self.find)))
        except Exception as exc:  # noqa: BLE001  # a suggestion is a nicety
            log.debug("Nothing to choose from: %s", faults.summary(exc))
            return []

    async def suggest_scenes(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the channel's latest scenes. Never raises."""
        return await self.suggest(interaction, current, _list_recent_scenes)

    async def suggest_characters(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the channel's characters. Never raises."""
        return await self.suggest(interaction, current, _list_characters)

    async def suggest_styles(self, interaction: Interaction, current: str) -> Choices:
        """Suggest the styles that a picture can have. Never raises."""
        return await self.suggest(interaction, current, _list_styles)


def answered(
    work: Callable[Concatenate[PartT, RequestContext, P], Awaitable[Answer | str]],
) -> Callable[Concatenate[PartT, Interaction, P], Coroutine[Any, Any, None]]:
    """Make the callback of a command out of `work`: the person alone gets what it returns. Never raises."""

    @functools.wraps(work)
    async def callback(part: PartT, interaction: Interaction, /, *args: P.args, **options: P.kwargs) -> None:
        await respond(interaction, part.find, lambda context: work(part, context, *args, **options))

    # discord.py reads the options from the signature, and would look up the names of their types in this module.
    callback.__signature__ = inspect.signature(work, eval_str=True)  # type: ignore[attr-defined]
    return callback


def match(current: str, labelled: Labelled) -> Choices:
    """Choose those of (label, value) that contain what was typed so far."""
    wanted = str(current).casefold().strip()
    fitting = ((label, value) for label, value in labelled if wanted in label.casefold() or wanted == value)
    choices = (app_commands.Choice(name=label[:MAX_LABEL], value=value[:MAX_LABEL]) for label, value in fitting)
    return list(itertools.islice(choices, MAX_CHOICES))


def label_by_value(names: Iterable[str]) -> Labelled:
    """Label each name by itself."""
    return [(name, name) for name in names]


async def _list_styles(context: RequestContext) -> Labelled:
    """List the styles that a picture can have."""
    return [(style.name, style.id) for style in context.services.styles.all]


async def _list_recent_scenes(context: RequestContext) -> Labelled:
    """List the channel's latest scenes."""
    found = await context.services.history.recent(context.channel_id, by=context.requester)
    return _label(found, context.locale)


async def list_scenes_in_progress(context: RequestContext) -> Labelled:
    """List the scenes that the person may cancel."""
    found = await context.services.history.in_progress(context.channel_id, by=context.requester)
    return _label(found, context.locale)


async def _list_characters(context: RequestContext) -> Labelled:
    """List the channel's characters."""
    found = await context.services.characters.characters(context.channel_id, by=context.requester)
    return label_by_value(character.name for character in found)


def _label(scenes: Iterable[Scene], locale: str) -> Labelled:
    """Label scenes by their age, their state and their beginning."""
    now = time.time()
    return [(_label_scene(scene, now, locale), scene.id) for scene in scenes]


def _label_scene(scene: Scene, now: float, locale: str) -> str:
    """Label a scene, such as `4 min ago, skipped: The gate falls shut`."""
    room = MAX_LABEL - len(translate(_describe(scene, now, ""), locale))
    return translate(_describe(scene, now, scene.title(room)), locale)


def _describe(scene: Scene, now: float, title: str) -> Sentence:
    ago = _describe_age(now - scene.heard_at)
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


def _describe_age(seconds: float) -> Sentence:
    if seconds >= 86_400:
        return gettext("{days} d ago", days=int(seconds // 86_400))
    if seconds >= 3_600:
        return gettext("{hours} h ago", hours=int(seconds // 3_600))
    if seconds >= 60:
        return gettext("{minutes} min ago", minutes=int(seconds // 60))
    return gettext("just now")

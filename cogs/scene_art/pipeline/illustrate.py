"""The pipeline from a scene to a finished picture: gather the cast, build the prompt, have it painted.

Nothing here knows Discord or docket.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..domain.depiction import SHOWS_UNDEPICTED
from ..domain.painting import CastMember, Painting, Role
from ..domain.preferences import ChannelSettings
from ..domain.pricing import is_free
from ..domain.scene import SceneState
from ..domain.scene_log import remark
from ..errors import BaseUnavailableError
from ..i18n import Sentence, gettext
from ..image_models import facts
from ..references.narrative import extract_picture_urls
from ..settings import Settings
from ..store.channel_settings import ChannelSettingsReader
from ..text import cut_on_word, escaped
from .cast import CastResolver
from .context_images import ContextImages
from .generation import Generation
from .progress import RenderProgress
from .prompt import DECLINED, Draft, record_of

_UNDEPICTED_BASE = gettext(
    "The picture shows someone who is hidden now, so nothing was drawn and nothing is charged. Press "
    "Rerender to draw the scene from scratch."
)


class Pipeline:
    """Paints scenes. Built once; every call is independent of every other."""

    def __init__(
        self,
        settings: Settings,
        *,
        channel_settings: ChannelSettingsReader,
        cast_resolver: CastResolver,
        context_images: ContextImages,
        new_generation: Callable[[Draft, RenderProgress], Generation],
    ) -> None:
        self._settings = settings
        self._channel_settings = channel_settings
        self._cast_resolver = cast_resolver
        self._context_images = context_images
        self._new_generation = new_generation

    async def paint(self, work: RenderProgress, upload_limit: int) -> Painting:
        """Have the scene of `work` painted, which notes every request before it is sent, and its cost afterwards.

        Raises:
            QuotaError: no request can be sent before `retry_after` seconds have passed.
            BudgetSpentError: a budget does not allow the request.
            SceneArtError: the last error, when no further request may help.
        """
        work.change(state=SceneState.PAINTING)
        channel_settings = await self._channel_settings.of(work.scene.channel_id, work.scene.guild_id)
        draft = await self._prepare(work, channel_settings, upload_limit)
        began = time.monotonic()
        generation = self._new_generation(draft, work)
        painting, prompt = await generation.carry_out()
        declined = [member.name for member in prompt.cast if member.missing_because == DECLINED]
        work.change(
            prompt_record=record_of(prompt, draft.mentioned),
            game_name=draft.scene.game_name,
            price=generation.price if self._settings.show_prices else 0.0,
            is_spoiler=work.scene.is_spoiler or channel_settings.spoiler,
            paint_seconds=time.monotonic() - began,
            sentence=_without(declined),
        )
        if declined:
            remark(work.scene.id, f"painted without the picture of {cut_on_word(', '.join(declined), 400)}")
        return painting

    async def _prepare(self, work: RenderProgress, channel_settings: ChannelSettings, upload_limit: int) -> Draft:
        """Gather what the scene of `work` needs. A missing reference is drawn from the text."""
        story, story_urls = extract_picture_urls(work.scene.narrative)
        gathered = await self._cast_resolver.gather(work.scene, story_urls, work.report)
        cast, scene = gathered.members, work.scene.model_copy(update={"game_name": gathered.game_name})
        room = facts(self._settings.model).references - sum(member.picture is not None for member in cast)
        context_images = await self._context_images.gather(scene, story, channel_settings, gathered, room=room)
        if not is_free(self._settings, channel_settings):
            _check_base(context_images)
        # Right behind the game master, since the last ones may have to share a contact sheet.
        masters = tuple(member for member in cast if member.role is Role.GAME_MASTER)
        members = (*masters, *context_images, *(member for member in cast if member not in masters))
        return Draft(scene, story, members, channel_settings, upload_limit, gathered.mentioned)


def _check_base(context_images: Sequence[CastMember]) -> None:
    """Check that the picture to vary is there, if any is: nobody is to pay for a picture without it."""
    for member in context_images:
        if member.role is Role.BASE and member.picture is None:
            raise BaseUnavailableError(
                f"the picture to vary cannot be had: {member.missing_because}",
                sentence=_UNDEPICTED_BASE if member.missing_because == SHOWS_UNDEPICTED else None,
            )


def _without(names: list[str]) -> Sentence:
    if not names:
        return Sentence("")
    listed = escaped(", ".join(names), 180)
    if len(names) == 1:
        return gettext(
            "The painter declined {name}'s reference picture, so {name} is drawn from the text.", name=listed
        )
    return gettext(
        "The painter declined reference pictures of {names}, so all of them are drawn from the text.",
        names=listed,
    )

"""The one recipe: from a scene to a finished picture.

Who is in the picture, told how, painted by whom. Nothing here knows Discord or docket.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.painting import CastMember, Painting, Prompt, Role
from ..domain.preferences import ChannelSettings
from ..domain.pricing import is_free
from ..domain.retry_policy import RequestVariant
from ..domain.scene import PromptRecord, Scene, UsedReference
from ..domain.styles import Styles
from ..errors import BaseUnavailableError, RequestTooLargeError
from ..i18n import gettext
from ..image_models import DEFAULT_RATIO, facts, nearest_ratio
from ..references.narrative import extract_picture_urls
from ..references.sheets import plan_sheets
from ..settings import Settings
from .cast import CastResolver, Report
from .context_images import SHOWS_UNDEPICTED, ContextImages
from .generation import Generation, GenerationTools, SceneLog
from .prompt import Sheet, build_prompt, prompt_text

SMALLER_SIDE = 640
"""Pixels on the long side. A photograph has about 100 kB then, and mere noise 700 kB: 14 stay below 20 MB."""
DECLINED = "left out: the painter declined it"
_UNDEPICTED_BASE = gettext(
    "The picture shows someone who is hidden now, so nothing was drawn and nothing is charged. Press "
    "Rerender to draw the scene from scratch."
)


@dataclass(frozen=True)
class Draft:
    """A scene with everything gathered, before it is put into words."""

    scene: Scene
    story: str
    """The narrative without picture addresses."""
    cast: tuple[CastMember, ...]
    channel_settings: ChannelSettings

    @property
    def candidates(self) -> tuple[int, ...]:
        """Whose picture may be the one that a service blocks, by index: the game master, our own, comes last.

        Without the picture that is varied it would be another request than the one that somebody asked for.
        """
        shown = [i for i, member in enumerate(self.cast) if member.picture is not None and member.role is not Role.BASE]
        return tuple(sorted(shown, key=lambda index: self.cast[index].role is Role.GAME_MASTER))

    def members(self, variant: RequestVariant) -> tuple[CastMember, ...]:
        """The cast; those without whose picture it is tried are drawn from the text."""
        return tuple(
            member.model_copy(update={"picture": None, "missing_because": DECLINED})
            if index in variant.without
            else member
            for index, member in enumerate(self.cast)
        )


@dataclass(frozen=True)
class Result:
    """A finished picture."""

    painting: Painting
    brief: PromptRecord
    """What the painter was told."""
    price: float
    """US dollars that were set aside for it: about what another one would cost."""
    seconds: float
    """From the first request to the picture."""


class Pipeline:
    """Paints scenes. Built once; every call is independent of every other."""

    def __init__(
        self,
        settings: Settings,
        *,
        cast_resolver: CastResolver,
        context_images: ContextImages,
        styles: Styles,
        means: GenerationTools,
    ) -> None:
        self._settings = settings
        self._cast_resolver = cast_resolver
        self._context_images = context_images
        self._styles = styles
        self._means = means

    async def prepare(self, scene: Scene, channel_settings: ChannelSettings, report: Report) -> Draft:
        """Gather what `scene` needs where `channel_settings` hold. A missing reference is drawn from the text.

        Raises:
            BaseUnavailableError: the picture to vary cannot be had, and painting without it would cost money.
        """
        story, story_urls = extract_picture_urls(scene.narrative)
        cast, game_name = await self._cast_resolver.gather(scene, story_urls, report)
        scene = scene.model_copy(update={"game_name": game_name})
        room = facts(self._settings.model).references - sum(member.picture is not None for member in cast)
        context_images = await self._context_images.gather(
            scene, story, channel_settings, room=room, hidden=[member.name for member in cast if member.silhouette]
        )
        if not is_free(self._settings, channel_settings):
            _check_base(context_images)
        # Behind the game master: whoever comes last may have to share a contact sheet.
        masters = tuple(member for member in cast if member.role is Role.GAME_MASTER)
        return Draft(
            scene, story, (*masters, *context_images, *(m for m in cast if m not in masters)), channel_settings
        )

    async def paint(self, draft: Draft, upload_limit: int, log: SceneLog) -> Result:
        """The picture, and how it came about. Every request is noted in `log`, and what it cost.

        Raises:
            QuotaError: nothing can be asked before `retry_after` seconds have passed.
            BudgetSpentError: the operator's money is spent.
            SceneArtError: the last one, when nothing helped.
        """
        generation = Generation(
            self._means,
            draft.scene,
            draft.candidates,
            channel_settings=draft.channel_settings,
            prompt_of=lambda variant: self.brief(draft, variant),
            upload_limit=upload_limit,
            log=log,
        )
        began = time.monotonic()
        painting, brief = await generation.carry_out()
        return Result(painting, record_of(brief), generation.price, time.monotonic() - began)

    async def brief(self, draft: Draft, variant: RequestVariant) -> Prompt:
        """`draft` in the words of `variant`."""
        scene, channel_settings, cast = draft.scene, draft.channel_settings, draft.members(variant)
        if variant.smaller:
            cast = await self._scaled_down(cast)
        return build_prompt(
            scene,
            story=draft.story,
            cast=cast,
            sheets=await self._sheets(cast),
            style=self._styles.chosen(scene.style or channel_settings.style),
            house_rules=channel_settings.house_rules,
            image_size=channel_settings.size,
            aspect_ratio=nearest_ratio(
                scene.aspect_ratio or channel_settings.aspect or DEFAULT_RATIO, self._settings.model
            ),
            softened=variant.softened,
            is_relaxed=channel_settings.tier == "relaxed" and not variant.is_standard,
        )

    async def _scaled_down(self, cast: tuple[CastMember, ...]) -> tuple[CastMember, ...]:
        """`cast` with pictures of an eighth of the bytes or so, for a service that takes no more.

        Raises:
            RequestTooLargeError: none of them can be made smaller.
        """
        smaller = tuple([await self._smaller(member) for member in cast])
        if smaller == cast:
            raise RequestTooLargeError("the request is too large, and no picture of it can be made smaller")
        return smaller

    async def _smaller(self, member: CastMember) -> CastMember:
        """`member` with a picture of fewer bytes, or with the same one where scaling it down takes more."""
        if member.picture is None:
            return member
        workers = self._means.workers
        picture = await workers.scale_down(member.picture, SMALLER_SIDE)
        saved = len(await workers.bytes_of(member.picture)) - len(await workers.bytes_of(picture))
        return member.model_copy(update={"picture": picture}) if saved > 0 else member

    async def _sheets(self, cast: tuple[CastMember, ...]) -> list[Sheet]:
        """Contact sheets for those who are beyond the number of pictures that the model takes."""
        shown = [member for member in cast if member.picture is not None]
        plan = plan_sheets(len(shown), facts(self._settings.model).references)
        sheets: list[Sheet] = []
        for indexes in plan.sheets:
            members = tuple(shown[index] for index in indexes)
            entries = [(member.name, member.picture.path) for member in members if member.picture]
            picture = await self._means.workers.make_sheet(entries)
            sheets.append((CastMember(name="contact sheet", role=Role.SHEET, picture=picture), members))
        return sheets


def _check_base(context_images: Sequence[CastMember]) -> None:
    """Nobody pays for a variation that would be a picture of its own."""
    for member in context_images:
        if member.role is Role.BASE and member.picture is None:
            raise BaseUnavailableError(
                f"the picture to vary cannot be had: {member.missing_because}",
                sentence=_UNDEPICTED_BASE if member.missing_because == SHOWS_UNDEPICTED else None,
            )


def record_of(brief: Prompt) -> PromptRecord:
    """What the store keeps of a prompt: the text, and which references arrived."""
    return PromptRecord(
        prompt=prompt_text(brief),
        references=tuple(
            UsedReference(
                name=member.name,
                role=member.role.value,
                arrived=member.picture is not None,
                missing_because=member.missing_because,
                told_because=member.told_because,
            )
            for member in brief.cast
        ),
    )

"""The pipeline from a scene to a finished picture: gather the cast, build the prompt, have it painted.

Nothing here knows Discord or docket.
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
from ..worker_process import WorkerProcesses
from .cast import CastResolver, Report
from .context_images import SHOWS_UNDEPICTED, ContextImages
from .generation import GenerationRequest, Generator, SceneLog
from .prompt import Sheet, build_prompt, prompt_text

SMALLER_SIDE = 640
"""Pixels on the long side. A photograph has about 100 kB then, and mere noise 700 kB, so 14 stay below 20 MB."""
DECLINED = "left out: the painter declined it"
_UNDEPICTED_BASE = gettext(
    "The picture shows someone who is hidden now, so nothing was drawn and nothing is charged. Press "
    "Rerender to draw the scene from scratch."
)


@dataclass(frozen=True)
class Draft:
    """A scene with all its references, before its prompt is built."""

    scene: Scene
    story: str
    """The narrative without picture addresses."""
    cast: tuple[CastMember, ...]
    channel_settings: ChannelSettings

    @property
    def candidates(self) -> tuple[int, ...]:
        """Indexes of the cast members whose picture the service may block. The operator's game master comes last.

        The picture to vary is none of them: without it, this would not be the variation that somebody asked for.
        """
        shown = [i for i, member in enumerate(self.cast) if member.picture is not None and member.role is not Role.BASE]
        return tuple(sorted(shown, key=lambda index: self.cast[index].role is Role.GAME_MASTER))

    def members(self, variant: RequestVariant) -> tuple[CastMember, ...]:
        """Return the cast of `variant`: members whose picture it leaves out are drawn from the text."""
        return tuple(
            member.model_copy(update={"picture": None, "missing_because": DECLINED})
            if index in variant.without
            else member
            for index, member in enumerate(self.cast)
        )


@dataclass(frozen=True)
class Result:
    """A finished picture, and how it came about."""

    painting: Painting
    brief: PromptRecord
    """The prompt and the references, for the scene's record."""
    price: float
    """US dollars reserved for it: an estimate for another one."""
    seconds: float
    """Seconds from the first request to the picture."""


class Pipeline:
    """Paints scenes. Built once; every call is independent of every other."""

    def __init__(
        self,
        settings: Settings,
        *,
        cast_resolver: CastResolver,
        context_images: ContextImages,
        styles: Styles,
        generator: Generator,
        workers: WorkerProcesses,
    ) -> None:
        self._settings = settings
        self._cast_resolver = cast_resolver
        self._context_images = context_images
        self._styles = styles
        self._generator = generator
        self._workers = workers

    async def prepare(self, scene: Scene, channel_settings: ChannelSettings, report: Report) -> Draft:
        """Gather what `scene` needs where `channel_settings` hold. A missing reference is drawn from the text.

        Raises:
            BaseUnavailableError: the picture to vary is missing, and painting without it would cost money.
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
        # Right behind the game master, since the last ones may have to share a contact sheet.
        masters = tuple(member for member in cast if member.role is Role.GAME_MASTER)
        return Draft(
            scene, story, (*masters, *context_images, *(m for m in cast if m not in masters)), channel_settings
        )

    async def paint(self, draft: Draft, upload_limit: int, log: SceneLog) -> Result:
        """Have the picture painted. `log` notes every request before it is sent, and its cost afterwards.

        Raises:
            QuotaError: no request can be sent before `retry_after` seconds have passed.
            BudgetSpentError: a budget does not allow the request.
            SceneArtError: the last error, when no further request may help.
        """
        request = GenerationRequest(
            draft.scene,
            draft.candidates,
            draft.channel_settings,
            prompt_of=lambda variant: self.prompt(draft, variant),
            upload_limit=upload_limit,
        )
        began = time.monotonic()
        generation = self._generator.begin(request, log)
        painting, prompt = await generation.carry_out()
        return Result(painting, record_of(prompt), generation.price, time.monotonic() - began)

    async def prompt(self, draft: Draft, variant: RequestVariant) -> Prompt:
        """Build the prompt of `draft`, changed as `variant` says."""
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
        """Scale the pictures of `cast` down to roughly an eighth of their bytes.

        Raises:
            RequestTooLargeError: none of the pictures can be made smaller.
        """
        smaller = tuple([await self._smaller(member) for member in cast])
        if smaller == cast:
            raise RequestTooLargeError("the request is too large, and no picture of it can be made smaller")
        return smaller

    async def _smaller(self, member: CastMember) -> CastMember:
        """Scale the picture of `member` down; keep the old one where the new one would not have fewer bytes."""
        if member.picture is None:
            return member
        workers = self._workers
        picture = await workers.scale_down(member.picture, SMALLER_SIDE)
        saved = len(await workers.bytes_of(member.picture)) - len(await workers.bytes_of(picture))
        return member.model_copy(update={"picture": picture}) if saved > 0 else member

    async def _sheets(self, cast: tuple[CastMember, ...]) -> list[Sheet]:
        """Make contact sheets for the members who exceed the number of pictures that the model takes."""
        shown = [member for member in cast if member.picture is not None]
        plan = plan_sheets(len(shown), facts(self._settings.model).references)
        sheets: list[Sheet] = []
        for indexes in plan.sheets:
            members = tuple(shown[index] for index in indexes)
            entries = [(member.name, member.picture.path) for member in members if member.picture]
            picture = await self._workers.make_sheet(entries)
            sheets.append((CastMember(name="contact sheet", role=Role.SHEET, picture=picture), members))
        return sheets


def _check_base(context_images: Sequence[CastMember]) -> None:
    """Check that the picture to vary is there, so that nobody pays for a picture without it.

    Raises:
        BaseUnavailableError: it is missing.
    """
    for member in context_images:
        if member.role is Role.BASE and member.picture is None:
            raise BaseUnavailableError(
                f"the picture to vary cannot be had: {member.missing_because}",
                sentence=_UNDEPICTED_BASE if member.missing_because == SHOWS_UNDEPICTED else None,
            )


def record_of(prompt: Prompt) -> PromptRecord:
    """Make the record of a prompt: its text, and the references that arrived or did not."""
    return PromptRecord(
        prompt=prompt_text(prompt),
        references=tuple(
            UsedReference(
                name=member.name,
                role=member.role.value,
                arrived=member.picture is not None,
                missing_because=member.missing_because,
                told_because=member.told_because,
            )
            for member in prompt.cast
        ),
    )

"""A scene with all its references, put into a prompt: as it is, or changed as a request variant says."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.painting import CastMember, Prompt, Role
from ..domain.preferences import ChannelSettings
from ..domain.retry_policy import RequestVariant
from ..domain.scene import PromptRecord, Scene, UsedReference
from ..domain.styles import Styles
from ..errors import RequestTooLargeError
from ..image_models import DEFAULT_RATIO, facts, nearest_ratio
from ..references.sheets import plan_sheets
from ..settings import Settings
from ..worker_process import WorkerProcesses
from .prompt import PromptOptions, Sheet, build_prompt, prompt_text

SMALLER_SIDE = 640
"""Pixels on the long side. A photograph has about 100 kB then, and mere noise 700 kB, so 14 stay below 20 MB."""
DECLINED = "left out: the painter declined it"


@dataclass(frozen=True)
class Draft:
    """A scene with all its references, before its prompt is built."""

    scene: Scene
    story: str
    """The narrative without picture addresses."""
    cast: tuple[CastMember, ...]
    channel_settings: ChannelSettings
    upload_limit: int
    """Most bytes of the finished picture."""

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


class PromptBuilder:
    """Builds prompts. Built once; every call is independent of every other."""

    def __init__(self, settings: Settings, styles: Styles, workers: WorkerProcesses) -> None:
        self._settings = settings
        self._styles = styles
        self._workers = workers

    async def build(self, draft: Draft, variant: RequestVariant) -> Prompt:
        """`draft` in the words of `variant`."""
        scene, channel_settings, cast = draft.scene, draft.channel_settings, draft.members(variant)
        if variant.smaller:
            cast = await self._scaled_down(cast)
        return build_prompt(
            scene,
            story=draft.story,
            cast=cast,
            sheets=await self._sheets(cast),
            options=PromptOptions(
                style=self._styles.chosen(scene.style or channel_settings.style),
                house_rules=channel_settings.house_rules,
                image_size=channel_settings.size,
                aspect_ratio=nearest_ratio(
                    scene.aspect_ratio or channel_settings.aspect or DEFAULT_RATIO, self._settings.model
                ),
                softened=variant.softened,
                is_relaxed=channel_settings.tier == "relaxed" and not variant.is_standard,
            ),
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
        sheets: list[Sheet] = []
        for indexes in plan_sheets(len(shown), facts(self._settings.model).references):
            members = tuple(shown[index] for index in indexes)
            entries = [(member.name, member.picture.path) for member in members if member.picture]
            picture = await self._workers.make_sheet(entries)
            sheets.append((CastMember(name="contact sheet", role=Role.SHEET, picture=picture), members))
        return sheets


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

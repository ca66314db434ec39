"""One scene's requests to the painter: with which key and model, for how much money, and what follows a refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ..errors import ConfigurationError, LostAnswerError, SceneArtError, TransientError
from ..keeping.preferences import ChannelSettings
from ..painters import Brief, Brush, Painting
from ..painters.models import PICTURE_TOKENS
from ..scene import Scene
from ..settings import Settings
from ..workshop import Workshop
from .budget import Budget
from .keyring import KeyRing
from .ladder import Ladder, Variant

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What requests are made with; shared by all scenes."""

    settings: Settings
    workshop: Workshop
    keys: KeyRing
    budget: Budget


class Commission:
    """From the first request to a picture, or to the error that ends the scene."""

    def __init__(
        self,
        means: Means,
        scene: Scene,
        suspects: Sequence[int],
        *,
        customs: ChannelSettings,
        brief_of: Callable[[Variant], Awaitable[Brief]],
        upload_limit: int,
        before_retry: Callable[[], Awaitable[None]],
    ) -> None:
        """`suspects`: see `Ladder`. `before_retry` is awaited before every request but the first."""
        self._means = means
        self._scene = scene
        self._customs = customs
        self._brief_of = brief_of
        self._upload_limit = upload_limit
        self._before_retry = before_retry
        self._ladder = Ladder(suspects, attempts=means.settings.paint_attempts)
        self._avoided: frozenset[str] = frozenset()
        self._rejected: dict[Brush, SceneArtError] = {}
        self._requests = 0
        self.cost = 0.0
        """US dollars for all requests so far."""
        self._result: tuple[Painting, Brief] | None = None

    async def carry_out(self) -> tuple[Painting, Brief]:
        """The picture and its brief.

        Raises:
            SceneArtError: why there is none.
        """
        try:
            while not await self._request():
                pass
        except SceneArtError:
            # A picture that lacks more references than it must is still one that was paid for.
            if self._result is None:
                raise
        assert self._result is not None  # noqa: S101  # the loop ends with a picture or an error
        return self._result

    async def _request(self) -> bool:
        """One request. Whether the picture is there that will be shown."""
        if not self._is_free:
            await self._means.budget.check(self._scene.guild_id, self._customs.budget_day)
        brush = await self._choose()
        if self._requests:
            await self._before_retry()
        self._requests += 1
        brief = await self._brief_of(self._ladder.variant)
        try:
            painting = await self._means.workshop.paint(brief, brush, self._upload_limit)
        except SceneArtError as exc:
            await self._count(brush, exc.tokens)
            await self._go_on_after(exc, brush)
            return False
        await self._count(brush, _billed(painting))
        self._result = painting, brief
        return self._ladder.passed()

    async def _choose(self) -> Brush:
        """
        Raises:
            QuotaError: everything rests for a while.
            ConfigurationError: everything was turned away; the first reason.
        """
        if self._is_free:
            return Brush(painter="storyboard")
        rejected = frozenset(self._rejected)
        try:
            return await self._means.keys.choose(without=self._avoided, rejected=rejected)
        except ConfigurationError as exc:
            raise next(iter(self._rejected.values()), exc) from None

    @property
    def _is_free(self) -> bool:
        """Whether the built-in painter is to draw it: without keys, or where somebody chose so."""
        return "storyboard" in {self._means.settings.chosen_painter, self._customs.painter}

    async def _go_on_after(self, exc: SceneArtError, brush: Brush) -> None:
        """Arrange the next request, or raise `exc`."""
        if await self._means.keys.set_aside(brush, exc):
            if isinstance(exc, ConfigurationError):
                self._rejected[brush] = exc
            return
        wait = self._ladder.after(exc)
        if wait is None:
            if not self._is_for_another_model(exc, brush):
                raise exc from None
            log.warning("scene %s: another model is asked: %s", self._scene.id, exc.detail)
            return
        log.warning("scene %s: another try in %.1f s: %s", self._scene.id, wait, exc.detail)
        await asyncio.sleep(wait)

    def _is_for_another_model(self, exc: SceneArtError, brush: Brush) -> bool:
        tried = self._avoided | {brush.model}
        # A lost answer says nothing of the model, and may have been paid often enough.
        about_the_model = isinstance(exc, TransientError) and not isinstance(exc, LostAnswerError)
        if not about_the_model or tried >= set(self._means.settings.models):
            return False
        self._avoided = tried
        self._ladder.be_fresh()
        return True

    async def _count(self, brush: Brush, tokens: tuple[int, int]) -> None:
        price = self._means.settings.price(brush.model)
        self.cost += await self._means.budget.count(self._scene.guild_id, price, tokens)


def _billed(painting: Painting) -> tuple[int, int]:
    """The tokens of a picture. A service's answer that does not name them is taken for one of 1K."""
    tokens_in, tokens_out = painting.usage.tokens
    free = painting.painter != "gemini"
    return (0, 0) if free else (tokens_in, tokens_out or PICTURE_TOKENS)

"""One scene's requests to the painter: with which key and model, for how much money, and what follows a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ..errors import ConfigurationError, LostAnswerError, SceneArtError, TransientError
from ..keeping.preferences import ChannelSettings
from ..painters import Brief, Brush, Painting
from ..scene import Scene
from ..scene_log import remark
from ..settings import Settings
from ..workshop import Workshop
from .budget import Budget, Reservation
from .keyring import KeyRing
from .ladder import Ladder, Variant
from .price import tokens_of
from .requests import RequestLog, leaving


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
        requests: RequestLog,
    ) -> None:
        """`suspects`: see `Ladder`. Every request is noted in `requests` before it is sent."""
        self._means = means
        self._scene = scene
        self._customs = customs
        self._brief_of = brief_of
        self._upload_limit = upload_limit
        self._log = requests
        self._ladder = Ladder(suspects, attempts=means.settings.paint_attempts)
        self._avoided: frozenset[str] = frozenset()
        self._rejected: dict[Brush, SceneArtError] = {}
        self.price = 0.0
        """US dollars that were set aside for the last request."""
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
        brush = await self._choose()
        brief = await self._brief_of(self._ladder.variant)
        answer = await (self._ask_free(brief, brush) if self._is_free else self._ask_paid(brief, brush))
        if isinstance(answer, SceneArtError):
            await self._go_on_after(answer, brush)
            return False
        await self._replace_result(answer, brief)
        return self._ladder.passed()

    async def _ask_free(self, brief: Brief, brush: Brush) -> Painting | SceneArtError:
        await self._log.note_request(None)
        try:
            return await self._means.workshop.paint(brief, brush, self._upload_limit)
        except SceneArtError as exc:
            return exc

    async def _ask_paid(self, brief: Brief, brush: Brush) -> Painting | SceneArtError:
        """The picture, or why there is none, after it was settled in the budget and noted.

        Raises:
            BudgetSpentError, CancelledError: nothing was sent.
        """
        with self._log.asking():
            reservation = await self._reserve(brief, brush)
            async with leaving(reservation, self._log) as request:
                try:
                    painting = await self._means.workshop.paint(brief, brush, self._upload_limit)
                except SceneArtError as exc:
                    await request.failed(exc)
                    return exc
                await request.painted(painting)
                return painting

    async def _reserve(self, brief: Brief, brush: Brush) -> Reservation:
        price, tokens = self._means.settings.price(brush.model), tokens_of(brief, brush.model)
        scene, most = self._scene, self._customs.budget_day
        reservation = await self._means.budget.reserve(scene.id, scene.guild_id, price, tokens, most)
        self.price = reservation.dollars
        return reservation

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

    async def _replace_result(self, painting: Painting, brief: Brief) -> None:
        before, self._result = self._result, (painting, brief)
        if before is not None:
            await self._means.workshop.remove(before[0])

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
            remark(self._scene.id, f"another model was asked: {exc.detail}")
            return
        remark(self._scene.id, f"tried again after {wait:.1f} s: {exc.detail}")
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

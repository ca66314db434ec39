"""One scene's requests to the painter: key and model, reserved money, and the next request after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.painting import ModelAndKey, Painting, Prompt
from ..domain.preferences import ChannelSettings
from ..domain.pricing import is_free, payer_of, tokens_of
from ..domain.retry_policy import RequestVariant, RetryPolicy
from ..domain.scene import Scene
from ..domain.scene_log import remark
from ..errors import (
    BudgetSpentError,
    CancelledError,
    ConfigurationError,
    LostAnswerError,
    ProhibitedError,
    QuotaError,
    RequestLimitError,
    SceneArtError,
    TransientError,
)
from ..settings import Settings
from ..store.budget import Budget, Reservation
from ..store.key_pool import Permit
from .billing import RequestLedger, under_way
from .paid_requests import PaidRequests, RequestLog


class SceneLog(RequestLog, RequestLedger, Protocol):
    """The requests as the scene's record keeps them."""

    @property
    def prohibited(self) -> int:
        """Requests that the service called prohibited."""
        ...

    async def count_prohibited(self) -> None:
        """Note that the service called a request prohibited, so that no restart repeats it."""
        ...


@dataclass(frozen=True)
class GenerationRequest:
    """A picture to generate."""

    scene: Scene
    candidates: Sequence[int]
    """Indexes of cast members; see `RetryPolicy`."""
    channel_settings: ChannelSettings
    prompt_of: Callable[[RequestVariant], Awaitable[Prompt]]
    upload_limit: int
    """Most bytes of the finished picture."""


class Generator:
    """Generates pictures, each independently of the others. One per process."""

    def __init__(self, settings: Settings, requests: PaidRequests, budget: Budget) -> None:
        self._settings = settings
        self._requests = requests
        self._budget = budget

    def begin(self, request: GenerationRequest, log: SceneLog) -> Generation:
        """Begin a picture. `log` notes every request before it is sent, and its cost afterwards."""
        return Generation(self._settings, self._requests, self._budget, request, log)


class Generation:
    """The requests of one scene, from the first one to a picture or to the error that ends the scene."""

    def __init__(
        self, settings: Settings, requests: PaidRequests, budget: Budget, request: GenerationRequest, log: SceneLog
    ) -> None:
        self._settings = settings
        self._requests = requests
        self._budget = budget
        self._scene = request.scene
        self._channel_settings = request.channel_settings
        self._prompt_of = request.prompt_of
        self._upload_limit = request.upload_limit
        self._log = log
        self._policy = RetryPolicy(request.candidates, attempts=settings.paint_attempts, prohibited=log.prohibited)
        # Nothing is varied without its picture, so that there is no text alone to try.
        self._prohibited_allowed = 1 if request.candidates and not request.scene.vary else 0
        self._avoided: frozenset[str] = frozenset()
        self._rejected: dict[ModelAndKey, SceneArtError] = {}
        self._last: SceneArtError | None = None
        self.price = 0.0
        """US dollars reserved for the last request."""
        self._result: tuple[Painting, Prompt] | None = None

    async def carry_out(self) -> tuple[Painting, Prompt]:
        """Send requests until there is a picture, and return it with its prompt.

        Raises:
            SceneArtError: the reason why there is no picture.
        """
        try:
            while not await self._request():
                pass
        except SceneArtError:
            # A picture with too many references left out is paid for all the same: use it.
            if self._result is None:
                raise
        assert self._result is not None  # noqa: S101  # the loop ends with a picture or an error
        return self._result

    async def _request(self) -> bool:
        """Send one request. True once the picture to show is there."""
        if self._log.prohibited > self._prohibited_allowed:
            raise ProhibitedError("the painter called this prohibited before")
        prompt = await self._prompt_of(self._policy.variant)
        permit = await self._admitted()
        answer = await self._ask(prompt, permit)
        if isinstance(answer, SceneArtError):
            self._last = answer
            await self._go_on_after(answer, permit.model_and_key)
            return False
        self._result = answer, prompt
        return self._policy.passed()

    async def _ask(self, prompt: Prompt, permit: Permit) -> Painting | SceneArtError:
        """Send the request, and return the picture or the error of the painter.

        Raises:
            BudgetSpentError, CancelledError: the request was not sent.
        """
        async with self._requests.held(permit):
            try:
                return await (self._send(prompt, permit) if self._is_free else self._send_paid(prompt, permit))
            except (BudgetSpentError, CancelledError):
                raise
            except SceneArtError as exc:
                return exc

    async def _send(self, prompt: Prompt, permit: Permit) -> Painting:
        return await self._requests.send(permit, self._log, prompt, self._upload_limit)

    async def _send_paid(self, prompt: Prompt, permit: Permit) -> Painting:
        with self._log.asking():
            reservation = await self._reserve(prompt, permit.model_and_key)
            async with under_way(reservation, self._log) as request:
                painting = await self._send(prompt, permit)
                await request.painted(painting)
                return painting

    async def _reserve(self, prompt: Prompt, model_and_key: ModelAndKey) -> Reservation:
        price, tokens = self._settings.price(model_and_key.model), tokens_of(prompt, model_and_key.model)
        payer = payer_of(self._scene, self._channel_settings)
        reservation = await self._budget.reserve(self._scene.id, payer, price, tokens)
        self.price = reservation.dollars
        return reservation

    async def _admitted(self) -> Permit:
        """Wait for the permit of the next request.

        Raises:
            QuotaError: every key is cooling down.
            ConfigurationError: every key was rejected; this is the first reason.
            SceneArtError: the scene has used up its requests; this is the last reason.
        """
        if self._is_free:
            return Permit(ModelAndKey(painter="storyboard"))
        rejected = frozenset(self._rejected)
        try:
            return await self._requests.acquire_permit(self._log, without=self._avoided, rejected=rejected)
        except ConfigurationError as exc:
            raise next(iter(self._rejected.values()), exc) from None
        except RequestLimitError as exc:
            raise self._last or exc from None

    @property
    def _is_free(self) -> bool:
        """True: the built-in painter draws the scene, by a choice or for lack of keys."""
        return is_free(self._settings, self._channel_settings)

    async def _go_on_after(self, exc: SceneArtError, model_and_key: ModelAndKey) -> None:
        """Prepare the next request after `exc`, with the pause that it needs; raise `exc` when there is none."""
        if isinstance(exc, ConfigurationError):
            self._rejected[model_and_key] = exc
            return
        if isinstance(exc, QuotaError):
            return
        if isinstance(exc, ProhibitedError):
            await self._log.count_prohibited()
            if self._log.prohibited > self._prohibited_allowed:
                raise exc from None
        wait = self._policy.after(exc)
        if wait is None:
            if not self._is_for_another_model(exc, model_and_key):
                raise exc from None
            remark(self._scene.id, f"another model was asked: {exc.detail}")
            return
        remark(self._scene.id, f"tried again: {exc.detail}")
        await asyncio.sleep(wait)

    def _is_for_another_model(self, exc: SceneArtError, model_and_key: ModelAndKey) -> bool:
        tried = self._avoided | {model_and_key.model}
        # A lost answer says nothing of the model, and may have been paid often enough.
        about_the_model = isinstance(exc, TransientError) and not isinstance(exc, LostAnswerError)
        if not about_the_model or tried >= set(self._settings.models):
            return False
        self._avoided = tried
        self._policy.reset()
        return True

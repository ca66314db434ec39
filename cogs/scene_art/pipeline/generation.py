"""One scene's requests to the painter: key and model, reserved money, and the next request after a failure."""

from __future__ import annotations

import asyncio

from ..domain.painting import ModelAndKey, Painting, Prompt
from ..domain.pricing import RELAXED_SHARE, is_free, payer_of, tokens_of
from ..domain.retry_policy import RetryPolicy
from ..domain.scene_log import remark
from ..errors import (
    BudgetSpentError,
    CancelledError,
    ConfigurationError,
    LostAnswerError,
    ProhibitedError,
    QuotaError,
    RefusedError,
    RequestLimitError,
    SceneArtError,
    TransientError,
)
from ..image_models import PICTURE_TOKENS
from ..settings import Settings
from ..store.budget import Budget, Reservation
from ..store.key_pool import Permit
from ..store.reservations import Outcome
from .paid_requests import PaidRequests
from .progress import RenderProgress
from .prompt import Draft, PromptBuilder


class Generation:
    """The requests of one scene, from the first one to a picture or to the error that ends the scene."""

    def __init__(
        self,
        settings: Settings,
        draft: Draft,
        work: RenderProgress,
        *,
        requests: PaidRequests,
        budget: Budget,
        prompt_builder: PromptBuilder,
    ) -> None:
        """`work` notes every request before it is sent, and its cost afterwards."""
        self._settings = settings
        self._draft = draft
        self._work = work
        self._requests = requests
        self._budget = budget
        self._prompt_builder = prompt_builder
        self._is_free = is_free(settings, draft.channel_settings)
        self._policy = RetryPolicy(draft.candidates, attempts=settings.paint_attempts, prohibited=work.scene.prohibited)
        # Nothing is varied without its picture, so that there is no text alone to try.
        self._prohibited_allowed = 1 if draft.candidates and not draft.scene.vary else 0
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
        if self._work.scene.prohibited > self._prohibited_allowed:
            raise ProhibitedError("the painter called this prohibited before")
        prompt = await self._prompt_builder.build(self._draft, self._policy.variant)
        permit = await self._admitted()
        try:
            async with self._requests.held(permit):
                painting = await (self._send(prompt, permit) if self._is_free else self._send_paid(prompt, permit))
        except (BudgetSpentError, CancelledError):
            raise  # the request was not sent
        except SceneArtError as exc:
            self._last = exc
            await self._go_on_after(exc, permit.model_and_key)
            return False
        self._result = painting, prompt
        return self._policy.passed()

    async def _send(self, prompt: Prompt, permit: Permit) -> Painting:
        return await self._requests.send(permit, self._work, prompt, self._draft.upload_limit)

    async def _send_paid(self, prompt: Prompt, permit: Permit) -> Painting:
        """Reserve the money, note it in the store, send, and settle: always in this order."""
        self._work.is_asking = True
        try:
            reservation = await self._reserve(prompt, permit.model_and_key)
            async with reservation:
                try:
                    painting = await self._send(prompt, permit)
                except SceneArtError as exc:
                    await settle(reservation, exc, self._work)
                    raise
                await settle(reservation, painting, self._work)
                return painting
        finally:
            self._work.is_asking = False

    async def _reserve(self, prompt: Prompt, model_and_key: ModelAndKey) -> Reservation:
        price, tokens = self._settings.price(model_and_key.model), tokens_of(prompt, model_and_key.model)
        payer = payer_of(self._draft.scene, self._draft.channel_settings)
        reservation = await self._budget.reserve(self._draft.scene.id, payer, price, tokens)
        self.price = reservation.dollars
        self._work.change(reserved=reservation.dollars)  # written down together with the request
        return reservation

    async def _admitted(self) -> Permit:
        """Wait for the permit of the next request. Where there is none, the first rejection or last error tells why."""
        if self._is_free:
            return Permit(ModelAndKey(painter="storyboard"))
        rejected = frozenset(self._rejected)
        try:
            return await self._requests.acquire_permit(self._work, without=self._avoided, rejected=rejected)
        except ConfigurationError as exc:
            raise next(iter(self._rejected.values()), exc) from None
        except RequestLimitError as exc:
            raise self._last or exc from None

    async def _go_on_after(self, exc: SceneArtError, model_and_key: ModelAndKey) -> None:
        """Prepare the next request after `exc`, with the pause that it needs; raise `exc` when there is none."""
        if isinstance(exc, ConfigurationError):
            self._rejected[model_and_key] = exc
            return
        if isinstance(exc, QuotaError):
            return
        if isinstance(exc, ProhibitedError):
            await self._work.count_prohibited()
            if self._work.scene.prohibited > self._prohibited_allowed:
                raise exc from None
        wait = self._policy.after(exc)
        if wait is None:
            if not self._is_for_another_model(exc, model_and_key):
                raise exc from None
            remark(self._draft.scene.id, f"another model was asked: {exc.detail}")
            return
        remark(self._draft.scene.id, f"tried again: {exc.detail}")
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


async def settle(reservation: Reservation, answer: Painting | SceneArtError, work: RenderProgress) -> None:
    """Settle `reservation` by the tokens of `answer`, and note the cost in the scene's record.

    A picture without a count is billed like one of 1K. An error without any tokens gives the reservation back if
    certainly nothing was billed, and counts as spent otherwise.
    """
    if isinstance(answer, Painting):
        outcome, is_relaxed = Outcome.PAINTED, answer.usage.is_relaxed
        tokens = answer.usage.tokens[0], answer.usage.tokens[1] or PICTURE_TOKENS
    else:
        outcome, is_relaxed, tokens = Outcome.REFUSED, answer.is_relaxed, answer.tokens
    if any(tokens):
        outcome = Outcome.CANCELLED if work.is_left else outcome
        cost = await reservation.settle(tokens, outcome, share=RELAXED_SHARE if is_relaxed else 1)
        await work.note_answer(cost, charged=True, ended=isinstance(answer, Painting))
    elif is_unbilled(answer):
        await reservation.give_back()
        await work.note_answer(0.0, charged=False)
    else:
        await work.note_answer(await reservation.spend(), charged=True)


def is_unbilled(answer: Painting | SceneArtError) -> bool:
    """Tell whether certainly nothing was billed: the service declined, or was never asked."""
    declined = isinstance(answer, (TransientError, RefusedError, ConfigurationError, CancelledError))
    return declined and not isinstance(answer, LostAnswerError)

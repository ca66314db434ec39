"""The protocol of painters."""

from __future__ import annotations

from typing import Protocol

from ..domain.painting import ModelAndKey, Painting, Prompt


class Painter(Protocol):
    """Paints one prompt.

    Raises:
        TransientError: a retry later may work. A LostAnswerError may have been paid; a QuotaError is about the key,
            an UnavailableError about the service.
        RefusedError: the model declined, or cannot work with the request; the subclass says what to try instead.
        KeyRejectedError, ModelRetiredError: another key or model may work.
    """

    async def paint(self, prompt: Prompt, model_and_key: ModelAndKey) -> Painting:
        """Paint `prompt`. Every call is one fresh request and may be paid."""
        ...

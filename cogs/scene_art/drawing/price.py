"""What a picture will cost, told before it is asked for."""

from __future__ import annotations

from ..keeping.preferences import ChannelSettings
from ..painters.models import picture_tokens
from ..settings import Settings
from ..speech import Dollars

REFERENCE_TOKENS = 1_100
"""What Gemini counts for a reference picture, whatever its size."""
TEXT_TOKENS = 900
"""The directive, the cast and a scene of ordinary length."""
USUAL_REFERENCES = 4


def is_free(settings: Settings, customs: ChannelSettings) -> bool:
    """Whether the built-in painter draws where `customs` hold: without keys, or where somebody chose so."""
    return "storyboard" in {settings.chosen_painter, customs.painter}


def estimate(settings: Settings, customs: ChannelSettings) -> Dollars | None:
    """About what one picture costs where `customs` hold; None where pictures are free."""
    if is_free(settings, customs):
        return None
    price = settings.price(settings.model)
    return Dollars(price.of(TEXT_TOKENS + USUAL_REFERENCES * REFERENCE_TOKENS, picture_tokens(customs.size)))

"""What a request will cost: told before a picture is asked for, and reserved before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Dollars
from ..image_models import facts, picture_tokens
from ..settings import Settings
from .painting import Label, Prompt, Shown
from .preferences import ChannelSettings
from .scene import Scene

REFERENCE_TOKENS = 1_100
"""What Gemini counts for a reference picture, whatever its size."""
BYTES_PER_TOKEN = 4
"""Of text in UTF-8, roughly, in every script."""
USUAL_TEXT_TOKENS = 900
"""The directive, the cast and a scene of ordinary length."""
USUAL_REFERENCES = 4
RELAXED_SHARE = 0.5
"""Of the price, at the relaxed tier."""


@dataclass(frozen=True)
class Payer:
    """Whose budgets a request counts in, beside the operator's."""

    channel_id: str
    guild_id: str | None = None
    channel_most: float | None = None
    """US dollars that the channel may spend in a day, as its moderators chose."""
    server_most: float | None = None
    """The same of the server."""


def is_free(settings: Settings, channel_settings: ChannelSettings) -> bool:
    """Tell whether the built-in painter draws where `channel_settings` hold: without keys, or by choice."""
    return "storyboard" in {settings.chosen_painter, channel_settings.painter}


def estimate(settings: Settings, channel_settings: ChannelSettings) -> Dollars | None:
    """About what one picture costs where `channel_settings` hold; None where pictures are free."""
    if is_free(settings, channel_settings):
        return None
    tokens = request_tokens(settings.model, USUAL_TEXT_TOKENS, USUAL_REFERENCES, channel_settings.size)
    share = RELAXED_SHARE if channel_settings.tier == "relaxed" else 1
    return Dollars(settings.price(settings.model).of(*tokens) * share)


def least_tokens(settings: Settings, channel_settings: ChannelSettings) -> tuple[int, int]:
    """Count the tokens, (input, output), that the shortest request counts as where `channel_settings` hold."""
    return request_tokens(settings.model, 0, 0, channel_settings.size)


def payer_of(scene: Scene, channel_settings: ChannelSettings) -> Payer:
    """Tell whose budgets `scene` counts in where `channel_settings` hold."""
    own = channel_settings.channel_budget
    return Payer(
        own.scope if own else scene.channel_id,
        scene.guild_id,
        channel_most=own.choices["budget_day"] if own else None,
        server_most=channel_settings.server_budget_day,
    )


def tokens_of(prompt: Prompt, model: str) -> tuple[int, int]:
    """About how many tokens this very request counts as: of the input, and of the picture."""
    texts = [prompt.system, *(part.text for part in prompt.parts if isinstance(part, Label))]
    text_tokens = sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN + 1
    references = sum(isinstance(part, Shown) for part in prompt.parts)
    return request_tokens(model, text_tokens, references, prompt.image_size)


def request_tokens(model: str, text_tokens: int, references: int, size: str) -> tuple[int, int]:
    """The tokens of the input and of a picture of that size, or of the model's first where it has no such size."""
    sizes = facts(model).sizes
    return text_tokens + references * REFERENCE_TOKENS, picture_tokens(size if size in sizes else sizes[0])

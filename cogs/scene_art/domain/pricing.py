"""Estimates of a request's cost: shown to people beforehand, and reserved before the request is sent."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Dollars
from ..image_models import facts, picture_tokens
from ..settings import Settings
from .painting import Label, Prompt, Shown
from .preferences import ChannelSettings
from .scene import Scene

REFERENCE_TOKENS = 1_100
"""Tokens that Gemini counts for a reference picture of any size."""
BYTES_PER_TOKEN = 4
"""Rough size of a token of text in UTF-8, in every script."""
USUAL_TEXT_TOKENS = 900
"""Tokens of the directive, the cast and a scene of ordinary length."""
USUAL_REFERENCES = 4
RELAXED_SHARE = 0.5
"""Share of the price that the relaxed tier costs."""


@dataclass(frozen=True)
class Payer:
    """The channel and the server in whose budgets a request counts, besides the operator's."""

    channel_id: str
    guild_id: str | None = None
    channel_most: float | None = None
    """US dollars that the channel may spend in a day, as its moderators chose."""
    server_most: float | None = None
    """US dollars that the server may spend in a day, as its moderators chose."""


def is_free(settings: Settings, channel_settings: ChannelSettings) -> bool:
    """Tell whether the built-in painter draws where `channel_settings` hold: without keys, or by choice."""
    return "storyboard" in {settings.chosen_painter, channel_settings.painter}


def estimate(settings: Settings, channel_settings: ChannelSettings) -> Dollars | None:
    """Estimate the price of one picture in US dollars where `channel_settings` hold; None where pictures are free."""
    if is_free(settings, channel_settings):
        return None
    tokens = request_tokens(settings.model, USUAL_TEXT_TOKENS, USUAL_REFERENCES, channel_settings.size)
    share = RELAXED_SHARE if channel_settings.tier == "relaxed" else 1
    return Dollars(settings.price(settings.model).of(*tokens) * share)


def payer_of(scene: Scene, channel_settings: ChannelSettings) -> Payer:
    """Find the channel and the server whose budgets `scene` counts in where `channel_settings` hold."""
    own = channel_settings.channel_budget
    return Payer(
        own.scope if own else scene.channel_id,
        scene.guild_id,
        channel_most=own.choices["budget_day"] if own else None,
        server_most=channel_settings.server_budget_day,
    )


def tokens_of(prompt: Prompt, model: str) -> tuple[int, int]:
    """Estimate the tokens of `prompt`: (input, picture)."""
    texts = [prompt.system, *(part.text for part in prompt.parts if isinstance(part, Label))]
    text_tokens = sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN + 1
    references = sum(isinstance(part, Shown) for part in prompt.parts)
    return request_tokens(model, text_tokens, references, prompt.image_size)


def request_tokens(model: str, text_tokens: int, references: int, size: str) -> tuple[int, int]:
    """Count the tokens, (input, picture), of a request. Takes the model's first size where it has no such `size`."""
    sizes = facts(model).sizes
    return text_tokens + references * REFERENCE_TOKENS, picture_tokens(size if size in sizes else sizes[0])

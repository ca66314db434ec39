"""Facts about Gemini's image models, by the public documentation of November 2026."""

from __future__ import annotations

from dataclasses import dataclass

RATIOS_10 = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
RATIOS_14 = (*RATIOS_10, "1:4", "4:1", "1:8", "8:1")
DEFAULT_MODEL = "gemini-nano-banana-2.1"
DEFAULT_RATIO = "16:9"


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """Return the price of so many tokens in dollars."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


@dataclass(frozen=True)
class ModelFacts:
    """The limits of one model, and the price of its tokens."""

    sizes: tuple[str, ...]
    ratios: tuple[str, ...]
    price: Price
    references: int = 14


# A picture of 1K is about 1,120 tokens. The price of the pro model's input and of the flash model is not published
# with the others; they are assumed to equal the nearest model's.
MODELS = {
    "gemini-nano-banana-2.1": ModelFacts(("1K", "2K", "4K"), RATIOS_14, Price(1.5, 30)),
    "gemini-3-pro-image": ModelFacts(("1K", "2K", "4K"), RATIOS_10, Price(2, 120)),
    "gemini-3.1-flash-lite-image": ModelFacts(("1K",), RATIOS_10, Price(1.5, 30)),
    "gemini-3.1-flash-image": ModelFacts(("512", "1K", "2K", "4K"), RATIOS_14, Price(1.5, 30)),
}
PICTURE_TOKENS = 1_120
"""Tokens of a picture of 1K, for an answer that does not name them."""
_TOKENS = {"512": 750, "1K": PICTURE_TOKENS, "2K": 1_680, "4K": 2_520}
"""Tokens by size, computed from the published prices of pictures."""
_RETIRED = {"gemini-3.1-flash-image", "gemini-2.5-flash-image"}


def facts(model: str) -> ModelFacts:
    """Return the facts about `model`; the default model's for one that is not in the table."""
    return MODELS.get(model, MODELS[DEFAULT_MODEL])


def picture_tokens(size: str) -> int:
    """Estimate the tokens of a picture of this size."""
    return _TOKENS.get(size, PICTURE_TOKENS)


def is_retired(model: str) -> bool:
    """Tell whether the service has switched this model off, or announced that it will."""
    return model in _RETIRED or model.endswith("-image-preview")


def nearest_ratio(wanted: str, model: str) -> str:
    """Find the model's ratio that is closest to `wanted` ("16:9"); the default when `wanted` is no ratio."""
    ratios = facts(model).ratios
    if wanted in ratios:
        return wanted
    value = _value(wanted)
    if value is None:
        return DEFAULT_RATIO
    return min(ratios, key=lambda ratio: abs((_value(ratio) or 1) / value - 1))


def _value(ratio: str) -> float | None:
    left, _, right = ratio.replace("x", ":").replace("/", ":").partition(":")
    try:
        width, height = float(left), float(right)
    except ValueError:
        return None
    return width / height if 0 < width < 1e6 and 0 < height < 1e6 else None

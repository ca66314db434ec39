"""Bounds: how far servers and channels may go from the operator's settings. They may only narrow what those allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..i18n import Dollars, Sentence, gettext
from ..settings import Settings

SIZES = ("512", "1K", "2K", "4K")
"""The smallest first."""


@dataclass(frozen=True)
class Bound:
    """The part of a setting's values that the operator leaves to others."""

    within: Callable[[Any, Settings], Any]
    """Returns the nearest value that is allowed: the given one itself, where it is."""
    told: Callable[[Settings], Sentence]
    """Says what is allowed, to whom chose a value beyond it."""
    documented: str
    """The same for `docs/settings.md`."""

    def allows(self, value: Any, settings: Settings) -> bool:
        """Tell whether the operator's `settings` leave this value to others."""
        return bool(self.within(value, settings) == value)


def _most_dollars(settings: Settings) -> float | None:
    limits = (settings.budget_guild_day, settings.budget_day, settings.budget_total)
    return min((limit for limit in limits if limit is not None), default=None)


def _within_budget(value: Any, settings: Settings) -> Any:
    most = _most_dollars(settings)
    return value if value is None or most is None else min(value, most)


def _painter(value: Any, settings: Settings) -> Any:
    is_allowed = value == "storyboard" or settings.chosen_painter == "gemini"
    return value if is_allowed else settings.painter


FREE = Bound(lambda value, _: value, lambda _: Sentence(""), "anything")
"""No bound: a choice costs nothing and lifts nothing, whatever it is."""
BESIDES = replace(FREE, documented="besides yours")
"""No bound: the operator's holds as well, whatever the choice is."""
# What comes more often costs more.
COOLDOWN = Bound(
    lambda value, settings: max(value, settings.cooldown_seconds),
    lambda settings: gettext(
        "This bot's operator allows no less than {seconds} s here. Nothing was changed. Enter more seconds.",
        seconds=settings.cooldown_seconds,
    ),
    "yours or longer",
)
SIZE = Bound(
    lambda value, settings: min(value, settings.image_size, key=SIZES.index),
    lambda settings: gettext(
        "This bot's operator allows a resolution of up to {size}. Nothing was changed.", size=settings.image_size
    ),
    "yours or smaller",
)
PAINTER = Bound(
    _painter,
    lambda _: gettext("This bot's operator doesn't offer Gemini. Nothing was changed."),
    "the storyboard where it is yours",
)
SPOILER = Bound(
    lambda value, settings: value or settings.spoiler,
    lambda _: gettext("This bot's operator has all pictures posted as spoilers. Nothing was changed."),
    "on where yours is",
)
CONTINUITY = Bound(
    lambda value, settings: value and settings.continuity,
    lambda _: gettext("This bot's operator has switched that off everywhere. Nothing was changed."),
    "off where yours is",
)
BUDGET = Bound(
    _within_budget,
    lambda settings: gettext(
        "This bot's operator allows no more than {sum} here. Nothing was changed.",
        sum=Dollars(_most_dollars(settings) or 0),
    ),
    "at most your budgets",
)

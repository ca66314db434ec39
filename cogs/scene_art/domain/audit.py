"""Lines that tell moderators what people did."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Sentence


@dataclass(frozen=True)
class Entry:
    """One line: where it happened, and what."""

    channel_id: str
    guild_id: str | None
    line: Sentence

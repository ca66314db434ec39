"""Lines of the moderators' log channel."""

from __future__ import annotations

from dataclasses import dataclass

from ..i18n import Sentence


@dataclass(frozen=True)
class Entry:
    """One line of the log, with the channel and the server that it is about."""

    channel_id: str
    guild_id: str | None
    line: Sentence

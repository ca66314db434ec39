"""What a recap is made of."""

from __future__ import annotations

from .painting import Frozen, Picture


class Panel(Frozen):
    """One scene."""

    picture: Picture | None = None
    """None: it is gone; the words stay."""
    story: str
    """The whole text of the scene."""
    caption: str
    """Its most telling sentence."""
    alt: str = ""
    names: tuple[str, ...] = ()
    when: str = ""
    """The day and the hour, as they are to be read."""


class Chapter(Frozen):
    """A session, the oldest scene first."""

    title: str
    subtitle: str = ""
    foot: str = ""
    """What stands at the end of the page."""
    language: str = "en"
    panels: tuple[Panel, ...]

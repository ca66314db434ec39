"""Values that a recap is made of."""

from __future__ import annotations

from .painting import Frozen, Picture


class Panel(Frozen):
    """One scene."""

    picture: Picture | None = None
    """The scene's picture; None when it is gone."""
    story: str
    """The whole text of the scene."""
    caption: str
    """The sentence of the story that says most."""
    alt: str = ""
    names: tuple[str, ...] = ()
    when: str = ""
    """The day and the hour, in the reader's language."""


class Chapter(Frozen):
    """A session, the oldest scene first."""

    title: str
    subtitle: str = ""
    foot: str = ""
    """The line at the end of the page."""
    language: str = "en"
    panels: tuple[Panel, ...]

"""People's requests for a picture, checked before they become scenes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from ..errors import CannotDoError
from ..i18n import gettext
from ..image_models import RATIOS_14
from ..text import clean, cut_on_word, one_line
from .names import checked_name
from .permissions import Requester
from .scene import Scene, Source
from .spelling import fold
from .styles import Styles

NOTES_LIMIT = 1_000
STORY_LIMIT = 3_000
NAMES_LIMIT = 12
_SAME = {
    "channel_id",
    "narrative",
    "game_name",
    "character_urls",
    "character_names",
    "aspect_ratio",
    "look_up_cast",
    "turn_id",
    "reply_to",
    "notes",
    "style",
    "uploads",
    "is_spoiler",
}


@dataclass(frozen=True)
class RerenderOptions:
    """The changes that somebody asks for in a rerender. An empty field keeps the scene's value."""

    notes: str | None = None
    """New notes; None keeps the old ones, and an empty text removes them."""
    aspect: str = ""
    style: str = ""
    vary: bool = False
    """True: the painter gets the old picture, to change it a little."""

    def checked(self, styles: Styles) -> dict[str, Any]:
        """Check the options and return the changes to a scene, by the names of its fields.

        Raises:
            CannotDoError: a choice is unknown, or the notes are too long.
        """
        choices = {"aspect_ratio": _known_aspect(self.aspect), "style": _known_style(self.style, styles)}
        changes: dict[str, Any] = {name: value for name, value in choices.items() if value}
        return changes if self.notes is None else {**changes, "notes": _fitting(self.notes)}


def _fitting(notes: str) -> str:
    notes = clean(notes)
    if len(notes) > NOTES_LIMIT:
        raise CannotDoError(
            gettext(
                "The notes are too long ({length} of {limit} characters). Shorten them.",
                limit=NOTES_LIMIT,
                length=len(notes),
            )
        )
    return notes


def _known_aspect(aspect: str) -> str:
    wanted = one_line(aspect).replace(" ", "")
    if wanted and wanted not in RATIOS_14:
        raise CannotDoError(
            gettext("That aspect ratio isn't available. Choose one of: {aspects}.", aspects=", ".join(RATIOS_14))
        )
    return wanted


def _known_style(style: str, styles: Styles) -> str:
    if not style.strip():
        return ""
    found = styles.find(style)
    if found is None:
        names = cut_on_word(", ".join(known.name for known in styles.all), 1_000)
        raise CannotDoError(gettext("There's no style by that name. Choose one of: {names}.", names=names))
    return found.id


def rerender_of(original: Scene, by: Requester, options: RerenderOptions, styles: Styles, now: float) -> Scene:
    """Copy `original` to be painted afresh, with another seed and what `options` change.

    Raises:
        CannotDoError: see `RerenderOptions.checked`.
    """
    return Scene(
        **{
            **original.model_dump(include=_SAME),
            **options.checked(styles),
            **_asked(by, now, original.guild_id),
            "rerender_of": original.id,
            "origin_message_id": original.message_id,
            "vary": options.vary,
        }
    )


@dataclass(frozen=True)
class SceneDraft:
    """A scene that a person describes in Discord."""

    story: str
    names: str = ""
    """Names of the cast, separated by commas."""
    own_name: str = ""
    """The name that the game gives to the person, which may be a common word."""
    game_name: str = ""
    reply_to: str | None = None


def drafted_by(by: Requester, channel_id: str, draft: SceneDraft, changes: dict[str, Any], now: float) -> Scene:
    """Build the scene that `draft` tells, with `changes` from `RerenderOptions.checked`.

    Raises:
        CannotDoError: there is no story, or it is too long, or one of the cast has no name that a story can mean.
    """
    text = clean(draft.story)
    if not text.strip():
        raise CannotDoError(
            gettext("There's no text to draw. Choose a message with text, or describe the scene in `/scene-art draw`.")
        )
    if len(text) > STORY_LIMIT:
        raise CannotDoError(
            gettext(
                "The text is too long ({length} of {limit} characters). Shorten it.",
                limit=STORY_LIMIT,
                length=len(text),
            )
        )
    return Scene(
        **{
            "channel_id": channel_id,
            "narrative": text,
            "character_names": _names(draft),
            "look_up_cast": not draft.names.strip(),
            "game_name": draft.game_name,
            "reply_to": draft.reply_to,
            **changes,
            **_asked(by, now),
        }
    )


def _names(draft: SceneDraft) -> tuple[str, ...]:
    given = [name for part in draft.names.replace("\n", ",").split(",") if (name := one_line(part))]
    own = fold(draft.own_name)
    return tuple(dict.fromkeys(checked_name(name, by_game=fold(name) == own) for name in given))[:NAMES_LIMIT]


def _asked(by: Requester, now: float, guild_id: str | None = None) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "source": Source.PERSON,
        "guild_id": by.guild_id or guild_id,
        "requested_by": by.user_id,
        "heard_at": now,
        "seed": secrets.randbits(32),
    }

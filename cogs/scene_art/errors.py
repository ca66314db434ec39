"""scene-art's own errors, split by what the caller does about them.

Every error carries two texts of our own: `sentence`, for a person in Discord, and `detail`, for the operator's
log. Neither is ever the text of a library's exception shown to a user, and neither holds a secret. All of them
can be pickled and cross a process boundary as JSON (`to_wire`, `from_wire`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from .i18n import Sentence, gettext
from .text import cut_on_word, one_line

DETAIL_LIMIT = 500
VALUE_LIMIT = 100
_USER = re.compile(r"//[^/\s]*@")


class SceneArtError(Exception):
    """Base of every error that scene-art raises on purpose."""

    by_code: ClassVar[dict[str, type[SceneArtError]]] = {}
    """The kinds that `from_wire` rebuilds: those that name their code where they are declared."""
    code: ClassVar[str] = "error"
    default_sentence: ClassVar[Sentence] = gettext("Something went wrong while drawing this scene. Try again.")

    def __init__(
        self,
        detail: str,
        *,
        sentence: Sentence | None = None,
        retry_after: float | None = None,
        tokens: tuple[int, int] = (0, 0),
        is_relaxed: bool = False,
    ) -> None:
        """`detail` is for the operator, `sentence` for people; `retry_after` is in seconds, None when unknown.

        `tokens`, (input, output), are billed by the service although it gave no picture, at the relaxed tier's price if
        `is_relaxed`.
        """
        # Servers and libraries put their own words into it, and it goes to the log: one line, and not a long one.
        self.detail = cut_on_word(one_line(detail), DETAIL_LIMIT)
        super().__init__(self.detail)
        self.sentence = sentence or self.default_sentence
        self.retry_after = retry_after
        self.tokens = tokens
        self.is_relaxed = is_relaxed

    def __init_subclass__(cls, code: str = "") -> None:
        if code:
            cls.code = code
            SceneArtError.by_code[code] = cls

    def __reduce__(self) -> tuple[object, ...]:
        return (from_wire, (self.to_wire(),))

    def to_wire(self) -> dict[str, object]:
        """Convert the error to JSON-ready values; the inverse of `from_wire`."""
        return {
            "code": self.code,
            "detail": self.detail,
            "sentence": self.sentence.to_wire(),
            "retry_after": self.retry_after,
            "input_tokens": self.tokens[0],
            "output_tokens": self.tokens[1],
            "is_relaxed": self.is_relaxed,
        }


class TransientError(SceneArtError, code="transient"):
    """A retry later may well work: time-outs, 5xx, a lost connection, a dead worker process."""

    default_sentence = gettext("The painter can't be reached right now. Try again in a minute.")


class LostAnswerError(TransientError, code="lost_answer"):
    """The request reached the painter and its answer was lost: a retry may be paid a second time."""

    default_sentence = gettext("The connection broke before the picture arrived. Try again in a minute.")


class QuotaError(TransientError, code="quota"):
    """Too many requests. `retry_after` is the delay that the service asked for, if it did."""

    default_sentence = gettext("The painter is at its rate limit. Try again in a few minutes.")


class UnavailableError(TransientError, code="unavailable"):
    """The service is overloaded, broken or out of reach, for everybody. `retry_after` is the delay that it named."""


class RequestLimitError(SceneArtError, code="request_limit"):
    """The scene has used up its requests."""

    default_sentence = gettext("The painter returned no picture after several tries. Try again later.")


class TierDeclinedError(TransientError, code="tier"):
    """The service has no capacity at the relaxed tier, or does not offer it: the standard tier may work."""


class BudgetSpentError(SceneArtError, code="budget"):
    """A budget for pictures is spent; no request was sent."""

    default_sentence = gettext("The picture budget is used up. Ask the bot owner.")


class RefusedError(SceneArtError, code="refused"):
    """The model declined: the input or the output was blocked, or it answered with words only."""

    default_sentence = gettext("The painter declined this scene. Try different words or notes.")


class InputRefusedError(RefusedError, code="input_refused"):
    """The input was blocked, often because of a single reference picture."""

    default_sentence = gettext(
        "The painter declined this scene's text or a reference picture. Try different words or another picture."
    )


class UnreadableImageError(InputRefusedError, code="unreadable_image"):
    """The service cannot read one of the reference pictures; it seldom says which."""


class ProhibitedError(RefusedError, code="prohibited"):
    """Blocked as prohibited. Repeating such a request endangers the operator's account."""


class InvalidRequestError(RefusedError, code="invalid_request"):
    """The service cannot work with the request, whatever the key and the model."""

    default_sentence = gettext("The painter couldn't handle this request. Try different words.")


class RequestTooLargeError(RefusedError, code="request_too_large"):
    """The request has more bytes than the service, or a relay in front of it, accepts."""

    default_sentence = gettext("The painter couldn't handle this request. Try different words.")


class NoImageError(RefusedError, code="no_image"):
    """The model did not decline and made no picture; one more try often helps."""

    default_sentence = gettext("The painter returned no picture. Try again; that often works.")


class ConfigurationError(SceneArtError, code="configuration"):
    """Only the operator can fix it: a wrong setting, a broken persona file."""

    default_sentence = gettext(
        "The painter isn't set up correctly. Only the bot owner can fix this; the reason is in the bot's log."
    )


class WrongSettingsError(ConfigurationError):
    """Settings with which scene-art cannot start. Its text has one line for each."""

    code = "settings"

    def __init__(self, problems: Sequence[str]) -> None:
        """`problems` are sentences, each with the name of its setting."""
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


class KeyRejectedError(ConfigurationError, code="key"):
    """The key will not work again by itself: it is invalid, or its project has no billing."""


class KeyForbiddenError(KeyRejectedError, code="key_forbidden"):
    """The key may not do this, be it with this model or just in this request."""


class ModelRetiredError(ConfigurationError, code="model"):
    """The service does not know the model any more, or never did."""


class ReferenceUnavailableError(SceneArtError, code="reference"):
    """A reference picture could not be loaded. The scene goes on without it."""

    default_sentence = gettext("A reference picture couldn't be loaded. Try another one.")


class BaseUnavailableError(SceneArtError, code="base"):
    """The picture to vary could not be loaded; without it, a different picture would be painted and paid."""

    default_sentence = gettext(
        "The picture to vary couldn't be loaded, so nothing was drawn and nothing is charged. Try again "
        "later, or press Rerender to draw the scene from scratch."
    )


class FolderError(ReferenceUnavailableError, code="folder"):
    """The temporary folder cannot be written: it is full, read-only, or somebody else's. The operator can fix it."""

    is_full = False
    """True: removing files would help."""


class CannotDoError(SceneArtError):
    """A person's request cannot be carried out; `sentence` says why and what to do."""

    code = "cannot_do"

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence, sentence=sentence)


class BusyError(SceneArtError, code="busy"):
    """The host exceeds a rate limit; the request was not enqueued."""


class UnloadedError(SceneArtError, code="unloaded"):
    """The extension was unloaded, or has stopped, before the result was known."""


class CancelledError(SceneArtError, code="cancelled"):
    """Somebody cancelled the picture."""

    default_sentence = gettext("Picture cancelled. Nothing was posted, and nothing is charged.")


class PostError(SceneArtError, code="post"):
    """Discord will not accept the picture in this channel, now or later."""

    default_sentence = gettext(
        "The bot can't post pictures in this channel. Ask a moderator to give it Send Messages and Attach Files."
    )


class ChannelClosedError(PostError, code="channel_closed"):
    """The bot may not post here at present; a moderator can change that."""


def from_wire(values: Mapping[str, object]) -> SceneArtError:
    """Rebuild the error that `to_wire` converted. An unknown code becomes a plain `SceneArtError`."""
    cls = SceneArtError.by_code.get(str(values.get("code")), SceneArtError)
    retry_after = values.get("retry_after")
    return cls(
        str(values.get("detail") or ""),
        sentence=Sentence.from_wire(values.get("sentence")),
        retry_after=float(retry_after) if isinstance(retry_after, (int, float)) else None,
        tokens=(_count(values.get("input_tokens")), _count(values.get("output_tokens"))),
        is_relaxed=values.get("is_relaxed") is True,
    )


def wrong_setting(variable: str, value: object, takes: str, why: str = "") -> ConfigurationError:
    """Make the error for a setting that holds `value` where it `takes` something else. Leaves user and password out.

    `why` explains the fault where it is not obvious.
    """
    shown = cut_on_word(one_line(_USER.sub("//", str(value))), VALUE_LIMIT)
    reason = f" ({_USER.sub('//', why)})" if why else ""
    return ConfigurationError(f'{variable} is "{shown}"{reason}; it takes {takes}')


def _count(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0

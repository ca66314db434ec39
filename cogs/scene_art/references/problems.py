"""Problems of references: texts for people, and the kind for which a retry soon does not help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..errors import FolderError, ReferenceUnavailableError, SceneArtError
from ..i18n import Sentence, gettext

NOT_ALLOWED: Final = gettext("The link of a reference picture isn't allowed. Upload the picture instead.")
NOT_REACHED: Final = gettext("A reference picture couldn't be downloaded. Try again in a minute.")
TOO_LARGE: Final = gettext("A reference picture is too large. Try a smaller one.")
NOT_A_PICTURE: Final = gettext("A reference picture couldn't be read. Use PNG, JPEG, WebP or GIF.")

_IN_SHORT: Final[dict[str, Sentence]] = {
    NOT_ALLOWED: gettext("link not allowed"),
    NOT_REACHED: gettext("couldn't be downloaded"),
    TOO_LARGE: gettext("too large"),
    NOT_A_PICTURE: gettext("not a readable picture"),
}


def in_short(exc: SceneArtError) -> Sentence:
    """Describe the problem of a reference in a few words for people, without the address."""
    return _IN_SHORT.get(exc.sentence, gettext("couldn't be loaded"))


class LastingProblemError(ReferenceUnavailableError):
    """A problem that an immediate retry would meet again.

    Outside this package it counts as a plain `ReferenceUnavailableError`, and becomes one on its way over a pipe.
    """


@contextmanager
def named(source: str) -> Iterator[None]:
    """Put the source of a picture before the error that the `with` block raises; not before a `FolderError`."""
    try:
        yield
    except FolderError:
        raise
    except ReferenceUnavailableError as exc:
        raise type(exc)(f"{source}: {exc.detail}", sentence=exc.sentence) from exc


def plain_address(url: str) -> str:
    """Shorten `url` for logs: scheme, host and path, without userinfo, query or control characters.

    Works on anything, addresses that cannot be parsed included; at most 120 characters.
    """
    head = url[:4096].partition("?")[0].partition("#")[0]
    scheme, mark, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    proper = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    head = proper if mark and authority else head.rpartition("@")[2]
    head = "".join(sign for sign in head if sign.isprintable())
    return head if len(head) <= 120 else f"{head[:119]}…"

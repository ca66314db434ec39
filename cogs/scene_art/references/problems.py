"""Problems of references: texts for people, and the kind for which a retry soon does not help."""

from __future__ import annotations

from typing import Final

from ..errors import ReferenceUnavailableError
from ..i18n import gettext

NOT_ALLOWED: Final = gettext("The address of a reference picture is not one that I may open.")
NOT_REACHED: Final = gettext("A reference picture could not be fetched just now.")
TOO_LARGE: Final = gettext("A reference picture is too large.")
NOT_A_PICTURE: Final = gettext("A reference is not a picture that I can read (PNG, JPEG, WebP or GIF).")


class LastingProblemError(ReferenceUnavailableError):
    """A problem that an immediate retry would meet again.

    Outside this package it counts as a plain `ReferenceUnavailableError`, and becomes one on its way over a pipe.
    """


def plain_address(url: str, width: int = 120) -> str:
    """Shorten `url` for logs: scheme, host and path, without userinfo, query or control characters.

    Works on anything, addresses that cannot be parsed included; at most `width` characters.
    """
    head = url[:4096].partition("?")[0].partition("#")[0]
    scheme, mark, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    proper = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    head = proper if mark and authority else head.rpartition("@")[2]
    head = "".join(sign for sign in head if sign.isprintable())
    return head if len(head) <= width else f"{head[: width - 1]}…"

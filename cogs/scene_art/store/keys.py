"""The names of keys, and how long people's choices are kept.

All keys of a channel, or of a server, share its hash tag, so that they live on one node of a Redis Cluster and change
in one transaction.
"""

from __future__ import annotations

KEPT_SECONDS = 400 * 24 * 3600
"""Long enough for a game that is played once a year."""


def tagged_key(namespace: str, tag: str, *rest: str) -> str:
    """Build the name of a key of a channel or a server, such as `scene_art:{42}:scene:<id>`."""
    return ":".join((namespace, f"{{{tag}}}", *rest))

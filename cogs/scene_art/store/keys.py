"""The names of a channel's keys.

All of them share the channel's hash tag, so that they live on one node of a Redis Cluster and change in one
transaction.
"""

from __future__ import annotations


def channel_key(namespace: str, channel_id: str, *rest: str) -> str:
    """Build the name of a key of a channel, such as `scene_art:{42}:scene:<id>`."""
    return ":".join((namespace, f"{{{channel_id}}}", *rest))

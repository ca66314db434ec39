"""The helper processes: for everything that is heavy or untrusted."""

from .workers import Workshop

__all__ = ["Workshop"]

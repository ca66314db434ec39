"""Retention of people's choices in Redis."""

from __future__ import annotations

KEPT_SECONDS = 400 * 24 * 3600
"""Long enough for a game that is played once a year."""

"""Retention in Redis of what people have chosen."""

from __future__ import annotations

KEPT_SECONDS = 400 * 24 * 3600
"""A game that is played once a year finds everything again."""

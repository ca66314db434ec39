"""Hair: locks that taper, each shaded on its own, with a shine near its root."""

from __future__ import annotations

from PIL import Image

from .figure import Figure, Ramp
from .shapes import Path

Locks = tuple[tuple[Path, float], ...]
"""The way of each lock from root to tip, and half its thickness in dots."""

_TAPER = (0.8, 1.0, 0.9, 0.6)


def lock(figure: Figure, path: Path, thick: float, ramp: Ramp, *, bright: int = 0) -> Image.Image:
    """One lock on top of what is there. Returns its mask."""
    radii = [*(thick * share for share in _TAPER[: len(path) - 1]), 0.3]
    x, y = path[1]
    shine = ([(x - thick * 0.6, y - 7), (x - thick * 0.3, y), (x - thick * 0.2, y + 8)], thick * 0.5, 50)
    mask = figure.stroke(path, radii)
    return figure.lay(mask, ramp, roundness=max(1.5, thick * 0.6), bright=bright, pleats=[shine], grained=5)

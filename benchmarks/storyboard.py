"""How long a storyboard takes: `make bench`. Prints times, and their ratio to merely encoding the finished picture."""

from __future__ import annotations

import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image

from cogs.scene_art.domain.painting import CastMember, Picture, Prompt, Role
from cogs.scene_art.domain.personas import ASSETS
from cogs.scene_art.painters.storyboard import draw

ROUNDS = 15
REFERENCES = 6


def median_seconds(work: Callable[[], object]) -> float:
    """The median of several runs, after one that does not count."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """One scene with six references at 1280 x 720."""
    pictures = sorted((ASSETS / "personas").glob("*.png"))
    cast = tuple(
        CastMember(
            name=f"Hero {number}",
            role=Role.CHARACTER if number else Role.GAME_MASTER,
            picture=Picture(path=pictures[number % len(pictures)], mime="image/png", width=768, height=1024),
        )
        for number in range(REFERENCES)
    )
    story = "Rain falls on the neon city. “Run,” says Hero 2, and the hologram breaks."
    prompt = Prompt(scene_id="0" * 16, system="", parts=(), scene=story, cast=cast, seed=3)
    drawing = median_seconds(lambda: draw(prompt))
    with Image.open(io.BytesIO(draw(prompt).data)) as image:
        image.load()
        encoding = median_seconds(lambda: image.save(io.BytesIO(), "PNG", compress_level=3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(f"storyboard, 1280 x 720, {REFERENCES} references: median {drawing * 1000:.0f} ms")
    print(f"  ratio to encoding the finished PNG alone: {drawing / encoding:.1f}")
    print(f"  peak memory of the process: {peak:.0f} MB")


if __name__ == "__main__":
    main()

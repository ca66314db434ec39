"""How long a comic page and a chapter of 16 pictures of 1,344 x 768 take, and how much memory."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image

from cogs.scene_art.domain.painting import Chapter, Panel
from cogs.scene_art.recap.chapter import bind_chapter
from cogs.scene_art.recap.page import draw_page
from cogs.scene_art.references.encode import store

PICTURES = 16
SIZE = (1_344, 768)
UPLOAD_LIMIT = 8_000_000


def session(folder: Path) -> Chapter:
    """Pictures of soft noise, which encode about as badly as painted ones."""
    caption = "The lanterns go out, one after the other, and somebody laughs in the dark."
    panels = []
    for _ in range(PICTURES):
        noise = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), 90).resize(SIZE, Image.Resampling.BICUBIC)
        panels.append(Panel(picture=store(noise.convert("RGB"), folder), story=caption * 20, caption=caption))
    return Chapter(title="The Night of the Long Lanterns", panels=tuple(panels))


def peak_megabytes() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    """One session, drawn and bound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chapter = session(folder)
        print(f"before: peak memory {peak_megabytes():.0f} MB")
        started = time.perf_counter()
        page = draw_page(chapter)
        took = time.perf_counter() - started
        print(
            f"page, {PICTURES} pictures: {took:.2f} s, {page.size / 1e6:.2f} MB, peak memory {peak_megabytes():.0f} MB"
        )
        started = time.perf_counter()
        size = len(bind_chapter(chapter, UPLOAD_LIMIT))
        took = time.perf_counter() - started
        print(f"chapter: {took:.2f} s, {size / 1e6:.2f} MB, peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()

"""Portraits of the sample game's characters, drawn with the storyboard painter's own figures."""

from __future__ import annotations

import io

from PIL import Image

from cogs.scene_art.painters.storyboard.figure import figure
from cogs.scene_art.painters.storyboard.heads import Look

SCALE = 8

LOOKS = {
    "mira": Look((232, 180, 136), (186, 62, 44), (34, 106, 126), (254, 226, 110), (58, 46, 70), "long",
                 carries="lantern"),
    "tobin": Look((196, 140, 98), (74, 48, 40), (124, 132, 156), (214, 222, 236), (74, 54, 42), "tied", outfit="plate",
                  carries="sword"),
    "rook": Look((156, 108, 78), (222, 222, 232), (110, 52, 120), (250, 140, 62), (44, 44, 60), outfit="coat",
                 carries="hammer", beard=True, build=1.1),
    "juno": Look((112, 76, 60), (128, 60, 110), (204, 150, 58), (140, 232, 200), (52, 48, 78), "curly", outfit="coat"),
}  # fmt: skip


def portrait(name: str) -> bytes:
    """The character's picture as PNG bytes, the whole figure on a plain ground.

    Raises:
        KeyError: nobody of that name is known.
    """
    person = figure(LOOKS[name])
    ground = Image.new("RGB", person.size, (207, 216, 228))
    ground.paste(person, mask=person.getchannel("A"))
    buffer = io.BytesIO()
    large = ground.resize((ground.width * SCALE, ground.height * SCALE), Image.Resampling.NEAREST)
    large.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()

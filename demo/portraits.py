"""Portraits of the sample game's characters, drawn with the storyboard painter's own figures."""

from __future__ import annotations

import io

from PIL import Image

from cogs.scene_art.painters.storyboard.figure import Look, figure

SCALE = 12

LOOKS = {
    "mira": Look((224, 172, 128), (172, 50, 50), (38, 92, 110), (254, 231, 97), (58, 46, 70), True, carries="lantern"),
    "tobin": Look((188, 132, 92), (60, 42, 36), (120, 130, 148), (192, 203, 220), (74, 54, 42), carries="sword"),
    "rook": Look((150, 104, 76), (224, 224, 224), (94, 44, 102), (247, 118, 34), (44, 44, 60), carries="hammer"),
}


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

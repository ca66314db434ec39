"""Writes a session as one self-contained HTML file: to read, to keep, and to print. Blocking."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Final

from PIL import Image

from ..domain.painting import Chapter, Panel

QUALITIES: Final = ((1_280, 84), (1_024, 76), (800, 66), (560, 56), (360, 40), (0, 0))
"""Longest side and quality of the pictures, tried until the file fits. The last one has no pictures."""

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #f7f1e4; --ink: #221c2a; --faded: #766a70; --rule: #963e46; }
@media (prefers-color-scheme: dark) { :root { --paper: #17141d; --ink: #ece6da; --faded: #9c93a3; --rule: #c9757c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 Georgia, "Noto Serif", "Hiragino Mincho ProN", serif; }
main { max-width: 52rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: clamp(1.8rem, 5vw, 2.8rem); line-height: 1.15; margin: 0; overflow-wrap: anywhere; }
header { border-bottom: 3px solid var(--rule); padding-bottom: 1rem; margin-bottom: 2.5rem; }
header p, time, .cast { color: var(--faded); font-family: system-ui, sans-serif; font-size: 0.9rem;
  margin: 0.4rem 0 0; }
figure { margin: 0 0 3.25rem; }
img { display: block; width: 100%; height: auto; border-radius: 4px; }
figcaption { margin-top: 0.9rem; overflow-wrap: anywhere; }
figcaption p { margin: 0 0 0.8rem; white-space: pre-line; }
@media print { body { background: #fff; color: #000; } main { max-width: none; padding: 0; }
  figure { break-inside: avoid; break-after: page; } figure:last-of-type { break-after: auto; } }
"""


def bind_chapter(chapter: Chapter, most_bytes: int) -> bytes:
    """Write the chapter as an HTML file, with the largest pictures with which it fits into `most_bytes`.

    Words alone may exceed that. The file loads nothing from elsewhere and runs no code: the whole story is escaped.
    """
    for side, quality in QUALITIES:
        page = _page(chapter, side, quality).encode()
        if len(page) <= most_bytes:
            break
    return page


def _page(chapter: Chapter, side: int, quality: int) -> str:
    title = escape(chapter.title)
    figures = "\n".join(_figure(panel, side, quality) for panel in chapter.panels)
    return f"""<!doctype html>
<html lang="{escape(chapter.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<header><h1>{title}</h1><p>{escape(chapter.subtitle)}</p></header>
{figures}
</main>
</body>
</html>
"""


def _figure(panel: Panel, side: int, quality: int) -> str:
    parts = [_image(panel, side, quality), "<figcaption>"]
    parts.append(f"<p>{escape(panel.story)}</p>")
    if panel.names:
        parts.append(f'<p class="cast">{escape(", ".join(panel.names))}</p>')
    if panel.when:
        parts.append(f"<time>{escape(panel.when)}</time>")
    return "<figure>\n" + "\n".join([*parts, "</figcaption>", "</figure>"])


def _image(panel: Panel, side: int, quality: int) -> str:
    if panel.picture is None or not side:
        return ""
    with Image.open(panel.picture.path, formats=("PNG", "JPEG", "WEBP")) as opened:
        image = opened.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=4)
    data = base64.b64encode(buffer.getvalue()).decode()
    size = f'width="{image.width}" height="{image.height}"'
    return f'<img src="data:image/webp;base64,{data}" {size} alt="{escape(panel.alt)}">'

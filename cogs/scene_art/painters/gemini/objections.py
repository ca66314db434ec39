"""The subject of an error 400, found by its words. They are not documented, and differ by service and by relay."""

from __future__ import annotations

import re

_WORDS_WITHIN_NAMES = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
"""The places at which `inputImage` and `input_image` are split."""
_MODEL = re.compile(r"\bmodels/\S+|\b(?:gemini|imagen)-\S+", re.IGNORECASE)
"""Names of models, which may contain "image"."""
_REST = r"(?:[^.]|\.(?=\S))*"
"""The rest of the sentence."""
_IMAGES = r"(?:images?|pictures?|photos?|photographs?)"
_SENT = re.compile(
    rf"\b(?:input|provided|uploaded|supplied|attached|given|reference|source) (?:{_IMAGES}|files?)\b"
    r"(?! (?:size|config|count|generation|output)\b)",
    re.IGNORECASE,
)
_WANTED = re.compile(
    rf"""\b(?:
    (?:generation|image)\ config\b{_REST} | image\ output\ options\b{_REST}
    | (?:{_IMAGES}\ )?aspect\ ratio\b{_REST}
    | (?:response\ )?modalit(?:y|ies)\b{_REST}
    | (?:output|response)\ (?:{_IMAGES}\ )?(?:file\ |media\ )?(?:mime|format|type)\b{_REST}
    | image\ size\b(?!\ (?:is\ )?(?:too|exceeds|below|above))
    | number\ of\ images
    | {_IMAGES}[ -](?:generation|creation|editing|output|count|models?|search)
    | (?:generated|output|requested|resulting)\ (?:\w+\ )?{_IMAGES}
    | {_IMAGES}\ (?:(?:can|could|may|cannot|is|are|was|were|not|be)\ )+(?:generated|created|produced|returned|drawn)
    | (?:generat|creat|produc|return|draw)\w*\ (?:(?:an?|the|any|new|more)\ )*{_IMAGES}
    | media\ resolution | harm\ category[\w ]*
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words about the requested picture, or about limits of the model or the region."""
_IMAGE = re.compile(
    rf"\b(?:{_IMAGES}|pixels?|bitmaps?|jpe?gs?|pngs?|webp|gifs?|hei[cf]|avif|tiff?|bmp|svg|exif|icc|cmyk"
    r"|mime|media|blobs?|attachments?|inline data|base64|file (?:format|type)s?|corrupt(?:ed)?)\b",
    re.IGNORECASE,
)


def names_an_input_image(message: str) -> bool:
    """Tell whether `message` is about a picture in the request, and not about the requested one."""
    words = _WORDS_WITHIN_NAMES.sub(" ", _MODEL.sub(" ", message))
    return _SENT.search(words) is not None or _IMAGE.search(_WANTED.sub(" ", words)) is not None

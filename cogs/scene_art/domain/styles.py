"""The style presets: data in `assets/styles.toml`, with the operator's own file on top."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from ..data_files import OperatorsData, read_data
from ..errors import ConfigurationError, wrong_setting
from ..text import one_line
from .personas import ASSETS

SAMPLE_BYTES = 512 * 1024


class Style(OperatorsData):
    """One style preset."""

    id: str
    name: Annotated[str, AfterValidator(one_line)]
    prompt: str
    sample: str = ""
    """The path of a sample picture, seen from the file's folder."""


class _StyleFile(OperatorsData):
    style: tuple[Style, ...] = ()


class Styles:
    """All presets, and the default among them."""

    def __init__(self, styles: dict[str, Style], default: str, samples: Mapping[str, bytes]) -> None:
        """`default` is the id of a style. `samples` are pictures by the ids of their styles."""
        self._styles = styles
        self._default = default
        self.samples = samples

    @property
    def all(self) -> tuple[Style, ...]:
        """Every preset, in the order of the files."""
        return tuple(self._styles.values())

    def find(self, wanted: str) -> Style | None:
        """Find the preset with this id or this name, in any case. Autocomplete may send either back."""
        key = wanted.strip().casefold()
        return next((s for s in self.all if key in (s.id.casefold(), s.name.casefold())), None)

    def chosen(self, wanted: str) -> Style:
        """Return the preset that `wanted` names, else the default."""
        return (self.find(wanted) if wanted else None) or self._styles[self._default]


def load_styles(own_file: Path | None, default: str) -> Styles:
    """Load the presets that ship, changed and extended by `own_file`.

    Raises:
        ConfigurationError: a file is missing or does not fit, or `default` names no preset.
    """
    styles: dict[str, Style] = {}
    samples: dict[str, bytes] = {}
    for file in (ASSETS / "styles.toml", own_file):
        if file is not None:
            found = read_data(file, _StyleFile).style
            styles |= {style.id: style for style in found}
            samples |= {style.id: _sample(file, style) for style in found if style.sample}
    if default not in styles:
        raise wrong_setting("SCENE_ART_STYLE", default, f"one of {', '.join(styles)}")
    return Styles(styles, default, samples)


def _sample(file: Path, style: Style) -> bytes:
    path = file.parent / style.sample
    try:
        with path.open("rb") as opened:
            sample = opened.read(SAMPLE_BYTES + 1)
    except OSError as exc:
        raise ConfigurationError(
            f"{file.name}: the sample of style {style.id} cannot be read ({type(exc).__name__})"
        ) from exc
    if len(sample) > SAMPLE_BYTES:
        raise ConfigurationError(f"{file.name}: the sample of style {style.id} is larger than {SAMPLE_BYTES} bytes")
    return sample

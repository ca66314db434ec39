"""The style presets: data in `assets/styles.toml`, with the operator's own file on top."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ..errors import ConfigurationError
from ..text import one_line
from .personas import ASSETS


class Style(BaseModel):
    """One look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Annotated[str, AfterValidator(one_line)]
    prompt: str


class _StyleFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    style: tuple[Style, ...] = ()


class Styles:
    """The presets by id, and the one that is used when none is named."""

    def __init__(self, styles: dict[str, Style], default: str) -> None:
        self._styles = styles
        self._default = default

    @property
    def all(self) -> tuple[Style, ...]:
        """Every preset, in the order of the files."""
        return tuple(self._styles.values())

    def find(self, wanted: str) -> Style | None:
        """The preset with this id or this name, in any case: autocomplete may send either back."""
        key = wanted.strip().casefold()
        return next((s for s in self.all if key in (s.id.casefold(), s.name.casefold())), None)

    def chosen(self, wanted: str) -> Style:
        """The preset that `wanted` names, else the default."""
        return (self.find(wanted) if wanted else None) or self._styles[self._default]


def load_styles(own_file: Path | None, default: str) -> Styles:
    """The presets that ship, changed and extended by `own_file`.

    Raises:
        ConfigurationError: a file is missing or does not fit, or `default` names no preset.
    """
    styles = {style.id: style for style in _read(ASSETS / "styles.toml")}
    if own_file is not None:
        styles |= {style.id: style for style in _read(own_file)}
    if default not in styles:
        raise ConfigurationError(f"SCENE_ART_STYLE: no style {default!r}; there are {', '.join(styles)}")
    return Styles(styles, default)


def _read(path: Path) -> tuple[Style, ...]:
    try:
        return _StyleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).style
    except (OSError, ValueError, ValidationError) as exc:
        raise ConfigurationError(f"{path.name} cannot be read as styles ({type(exc).__name__})") from exc

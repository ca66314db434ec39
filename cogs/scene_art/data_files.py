"""Reads the operator's data files, which are TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigurationError

LARGEST_BYTES = 256 * 1024

Model = TypeVar("Model", bound=BaseModel)


class OperatorsData(BaseModel):
    """Base of what such a file holds. A field that is not known is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_toml(path: Path) -> dict[str, Any]:
    """Read the tables of `path`.

    Raises:
        ConfigurationError: the file is missing, no regular file, too large or no TOML; the text names it.
    """
    try:
        if not path.is_file():
            # Reading a pipe would block, and a device has no end.
            raise ConfigurationError(f"{path.name}: {'not a file' if path.exists() else 'no such file'}")
        with path.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise ConfigurationError(f"{path.name}: larger than {LARGEST_BYTES // 1024} KB")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as exc:
        raise ConfigurationError(f"{path.name}: {exc.strerror or type(exc).__name__}") from None
    except ValueError as exc:
        raise ConfigurationError(f"{path.name}: {exc}") from None


def read_data(path: Path, kind: type[Model]) -> Model:
    """Read `path` as a value of `kind`.

    Raises:
        ConfigurationError: the file cannot be read, or does not fit; the text names file and field.
    """
    try:
        return kind.model_validate(read_toml(path))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{path.name}: {where}: {first['msg']}") from None

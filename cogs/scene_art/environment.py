"""Reads the settings from the environment, and describes those that do not fit."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from annotated_types import Ge, Le
from pydantic import SecretStr, ValidationError

from .errors import wrong_setting
from .settings import Settings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_PREFIX = str(Settings.model_config.get("env_prefix"))


def variables() -> dict[str, str]:
    """Map each field of the settings to its environment variable."""
    return {
        name: (name if field.validation_alias else f"{_PREFIX}{name}").upper()
        for name, field in Settings.model_fields.items()
    }


def read_settings() -> tuple[Settings, list[str]]:
    """Read the settings, with the default for each that does not fit, and a sentence about each of those."""
    try:
        return Settings(), []
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
    # Errors name a field with an alias by the alias.
    wrong = {str(error["loc"][0]).lower(): error for error in errors}
    defaults: dict[str, Any] = {name: Settings.model_fields[name].default for name in wrong}
    return Settings(**defaults), [_describe(name, error) for name, error in wrong.items()]


def _describe(name: str, error: ErrorDetails) -> str:
    cause = error.get("ctx", {}).get("error")
    takes = str(cause) if cause is not None else _takes(Settings.model_fields[name])
    variable = variables()[name]
    if SecretStr in _kinds(Settings.model_fields[name]):
        return f"{variable} holds something else (not shown here); it takes {takes}"
    return wrong_setting(variable, error["input"], takes).detail


def _takes(field: FieldInfo) -> str:
    """Describe the values that fit."""
    kinds = _kinds(field)
    if bool in kinds:
        return "true or false"
    if not {int, float} & kinds:
        return f"one of {', '.join(map(str, get_args(field.annotation)))}"
    number = "a whole number" if int in kinds else "a number"
    least = next(str(limit.ge) for limit in field.metadata if isinstance(limit, Ge))
    most = next((str(limit.le) for limit in field.metadata if isinstance(limit, Le)), "")
    return f"{number} from {least} to {most}" if most else f"{number} of at least {least}"


def _kinds(field: FieldInfo) -> set[Any]:
    return {field.annotation, *get_args(field.annotation)}


def misspelt() -> Iterator[tuple[str, str]]:
    """Yield the environment variables with our prefix that are no settings, each with the setting of the nearest name.

    The second is empty where no name is near.
    """
    known = {variable.removeprefix(_PREFIX): variable for variable in variables().values()}
    for variable in sorted({name.upper() for name in os.environ} - set(known.values())):
        if variable.startswith(_PREFIX):
            near = difflib.get_close_matches(variable.removeprefix(_PREFIX), known, n=1)
            yield variable, known[near[0]] if near else ""

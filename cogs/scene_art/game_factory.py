"""The operator's own game state, which `SCENE_ART_GAME_STATE` names."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Callable
from typing import Any

from . import faults
from .errors import ConfigurationError, wrong_setting
from .store.game_state import GameState

BUILD_SECONDS = 30.0
"""Time limit of a factory. One that waits for the bot's login would never end, since that waits for the extension."""

Factory = Callable[[], Any]


def find_factory(spec: str) -> Factory:
    """Find the function that `spec` (`package.module:factory`) names. Imports the module, which may take long.

    Raises:
        ConfigurationError: it cannot be imported, or not be called without arguments.
    """
    module_name, _, attribute = spec.partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), *attribute.split(".")]):
        raise _wrong(spec, "it is no such name")
    found = _imported(spec, module_name)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise _wrong(spec, f"there is no {part} in {module_name}")
        found = getattr(found, part)
    if not callable(found):
        raise _wrong(spec, f"{attribute} cannot be called")
    if not _takes(found):
        raise _wrong(spec, f"{attribute} cannot be called without arguments")
    factory: Factory = found
    return factory


async def build_game_state(spec: str, factory: Factory) -> GameState:
    """Call the factory, and await its result if it is awaitable.

    Raises:
        ConfigurationError: the factory fails or takes too long, or its result is no game state.
    """
    try:
        async with asyncio.timeout(BUILD_SECONDS):
            state = factory()
            state = await state if inspect.isawaitable(state) else state
    except TimeoutError:
        raise _wrong(spec, f"the factory did not end within {BUILD_SECONDS:g} s") from None
    except Exception as exc:  # noqa: BLE001  # it is anybody's code
        raise _wrong(spec, f"the factory raised {faults.summary(exc)}") from None
    for method in ("session", "character", "is_dark_loopmother"):
        if not _takes(getattr(state, method, None), "42"):
            raise _wrong(spec, f"the factory's result lacks {method}, or it does not take one id")
    result: GameState = state
    return result


def _imported(spec: str, module_name: str) -> object:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as exc:
        raise _wrong(spec, f"there is no module {exc.name}") from None
    except (Exception, SystemExit) as exc:  # noqa: BLE001  # it is anybody's code
        raise _wrong(spec, f"its import raised {faults.summary(exc)}") from None


def _takes(found: Any, *arguments: object) -> bool:
    """Check that `found` can be called with these arguments. Assumes so when it has no signature."""
    if not callable(found):
        return False
    try:
        inspect.signature(found).bind(*arguments)
    except ValueError:
        return True
    except TypeError:
        return False
    return True


def _wrong(spec: str, why: str) -> ConfigurationError:
    return wrong_setting("SCENE_ART_GAME_STATE", spec, "package.module:factory", why)

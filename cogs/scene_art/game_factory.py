"""The operator's own source of sessions and characters, as `SCENE_ART_GAME_STATE` names it."""

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
"""A factory that waits for the bot's login, say, would never end: the login waits for the extension."""

Factory = Callable[[], Any]


def find_factory(spec: str) -> Factory:
    """The function that `spec` (`package.module:factory`) names. Imports the module, which may take its time.

    Raises:
        ConfigurationError: it cannot be imported, or called without arguments.
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
    """Call the factory, and await what it returns where that can be awaited.

    Raises:
        ConfigurationError: it fails, takes too long, or its result is no game state.
    """
    try:
        async with asyncio.timeout(BUILD_SECONDS):
            state = factory()
            state = await state if inspect.isawaitable(state) else state
    except TimeoutError:
        raise _wrong(spec, f"the factory did not end within {BUILD_SECONDS:g} s") from None
    except Exception as exc:  # noqa: BLE001  # it is anybody's code
        raise _wrong(spec, f"the factory raised {faults.told(exc)}") from None
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
        raise _wrong(spec, f"its import raised {faults.told(exc)}") from None


def _takes(found: Any, *arguments: object) -> bool:
    """Check that it can be called with these; one that does not tell is believed to."""
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

"""The startup checks: of every setting, of the files and modules that settings name, and of the painter.

All faults are reported at once, a sentence each, before any connection is opened.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from . import faults
from .domain.painting import ModelAndKey
from .domain.personas import Personas, load_personas
from .domain.styles import Styles, load_styles
from .errors import (
    ConfigurationError,
    KeyForbiddenError,
    KeyRejectedError,
    ModelRetiredError,
    SceneArtError,
    WrongSettingsError,
    wrong_setting,
)
from .image_models import DEFAULT_MODEL, MODELS, is_retired
from .painters.words import tables
from .redaction import Redactor
from .references.addresses import TrustedHosts
from .settings import Settings, misspelt, read_settings, variables
from .store.address import check_redis_url, passwords
from .store.game_state import GameState
from .store.key_pool import KeyPool
from .worker_process import WorkerProcesses

log = logging.getLogger(__name__)

T = TypeVar("T")
Factory = Callable[[], Any]
BUILD_SECONDS = 30.0
"""Time limit of a factory. One that waits for the bot's login would never end, since that waits for the extension."""
PROBE = bytes(4096)
"""Content of a trial file in the temporary folder. On a full disk an empty one could still be made."""


@dataclass(frozen=True)
class Config:
    """The settings, and the loaded files and modules that they name."""

    settings: Settings
    personas: Personas
    styles: Styles
    trusted_hosts: TrustedHosts
    factory: Factory | None
    """Makes the operator's own game state; None for the default one."""

    async def game_state(self) -> GameState | None:
        """Call the factory once and return what it makes; None without one.

        Raises:
            WrongSettingsError: the factory fails, or its result is no game state.
        """
        if self.factory is None:
            return None
        try:
            return await build_game_state(self.settings.game_state, self.factory)
        except ConfigurationError as exc:
            problem = exc.detail
        raise WrongSettingsError([problem])


def load_config() -> Config:
    """Load everything that the environment sets. Blocking: reads files and imports the game's module.

    Raises:
        WrongSettingsError: some settings do not fit; it has a sentence about each.
    """
    settings, problems = read_settings()
    for variable, nearest in misspelt():
        hint = f"; did you mean {nearest}?" if nearest else ""
        log.warning("%s is no setting of scene-art%s", variable, hint)

    def tried(load: Callable[[Settings], T]) -> T | None:
        try:
            return load(settings)
        except ConfigurationError as exc:
            problems.append(exc.detail)
            return None

    tried(lambda _: check_redis_url(settings.redis_url))
    for check in _CHECKS:
        tried(check)
    personas, styles, hosts = tried(_personas), tried(_styles), tried(_trusted_hosts)
    factory = tried(lambda _: find_factory(settings.game_state)) if settings.game_state else None
    if problems or personas is None or styles is None or hosts is None:
        hide = Redactor(_secrets()).hide
        raise WrongSettingsError([hide(problem) for problem in problems])
    return Config(settings, personas, styles, hosts, factory)


def _secrets() -> Iterator[str]:
    """Yield the secrets as they are set, whether or not they fit: somebody may have put one into a wrong setting."""
    for name in ("DISCORD_TOKEN", *_KEYS):
        yield from os.environ.get(name, "").split(",")
    yield from passwords(SecretStr(os.environ.get(variables()["redis_url"], "")))


@contextmanager
def _naming(variable: str, value: object, takes: str) -> Iterator[None]:
    """Name the setting in an error of what it refers to."""
    try:
        yield
    except ConfigurationError as exc:
        raise wrong_setting(variable, value, takes, exc.detail) from None


def _personas(settings: Settings) -> Personas:
    file = settings.personas_file
    with _naming("SCENE_ART_PERSONAS_FILE", file, "a TOML file of game masters"):
        personas = load_personas(file, settings.crown_bearers)
        for persona in personas.all:
            if persona.picture and not persona.picture.startswith(("http://", "https://")):
                _check_picture(persona.id, Path(persona.picture))
    return personas


def _check_picture(persona: str, path: Path) -> None:
    try:
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as exc:
        raise ConfigurationError(f"the picture of {persona}: {exc.strerror}") from None


def _styles(settings: Settings) -> Styles:
    with _naming("SCENE_ART_STYLES_FILE", settings.styles_file, "a TOML file of styles"):
        load_styles(settings.styles_file, DEFAULT_STYLE)
    return load_styles(settings.styles_file, settings.style)


def _trusted_hosts(settings: Settings) -> TrustedHosts:
    takes = "hosts (name or name:port), separated by commas"
    with _naming("SCENE_ART_TRUSTED_HOSTS", settings.trusted_hosts, takes):
        return TrustedHosts.parse(settings.trusted_hosts)


def find_factory(spec: str) -> Factory:
    """Find the function that `spec` (`package.module:factory`) names. Imports the module, which may take long.

    Raises:
        ConfigurationError: it cannot be imported, or not be called without arguments.
    """
    with _naming("SCENE_ART_GAME_STATE", spec, "package.module:factory"):
        module_name, _, attribute = spec.partition(":")
        if not all(part.isidentifier() for part in [*module_name.split("."), *attribute.split(".")]):
            raise ConfigurationError("it is no such name")
        found = _imported(module_name)
        for part in attribute.split("."):
            if not hasattr(found, part):
                raise ConfigurationError(f"there is no {part} in {module_name}")
            found = getattr(found, part)
        if not callable(found):
            raise ConfigurationError(f"{attribute} cannot be called")
        if not _takes(found):
            raise ConfigurationError(f"{attribute} cannot be called without arguments")
        return found


async def build_game_state(spec: str, factory: Factory) -> GameState:
    """Call the factory, and await its result if it is awaitable.

    Raises:
        ConfigurationError: the factory fails or takes too long, or its result is no game state.
    """
    with _naming("SCENE_ART_GAME_STATE", spec, "package.module:factory"):
        try:
            async with asyncio.timeout(BUILD_SECONDS):
                state = factory()
                state = await state if inspect.isawaitable(state) else state
        except TimeoutError:
            raise ConfigurationError(f"the factory did not end within {BUILD_SECONDS:g} s") from None
        except Exception as exc:  # noqa: BLE001  # it is anybody's code
            raise ConfigurationError(f"the factory raised {faults.summary(exc)}") from None
        for method in ("session", "character", "is_dark_loopmother"):
            if not _takes(getattr(state, method, None), "42"):
                raise ConfigurationError(f"the factory's result lacks {method}, or it does not take one id")
    result: GameState = state
    return result


def _imported(module_name: str) -> object:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as exc:
        raise ConfigurationError(f"there is no module {exc.name}") from None
    except (Exception, SystemExit) as exc:  # noqa: BLE001  # it is anybody's code
        raise ConfigurationError(f"its import raised {faults.summary(exc)}") from None


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


def _check_words(settings: Settings) -> None:
    """Check the operator's word file, which is read again where pictures are drawn."""
    file = settings.words_file
    with _naming("SCENE_ART_WORDS_FILE", file, "a TOML file of words"):
        if file is not None:
            tables(file)


def _check_key(settings: Settings) -> None:
    # A key that does not fit has an error of its own.
    if settings.painter == "gemini" and not any(map(os.environ.get, _KEYS)):
        raise wrong_setting("SCENE_ART_PAINTER", "gemini", "a key too: set GEMINI_API_KEY", "no key is set")


def _check_image_size(settings: Settings) -> None:
    known = MODELS.get(settings.model)
    if settings.chosen_painter == "gemini" and known and settings.image_size not in known.sizes:
        takes = f"one of {', '.join(known.sizes)} with the model {settings.model}"
        raise wrong_setting("SCENE_ART_IMAGE_SIZE", settings.image_size, takes)


def _check_gemini_address(settings: Settings) -> None:
    """Check the address for Gemini: Google's own client does not, and every picture would fail."""
    address = os.environ.get("GOOGLE_GEMINI_BASE_URL", "")
    if settings.chosen_painter != "gemini" or not address:
        return
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise wrong_setting("GOOGLE_GEMINI_BASE_URL", address.partition("?")[0], "an http or https address")


def _check_temporary_folder(settings: Settings) -> None:
    """Check the temporary folder, through which pictures go to and from the worker process.

    Python skips a folder that it cannot use, and takes /tmp, so a folder that the operator has set is tried by itself.
    """
    variable = next((name for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)), "")
    for folder in filter(None, (os.environ.get(variable), None)) if variable else (None,):
        try:
            with tempfile.TemporaryDirectory(prefix="scene-art-", dir=folder) as made:
                (Path(made) / "probe").write_bytes(PROBE)
        except OSError as exc:
            held = folder or tempfile.tempdir or ""
            takes = "a folder that can be written to"
            raise wrong_setting(variable or "TMPDIR", held, takes, exc.strerror or type(exc).__name__) from None


_CHECKS = (_check_key, _check_image_size, _check_gemini_address, _check_words, _check_temporary_folder)
_KEYS = tuple(variables()[name] for name in ("gemini_api_key", "google_api_key", "gemini_api_keys"))
DEFAULT_STYLE = str(Settings.model_fields["style"].default)


def announce(settings: Settings) -> None:
    """Log the chosen painter, retired models, and a Redis that keeps nothing."""
    if settings.chosen_painter == "storyboard":
        log.info("Painting with the built-in storyboard painter (no Gemini key is set, or it was chosen)")
    else:
        log.info("Painting with Gemini, model %s", settings.model)
        for model in filter(is_retired, settings.models):
            log.error("The model %s is retired and will not answer; set SCENE_ART_MODEL to %s", model, DEFAULT_MODEL)
    if settings.redis_url.get_secret_value().startswith("memory:"):
        log.warning("REDIS_URL is memory://: nothing survives a restart, and events of other processes do not arrive")


async def check_painter(settings: Settings, keys: KeyPool, workers: WorkerProcesses) -> None:
    """Enable all keys again, and check each key and model by reading model descriptions, which costs nothing.

    Disables rejected keys, and logs models that the service does not describe. Never raises.
    """
    if settings.chosen_painter != "gemini":
        return
    await keys.forgive()
    pairs = [ModelAndKey(model=settings.model, key=number) for number in range(len(settings.keys))]
    undescribed = []
    for model_and_key in (*pairs, *(ModelAndKey(model=model) for model in settings.models[1:])):
        try:
            await workers.describe_model(model_and_key)
        except (KeyForbiddenError, ModelRetiredError):
            undescribed.append(model_and_key.model)
        except KeyRejectedError as exc:
            await keys.disable(model_and_key, exc)
        except SceneArtError as exc:
            log.debug("Gemini's description of %s cannot be read just now: %s", model_and_key.model, exc.detail)
    if undescribed:
        # Relays in front of the API lack this endpoint, so this does not mean that the model cannot paint.
        names = ", ".join(dict.fromkeys(undescribed))
        log.info(
            "Gemini does not describe %s, as is usual behind a relay; it is asked for pictures all the same", names
        )

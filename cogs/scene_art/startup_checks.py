"""The startup checks: of every setting, of the files and modules that settings name, and of the painter.

All faults are reported at once, a sentence each, before any connection is opened.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from .domain.painting import ModelAndKey
from .domain.personas import Personas, load_personas
from .domain.styles import Styles, load_styles
from .environment import misspelt, read_settings, variables
from .errors import (
    ConfigurationError,
    KeyForbiddenError,
    KeyRejectedError,
    ModelRetiredError,
    SceneArtError,
    WrongSettingsError,
    wrong_setting,
)
from .game_factory import Factory, build_game_state, find_factory
from .image_models import DEFAULT_MODEL, MODELS, is_retired
from .painters.words import tables
from .redaction import Redactor
from .references.addresses import TrustedHosts
from .settings import Settings
from .store.address import check_redis_url, passwords
from .store.game_state import GameState
from .store.key_pool import KeyPool
from .worker_process import WorkerProcesses

log = logging.getLogger(__name__)

T = TypeVar("T")
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

    def tried(load: Callable[[], T]) -> T | None:
        try:
            return load()
        except ConfigurationError as exc:
            problems.append(exc.detail)
            return None

    for check in _CHECKS:
        tried(partial(check, settings))
    personas, styles = tried(partial(_personas, settings)), tried(partial(_styles, settings))
    hosts = tried(partial(_trusted_hosts, settings))
    factory = tried(partial(find_factory, settings.game_state)) if settings.game_state else None
    if problems or personas is None or styles is None or hosts is None:
        hide = Redactor(_secrets()).hide
        raise WrongSettingsError([hide(problem) for problem in problems])
    return Config(settings, personas, styles, hosts, factory)


def _secrets() -> Iterator[str]:
    """Yield the secrets as they are set, whether or not they fit: somebody may have put one into a wrong setting."""
    for name in ("DISCORD_TOKEN", *_KEYS):
        yield from os.environ.get(name, "").split(",")
    yield from passwords(SecretStr(os.environ.get(_REDIS, "")))


def _personas(settings: Settings) -> Personas:
    file = settings.personas_file
    try:
        personas = load_personas(file, settings.crown_bearers)
        for persona in personas.all:
            if persona.picture and not persona.picture.startswith(("http://", "https://")):
                _check_picture(persona.id, Path(persona.picture))
    except ConfigurationError as exc:
        raise wrong_setting("SCENE_ART_PERSONAS_FILE", file, "a TOML file of game masters", exc.detail) from None
    return personas


def _check_picture(persona: str, path: Path) -> None:
    try:
        with path.open("rb") as opened:
            opened.read(1)
    except OSError as exc:
        raise ConfigurationError(f"the picture of {persona}: {exc.strerror}") from None


def _styles(settings: Settings) -> Styles:
    try:
        load_styles(settings.styles_file, DEFAULT_STYLE)
    except ConfigurationError as exc:
        file = settings.styles_file
        raise wrong_setting("SCENE_ART_STYLES_FILE", file, "a TOML file of styles", exc.detail) from None
    return load_styles(settings.styles_file, settings.style)


def _trusted_hosts(settings: Settings) -> TrustedHosts:
    hosts = settings.trusted_hosts
    try:
        return TrustedHosts.parse(hosts)
    except ConfigurationError as exc:
        takes = "hosts (name or name:port), separated by commas"
        raise wrong_setting("SCENE_ART_TRUSTED_HOSTS", hosts, takes, exc.detail) from None


def _check_redis(settings: Settings) -> None:
    check_redis_url(settings.redis_url)


def _check_words(settings: Settings) -> None:
    """Check the operator's word file, which is read again where pictures are drawn."""
    file = settings.words_file
    try:
        if file is not None:
            tables(file)
    except ConfigurationError as exc:
        raise wrong_setting("SCENE_ART_WORDS_FILE", file, "a TOML file of words", exc.detail) from None


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


_CHECKS = (_check_redis, _check_key, _check_image_size, _check_gemini_address, _check_words, _check_temporary_folder)
_KEYS = tuple(variables()[name] for name in ("gemini_api_key", "google_api_key", "gemini_api_keys"))
_REDIS = variables()["redis_url"]
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

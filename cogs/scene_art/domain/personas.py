"""The game masters: data in `assets/personas.toml`, the operator's own file on top, and the rule that selects one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from ..data_files import OperatorsData, read_data
from ..text import one_line

ASSETS = Path(__file__).parents[1] / "assets"


class Conditions(OperatorsData):
    """The conditions under which a persona is the game master. One that is not named always holds."""

    dark_loopmother: bool | None = None
    crown_bearer: bool | None = None
    game_name_contains: tuple[str, ...] = ()
    """Parts of the game's name, in any case; one of them must be in it."""

    def met(self, *, dark_loopmother: bool, crown_bearer: bool, game_name: str) -> bool:
        """Check that all named conditions hold."""
        name = game_name.casefold()
        return (
            self.dark_loopmother in (None, dark_loopmother)
            and self.crown_bearer in (None, crown_bearer)
            and (not self.game_name_contains or any(part.casefold() in name for part in self.game_name_contains))
        )


class Persona(OperatorsData):
    """A game master: its name, its looks and its conditions."""

    id: str
    name: Annotated[str, AfterValidator(one_line)]
    description: str
    picture: str = ""
    """An absolute file path, or an http(s) address."""
    when: Conditions = Conditions()


class _PersonaFile(OperatorsData):
    dark_loopmother_game_names: tuple[str, ...] = ()
    persona: tuple[Persona, ...] = ()


class Personas:
    """All game masters, in the order in which their conditions are tried."""

    def __init__(self, personas: Sequence[Persona], *, dark_names: Sequence[str], crown_bearers: Sequence[str]) -> None:
        self.all = tuple(personas)
        self._dark_names = tuple(name.casefold() for name in dark_names)
        self._crown_bearers = frozenset(crown_bearers)

    def select_persona(self, *, game_name: str, dark_flag: bool, crown_holder: str | None) -> Persona | None:
        """Select the game master of a session; None when no persona's conditions are met."""
        name = game_name.casefold()
        dark = dark_flag or any(part in name for part in self._dark_names)
        bearer = crown_holder is not None and crown_holder in self._crown_bearers
        fitting = (p for p in self.all if p.when.met(dark_loopmother=dark, crown_bearer=bearer, game_name=game_name))
        return next(fitting, None)


def load_personas(own_file: Path | None, crown_bearers: Sequence[str]) -> Personas:
    """Load the personas that ship, changed by `own_file`: the same id replaces, a new one is tried before the others.

    Raises:
        ConfigurationError: a file is missing, is no TOML, or does not fit; the text names file and field.
    """
    shipped = _read(ASSETS / "personas.toml")
    own = _read(own_file) if own_file else _PersonaFile()
    replaced = {persona.id: persona for persona in own.persona}
    known = {persona.id for persona in shipped.persona}
    return Personas(
        [
            *(persona for persona in own.persona if persona.id not in known),
            *(replaced.get(persona.id, persona) for persona in shipped.persona),
        ],
        dark_names=own.dark_loopmother_game_names or shipped.dark_loopmother_game_names,
        crown_bearers=crown_bearers,
    )


def _read(path: Path) -> _PersonaFile:
    parsed = read_data(path, _PersonaFile)
    return parsed.model_copy(update={"persona": tuple(_beside(persona, path.parent) for persona in parsed.persona)})


def _beside(persona: Persona, folder: Path) -> Persona:
    """Make a relative picture path of `persona` absolute, seen from its file."""
    if not persona.picture or persona.picture.startswith(("http://", "https://")):
        return persona
    return persona.model_copy(update={"picture": str((folder / persona.picture).resolve())})

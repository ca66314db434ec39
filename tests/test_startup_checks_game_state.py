"""The operator's own game state: found by its name, called once, and refused with the setting's name."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from cogs.scene_art.errors import ConfigurationError
from cogs.scene_art.startup_checks import build_game_state, find_factory

NAME = "lantern_game_state"


class OwnState:
    """As little as a game state needs."""

    async def session(self, channel_id: str) -> None:
        return None

    async def character(self, user_id: str) -> None:
        return None

    async def is_dark_loopmother(self, channel_id: str) -> bool:
        return False


class HalfState(OwnState):
    """Its character is none that could be asked for."""

    character = None  # type: ignore[assignment]


async def build_later() -> OwnState:
    return OwnState()


async def never() -> None:
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def game_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the game's."""
    module = ModuleType(NAME)
    vars(module).update(
        build=OwnState,
        later=build_later,
        never=never,
        failing=lambda: 1 / 0,
        nothing=lambda: None,
        half=HalfState,
        needs=lambda database: OwnState(),
        number=7,
        Game=type("Game", (), {"build": staticmethod(OwnState)}),
    )
    monkeypatch.setitem(sys.modules, NAME, module)
    return module


@pytest.mark.parametrize("attribute", ["build", "later", "Game.build"])
async def test_an_operator_names_a_factory(attribute: str) -> None:
    spec = f"{NAME}:{attribute}"

    assert isinstance(await build_game_state(spec, find_factory(spec)), OwnState)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("no_such_module:build", "there is no module no_such_module"),
        (f"{NAME}.inner:build", f"there is no module {NAME}.inner"),
        (f"{NAME}:nowhere", f"there is no nowhere in {NAME}"),
        (f"{NAME}:Game.nowhere", f"there is no nowhere in {NAME}"),
        (f"{NAME}:number", "number cannot be called"),
        (f"{NAME}:needs", "needs cannot be called without arguments"),
        (NAME, "it is no such name"),
        (f"{NAME}:", "it is no such name"),
        (":", "it is no such name"),
        (f"..{NAME}:build", "it is no such name"),
    ],
)
def test_what_is_no_factory_names_the_setting(spec: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        find_factory(spec)

    assert error.value.detail == f'SCENE_ART_GAME_STATE is "{spec}" ({why}); it takes package.module:factory'


@pytest.mark.parametrize(
    ("text", "raised"), [("1 / 0", "ZeroDivisionError"), ("import sys; sys.exit(3)", "SystemExit")]
)
def test_a_module_that_fails_is_told_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, raised: str
) -> None:
    module = f"game_with_{raised}"
    (tmp_path / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ConfigurationError, match=rf"its import raised {raised} in {module}\.py:1"):
        find_factory(f"{module}:build")
    (tmp_path / f"{module}.py").write_text("build = object  # mended, and the file has another size")
    assert find_factory(f"{module}:build") is object


@pytest.mark.parametrize(
    ("attribute", "why"),
    [
        ("failing", "the factory raised ZeroDivisionError in "),
        ("nothing", "the factory's result lacks session"),
        ("half", "the factory's result lacks character"),
        ("never", "the factory did not end within 0.05 s"),
    ],
)
async def test_a_factory_that_fails_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, attribute: str, why: str
) -> None:
    monkeypatch.setattr("cogs.scene_art.startup_checks.BUILD_SECONDS", 0.05)
    spec = f"{NAME}:{attribute}"

    with pytest.raises(ConfigurationError) as error:
        await build_game_state(spec, find_factory(spec))
    assert error.value.detail.startswith(f'SCENE_ART_GAME_STATE is "{spec}" ({why}')


async def test_the_factory_is_called_where_the_bot_runs() -> None:
    """A state may open what belongs to the event loop."""
    called: list[threading.Thread] = []

    def build() -> OwnState:
        asyncio.get_running_loop()
        called.append(threading.current_thread())
        return OwnState()

    await build_game_state("game:build", build)
    assert called == [threading.main_thread()]

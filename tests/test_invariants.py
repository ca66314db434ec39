"""Invariants of the project as a whole."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from pydantic_settings import BaseSettings

from bot import BotSettings
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.settings import Settings
from cogs.scene_art.ui.commands.group import SceneArtCommands
from cogs.scene_art.ui.commands.moderation import ModerationCommands
from cogs.scene_art.ui.components.buttons import UNDER_PICTURES, build_view
from cogs.scene_art.ui.components.characters import CastPageButton
from cogs.scene_art.ui.components.history import CharacterSelect, HistoryPageButton, KeptPictureButton
from cogs.scene_art.ui.components.kinds import KINDS
from cogs.scene_art.ui.components.persistent import PersistentItem, SceneButton
from cogs.scene_art.ui.components.progress import CancelButton
from cogs.scene_art.ui.components.settings_panel import ScopeButton, SettingSelect
from tests.stage import ROOT
from tools.catalogs import nobody
from tools.settings_table import documented, table

PACKAGE = ROOT / "cogs" / "scene_art"
MODULES = sorted(PACKAGE.rglob("*.py"))
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

# Which modules may import which library: one room per outside world.
WORLDS = {
    "google": {"painters/gemini/*"},
    "docket": {"wiring.py", "jobs/*"},
    "discord": {"__init__.py", "attached.py", "cog.py", "discord_io/*", "services/host*", "ui/*", "ui/*/*"},
    "redis": {"ingest/subscriber.py", "jobs/*", "store/*"},
    "aiohttp": {"references/fetch.py", "references/guard.py", "references/loader.py", "painters/gemini/painter.py"}
    # To name the errors of discord.py's own connection.
    | {"discord_io/*", "ui/*", "ui/*/*"},
    "PIL": {
        "lettering.py",
        "painters/fit.py",
        "painters/storyboard/*",
        "painters/storyboard/places/*",
        "recap/*",
        "references/*",
    },
    "pydantic_settings": {"settings.py"},
    "openai": set(),
    "requests": set(),
    "httpx": set(),
    "urllib.request": set(),
}


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


@functools.cache
def imports(module: Path) -> tuple[tuple[str, int], ...]:
    """The absolute names that a module imports, and where; `from . import x` is not among them."""
    return tuple(_imports(module))


def _imports(module: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def may_import(module: Path, library: str) -> bool:
    own = name_of(module)
    return any(own == allowed or Path(own).match(allowed) for allowed in WORLDS[library])


def is_in(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


@pytest.mark.parametrize("library", WORLDS)
def test_each_library_stands_in_its_own_modules_only(library: str) -> None:
    misplaced = [
        f"{name_of(module)}:{line}"
        for module in MODULES
        for name, line in imports(module)
        if is_in(name, library) and not may_import(module, library)
    ]

    assert misplaced == []


def test_only_the_fetcher_opens_sessions_and_only_one_module_runs_a_process() -> None:
    texts = {name_of(module): module.read_text(encoding="utf-8") for module in MODULES}

    assert [name for name, text in texts.items() if "ClientSession(" in text] == ["references/fetch.py"]
    assert [name for name, text in texts.items() if "create_subprocess" in text] == ["worker_process/client.py"]


def test_the_package_never_names_the_folder_it_lies_in() -> None:
    # Copied into somebody's cogs folder or installed, it has another name.
    absolute = [
        f"{name_of(module)}:{line}"
        for module in MODULES
        for name, line in imports(module)
        if name.split(".")[0] in {"cogs", "scene_art", "sandbox", "tests", "bot", "demo"}
    ]

    assert absolute == []


def test_nothing_runs_in_the_sandbox_that_knows_of_scene_art() -> None:
    known = [
        f"{module.name}:{line}"
        for module in (ROOT / "sandbox").rglob("*.py")
        for name, line in imports(module)
        if name.split(".")[0] in {"cogs", "scene_art", "bot"}
    ]

    assert known == []


def variables(settings: type[BaseSettings]) -> list[str]:
    """The environment variables of a settings class."""
    prefix = settings.model_config.get("env_prefix", "")
    found: list[str] = []
    for name, field in settings.model_fields.items():
        found.append(str(field.validation_alias or f"{prefix}{name}".upper()))
    return found


@pytest.mark.parametrize("variable", [*variables(Settings), *variables(BotSettings)])
def test_every_setting_has_a_row_in_the_table(variable: str) -> None:
    assert re.search(rf"^\|[^|]*`{variable}`", SETTINGS, flags=re.MULTILINE)


def test_the_table_tells_no_setting_that_there_is_not() -> None:
    told = set(re.findall(r"`(SCENE_ART_[A-Z_]+)`", SETTINGS))

    assert told <= set(variables(Settings))


@pytest.mark.parametrize("kind", [*UNDER_PICTURES, CancelButton])
def test_a_buttons_id_is_one_that_it_finds_again(kind: type[SceneButton]) -> None:
    button = kind.build("0123456789abcdef", "A label")

    assert button.template.fullmatch(button.custom_id)
    assert len(button.custom_id) <= 100
    assert not button.template.fullmatch(button.custom_id + "x")


async def test_every_item_under_a_scene_is_found_by_its_id_alone() -> None:
    scene = Scene(id="0123456789abcdef", channel_id="1", source=Source.TURN, narrative="A gate.")
    view = build_view(scene, "en-US")

    assert view.timeout is None
    assert view.children
    for item in view.children:
        assert isinstance(item, discord.ui.DynamicItem)
        assert item.template.fullmatch(item.custom_id)
        assert len(item.custom_id) <= 100


@pytest.mark.parametrize(
    ("custom_id", "kind"),
    [
        ("scene_art:page:older:3:0", HistoryPageButton),
        ("scene_art:page:newer:0:0123abcd", HistoryPageButton),
        ("scene_art:who", CharacterSelect),
        ("scene_art:scope:server", ScopeButton),
        ("scene_art:setting:channel", SettingSelect),
        ("scene_art:cast:on:2", CastPageButton),
        ("scene_art:kept:0123456789abcdef", KeptPictureButton),
    ],
)
def test_every_other_item_is_found_by_its_id_alone_and_by_one_class(custom_id: str, kind: type[Any]) -> None:
    found = [one for one in KINDS if one.__discord_ui_compiled_template__.fullmatch(custom_id)]

    assert found == [kind]
    assert not any(one.__discord_ui_compiled_template__.fullmatch(f"{custom_id}x") for one in KINDS)


def test_no_kind_of_item_is_left_out_above() -> None:
    others = {HistoryPageButton, CharacterSelect, KeptPictureButton, ScopeButton, SettingSelect, CastPageButton}
    assert set(KINDS) == {*UNDER_PICTURES, CancelButton} | others


@pytest.mark.parametrize("kind", KINDS)
def test_no_item_leaves_its_errors_to_the_library(kind: type[PersistentItem]) -> None:
    """discord.py swallows them, and the person who pressed reads that the application did not respond."""
    assert kind.callback is PersistentItem.callback
    assert kind.interaction_check is discord.ui.DynamicItem.interaction_check
    assert (kind.serve, kind.answer) != (PersistentItem.serve, PersistentItem.answer)


def all_commands() -> list[app_commands.Command[Any, ..., Any]]:
    groups = (SceneArtCommands(nobody, "1"), ModerationCommands(nobody))
    found = (command for group in groups for command in group.walk_commands())
    return [command for command in found if isinstance(command, app_commands.Command)]


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: str(command.qualified_name))
def test_every_command_and_option_is_described_and_told_on_the_page_of_commands(
    command: app_commands.Command[Any, ..., Any],
) -> None:
    assert 10 <= len(command.description) <= 100
    for option in command.parameters:
        assert len(str(option.description)) > 5, option.name
    assert f"/{command.qualified_name}" in COMMANDS


def test_a_nonce_fits_for_every_scene() -> None:
    scene = Scene(id="f" * 16, channel_id="1", source=Source.TURN, narrative="A gate.")

    assert len(scene.nonce) <= 25


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for_and_stays_small(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    if not text.strip():
        return
    tree = ast.parse(text)

    assert ast.get_docstring(tree)
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert all(handler.type is not None for handler in handlers), "no bare except"
    assert len(text.splitlines()) <= 500


def test_every_path_that_the_makefile_and_ci_name_is_there() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", ".ci/run", "CONTRIBUTING.md")]
    folders = "tests|tools|benchmarks|docs|deploy|sandbox|cogs"
    named = {path.rstrip(".") for text in texts for path in re.findall(rf"(?<![\w/.…])(?:{folders})/[\w/.*-]+", text)}

    assert len(named) > 15
    assert sorted(path for path in named if not any(ROOT.glob(path))) == []


def test_the_table_of_a_channels_settings_is_that_of_the_code() -> None:
    assert documented(SETTINGS) == table(), "run python tools/settings_table.py"

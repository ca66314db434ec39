"""Brings the catalogs of translations up to date with the code: `python tools/catalogs.py`.

What is said in `gettext("…")` or `ngettext("…", "…", n)` and what commands are called is collected; new texts are added
without a translation, old ones are taken out. `tests/test_catalogs.py` names what is still to be translated.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cogs.scene_art.errors import TransientError  # noqa: E402
from cogs.scene_art.i18n import LANGUAGES, LOCALES, NAME  # noqa: E402
from cogs.scene_art.services.services import Services  # noqa: E402
from cogs.scene_art.ui.command_tree import ROOTS  # noqa: E402
from cogs.scene_art.ui.commands.group import SceneArtCommands  # noqa: E402
from cogs.scene_art.ui.commands.menus import LookMenu, build_illustrate_menu  # noqa: E402
from cogs.scene_art.ui.commands.moderation import ModerationCommands  # noqa: E402

Text = str | tuple[str, ...]
"""Of one thing and of several, where things are counted."""


class _Tree:
    """As much of a command tree as a command asks for when it is told to Discord."""

    class _Anything:
        @staticmethod
        def _merge_to_array(_: object) -> None:
            return None

    allowed_contexts = allowed_installs = _Anything


def wanted() -> Catalog:
    """Everything that is to be translated."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for text, context, where in (*_sentences(), *_commands()):
        catalog.add(text, context=context, locations=[(where, 0)] if where else [])
    return catalog


@functools.cache
def _sentences() -> tuple[tuple[Text, str | None, str], ...]:
    package = ROOT / "cogs" / "scene_art"
    found = extract_from_dir(package, [("**.py", "python")], keywords={"gettext": (1,), "ngettext": (1, 2)})
    return tuple((text, None, name) for name, _, text, _, _ in found)


def nobody() -> Services:
    """No services: commands and buttons are only described."""
    raise TransientError("there is no bot")


def commands() -> list[dict[str, Any]]:
    """Every command as it is told to Discord."""
    found = (
        SceneArtCommands(nobody, ""),
        ModerationCommands(nobody),
        build_illustrate_menu(nobody),
        LookMenu(nobody).command,
    )
    return [command.to_dict(_Tree) for command in found]  # type: ignore[arg-type]


def _commands() -> Iterator[tuple[Text, str | None, str]]:
    for payload in commands():
        yield from _collect(payload)


def _collect(payload: dict[str, Any]) -> Iterator[tuple[Text, str | None, str]]:
    if payload["name"] not in ROOTS:
        yield str(payload["name"]), None if "value" in payload else NAME, ""
    if payload.get("description"):
        yield str(payload["description"]), None, ""
    for part in (*(payload.get("options") or ()), *(payload.get("choices") or ())):
        yield from _collect(part)


def updated(language: str) -> Catalog:
    """The language's catalog with exactly what is wanted."""
    path = LOCALES / f"{language}.po"
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as opened:
            known = read_po(opened, locale=language, charset="utf-8")
    result = Catalog(locale=language, project="scene-art", charset="utf-8", fuzzy=False, header_comment=f"# {language}")
    for message in wanted():
        if message.id:
            old = known.get(message.id, message.context)
            fits = old is not None and old.pluralizable == message.pluralizable
            string = old.string if old and fits else ""
            result.add(message.id, string, locations=message.locations, context=message.context)
    return result


def main() -> None:
    """Write every catalog."""
    for language in LANGUAGES:
        catalog = updated(language)  # read before the same file is opened to be written
        with (LOCALES / f"{language}.po").open("wb") as opened:
            write_po(opened, catalog, width=120, omit_header=True, sort_output=True, include_lineno=False)


if __name__ == "__main__":
    main()

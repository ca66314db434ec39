"""Writes the table of a channel's settings into `docs/settings.md` from their declarations."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cogs.scene_art.domain.preferences import (  # noqa: E402
    SETTINGS,
    Number,
    OneOf,
    Paragraph,
    RoleList,
    Setting,
    StyleList,
    Switch,
    TextChannel,
)

DOCUMENT = ROOT / "docs" / "settings.md"
HEAD = "| setting | takes | default | bound |\n| --- | --- | --- | --- |\n"


def table() -> str:
    """Build the table, with its head, one row a setting."""
    return HEAD + "".join(f"{row}\n" for row in _rows())


def _rows() -> Iterator[str]:
    for name, setting in SETTINGS.items():
        default = f"`SCENE_ART_{setting.operators.upper()}`" if setting.operators else _default(setting)
        yield f"| {setting.label} (`{name}`) | {_takes(setting)} | {default} | {_bound(setting)} |"


def _bound(setting: Setting) -> str:
    return f"{setting.bound.documented}; in servers alone" if setting.servers_only else setting.bound.documented


def _default(setting: Setting) -> str:
    match setting.widget:
        case Switch():
            return "on" if setting.default else "off"
        case OneOf(options) if setting.default in options:
            return str(options[setting.default])
    return str(setting.nothing)


def _takes(setting: Setting) -> str:
    match setting.widget:
        case Number(unit, most):
            return f"0 to {most:,} {'US dollars' if unit == 'dollars' else unit}"
        case OneOf(options):
            return "; ".join(map(str, options.values()))
        case Paragraph(limit):
            return f"a text of up to {limit:,} characters"
        case RoleList(most):
            return f"up to {most} roles"
        case widget:
            return {Switch: "on or off", StyleList: "one of your styles", TextChannel: "a text channel"}[type(widget)]


def documented(text: str) -> str:
    """Return the document's table.

    Raises:
        ValueError: there is none.
    """
    start = text.index(HEAD)
    return text[start : text.index("\n\n", start) + 1]


if __name__ == "__main__":
    old = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(old.replace(documented(old), table()), encoding="utf-8")

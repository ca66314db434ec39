"""Lists the requirements of pyproject.toml, one a line, with the developers' own; `make drift` installs them."""

from __future__ import annotations

import tomllib
from pathlib import Path


def main() -> None:
    """Print them."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    print(*project["dependencies"], *project["optional-dependencies"]["dev"], sep="\n")


if __name__ == "__main__":
    main()

"""A Chromium for the page's tests and the documentation's pictures: found on this machine, or downloaded into `.venv`.

`python -m tools.chromium` says which it is. Without any it downloads one by Playwright, whose own folder for browsers
is told to be in `.venv` (https://playwright.dev/python/docs/browsers). Nothing is installed anywhere else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".venv" / "browsers"
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell",
    "chrome-headless-shell", "microsoft-edge", "msedge",
)  # fmt: skip
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
_DOWNLOADED = ("**/chrome-headless-shell", "**/headless_shell", "**/chrome-headless-shell.exe", "**/headless_shell.exe")
_PATIENCE = 300
"""Seconds that a download may take."""


@cache
def find(folder: Path = FOLDER) -> Path | None:
    """The program, if there is one that starts: `CHROMIUM` of the environment, on the PATH, or downloaded."""
    chosen = os.environ.get("CHROMIUM")
    candidates = [Path(chosen)] if chosen else []
    candidates += [Path(path) for path in (*map(shutil.which, NAMES), *_ELSEWHERE) if path]
    candidates += [path for pattern in _DOWNLOADED for path in sorted(folder.glob(pattern))]
    return next((path for path in candidates if _starts(path)), None)


def _starts(program: Path) -> bool:
    if not program.is_file():
        return False
    try:
        ran = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)  # noqa: S603  # ours
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0


def download(folder: Path = FOLDER) -> None:
    """Download a headless Chromium into `folder`, about 100 MB.

    Raises:
        OSError: it cannot be had: no network, or nothing for this platform.
        subprocess.SubprocessError: likewise.
    """
    tool = folder / "playwright"
    venv.create(tool, with_pip=True)
    python = next(path for name in ("bin/python", "Scripts/python.exe") if (path := tool / name).exists())
    pinned = str(ROOT / "requirements-browser.txt")
    quietly = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    _run(python, "pip", "install", *quietly, "--require-hashes", "-r", pinned)
    _run(python, "playwright", "install", "--only-shell", "chromium", PLAYWRIGHT_BROWSERS_PATH=str(folder))


def _run(python: Path, module: str, *arguments: str, **more: str) -> None:
    command = [str(python), "-m", module, *arguments]
    subprocess.run(command, env={**os.environ, **more}, timeout=_PATIENCE, check=True)  # noqa: S603  # ours


def main() -> None:
    """Say which Chromium there is, after downloading one where there is none."""
    program = find()
    if program is None:
        print("No Chromium was found; one is downloaded into .venv, once.", flush=True)
        try:
            download()
        except (OSError, subprocess.SubprocessError) as exc:
            print(f"It could not be downloaded: {exc}", file=sys.stderr)
        find.cache_clear()
        program = find()
    if program is None:
        sys.exit("There is no Chromium: the tests of the page are skipped. `make browser` tries again.")
    print(f"The page is tested in {program}.")


if __name__ == "__main__":
    main()

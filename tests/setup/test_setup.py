"""`make` installs what is pinned, whatever newer releases the index has, with every pip that a supported Python brings.

The index is a folder of empty wheels with the names, versions and requirements of the real ones, beside a newer release
of each.
"""

from __future__ import annotations

import ensurepip
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = ".venv/.runtime"
PYTHON = ".venv/bin/python"
OLDEST_PIP = ROOT / ".venv" / "wheels" / "pip-22.3-py3-none-any.whl"
"""Python 3.11.0 brings it."""
PIN = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?P<marker> ;[^\\\n]*)? \\(?:\n +--hash=\S+(?: \\)?)+", re.M
)


def empty_wheel(folder: Path, name: str, version: str, more: list[str]) -> str:
    """Writes a wheel without code; its hash."""
    stem = f"{name.replace('-', '_')}-{version}"
    wheel = folder / f"{stem}-py3-none-any.whl"
    metadata = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *more, ""])
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", metadata)
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def newer(version: str) -> str:
    """A release that every cap on the next major version lets through."""
    return f"{version.partition('.')[0]}.999"


def rebuild(pin: re.Match[str], index: Path) -> str:
    """Put an empty wheel for `pin` into `index`, and a newer one beside it; return the pin with the new hash."""
    name, version = pin["name"], pin["version"]
    try:
        real = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:  # its marker says: not on this machine
        return pin[0]
    more = [f"{key}: {value}" for key in ("Requires-Dist", "Provides-Extra") for value in real.get_all(key) or ()]
    empty_wheel(index, name, newer(version), more)
    return f"{name}=={version}{pin['marker'] or ''} --hash=sha256:{empty_wheel(index, name, version, more)}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile, and a lock like ours for the folder `index`."""
    (tmp_path / "index").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    rebuilt, pins = PIN.subn(lambda pin: rebuild(pin, tmp_path / "index"), lock)
    assert pins == len(re.findall(r"^\w", lock, re.M)) > 40
    (tmp_path / "requirements.txt").write_text(rebuilt)
    venv.create(tmp_path / ".venv", symlinks=True)
    return tmp_path


def run(project: Path, pip: Path, *command: str) -> str:
    """Run `command` in the project's folder, with `pip` and no other index than the folder; return its output."""
    unpacked = project / "pip"
    if not unpacked.exists():
        shutil.unpack_archive(pip, unpacked, "zip")
    environment = {"PYTHONPATH": str(unpacked), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project / "index")}
    ran = subprocess.run(  # noqa: S603  # ours
        command,
        cwd=project,
        env={**os.environ, **environment, "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def bundled_pip() -> Path:
    """The pip that this Python brings, as a wheel; Debian keeps it elsewhere."""
    folders = [Path(ensurepip.__file__).parent / "_bundled", Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "")]
    return next(wheel for folder in folders for wheel in folder.glob("pip-*.whl"))


def oldest_pip() -> Path:
    """The pip that Python 3.11.0 brings. Later Pythons bring newer ones, and it does not run on them."""
    if sys.version_info >= (3, 12):
        return bundled_pip()
    if not OLDEST_PIP.is_file():
        pytest.skip("`make test-setup` fetches the pip that Python 3.11.0 brings")
    return OLDEST_PIP


@pytest.mark.parametrize("find_pip", [bundled_pip, oldest_pip])
def test_a_newer_release_of_everything_changes_nothing(project: Path, find_pip: Callable[[], Path]) -> None:
    pip = find_pip()

    run(project, pip, "make", RUNTIME)

    listed = run(project, pip, PYTHON, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check")
    here = dict(line.split("==") for line in listed.splitlines())
    pins = {pin["name"]: pin["version"] for pin in PIN.finditer((ROOT / "requirements.txt").read_text("utf-8"))}
    assert {name: version for name, version in here.items() if pins.get(name, version) != version} == {}
    assert here["google-auth"] == pins["google-auth"]


def test_a_lock_that_lacks_something_stops_the_set_up(project: Path) -> None:
    lock = project / "requirements.txt"
    lock.write_text("\n".join(line for line in lock.read_text().splitlines() if line.startswith("aiohttp==")))

    with pytest.raises(AssertionError, match=r"aiohttp 3.* requires yarl, which is not installed"):
        run(project, bundled_pip(), "make", RUNTIME)

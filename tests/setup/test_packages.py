"""A release: a wheel and an sdist with what a user needs, metadata, and types that a host's checker finds."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

from tests.stage import ROOT

PACKAGE = ROOT / "cogs" / "scene_art"
HOST = """
from discord.ext import commands
from redis.asyncio import Redis
from scene_art import publish_turn_complete

class MyBot(commands.Bot):
    async def setup_hook(self) -> None:
        await self.load_extension("scene_art")

async def tell(redis: "Redis", text: str) -> bool:
    return await publish_turn_complete(redis, channel_id=1, narrative=text, turn_id="t-1")
"""


@dataclass(frozen=True)
class Built:
    """The two files of a release."""

    wheel: Path
    sdist: Path


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command without anybody's settings; it writes to `stdout` alone."""
    environ = {"PATH": os.environ["PATH"]}
    both: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run(command, cwd=folder, env=environ, check=False, **both)  # noqa: S603


def build(source: Path, target: Path, *options: str) -> None:
    done = run(sys.executable, "-m", "hatchling", "build", *options, "-d", target, folder=source)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both, from this very tree."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def in_sdist(sdist: Path) -> set[str]:
    """Without the folder that holds everything."""
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if not member.isdir()}


def of_the_package(top: str) -> set[str]:
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {f"{top}/{path.relative_to(PACKAGE).as_posix()}" for path in files}


def test_the_wheel_is_the_package_and_nothing_else(built: Built) -> None:
    dist_info = "scene_art-0.1.0.dist-info"
    about = {f"{dist_info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")}

    assert in_wheel(built.wheel) == of_the_package("scene_art") | about
    assert {"scene_art/py.typed", "scene_art/assets/personas/stargazer.png"} <= in_wheel(built.wheel)


def test_the_sdist_is_the_package_a_host_and_the_texts(built: Built) -> None:
    texts = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    pages = {"README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"}

    assert in_sdist(built.sdist) == of_the_package("cogs/scene_art") | texts | pages | {
        "bot.py",
        "pyproject.toml",
        "PKG-INFO",
        ".gitignore",  # hatchling adds it, and goes by it
    }


def test_the_sdist_builds_the_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [unpacked] = tmp_path.iterdir()
    build(unpacked, tmp_path / "dist", "-t", "wheel")

    assert in_wheel(tmp_path / "dist" / built.wheel.name) == in_wheel(built.wheel)


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def test_the_metadata_says_who_for_whom_and_on_what(built: Built) -> None:
    told = metadata(built.wheel)

    assert told["Author"] == "scene-art contributors"
    assert told["License-Expression"] == "MIT"
    assert told["Requires-Python"] == ">=3.11"
    assert told["Description-Content-Type"] == "text/markdown"
    assert {"discord.py", "redis"} <= set(told["Keywords"].split(","))
    classifiers = set(told.get_all("Classifier", []))
    pythons = {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13, 14)}
    assert pythons | {"Typing :: Typed", "Framework :: AsyncIO"} <= classifiers


@pytest.fixture
def installed(built: Built, tmp_path: Path) -> Path:
    """The Python of an environment with the wheel installed and our dependencies at hand."""
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment, folder=tmp_path)
    [site] = environment.glob("lib/python*/site-packages")
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(dependencies))
    pip = (sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", site)
    done = run(*pip, built.wheel, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    return environment / "bin" / "python"


def strict(python: Path, folder: Path, host: str) -> str:
    """Run strict mypy on a host in `folder`, and return its output."""
    (folder / "host.py").write_text(host)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python)
    return run(*mypy, "host.py", folder=folder).stdout


def test_strict_mypy_in_a_host_finds_our_types(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    folder.mkdir()

    assert strict(installed, folder, HOST).startswith("Success")
    wrong = strict(installed, folder, HOST.replace("narrative=text", "narrative=5"))
    assert 'Argument "narrative" to "publish_turn_complete" has incompatible type "int"; expected "str"' in wrong


def test_the_wheel_loads_and_unloads_where_nothing_else_of_ours_is(installed: Path, tmp_path: Path) -> None:
    check = (installed, "-I", ROOT / "tools" / "wheel_check.py")

    done = run(*check, folder=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1][:44]) == (0, "The wheel loads, listens and unloads on Pyth")
    [mark] = (installed.parents[1]).glob("lib/python*/site-packages/scene_art/py.typed")
    mark.unlink()
    done = run(*check, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "wheel-check: py.typed is missing\n")

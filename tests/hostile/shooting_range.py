"""The product's own workshop process, in a neighbourhood where everything is hostile, and what became of each case."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cogs.scene_art.domain.painting import Picture
from cogs.scene_art.errors import SceneArtError
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from tests.hostile import addresses, open_internet
from tests.hostile.cases import Case, cases
from tests.hostile.network import Canary, HostileServer, NameServer, free_port
from tests.stage import children_of

SITE = Path(__file__).parent / "site" / "sitecustomize.py"
MB = 1024 * 1024


@dataclass
class Neighbourhood:
    """Whom the product may meet. `attempts` are all connections that it tried, as (host, port)."""

    names: NameServer
    canary: Canary
    server: HostileServer
    log: Path
    closed_port: int
    """A port without a listener, to which one of the public addresses leads."""

    def attempts(self) -> set[tuple[str, int]]:
        """So far, by every process that was started in it."""
        if not self.log.exists():
            return set()
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return {(host, int(port)) for host, _, port in (line.rpartition(" ") for line in lines)}

    def astray(self) -> set[tuple[str, int]]:
        """The attempts to reach anybody but the trusted and the public server, and a mark for each canary's visit."""
        visits = {("canary", number) for number in range(self.canary.visits)}
        public = {(address, port) for address in open_internet.PUBLIC for port in (80, 443)}
        return visits | (self.attempts() - public - {("127.0.0.1", port) for port in self.ports})

    @property
    def ports(self) -> set[int]:
        """Of loopback, where servers stand: the trusted one, which is the public one as well, and a closed one."""
        return {self.server.port, self.closed_port}

    @property
    def trusted(self) -> str:
        """The only address that the operator trusts: the hostile server's own."""
        return f"127.0.0.1:{self.server.port}"


@asynccontextmanager
async def neighbourhood() -> AsyncIterator[Neighbourhood]:
    """Open for business; processes of the product that are started within belong to it."""
    names, canary, server = await NameServer().start(), await Canary().start(), await HostileServer().start()
    zone = addresses.ZONE | open_internet.ZONE
    names.zone = {name: [list(answer) for answer in said] for name, said in zone.items()}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        log = Path(folder) / "attempts"
        around = Neighbourhood(names, canary, server, log, free_port())
        stack.enter_context(_network_of(around))
        try:
            yield around
        finally:
            names.stop()
            await canary.stop()
            await server.stop()


@contextmanager
def _network_of(around: Neighbourhood) -> Iterator[None]:
    """Processes that are started now get its name server, a firewall that writes to its log, and its public server."""
    ports = dict.fromkeys(open_internet.PUBLIC, around.server.port) | {open_internet.CLOSED: around.closed_port}
    with pytest.MonkeyPatch.context() as patch:
        folder = around.log.parent
        network = {"dns": around.names.address, "log": str(around.log), "public": ports}
        (folder / "network.json").write_text(json.dumps(network), encoding="utf-8")
        shutil.copy(SITE, folder)
        patch.syspath_prepend(str(folder))
        yield


@dataclass(frozen=True)
class Seen:
    """The outcome of a case."""

    picture: Picture | None
    sentence: str
    milliseconds: float
    megabytes: float
    """By which the process grew at most while it was at it."""
    shown: bytes = b""
    """The file that goes on to the painter."""


class Range:
    """Loads references in one workshop process, as the bot does."""

    def __init__(self, around: Neighbourhood, workers: WorkerProcesses) -> None:
        self.around = around
        self._workers = workers
        self._pid = 0
        self.cases = cases(around.canary, around.server)

    async def load(self, case: Case) -> Seen:
        """Have the case's address opened."""
        idle = self.reset_peak()
        began = time.monotonic()
        picture, sentence = None, ""
        try:
            picture = await self._workers.load_url(case.url, group=case.name)
        except SceneArtError as exc:
            sentence = exc.sentence
        took = (time.monotonic() - began) * 1000
        shown = await asyncio.to_thread(picture.path.read_bytes) if picture else b""
        return Seen(picture, sentence, took, max(0.0, self.peak() - idle), shown)

    @property
    def pid(self) -> int:
        """The workshop's process. Looked for again only when it is gone: the search reads of every process there is."""
        if not Path(f"/proc/{self._pid}/stat").exists():
            commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children_of(os.getpid())}
            [self._pid] = [pid for pid, command in commands.items() if b"worker_process.server\0pictures" in command]
        return self._pid

    def peak(self) -> float:
        """The most memory that the process had since the last reset, in MB."""
        return self._status("VmHWM")

    def reset_peak(self) -> float:
        """Forget the peak; the memory that the process has now, in MB."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")
        return self._status("VmRSS")

    def _status(self, field: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith(f"{field}:"))
        return int(line.split()[1]) / 1024


@asynccontextmanager
async def shooting_range() -> AsyncIterator[Range]:
    """A workshop that is warm, and all cases."""
    async with neighbourhood() as around:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            # They would lead every reference astray. (Gemini's client listens to them, as its operator wishes.)
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
                patch.setenv(name, "http://127.0.0.1:9/")
            worker_config = WorkerConfig(
                folder=Path(folder) / "workshop", painter="storyboard", trusted_hosts=around.trusted
            )
            async with WorkerProcesses(worker_config) as workers:
                opened = Range(around, workers)
                await workers.load_url(around.server.url("good.png"))
                yield opened


if sys.platform != "linux":
    pytest.skip("memory is read in Linux's /proc", allow_module_level=True)

"""How much memory hostile pictures take in the worker processes: `python benchmarks/memory.py`. Linux only.

The real helper process loads references from a server on loopback that the operator trusts: case by case, then all
of them together, several times over. Figures are the process's resident memory: before, at its highest, and the
difference in MB.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from cogs.scene_art.domain.personas import ASSETS
from cogs.scene_art.errors import SceneArtError
from cogs.scene_art.worker_process import WorkerProcesses
from cogs.scene_art.worker_process.protocol import WorkerConfig
from tests.stage import children_of

MB = 1024 * 1024
BODY = 8 * MB - 1
ROUNDS = 3
SIDE = 5656
"""Of a square of nearly 32 megapixels."""


@dataclass(frozen=True)
class Case:
    """A body, and how often it is asked for at once, each time under another address."""

    name: str
    make: Callable[[], bytes]
    times: int = 4


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """`image` as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(mode: str, side: int) -> Image.Image:
    """What compresses badly."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    small = Image.frombytes(mode, (256, 256), random.Random(5).randbytes(256 * 256 * bands))
    return small.resize((side, side), Image.Resampling.NEAREST)


def padded(data: bytes, at: int, head: Callable[[int], bytes], tail: Callable[[bytes], bytes] = lambda _: b"") -> bytes:
    """`data` with something of no use inside, up to the limit for bodies."""
    size = BODY - len(data) - 32
    filling = head(size) + bytes(size)
    return data[:at] + filling + tail(filling) + data[at:]


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG's."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_bomb() -> bytes:
    """A PNG whose compressed notes unfold to a thousand times their size."""
    data = saved(Image.new("RGB", (64, 64)), "PNG")
    notes = b"".join(chunk(b"zTXt", b"n%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(3000))
    return data[:33] + notes + data[33:]


def many_scans() -> bytes:
    """A progressive JPEG whose last scan is said again and again."""
    data = saved(noise("RGB", 2048), "JPEG", progressive=True, quality=30)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 90 + data[-2:]


def gif_of(side: int) -> bytes:
    """A small frame on a huge canvas."""
    data = bytearray(saved(Image.new("P", (64, 64)), "GIF"))
    data[6:10] = struct.pack("<HH", side, side)
    return bytes(data)


def full_png() -> bytes:
    """As large a body as is taken, around as many pixels."""
    return padded(
        saved(Image.new("RGBA", (SIDE, SIDE), (200, 30, 30, 99)), "PNG", compress_level=1),
        33,
        lambda size: struct.pack(">I", size) + b"junk",
        lambda filling: struct.pack(">I", zlib.crc32(filling[4:])),
    )


CASES = (
    Case("PNG, RGBA, 32 megapixels", lambda: saved(Image.new("RGBA", (SIDE, SIDE), (200, 30, 30, 99)), "PNG")),
    Case("the same in a body of 8 MB", full_png),
    Case("PNG, RGB, 4096 x 4096", lambda: saved(noise("RGB", 4096), "PNG", compress_level=1)),
    Case("PNG, grey of 16 bits, 32 megapixels", lambda: saved(Image.new("I;16", (SIDE, SIDE), 0x8000), "PNG")),
    Case("PNG, text that unfolds to 3 GB", text_bomb),
    Case("JPEG, 32 megapixels", lambda: saved(Image.new("RGB", (SIDE, SIDE), "teal"), "JPEG")),
    Case("JPEG, progressive, 4:2:0, 32 megapixels",
         lambda: saved(Image.new("RGB", (SIDE, SIDE)), "JPEG", progressive=True)),
    Case("JPEG, progressive, 4:4:4, 4096 x 4096",
         lambda: saved(noise("RGB", 4096), "JPEG", progressive=True, subsampling=0, quality=40)),
    Case("JPEG, progressive, CMYK, 4096 x 4096",
         lambda: saved(Image.new("CMYK", (4096, 4096), (9, 99, 30, 1)), "JPEG", progressive=True)),
    Case("JPEG, a hundred scans", many_scans),
    Case("WebP, 3000 x 3000", lambda: saved(noise("RGB", 3000), "WEBP", quality=60)),
    Case("WebP, lossless, see-through, 3000 x 3000",
         lambda: saved(Image.new("RGBA", (3000, 3000), (9, 99, 30, 77)), "WEBP", lossless=True)),
    Case("WebP, 32 megapixels", lambda: saved(Image.new("RGB", (SIDE, SIDE)), "WEBP", method=0)),
    Case("GIF, a canvas of 32 megapixels", lambda: gif_of(SIDE)),
    Case("GIF, 32 megapixels", lambda: saved(noise("L", SIDE).convert("P"), "GIF")),
    Case("8 MB that are no picture", lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(BODY - 8), times=16),
)  # fmt: skip


class Meter:
    """A process's resident memory, as the kernel counts it."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")

    def _status(self, field: str) -> float:
        lines = (self._proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024

    def now(self) -> float:
        """MB."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """MB, since the last `reset`."""
        return self._status("VmHWM")

    def reset(self) -> None:
        """Forget the peak."""
        (self._proc / "clear_refs").write_text("5")


class Yard:
    """The workshop, and the server whose pictures it loads."""

    def __init__(self, workers: WorkerProcesses, server: TestServer) -> None:
        self._workers = workers
        self._server = server
        self._asked = 0

    async def load(self, number: int) -> str:
        """Load the case of that number anew: `ok`, or why not."""
        self._asked += 1
        url = str(self._server.make_url(f"/{number}/{self._asked}"))
        try:
            await self._workers.load_url(url, group=str(self._asked % 5))
        except SceneArtError as exc:
            return exc.detail.rpartition(": ")[2]
        return "ok"


async def measured(label: str, meter: Meter, idle: float, loads: Sequence[Coroutine[None, None, str]]) -> float:
    """Run all at once, print a line, and tell the peak."""
    meter.reset()
    began = time.perf_counter()
    results = await asyncio.gather(*loads)
    seconds, peak, after = time.perf_counter() - began, meter.peak(), meter.now()
    told = ", ".join(f"{results.count(result)} {result}" for result in dict.fromkeys(results))
    print(f"{label:42} {peak:5.0f} {peak - idle:+6.0f} {after - idle:+6.0f}  {seconds:5.1f} s  {told}", flush=True)
    return peak


async def serve(stack: AsyncExitStack, folder: Path) -> TestServer:
    """Every case's body under `/<number>/<anything>`, from a file: this process is not what is measured."""
    for number, case in enumerate(CASES):
        (folder / str(number)).write_bytes(case.make())

    async def answer(request: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / request.match_info["number"])

    app = web.Application()
    app.router.add_get("/{number}/{any}", answer)
    server = TestServer(app)
    await server.start_server()
    stack.push_async_callback(server.close)
    return server


async def main() -> None:
    """Case by case, then the mix, several times over."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await serve(stack, folder)
        worker_config = WorkerConfig(folder=Path(), painter="storyboard", trusted_hosts=f"127.0.0.1:{server.port}")
        workers = await stack.enter_async_context(WorkerProcesses(worker_config))
        await workers.load_file(ASSETS / "personas" / "stargazer.png")
        [helper] = children_of(os.getpid())
        meter, yard = Meter(helper), Yard(workers, server)
        idle = meter.now()
        print(f"idle {idle:.0f} MB\n{'MB':>48} above  after")
        peaks = [
            await measured(case.name, meter, idle, [yard.load(number) for _ in range(case.times)])
            for number, case in enumerate(CASES)
        ]
        for turn in range(ROUNDS):
            mix = [yard.load(number) for number, case in enumerate(CASES) for _ in range(case.times)]
            random.Random(turn).shuffle(mix)
            peaks.append(await measured(f"all of them at once, round {turn + 1}", meter, idle, mix))
        print(f"idle {idle:.0f} MB, peak {max(peaks):.0f} MB, difference {max(peaks) - idle:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())

"""The worker processes are hurt under a running bot: what was paid for is posted, once, whatever dies beside it."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import wait_until
from sandbox.gemini_answers import picture
from tests.faults.app import ended, names_shown, open_app, operator_lines, posted_once, until
from tests.stage import Stage, children_of, portrait

UPLOAD = ("mira.png", portrait("teal"))


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the parent of the workers' temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def workers(name: str = "") -> list[int]:
    """The ids of our worker processes."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children_of(os.getpid())}
    return [pid for pid, command in commands.items() if f"worker_process.server\0{name}".encode() in command]


async def test_a_decoder_that_dies_takes_no_paid_request_with_it(redis_url: str) -> None:
    async with open_app(redis_url) as app:
        channel = app.channel()
        app.sandbox.gemini.script(picture(portrait("red", (320, 180)), delay=3))
        await app.request(channel, "The lantern falls.")
        await until(lambda: len(app.sandbox.gemini.requests) == 1)
        [decoder] = workers("pictures")
        os.kill(decoder, signal.SIGKILL)
        await until(lambda: decoder not in children_of(os.getpid()))

        await posted_once(app, channel)
        assert sum("lantern" in request.scene for request in app.sandbox.gemini.requests) == 1


async def test_a_painter_that_dies_takes_no_reference_with_it(redis_url: str) -> None:
    async with open_app(redis_url) as app:
        channel = app.channel()
        url = app.sandbox.files.add("mira.png", portrait("red"), delay=2)
        await app.request(channel, "Mira waves.", character_names=["Mira"], character_urls=[url])
        await until(lambda: app.sandbox.files.hits("mira.png"))
        [painter] = workers("painter")
        os.kill(painter, signal.SIGKILL)

        await posted_once(app, channel)
        assert names_shown(app.asked_now("Mira waves.")[0]) >= {"Mira"}
        assert app.sandbox.files.hits("mira.png") == 1


async def test_a_download_that_was_lost_with_its_process_is_begun_again(redis_url: str) -> None:
    async with open_app(redis_url) as app:
        channel = app.channel()
        url = app.sandbox.files.add("mira.png", portrait("red"), delay=2)
        await app.request(channel, "Mira waves.", character_names=["Mira"], character_urls=[url])
        await until(lambda: app.sandbox.files.hits("mira.png"))
        [decoder] = workers("pictures")
        os.kill(decoder, signal.SIGKILL)

        await posted_once(app, channel)
        assert names_shown(app.asked_now("Mira waves.")[0]) >= {"Mira"}


class FullDisk:
    """No process of ours can write a byte to a file, as on a disk without room; needs no root."""

    def __init__(self) -> None:
        self._before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in workers()}
        for pid, (_, hard) in self._before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))

    def end(self) -> None:
        for pid, before in self._before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_burns_no_money_and_heals(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with open_app(redis_url) as app:
        channel = app.channel()
        await shown_with_mira(app, "She arrives.", "before.png")
        disk = FullDisk()
        for number in range(3):
            await shown_with_mira(app, f"Turn {number}.", f"{number}.png", arrives=False)
        assert len(operator_lines(caplog, "no room in")) == 1
        disk.end()

        await shown_with_mira(app, "She is back.", "after.png")
        assert len(operator_lines(caplog, "again")) == 1
        assert len(app.sandbox.gemini.requests) == len(app.sandbox.gemini.paid) == 5
        assert not app.posts(channel)


async def shown_with_mira(app: Stage, story: str, name: str, *, arrives: bool = True) -> None:
    """A scene of Mira's in a channel of its own is painted and posted once, and her picture goes along or not."""
    channel = app.channel()
    url = app.sandbox.files.add(name, portrait("red"))
    await app.request(channel, story, character_names=["Mira"], character_urls=[url])
    await ended(app, channel, "posted")
    [request] = app.asked_now(story)
    assert ("Mira" in names_shown(request)) is arrives


@pytest.fixture
def small_disk(scratch: Path) -> Iterator[Path]:
    """A file system of 5 MB in the place of the temporary folder."""
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=5m tmpfs {scratch}") != 0:  # noqa: S605
        pytest.skip("mounting needs root")
    yield scratch
    os.system(f"umount -l {scratch}")  # noqa: S605


def fill(path: Path) -> None:
    """Take all the room that there is."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4_096))


def remount(path: Path, how: str) -> None:
    """As `ro` or `rw`."""
    subprocess.run(["/bin/mount", "-o", f"remount,{how}", str(path)], check=True)  # noqa: S603


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_full_file_system_burns_no_money_and_heals(
    redis_url: str, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_app(redis_url) as app:
        user = app.sandbox.discord.add_user("Mira")
        filling = small_disk / "filling"
        fill(filling)
        await shown_with_mira(app, "The disk is full.", "full.png", arrives=False)
        refused = await app.typed(app.channel(), user, "draw", text="A fox.", reference1=UPLOAD)
        assert refused == "A reference picture couldn't be loaded. Try another one."
        assert len(operator_lines(caplog, "no room in")) == 1
        assert files(small_disk) == [filling]

        filling.unlink()
        await shown_with_mira(app, "There is room again.", "room.png")
        assert len(operator_lines(caplog, "again")) == 1


async def test_a_read_only_file_system_costs_references_and_heals(redis_url: str, small_disk: Path) -> None:
    async with open_app(redis_url) as app:
        remount(small_disk, "ro")
        await shown_with_mira(app, "Nothing can be written.", "read.png", arrives=False)
        remount(small_disk, "rw")
        await shown_with_mira(app, "It can.", "write.png")


async def test_a_folder_that_is_deleted_is_made_again(redis_url: str, scratch: Path) -> None:
    async with open_app(redis_url) as app:
        await shown_with_mira(app, "She arrives.", "before.png")
        [folder] = os.scandir(scratch)
        shutil.rmtree(folder)

        await shown_with_mira(app, "She is back.", "before.png")
        [folder] = os.scandir(scratch)
        assert folder.stat().st_mode & 0o077 == 0
        assert len(app.sandbox.gemini.requests) == 2


def variables(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_no_worker_gets_what_it_does_not_need(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_DATABASE", "postgres://user:a-password@localhost")
    monkeypatch.setenv("HTTPS_PROXY", "")
    async with open_app(redis_url):
        await wait_until(lambda: workers("painter") and workers("pictures"))
        seen = {name: variables(workers(name)[0]) for name in ("painter", "pictures")}

    assert not [name for name, text in seen.items() if b"a-password" in text or b"AIza" in text or b"DISCORD" in text]
    assert b"GOOGLE_GEMINI_BASE_URL=" in seen["painter"]
    assert b"GOOGLE_" not in seen["pictures"]

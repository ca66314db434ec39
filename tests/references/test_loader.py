"""One fetch for everybody who asks, and a cache that forgets in time."""

from __future__ import annotations

import asyncio
import errno
import os
import pickle
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from cogs.scene_art.errors import ReferenceUnavailableError, from_wire
from cogs.scene_art.references.addresses import TrustedHosts
from cogs.scene_art.references.fetch import Fetcher, Limits
from cogs.scene_art.references.loader import ReferenceLoader
from cogs.scene_art.references.outcomes import CacheRules
from cogs.scene_art.scratch import folder_error, write_file
from tests.clock import Clock
from tests.references.support import FakeNames, WebServer, png


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


class Setup:
    """Builds loaders that trust the test's server."""

    def __init__(self, stack: AsyncExitStack, web: WebServer, names: FakeNames, clock: Clock, folder: Path) -> None:
        self._stack, self._web, self._names, self._clock = stack, web, names, clock
        self.folder = folder / "references"

    async def loader(
        self, rules: CacheRules | None = None, fresh_for: float = 60, limits: Limits | None = None
    ) -> ReferenceLoader:
        return await self._stack.enter_async_context(
            ReferenceLoader(
                Fetcher(
                    TrustedHosts.parse(f"127.0.0.1:{self._web.port}"),
                    limits=limits or Limits(total=timedelta(seconds=5)),
                    resolver=self._names,
                ),
                self.folder,
                timedelta(seconds=fresh_for),
                rules=rules or CacheRules(),
                clock=self._clock,
            )
        )

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} if self.folder.exists() else set()


@pytest.fixture
def setup(stack: AsyncExitStack, web: WebServer, names: FakeNames, clock: Clock, tmp_path: Path) -> Setup:
    return Setup(stack, web, names, clock, tmp_path)


class Gate:
    """An answer that waits until the test lets it go."""

    def __init__(self, body: bytes) -> None:
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self._body = body

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        self.asked.set()
        await self.open.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self._body) + self._body)
        await writer.drain()


async def test_a_fresh_picture_is_not_fetched_again(setup: Setup, web: WebServer, clock: Clock) -> None:
    loader = await setup.loader(fresh_for=60)
    web.answer("/a.png", png("red"))
    first = await loader.load(web.url("/a.png"))
    clock.now += 59
    assert await loader.load(web.url("/a.png")) == first
    assert len(web.requests) == 1
    clock.now += 2
    web.answer("/a.png", png("blue"))
    assert await loader.load(web.url("/a.png")) != first
    assert len(web.requests) == 2


async def test_all_who_ask_at_once_share_one_fetch(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    limiter = Gate(png())
    web.on("/a.png", limiter)
    waiting = [asyncio.create_task(loader.load(web.url("/a.png"))) for _ in range(20)]
    await limiter.asked.wait()
    limiter.open.set()
    assert len(set(await asyncio.gather(*waiting))) == 1
    assert len(web.requests) == 1


async def test_who_gives_up_takes_nothing_from_the_others(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    limiter = Gate(png())
    web.on("/a.png", limiter)
    first = asyncio.create_task(loader.load(web.url("/a.png")))
    second = asyncio.create_task(loader.load(web.url("/a.png")))
    await limiter.asked.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    limiter.open.set()
    assert (await second).width == 8
    assert len(web.requests) == 1


async def test_a_flood_of_one_group_leaves_the_others_their_turns(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    limiters = [Gate(png()) for _ in range(40)]
    for number, limiter in enumerate(limiters):
        web.on(f"/{number}.png", limiter)
    web.answer("/good.png", png("red", (9, 9)))
    flood = [asyncio.create_task(loader.load(web.url(f"/{number}.png"), group="a")) for number in range(40)]
    await limiters[0].asked.wait()

    assert (await loader.load(web.url("/good.png"), group="b")).width == 9
    # Nor does it help to have asked for what the others want.
    wanted = asyncio.create_task(loader.load(web.url("/39.png"), group="b"))
    await limiters[39].asked.wait()
    assert sum(limiter.asked.is_set() for limiter in limiters) == Limits().per_group + 1

    for limiter in limiters:
        limiter.open.set()
    assert len({picture.path for picture in await asyncio.gather(wanted, *flood)}) == 1
    assert len(web.requests) == 41


async def test_who_waits_too_long_for_a_turn_is_told(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader(limits=Limits(timeout=timedelta(seconds=2), per_group=1))
    limiters = [Gate(png()), Gate(png())]
    addresses = [web.url("/slow.png"), web.url("/a.png")]
    web.on("/slow.png", limiters[0])
    web.on("/a.png", limiters[1])
    # Whoever is told only after the turn came free has tried in vain too: nobody is left at work.
    problems = await asyncio.gather(*map(loader.load, addresses), return_exceptions=True)
    assert [str(problem) for problem in problems] == [
        f"{address}: too many others are at work" for address in addresses
    ]
    for limiter in limiters:
        limiter.open.set()
    assert [(await loader.load(address)).width for address in addresses] == [8, 8]


async def test_a_large_body_waits_on_disk_and_leaves_nothing_there(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    web.answer("/a.png", png() + bytes(3_000_000))
    web.answer("/b.png", bytes(3_000_000))
    picture = await loader.load(web.url("/a.png"))
    with pytest.raises(ReferenceUnavailableError, match="not a PNG"):
        await loader.load(web.url("/b.png"))
    assert setup.files() == {picture.path.name}


async def test_when_all_give_up_the_picture_is_there_for_the_next(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    limiter = Gate(png())
    web.on("/a.png", limiter)
    only = asyncio.create_task(loader.load(web.url("/a.png")))
    await limiter.asked.wait()
    only.cancel()
    await asyncio.gather(only, return_exceptions=True)
    limiter.open.set()
    assert (await loader.load(web.url("/a.png"))).width == 8
    assert len(web.requests) == 1


async def test_leaving_ends_what_is_under_way(setup: Setup, web: WebServer, stack: AsyncExitStack) -> None:
    loader = await setup.loader()
    limiter = Gate(png())
    web.on("/a.png", limiter)
    waiting = asyncio.create_task(loader.load(web.url("/a.png")))
    await limiter.asked.wait()
    await stack.aclose()
    with pytest.raises(ReferenceUnavailableError, match="closed"):
        await waiting
    for again in (loader.load("http://a.example/a.png"), loader.load_file(Path("a")), loader.sheet([])):
        with pytest.raises(ReferenceUnavailableError, match="closed"):
            await again


async def test_lasting_failures_are_remembered_for_a_little_while(setup: Setup, web: WebServer, clock: Clock) -> None:
    loader = await setup.loader(CacheRules(failures_for=timedelta(seconds=30)))
    seen = []
    for _ in range(3):
        with pytest.raises(ReferenceUnavailableError, match="answered 404") as caught:
            await loader.load(web.url("/gone.png?key=hush"))
        seen.append(caught.value)
    assert len(web.requests) == 1
    assert len({id(error) for error in seen}) == 3
    clock.now += 31
    web.answer("/gone.png", png())
    assert (await loader.load(web.url("/gone.png?key=hush"))).width == 8


async def test_passing_failures_are_not_remembered(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    web.answer("/a.png", status="503 Busy")
    with pytest.raises(ReferenceUnavailableError, match="answered 503"):
        await loader.load(web.url("/a.png"))
    web.answer("/a.png", png())
    assert (await loader.load(web.url("/a.png"))).width == 8


@pytest.mark.parametrize("body", [b"<html>key=hush</html>", png()[:-30]])
async def test_what_is_no_picture_is_told_with_its_address(
    setup: Setup, web: WebServer, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    loader = await setup.loader()
    web.answer("/a.png", body, Content_Type="image/png")
    with pytest.raises(ReferenceUnavailableError) as caught:
        await loader.load(web.url("/a.png?key=hush"))
    assert caught.value.detail.startswith(web.url("/a.png: "))
    assert "hush" not in caught.value.detail + caplog.text
    assert "couldn't be read" in caught.value.sentence


async def test_errors_travel_over_a_pipe(setup: Setup) -> None:
    loader = await setup.loader()
    with pytest.raises(ReferenceUnavailableError) as caught:
        await loader.load("http://10.0.0.1/a.png")
    for copy in (pickle.loads(pickle.dumps(caught.value)), from_wire(caught.value.to_wire())):  # noqa: S301
        assert type(copy) is ReferenceUnavailableError
        assert copy.detail == caught.value.detail


async def test_the_least_used_leaves_and_its_file_after_a_while(setup: Setup, web: WebServer, clock: Clock) -> None:
    loader = await setup.loader(CacheRules(entries=2, linger=timedelta(seconds=100)), fresh_for=1000)
    for colour in ("red", "lime", "blue"):
        web.answer(f"/{colour}", png(colour))
    red = await loader.load(web.url("/red"))
    lime = await loader.load(web.url("/lime"))
    await loader.load(web.url("/red"))
    blue = await loader.load(web.url("/blue"))
    assert setup.files() == {red.path.name, lime.path.name, blue.path.name}
    clock.now += 101
    web.answer("/white", png("white"))
    white = await loader.load(web.url("/white"))
    assert setup.files() == {red.path.name, blue.path.name, white.path.name}


async def test_where_a_folder_is_full_what_was_used_longest_ago_makes_room(
    setup: Setup, web: WebServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_four(path: Path, data: bytes) -> None:
        if len(setup.files()) >= 4:
            raise folder_error(path.parent, OSError(errno.ENOSPC, "No space left on device"))
        write_file(path, data)

    # Whether a folder of this machine can be filled depends on the rights that a test has.
    monkeypatch.setattr("cogs.scene_art.references.encode.write_file", only_four)
    loader = await setup.loader(CacheRules(linger=timedelta(seconds=100)), fresh_for=1000)
    colours = ("red", "lime", "blue", "white", "teal", "navy")
    for colour in colours:
        web.answer(f"/{colour}", png(colour))

    made = [await loader.load(web.url(f"/{colour}")) for colour in colours[:4]]
    with pytest.raises(ReferenceUnavailableError, match="no room"):
        await loader.load(web.url("/teal"))
    assert len(setup.files()) == 4, "a scene at work may still read all of them"

    clock.now += 200
    await loader.load(web.url("/lime"))
    made.append(await loader.load(web.url("/navy")))

    assert {made[-1].path.name, made[1].path.name} <= setup.files()
    assert made[0].path.name not in setup.files()
    assert (await loader.load(web.url("/red"))).path.exists(), "it is fetched again"


async def test_a_file_that_another_entry_shows_stays(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader(CacheRules(entries=2, linger=timedelta(0)))
    for path, colour in (("/1", "red"), ("/2", "red"), ("/3", "lime"), ("/4", "blue")):
        web.answer(path, png(colour))
    red = await loader.load(web.url("/1"))
    assert await loader.load(web.url("/2")) == red
    lime = await loader.load(web.url("/3"))
    assert setup.files() == {red.path.name, lime.path.name}
    blue = await loader.load(web.url("/4"))
    assert setup.files() == {lime.path.name, blue.path.name}


async def test_a_file_that_somebody_removed_is_made_again(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    web.answer("/a.png", png())
    picture = await loader.load(web.url("/a.png"))
    picture.path.unlink()
    assert (await loader.load(web.url("/a.png"))).path.exists()


async def test_a_cache_of_nothing_still_gives_pictures(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader(CacheRules(entries=0), fresh_for=0)
    web.answer("/a.png", png())
    assert (await loader.load(web.url("/a.png"))).path.exists()
    assert (await loader.load(web.url("/a.png"))).path.exists()
    assert len(web.requests) == 2


async def test_local_files_are_read_again_when_they_change(setup: Setup, tmp_path: Path) -> None:
    loader = await setup.loader()
    asset = tmp_path / "persona.png"
    asset.write_bytes(png("red"))
    first = await loader.load_file(asset)
    assert await loader.load_file(asset) == first
    asset.write_bytes(png("blue", (9, 9)))
    os.utime(asset, ns=(1, 1))
    assert (await loader.load_file(asset)).width == 9


async def test_local_files_that_are_not_to_be_had(setup: Setup, tmp_path: Path) -> None:
    loader = await setup.loader()
    (tmp_path / "text.png").write_text("no")
    for name, reason in (("gone.png", "cannot be read"), ("text.png", "not a PNG"), ("", "cannot be read")):
        with pytest.raises(ReferenceUnavailableError, match=reason):
            await loader.load_file(tmp_path / name)


async def test_the_loop_goes_on_while_pictures_are_decoded(setup: Setup, tmp_path: Path) -> None:
    loader = await setup.loader()
    asset = tmp_path / "large.png"
    asset.write_bytes(png("red", (3000, 3000)))
    loading = asyncio.create_task(loader.load_file(asset))
    turns = 0
    while not loading.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await loading).width == 1536
    assert turns > 100


async def test_a_sheet_stays_for_a_while(setup: Setup, web: WebServer, clock: Clock) -> None:
    loader = await setup.loader(CacheRules(linger=timedelta(seconds=100)), fresh_for=1000)
    web.answer("/a.png", png())
    picture = await loader.load(web.url("/a.png"))
    sheet = await loader.sheet([("Mira", picture.path), ("Kuro", picture.path)])
    assert sheet.path.exists()
    clock.now += 101
    other = await loader.sheet([("Mira", picture.path)])
    assert setup.files() == {picture.path.name, other.path.name}


async def test_a_prepared_picture_is_scaled_down(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    web.answer("/a.png", png("teal", (1200, 800)))
    picture = await loader.load(web.url("/a.png"))
    smaller = await loader.scaled_down(picture.path, 640)
    assert (smaller.width, smaller.height) == (640, 427)
    assert smaller.path.exists()


async def test_many_sources_at_once(setup: Setup, web: WebServer) -> None:
    loader = await setup.loader()
    for number in range(60):
        web.answer(f"/{number}.png", png("red", (8 + number, 8)))
    pictures = await asyncio.gather(*(loader.load(web.url(f"/{number}.png")) for number in range(60)))
    assert [picture.width for picture in pictures] == [8 + number for number in range(60)]

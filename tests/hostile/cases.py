"""All cases, each with its address and with what is to be expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.hostile import addresses, answers, oddities, open_internet, pictures, protocol
from tests.hostile.network import Answer, Canary, HostileServer

STATUSES = ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")
GOOD_PATH = "good.png"
TITLES = {
    "address": "Addresses",
    "disguise": "Disguised addresses",
    "name": "Names that lead somewhere private",
    "redirect": "Redirects of a trusted server",
    "public": "What a public server does",
    "answer": "Answers",
    "picture": "Files",
}


class Expected(StrEnum):
    """The expected outcome of a reference."""

    UNREACHED = "nobody is reached"
    NOTHING = "no picture"
    PICTURE = "its picture"
    EITHER = "a picture or none"


@dataclass(frozen=True)
class Case:
    """A reference that somebody names."""

    kind: str
    name: str
    url: str
    expected: Expected
    slow: bool = False


def cases(canary: Canary, server: HostileServer) -> list[Case]:
    """All of them; `server` will answer as they need it."""
    server.answers[GOOD_PATH] = answers.answer()
    return [
        *_addresses(canary, server),
        *_redirects(canary, server),
        *_public(canary, server),
        *_answers(server),
        *_pictures(server),
    ]


def _filled(form: str, canary: Canary, server: HostileServer) -> str:
    known = {"port": canary.port, "server": f"127.0.0.1:{server.port}", "server_port": server.port}
    for name, value in known.items():
        form = form.replace(f"{{{name}}}", str(value))
    return form


def _addresses(canary: Canary, server: HostileServer) -> Iterator[Case]:
    for kind, forms in (
        ("address", addresses.LITERAL),
        ("disguise", addresses.DISGUISED),
        ("name", addresses.NAMED),
    ):
        for name, form in forms.items():
            yield Case(kind, name, _filled(form, canary, server), Expected.UNREACHED)


def _redirects(canary: Canary, server: HostileServer) -> Iterator[Case]:
    for number in range(5):
        target = f"/chain/{number - 1}" if number else f"/{GOOD_PATH}"
        server.answers[f"chain/{number}"] = _redirect(target, "302 Found")
    yield Case("redirect", "three times, to a picture", server.url("chain/2"), Expected.PICTURE)
    for index, (name, form) in enumerate(addresses.LOCATIONS.items()):
        path = f"redirect/{index}.png"
        target = f"/{path}" if name == "in a circle" else _filled(form, canary, server)
        server.answers[path] = _redirect(target, STATUSES[index % len(STATUSES)])
        yield Case("redirect", name, server.url(path), Expected.UNREACHED)


def _public(canary: Canary, server: HostileServer) -> Iterator[Case]:
    """Yield the cases of public servers, all of them the same one here, which looks at the path alone."""
    for name, url in open_internet.GOOD.items():
        yield Case("public", name, _filled(url, canary, server), Expected.PICTURE)
    for name, url in open_internet.BAD.items():
        # The server waits for a line of HTTP, and says nothing to whoever begins with TLS.
        slow = url.startswith("https:") or "silent" in url
        yield Case("public", name, _filled(url, canary, server), Expected.NOTHING, slow)
    for number in range(4):
        target = f"/late/{number - 1}" if number else f"/{GOOD_PATH}"
        server.answers[f"late/{number}"] = protocol.later(_redirect(target, "302 Found"), 6.0)
    yield Case("public", "three hops of six seconds each", "http://public.test/late/2", Expected.NOTHING, slow=True)
    for index, (name, form) in enumerate(addresses.LOCATIONS.items()):
        for status in (STATUSES[(index + 2) % 5], STATUSES[(index + 4) % 5]):
            path = f"public/{index}/{status[:3]}.png"
            target = f"/{path}" if name == "in a circle" else _filled(form, canary, server)
            server.answers[path] = _redirect(target, status)
            yield Case("public", f"{status[:3]} {name}", f"http://public.test/{path}", Expected.UNREACHED)
    for index, (name, form) in enumerate(open_internet.WAYS_HOME.items()):
        path = f"home/{index}.png"
        server.answers[path] = _redirect(_filled(form, canary, server), STATUSES[index % 5])
        yield Case("public", name, f"http://public.test/{path}", Expected.PICTURE)
    for name in ("rebinding.test", "rebinding-metadata.test", "rebinding-half.test"):
        server.answers[f"{name}.png"] = _redirect(f"http://{name}/{GOOD_PATH}", "302 Found")
        yield Case("public", f"302 to {name} itself, which moved", f"http://{name}/{name}.png", Expected.UNREACHED)


def _redirect(target: str, status: str) -> Answer:
    return answers.answer(b"elsewhere", status, f"Location: {target.encode().decode('latin-1')}")


def _answers(server: HostileServer) -> Iterator[Case]:
    groups = (
        (answers.FAILING, Expected.NOTHING, False),
        (answers.SLOW, Expected.NOTHING, True),
        (answers.ARRIVING, Expected.PICTURE, False),
        (protocol.FAILING, Expected.NOTHING, False),
        (protocol.SLOW, Expected.NOTHING, True),
        (protocol.ARRIVING, Expected.PICTURE, False),
        (protocol.EITHER, Expected.EITHER, False),
    )
    for given, expected, slow in groups:
        for name, answer in given.items():
            path = f"answer/{len(server.answers)}.png"
            server.answers[path] = answer
            yield Case("answer", name, server.url(path), expected, slow)


def _pictures(server: HostileServer) -> Iterator[Case]:
    groups = (
        (pictures.BAD, Expected.NOTHING),
        (pictures.GOOD, Expected.PICTURE),
        (pictures.EITHER, Expected.EITHER),
        (oddities.BAD, Expected.NOTHING),
        (oddities.GOOD, Expected.PICTURE),
        (oddities.EITHER, Expected.EITHER),
    )
    for given, expected in groups:
        for name, make in given.items():
            path = f"picture/{len(server.answers)}.png"
            server.answers[path] = answers.answer(make())
            yield Case("picture", name, server.url(path), expected)

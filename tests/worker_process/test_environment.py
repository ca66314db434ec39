"""The worker processes know nothing of the host's secrets, whatever the host calls them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import certifi
import pytest
from aiohttp import web
from google import genai
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.worker_process.client import environment_of
from cogs.scene_art.worker_process.protocol import Worker
from sandbox import wait_until
from sandbox.gemini_answers import candidate, image_part
from sandbox.serving import LoopbackServer
from tests.stage import TIMEOUT_SECONDS
from tests.worker_process.support import LIMIT, MODEL_AND_KEY, STARGAZER, helpers, opened, prompt

CANARY = "canary-of-the-host"
SECRETS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET", "DATABASE_URL"),
    *("DISCORD_TOKEN", "REDIS_URL", "GEMINI_API_KEY", "GEMINI_API_KEYS", "GOOGLE_API_KEY", "SCENE_ART_SECRET"),
    *("GOOGLE_SECRET", "GOOGLE_CLIENT_SECRET", "GOOGLE_OAUTH_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS_JSON"),
    *("CLOUDSDK_AUTH_ACCESS_TOKEN", "CLOUDSDK_PROXY_PASSWORD", "GCLOUD_SERVICE_KEY", "GEMINI_BASE_TOKEN"),
    *("PYTHON_PACKAGES_TOKEN", "PYTHON_KEYRING_PASSWORD", "PYTHONSECRET", "LC_SECRET", "LC_TOKEN", "LANG_TOKEN"),
    *("MALLOC_SECRET", "MALLOC_CONF_TOKEN", "PATH_TOKEN", "HOME_PASSWORD", "TMP_KEY", "SSL_KEY_PASSWORD", "NETRC"),
    *("python_token", "lc_secret", "malloc_key", "google_secret", "path", "home", "lang", "pythonhome", "secret"),
    *("HTTP_PROXY_PASSWORD", "http_proxy_password", "ALL_PROXY", "all_proxy", "FTP_PROXY", "RSYNC_PROXY"),
)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
GOOGLES = {
    "GOOGLE_GEMINI_BASE_URL": "http://gemini.example",
    "GOOGLE_VERTEX_BASE_URL": "http://vertex.example",
    "GOOGLE_GENAI_USE_ENTERPRISE": "1",
    "GOOGLE_GENAI_USE_VERTEXAI": "1",
    "GOOGLE_GENAI_HTTP_CLIENT": "auto",
    "GOOGLE_GENAI_API_VERSION": "v1",
    "GOOGLE_CLOUD_PROJECT": "lanterns",
    "GOOGLE_CLOUD_LOCATION": "global",
    # With a client certificate the enterprise platform takes an account beside the key, and asks for its token.
    "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
    "GOOGLE_API_USE_MTLS_ENDPOINT": "never",
    "GOOGLE_API_CERTIFICATE_CONFIG": "c.json",
    "CLOUDSDK_CONFIG": "gcloud",
    "GCLOUD_PROJECT": "lanterns",
    "CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE": "0",
    "GOOGLE_APPLICATION_CREDENTIALS": "a.json",
    "CLOUDSDK_CONTEXT_AWARE_CERTIFICATE_CONFIG_FILE_PATH": "c.json",
    "GOOGLE_CLOUD_QUOTA_PROJECT": "lanterns",
    "GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN": "false",
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1",
    "REQUESTS_CA_BUNDLE": "ca.pem",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
"""What Google's client and its transports read when they are given a key, and no key is."""
NEEDED = {
    "SSL_CERT_FILE": certifi.where(),
    "SSL_CERT_DIR": "/etc/ssl/certs",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "7",
    "MALLOC_ARENA_MAX": "2",
}
SPY = """
import json, os, pathlib, sys
here = pathlib.Path(__file__).with_name("seen")
here.mkdir(exist_ok=True)
(here / f"{os.getpid()}.json").write_text(json.dumps(dict(os.environ)))
"""


@pytest.fixture
def spies(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have each process that is started write down what it sees; the folder of what they wrote."""
    folder = tmp_path_factory.mktemp("spies")
    (folder / "sitecustomize.py").write_text(SPY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    return folder / "seen"


def given_to(pid: int) -> dict[str, str]:
    """What the kernel says that the process was given."""
    entries = Path(f"/proc/{pid}/environ").read_text("utf-8").split("\0")
    return {name: value for name, found, value in (entry.partition("=") for entry in entries) if found}


def seen_by(spies: Path, pid: int) -> dict[str, str]:
    """What the process itself saw when Python began in it."""
    seen: dict[str, str] = json.loads((spies / f"{pid}.json").read_text("utf-8"))
    return seen


async def test_real_workers_hold_nothing_that_the_host_hides(spies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    for name in PROXIES:
        monkeypatch.setenv(name, f"http://user:{CANARY}@127.0.0.1:9/")
    for name, value in (NEEDED | GOOGLES).items():
        monkeypatch.setenv(name, value)

    async with opened("gemini") as workers:
        await workers.warm_up()
        await wait_until(lambda: all(helpers(worker) for worker in Worker), timeout=TIMEOUT_SECONDS)
        pids = {worker: helpers(worker)[0] for worker in Worker}
        await wait_until(
            lambda: all((spies / f"{pid}.json").exists() for pid in pids.values()), timeout=TIMEOUT_SECONDS
        )
        told = {worker: (given_to(pid), seen_by(spies, pid)) for worker, pid in pids.items()}

    for variables in told[Worker.PICTURES]:
        assert [name for name, value in variables.items() if CANARY in value] == []
        assert not variables.keys() & GOOGLES.keys()
    for variables in told[Worker.PAINTER]:
        assert {name for name, value in variables.items() if CANARY in value} == set(PROXIES)
        assert GOOGLES.items() <= variables.items()
    for worker in Worker:
        assert all(NEEDED.items() <= variables.items() for variables in told[worker])


names = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="="), min_size=1, max_size=40),
    st.tuples(
        st.sampled_from(["LC_", "PYTHON", "PYTHON_", "MALLOC_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "SSL_", "HTTP_"]),
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abc", min_size=1, max_size=20),
    ).map("".join),
)


@given(names, st.sampled_from(["_TOKEN", "_SECRET", "_PASSWORD", "_KEY", "_CREDENTIALS"]))
def test_no_beginning_of_a_name_lets_a_secret_through(name: str, end: str) -> None:
    for worker in Worker:
        assert environment_of(worker, {name + end: CANARY}).keys() == {"MALLOC_MMAP_THRESHOLD_"}


def test_a_worker_finds_its_programs_and_folders_like_its_host() -> None:
    for worker in Worker:
        assert environment_of(worker, os.environ)["PATH"] == os.environ["PATH"]


def test_every_variable_that_googles_client_reads_arrives_but_for_keys() -> None:
    """Those of recordings for Google's own tests are of no use to a bot."""
    folder = Path(genai.__file__).parent
    code = "".join((folder / name).read_text("utf-8") for name in ("_api_client.py", "_base_url.py", "client.py"))
    read = {name for name in re.findall(r"(?:environ\.get|getenv)\(\s*'(\w+)'", code) if "REPLAY" not in name}
    given = environment_of(Worker.PAINTER, dict.fromkeys(read, "a"))
    assert read - given.keys() == {"GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENAI_CLIENT_MODE"}
    assert GOOGLES.keys() >= {name for name in read & given.keys() if name.startswith("GOOGLE_")}


@pytest.mark.parametrize("switch", ["GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI"])
async def test_a_picture_comes_through_the_hosts_proxy_and_from_the_enterprise_platform(
    switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[tuple[str, str]]()

    async def paint(request: web.Request) -> web.Response:
        image = (await request.json())["generationConfig"]["imageConfig"]
        asked.append((str(request.url), image["personGeneration"]))
        return web.json_response(candidate([image_part(STARGAZER.read_bytes(), "image/png")]))

    app = web.Application()
    app.router.add_post("/{path:.*}", paint)
    proxy = await LoopbackServer(app).start()
    monkeypatch.setenv(switch, "true")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://gemini.example")
    monkeypatch.setenv("HTTP_PROXY", proxy.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    try:
        async with opened("gemini") as workers:
            assert (await workers.paint(prompt(), MODEL_AND_KEY, LIMIT)).painter == "gemini"
    finally:
        await proxy.stop()
    path = f"v1beta1/publishers/google/models/{MODEL_AND_KEY.model}:generateContent"
    assert asked == [(f"http://gemini.example/{path}", "ALLOW_ADULT")]

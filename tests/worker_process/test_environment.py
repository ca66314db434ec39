"""The worker processes know nothing of the host's secrets, whatever the host calls them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.worker_process.client import environment_of
from cogs.scene_art.worker_process.protocol import Worker
from sandbox import wait_until
from tests.stage import TIMEOUT_SECONDS
from tests.worker_process.support import helpers, opened

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
NEEDED = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "MALLOC_ARENA_MAX": "2"}
GOOGLES = {"GOOGLE_CLOUD_PROJECT": "lanterns", "NO_PROXY": "127.0.0.1"}
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

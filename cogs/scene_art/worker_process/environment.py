"""The environment of a worker process: the host's variables that Python, TLS and its own task need, name by name.

No beginning of a name lets anything through: a host may call its secrets what it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .protocol import Worker

_SYSTEM: Final = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "LC_MESSAGES",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        # Without these Windows opens no sockets, and finds no libraries.
        "SYSTEMROOT",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
    }
)
_PYTHON: Final = frozenset(
    {
        "PYTHONHOME",
        "PYTHONPLATLIBDIR",
        "PYTHONUSERBASE",
        "PYTHONNOUSERSITE",
        "PYTHONSAFEPATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
        "PYTHONOPTIMIZE",
        "PYTHONHASHSEED",
        "PYTHONINTMAXSTRDIGITS",
        "PYTHONUTF8",
        "PYTHONIOENCODING",
        "PYTHONCOERCECLOCALE",
        "PYTHONUNBUFFERED",
        "PYTHONMALLOC",
        "PYTHONDEVMODE",
        "PYTHONWARNINGS",
        "PYTHONFAULTHANDLER",
        "PYTHONTRACEMALLOC",
        "PYTHONASYNCIODEBUG",
    }
)
"""Those of CPython that change how it runs. The worker's path of modules is made anew."""
_MALLOC: Final = frozenset(
    {
        "MALLOC_ARENA_MAX",
        "MALLOC_ARENA_TEST",
        "MALLOC_CHECK_",
        "MALLOC_MMAP_MAX_",
        "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_PERTURB_",
        "MALLOC_TOP_PAD_",
        "MALLOC_TRIM_THRESHOLD_",
    }
)
"""All of glibc's."""
_PROXIES: Final = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"})
_GOOGLE: Final = frozenset(
    {
        "GOOGLE_GEMINI_BASE_URL",
        "GOOGLE_VERTEX_BASE_URL",
        "GOOGLE_GENAI_USE_ENTERPRISE",
        "GOOGLE_GENAI_USE_VERTEXAI",
        "GOOGLE_GENAI_API_VERSION",
        "GOOGLE_GENAI_HTTP_CLIENT",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_CLOUD_LOCATION",
        # Where a client certificate lies, and whether to use it.
        "GOOGLE_API_USE_CLIENT_CERTIFICATE",
        "GOOGLE_API_USE_MTLS_ENDPOINT",
        "GOOGLE_API_CERTIFICATE_CONFIG",
        "CLOUDSDK_CONFIG",
        "CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE",
        "CLOUDSDK_CONTEXT_AWARE_CERTIFICATE_CONFIG_FILE_PATH",
    }
)
"""Those that google-genai and google-auth read when they are given a key. The keys themselves come through the pipe."""
_EVERYBODYS: Final = _SYSTEM | _PYTHON | _MALLOC
# A proxy's address may hold a password, and no proxy is used for other people's pictures.
_NEEDED: Final = {Worker.PAINTER: _EVERYBODYS | _PROXIES | _GOOGLE, Worker.PICTURES: _EVERYBODYS}
# glibc raises this bound by itself to the largest block that was freed, and then keeps the memory of pictures: 330 MB
# after one of each kind, 630 MB after all together. Once set, it stays; this is glibc's initial value.
_MEMORY: Final = {"MALLOC_MMAP_THRESHOLD_": "131072"}


def environment_of(worker: Worker, host: Mapping[str, str]) -> dict[str, str]:
    """Select the variables of `host` that `worker` needs."""
    return _MEMORY | {name: text for name, text in host.items() if name in _NEEDED[worker]}

"""The environment of a worker process: the host's variables that Python, TLS and its own task need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .protocol import Worker

_ALWAYS: Final = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
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
_PREFIXES: Final = ("LC_", "PYTHON", "MALLOC_")
_PAINTERS: Final = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"})
_PAINTERS_PREFIXES: Final = ("GOOGLE_", "GCLOUD_", "CLOUDSDK_")
"""Variables that google-genai reads: another address, the enterprise platform's project and region."""
_SECRET: Final = frozenset({"GOOGLE_API_KEY"})
"""Never passed on: keys come through the pipe."""
# glibc raises this bound by itself to the largest block that was freed, and then keeps the memory of pictures: 330 MB
# after one of each kind, 630 MB after all together. Once set, it stays; this is glibc's initial value.
_MEMORY: Final = {"MALLOC_MMAP_THRESHOLD_": "131072"}


def environment_of(worker: Worker, host: Mapping[str, str]) -> dict[str, str]:
    """Select the variables of `host` for `worker`. No secret is among them, whatever its name."""
    return _MEMORY | {name: text for name, text in host.items() if _is_for(worker, name.upper())}


def _is_for(worker: Worker, name: str) -> bool:
    if name in _ALWAYS or name.startswith(_PREFIXES):
        return True
    is_painters = name in _PAINTERS or name.startswith(_PAINTERS_PREFIXES)
    return worker is Worker.PAINTER and is_painters and name not in _SECRET

"""What a process takes, as Linux counts it. Elsewhere all of it is zero, and only crashes and hangs are found."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_KB = 1024


def resident_bytes() -> int:
    """What this process holds now."""
    return _from_status("VmRSS:")


def forget_peak() -> None:
    """Have `peak_bytes` begin anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """The most that this process held since `forget_peak`."""
    return _from_status("VmHWM:")


def processor_seconds(pid: int) -> float | None:
    """What the process has used so far, None when that cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _from_status(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KB for line in lines if line.startswith(name)), 0)

"""Rate limits per route, as Discord counts and announces them."""

from __future__ import annotations

import hashlib
import re
import time
from collections import deque

WINDOW_SECONDS = 5.0
LIMIT = 5
ROOMY_LIMIT = 1000
MESSAGE_ROUTE = re.compile(r"^/channels/\d+/messages$")
MAJOR = re.compile(r"^/(?:channels|guilds|webhooks)/(\d+)")
MINOR = re.compile(r"/\d+")


class RateLimits:
    """Five messages per five seconds and channel while enforced; a roomy announcement otherwise."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[float]] = {}

    def take(self, method: str, path: str, *, enforced: bool) -> tuple[dict[str, str], float]:
        """Count a request; return the headers to send and the seconds to wait (0.0: let it through)."""
        counted = enforced and method == "POST" and MESSAGE_ROUTE.match(path) is not None
        if not counted:
            return _headers(method, path, ROOMY_LIMIT, ROOMY_LIMIT - 1, 1.0), 0.0
        now = time.monotonic()
        taken = self._taken.setdefault(path, deque())
        while taken and now - taken[0] > WINDOW_SECONDS:
            taken.popleft()
        if len(taken) >= LIMIT:
            wait = WINDOW_SECONDS - (now - taken[0])
            return _headers(method, path, LIMIT, 0, wait), max(wait, 0.001)
        taken.append(now)
        return _headers(method, path, LIMIT, LIMIT - len(taken), WINDOW_SECONDS - (now - taken[0])), 0.0


def _headers(method: str, path: str, limit: int, remaining: int, reset_after: float) -> dict[str, str]:
    template = f"{method} {MINOR.sub('/:id', path)}"
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(template.encode()).hexdigest()[:32],
    }

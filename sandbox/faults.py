"""Answers that go wrong on purpose: what `fail_next` arranges."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """One arranged failure, used up after `times` requests that fit."""

    method: str
    path: re.Pattern[str]
    status: int
    code: int = 0
    body: Any = None
    times: int = 1
    after_storing: bool = False
    """Do what was asked and only then spoil the answer, so that the asker cannot know."""
    delay: float = 0.0
    reset: bool = False
    hang: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: float = 1.0
    global_limit: bool = False
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        """Tell whether the fault is for this request. `path` has no API prefix: `/channels/1/messages`."""
        return self.times > 0 and self.method in {method, "*"} and self.path.search(path) is not None

    def use(self) -> Fault:
        """Count one use."""
        self.times -= 1
        self.hits += 1
        return self

    @property
    def only_slow(self) -> bool:
        """True: the request is answered as usual after the delay."""
        return self.status == 0 and not self.reset and not self.hang

    def document(self) -> Any:
        """The body of the answer."""
        if self.body is not None:
            return self.body
        if self.status == 429:
            text = "You are being rate limited."
            return {"message": text, "retry_after": self.retry_after, "global": self.global_limit}
        return {"message": f"{self.status}: Arranged by the sandbox", "code": self.code}

    def all_headers(self) -> dict[str, str]:
        """The headers of the answer; a rate limit carries all that Discord sends."""
        if self.status != 429:
            return self.headers
        limit = {
            "Via": "1.1 sandbox",
            "Retry-After": f"{self.retry_after:g}",
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": f"{self.retry_after:g}",
            "X-RateLimit-Scope": "global" if self.global_limit else "user",
        }
        if self.global_limit:
            limit["X-RateLimit-Global"] = "true"
        return limit | self.headers

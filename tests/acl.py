"""The rules that `docs/redis-acl.md` gives an operator to copy."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from tests.redis_server import RedisServer

DOCUMENT = Path(__file__).parents[1] / "docs" / "redis-acl.md"
PUBLISHER, KEEPER, BOT = "game", "game-kept", "scene-art"


def documented() -> dict[str, list[str]]:
    """The rules of each user, as the document has them."""
    lines = [line.split() for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("user ")]
    return {name: rules for _, name, *rules in lines}


def commands(name: str) -> set[str]:
    """The commands that the user may send."""
    return {rule.removeprefix("+") for rule in documented()[name] if rule.startswith("+")}


def give(server: RedisServer, name: str, *further: str, without: tuple[str, ...] = ()) -> str:
    """Make the documented user, with or without some rules; the address to use."""
    rules = [rule for rule in documented()[name] if rule not in without]
    server.set_user(name, *rules, *further)
    password = next(rule.removeprefix(">") for rule in rules if rule.startswith(">"))
    return f"redis://{name}:{quote(password)}@127.0.0.1:{server.port}/0"

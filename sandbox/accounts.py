"""The accounts of whoever sits in front of the page: a player, another player, and a moderator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.permissions import Permission
from sandbox.world import JSON, Guild, Happening, User, World

PLAYER, OTHER_PLAYER, MODERATOR = "player", "other-player", "moderator"
NAMES = {PLAYER: "Robin", OTHER_PLAYER: "Kim", MODERATOR: "Morgan"}
LABELS = {PLAYER: "a player", OTHER_PLAYER: "another player", MODERATOR: "a moderator"}
LANGUAGES = {
    "en-US": "English",
    "de": "Deutsch",
    "es-ES": "Español",
    "fr": "Français",
    "pt-BR": "Português do Brasil",
    "ja": "日本語",
}
"""Discord's locales that the page offers, each by its own name."""
MODERATORS = "Moderators"
MODERATORS_MAY = int(Permission.MANAGE_MESSAGES)


@dataclass
class Seat:
    """As whom a tab acts, and in which language its client speaks to the bot."""

    key: str
    user: User
    locale: str


class Accounts:
    """The three accounts; they come into the world with the first look at the page, and into every server."""

    def __init__(self, world: World, add_role: Callable[..., int]) -> None:
        """`add_role(guild, name, permissions=...)` makes a role and returns its id."""
        self._world = world
        self._add_role = add_role
        self._users: dict[str, User] = {}
        world.watchers.append(self._on_happening)

    def user(self, key: str) -> User:
        """The account of that key.

        Raises:
            KeyError: there is none.
        """
        if not self._users:
            self._users = {known: self._world.add_user(name) for known, name in NAMES.items()}
            for guild in self._world.guilds.values():
                self._appoint(guild)
        return self._users[key]

    def seat(self, key: str, locale: str) -> Seat:
        """A seat for a tab.

        Raises:
            KeyError: there is no such account or language.
        """
        LANGUAGES[locale]
        return Seat(key, self.user(key), locale)

    def documents(self) -> list[JSON]:
        """List the accounts that the page's switch offers."""
        return [{"key": key, "name": self.user(key).name, "label": LABELS[key]} for key in NAMES]

    def _on_happening(self, event: Happening) -> None:
        if event.name == "GUILD_CREATE" and isinstance(event.subject, Guild) and self._users:
            self._appoint(event.subject)

    def _appoint(self, guild: Guild) -> None:
        role = self._add_role(guild, MODERATORS, permissions=MODERATORS_MAY)
        self._users[MODERATOR].role_ids.add(role)

"""One interaction, as the person who caused it sees it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox import payloads
from sandbox.commands import Choice
from sandbox.waiting import wait_until
from sandbox.world import JSON, Channel, Message, User


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(eq=False)
class InteractionAnswer:
    """One interaction and everything the bot did about it so far; live, it changes as answers come in."""

    id: int
    kind: Kind
    channel: Channel
    user: User
    data: JSON
    source: Message | None = None
    """The message that carries the pressed button."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    began: float = field(default_factory=time.monotonic)
    acknowledged: bool = False
    acknowledged_after: float | None = None
    """Seconds from the interaction to its first answer."""
    deferred: bool = False
    """The first answer was "is thinking" or a silent deferral."""
    ephemeral: bool = False
    updated: bool = False
    """The first answer changed the message with the button (callback type 7)."""
    failed: bool = False
    """Nothing came in time: the person reads "The application did not respond"."""
    expired: bool = False
    original: Message | None = None
    """The message behind `@original`: the answer itself, or the message with the button."""
    history: list[str] = field(default_factory=list)
    """Every text that the original answer had, in order."""
    messages: list[Message] = field(default_factory=list)
    """The follow-ups."""
    modal: JSON | None = None
    choices: list[Choice] = field(default_factory=list)

    @property
    def content(self) -> str:
        """The present text of the answer; empty before there is one and after it was deleted."""
        if self.original is None or self.original is self.source or self.original.deleted:
            return ""
        return self.original.content

    @property
    def texts(self) -> list[str]:
        """The present text of the answer and of every follow-up that is not deleted, in order."""
        own = [self.content] if self.content else []
        return own + [message.content for message in self.messages if not message.deleted]

    async def wait_for(
        self,
        predicate: Callable[[InteractionAnswer], object],
        timeout: float = 5.0,  # noqa: ASYNC109 - see waiting.py
    ) -> InteractionAnswer:
        """Wait until `predicate(self)` is true.

        Raises:
            TimeoutError: it was not within `timeout` seconds.
        """
        await wait_until(lambda: predicate(self), timeout)
        return self

    def metadata(self) -> JSON:
        """Discord's `interaction_metadata` of the messages that answer this."""
        guild = self.channel.guild
        # Where the bot is not, only somebody's own installation can have allowed it.
        owners = {"0": str(guild.id) if guild else "0"} if self.channel.has_bot else {"1": str(self.user.id)}
        if self.source is not None and self.source.interaction is not None:
            # Of a message that answers somebody, whoever presses a button under it.
            owners = self.source.interaction["authorizing_integration_owners"]
        person = payloads.user(self.user)
        ids: JSON = {"id": str(self.id), "type": int(self.kind)}
        return ids | {"user": person, "authorizing_integration_owners": owners}

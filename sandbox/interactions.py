"""Interactions on their way: sent to the bot, answered by it, and the rules for both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import IntEnum

from sandbox import messages, payloads
from sandbox.commands import Choice, CommandError, context_of
from sandbox.components import is_v2
from sandbox.errors import DiscordError, unknown
from sandbox.interaction_answer import InteractionAnswer, Kind
from sandbox.messages import Draft
from sandbox.permissions import bot_permissions
from sandbox.validation import check_choices, check_components, check_modal
from sandbox.waiting import wait_until
from sandbox.world import EPHEMERAL, JSON, Channel, Message, User, World

TOKEN_SECONDS = 15 * 60


class Reply(IntEnum):
    """Discord's interaction callback types."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


class Interactions:
    """Every interaction by its token, and the rules of answering one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.by_token: dict[str, InteractionAnswer] = {}

    def begin(
        self, kind: Kind, channel: Channel, user: User, data: JSON, source: Message | None = None
    ) -> InteractionAnswer:
        """Send an INTERACTION_CREATE to every connected bot process.

        Raises:
            CommandError: `user` is no member of the channel's server any more.
        """
        if channel.guild is not None and user.id in channel.guild.left:
            raise CommandError("You are not a member of this server any more.")
        answer = InteractionAnswer(self._world.new_id(), kind, channel, user, data, source)
        self.by_token[answer.token] = answer
        self._world.tell("INTERACTION_CREATE", self._payload(answer), channel.guild)
        return answer

    async def first_answer(self, answer: InteractionAnswer) -> InteractionAnswer:
        """Wait for the bot's first answer; after Discord's three seconds the interaction has failed."""
        seconds = self._world.settings.interaction_seconds
        try:
            await wait_until(lambda: answer.acknowledged, seconds)
        except TimeoutError:
            answer.failed = True
            self._world.tell("INTERACTION_FAILED", answer)
        # Let the handler that acknowledged finish sending its response first.
        await asyncio.sleep(0)
        return answer

    def _payload(self, answer: InteractionAnswer) -> JSON:
        world, channel, user = self._world, answer.channel, answer.user
        bits = str(bot_permissions(channel))
        place = payloads.channel(channel, world) | {
            "permissions": str(payloads.person_permissions(user, channel.guild))
        }
        document: JSON = {
            "id": str(answer.id),
            "application_id": str(world.bot.id),
            "type": int(answer.kind),
            "data": answer.data,
            "channel": place,
            "channel_id": str(channel.id),
            "token": answer.token,
            "version": 1,
            "app_permissions": bits,
            "locale": user.locale,
            "entitlements": [],
            "authorizing_integration_owners": answer.metadata()["authorizing_integration_owners"],
            "context": context_of(channel),
            "attachment_size_limit": world.settings.max_upload_bytes,
        }
        if answer.source is not None:
            document["message"] = payloads.message(answer.source, world)
        return document | self._person_part(answer)

    def _person_part(self, answer: InteractionAnswer) -> JSON:
        guild, user = answer.channel.guild, answer.user
        if guild is None:
            return {"user": payloads.user(user)}
        member = payloads.member(user, guild, self._world)
        member["permissions"] = str(payloads.person_permissions(user, guild))
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member,
        }

    def waiting(self, interaction_id: int, token: str) -> InteractionAnswer:
        """The interaction that still wants its first answer.

        Raises:
            DiscordError: 10062 unknown or too late, 40060 answered already.
        """
        answer = self.by_token.get(token)
        if answer is None or answer.id != interaction_id or answer.expired:
            raise unknown("Interaction")
        if answer.acknowledged:
            raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
        late = time.monotonic() - answer.began > self._world.settings.interaction_seconds
        if answer.failed or late:
            raise unknown("Interaction")
        return answer

    def answered(self, application_id: int, token: str) -> InteractionAnswer:
        """The interaction whose token stands in a webhook route.

        Raises:
            DiscordError: 10015 unknown, 50027 when its fifteen minutes are over.
        """
        answer = self.by_token.get(token)
        if answer is None or application_id != self._world.bot.id or not answer.acknowledged:
            raise unknown("Webhook")
        if answer.expired or time.monotonic() - answer.began > TOKEN_SECONDS:
            raise DiscordError(401, 50027, "Invalid Webhook Token")
        return answer

    def callback(self, answer: InteractionAnswer, reply: int, draft: Draft) -> Message | None:
        """Take the first answer; return the message that it made or changed.

        Raises:
            DiscordError: Discord would refuse it; the interaction still waits then.
        """
        handlers: dict[int, Callable[[InteractionAnswer, Draft], Message | None]] = {
            Reply.MESSAGE: self._send,
            Reply.DEFERRED_MESSAGE: self._think,
            Reply.DEFERRED_UPDATE: self._defer_update,
            Reply.UPDATE: self._update,
            Reply.CHOICES: self._choose,
            Reply.MODAL: self._open_modal,
        }
        fitting = {Reply.CHOICES} if answer.kind is Kind.AUTOCOMPLETE else set(handlers) - {Reply.CHOICES}
        if reply not in fitting:
            raise DiscordError(400, 50035, "Invalid Form Body")
        message = handlers[reply](answer, draft)
        answer.acknowledged = True
        answer.acknowledged_after = time.monotonic() - answer.began
        self._world.tell("INTERACTION_ANSWERED", answer)
        return message

    def _post(self, answer: InteractionAnswer, draft: Draft, *, loading: bool, ephemeral: bool) -> Message:
        return messages.post(
            self._world,
            answer.channel,
            self._world.bot,
            draft,
            ephemeral_to=answer.user if ephemeral else None,
            interaction=answer.metadata(),
            loading=loading,
        )

    def _send(self, answer: InteractionAnswer, draft: Draft) -> Message:
        answer.ephemeral = _wants_ephemeral(draft)
        answer.original = self._post(answer, draft, loading=False, ephemeral=answer.ephemeral)
        answer.history.append(answer.original.content)
        return answer.original

    def _think(self, answer: InteractionAnswer, draft: Draft) -> Message:
        answer.deferred = True
        answer.ephemeral = _wants_ephemeral(draft)
        answer.original = self._post(answer, Draft({}), loading=True, ephemeral=answer.ephemeral)
        return answer.original

    def _defer_update(self, answer: InteractionAnswer, _: Draft) -> None:
        answer.deferred = True
        answer.original = answer.source

    def _update(self, answer: InteractionAnswer, draft: Draft) -> Message:
        if answer.source is None:
            raise DiscordError(400, 50035, "Invalid Form Body")
        answer.updated = True
        answer.original = messages.edit(self._world, answer.source, draft)
        answer.history.append(answer.original.content)
        return answer.original

    def _choose(self, answer: InteractionAnswer, draft: Draft) -> None:
        choices = draft.body.get("choices") or []
        check_choices(choices)
        answer.choices = [Choice(choice["name"], choice["value"]) for choice in choices]

    def _open_modal(self, answer: InteractionAnswer, draft: Draft) -> None:
        if answer.kind is Kind.MODAL:
            raise DiscordError(400, 50035, "Invalid Form Body")
        check_modal(draft.body)
        answer.modal = draft.body

    def original(self, answer: InteractionAnswer) -> Message:
        """The message behind `@original`.

        Raises:
            DiscordError: 10008, there is none or it was deleted.
        """
        if answer.original is None or answer.original.deleted:
            raise unknown("Message")
        return answer.original

    def edit_original(self, answer: InteractionAnswer, draft: Draft) -> Message:
        """Change the answer; a "thinking" one gets its text."""
        message = messages.edit(self._world, self.original(answer), draft)
        if not answer.history or answer.history[-1] != message.content:
            answer.history.append(message.content)
        return message

    def follow_up(self, answer: InteractionAnswer, draft: Draft) -> Message:
        """Send one more message; while the answer is "thinking", the first one takes its place."""
        if answer.original is not None and answer.original.loading and not answer.original.deleted:
            return self.edit_original(answer, draft)
        check_components(draft.body.get("components") or [], v2=is_v2(_flags(draft)))
        message = self._post(answer, draft, loading=False, ephemeral=_wants_ephemeral(draft))
        answer.messages.append(message)
        return message

    def message_of(self, answer: InteractionAnswer, message_id: int) -> Message:
        """A message that this interaction's token may change.

        Raises:
            DiscordError: 10008, none of its messages.
        """
        own = [*answer.messages, *([answer.original] if answer.original else [])]
        for message in own:
            if message.id == message_id and not message.deleted:
                return message
        raise unknown("Message")


def _flags(draft: Draft) -> int:
    return int(draft.body.get("flags") or 0)


def _wants_ephemeral(draft: Draft) -> bool:
    return bool(_flags(draft) & EPHEMERAL)

"""REST routes by which the bot answers interactions."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from sandbox import messages, payloads
from sandbox.discord_rest import PREFIX, as_json, no_content, number, read_draft
from sandbox.errors import unknown
from sandbox.interaction_answer import InteractionAnswer
from sandbox.interactions import Interactions
from sandbox.world import JSON, Message, World


class InteractionRoutes:
    """`/interactions/.../callback` and `/webhooks/{application}/{token}`."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        router = app.router
        router.add_post(f"{PREFIX}/interactions/{{interaction}}/{{token}}/callback", self.callback)
        hook = f"{PREFIX}/webhooks/{{app}}/{{token}}"
        router.add_post(hook, self.follow_up)
        for message in ("@original", "{message}"):
            router.add_get(f"{hook}/messages/{message}", self.get)
            router.add_patch(f"{hook}/messages/{message}", self.edit)
            router.add_delete(f"{hook}/messages/{message}", self.delete)

    async def callback(self, request: web.Request) -> web.Response:
        """POST the first answer."""
        draft = await read_draft(request)
        answer = self._interactions.waiting(number(request, "interaction"), request.match_info["token"])
        reply = int(draft.body.get("type") or 0)
        inner = replace(draft, body=draft.body.get("data") or {})
        message = self._interactions.callback(answer, reply, inner)
        if request.query.get("with_response") not in {"1", "true"}:
            return no_content()
        return as_json(self._report(answer, reply, message))

    def _report(self, answer: InteractionAnswer, reply: int, message: Message | None) -> JSON:
        interaction: JSON = {"id": str(answer.id), "type": int(answer.kind)}
        if message is None:
            return {"interaction": interaction}
        interaction |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral_to is not None,
        }
        resource = {"type": reply, "message": payloads.message(message, self._world)}
        return {"interaction": interaction, "resource": resource}

    def _answer(self, request: web.Request) -> InteractionAnswer:
        if not request.match_info["app"].isdigit():
            raise unknown("Webhook")
        return self._interactions.answered(number(request, "app"), request.match_info["token"])

    def _message(self, request: web.Request, answer: InteractionAnswer) -> Message:
        if "message" in request.match_info:
            return self._interactions.message_of(answer, number(request, "message"))
        return self._interactions.original(answer)

    async def follow_up(self, request: web.Request) -> web.Response:
        """POST one more message."""
        draft = await read_draft(request)
        message = self._interactions.follow_up(self._answer(request), draft)
        return as_json(payloads.message(message, self._world))

    async def get(self, request: web.Request) -> web.Response:
        """GET an answer."""
        message = self._message(request, self._answer(request))
        return as_json(payloads.message(message, self._world))

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH an answer."""
        draft = await read_draft(request)
        answer = self._answer(request)
        message = self._message(request, answer)
        if message is answer.original:
            self._interactions.edit_original(answer, draft)
        else:
            messages.edit(self._world, message, draft)
        return as_json(payloads.message(message, self._world))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE an answer."""
        messages.delete(self._world, self._message(request, self._answer(request)))
        return no_content()

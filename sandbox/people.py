"""A person's actions with the bot: press, choose, run, type and submit."""

from __future__ import annotations

from typing import Any

from sandbox import payloads
from sandbox.commands import MESSAGE_MENU, Choice, CommandError, find
from sandbox.filling import Filling
from sandbox.interaction_answer import InteractionAnswer, Kind
from sandbox.interactions import Interactions
from sandbox.world import JSON, Channel, Message, User, World, walk

BUTTON = 2
LINK_STYLE = 5


class People:
    """The persons' side of interactions; each method ends with the bot's first answer.

    Every method raises CommandError when Discord's client would not let a person do it, and returns
    an answer with `failed` set when the bot said nothing within three seconds.
    """

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    async def press(
        self, message: Message, custom_id: str, user: User, within: Channel | None = None
    ) -> InteractionAnswer:
        """Press the button with this custom id, in the message's channel or `within` a thread that shows the message.

        The interaction then names the thread as its channel, and its message names the channel that it lies in.
        """
        if within is not None and within.parent is not message.channel:
            raise CommandError("This message isn't shown there.")
        item = _pressable(message, custom_id, user)
        if item["type"] != BUTTON:
            raise CommandError("That is no button.")
        return await self._component(message, user, {"component_type": BUTTON, "custom_id": custom_id}, within)

    async def select(self, message: Message, custom_id: str, values: list[str], user: User) -> InteractionAnswer:
        """Choose `values` in the select menu with this custom id."""
        item = _pressable(message, custom_id, user)
        known = [option["value"] for option in item.get("options", [])]
        if item["type"] == 3 and not set(values) <= set(known):
            raise CommandError("Please choose something from the list.")
        data = {"component_type": item["type"], "custom_id": custom_id, "values": values}
        return await self._component(message, user, data)

    async def _component(
        self, message: Message, user: User, data: JSON, within: Channel | None = None
    ) -> InteractionAnswer:
        answer = self._interactions.begin(Kind.COMPONENT, within or message.channel, user, data, message)
        return await self._interactions.first_answer(answer)

    async def run_command(
        self, channel: Channel, user: User, path: str, options: JSON | None = None
    ) -> InteractionAnswer:
        """Run the chat command `path`, such as "scene-art rerender".

        Options are named values: text, numbers, booleans, User and Channel objects or their ids, and
        `(filename, bytes)` for an attachment.
        """
        data = Filling(self._world, channel, user).invocation(path, options or {})
        return await self._interactions.first_answer(self._interactions.begin(Kind.COMMAND, channel, user, data))

    async def autocomplete(self, channel: Channel, user: User, path: str, options: JSON, focused: str) -> list[Choice]:
        """The suggestions while the option `focused` is being typed.

        Raises:
            TimeoutError: the bot did not answer in time.
        """
        filled = {focused: ""} | options
        data = Filling(self._world, channel, user, focused).invocation(path, filled)
        answer = self._interactions.begin(Kind.AUTOCOMPLETE, channel, user, data)
        await self._interactions.first_answer(answer)
        if answer.failed:
            raise TimeoutError("The bot made no suggestions in time.")
        return answer.choices

    async def run_message_command(self, message: Message, user: User, name: str) -> InteractionAnswer:
        """Choose `name` in the message's Apps menu."""
        command = find(self._world, message.channel, user, name, MESSAGE_MENU)
        document = payloads.message(message, self._world)
        data: JSON = {
            "id": command["id"],
            "name": command["name"],
            "type": MESSAGE_MENU,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): document}},
        }
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        answer = self._interactions.begin(Kind.COMMAND, message.channel, user, data)
        return await self._interactions.first_answer(answer)

    async def submit_modal(self, answer: InteractionAnswer, values: dict[str, Any]) -> InteractionAnswer:
        """Fill in the modal that `answer` opened and send it; fields left out keep their preset value."""
        if answer.modal is None:
            raise CommandError("No form is open.")
        inputs = [item for item in walk(answer.modal["components"]) if "custom_id" in item]
        unknown = set(values) - {item["custom_id"] for item in inputs}
        if unknown:
            raise CommandError(f"The form has no field {', '.join(f'“{field}”' for field in sorted(unknown))}.")
        components = [_submitted(component, values) for component in answer.modal["components"]]
        data: JSON = {"custom_id": answer.modal["custom_id"], "components": components}
        began = self._interactions.begin(Kind.MODAL, answer.channel, answer.user, data, answer.source)
        return await self._interactions.first_answer(began)


def _pressable(message: Message, custom_id: str, user: User) -> JSON:
    if message.deleted:
        raise CommandError("This message was deleted.")
    if message.ephemeral_to is not None and message.ephemeral_to is not user:
        raise CommandError(f"Only {message.ephemeral_to.name} can use this message.")
    items = [item for item in walk(message.components) if item.get("custom_id")]
    item = next((item for item in items if item["custom_id"] == custom_id), None)
    if item is None:
        raise CommandError("This button or list is not there any more.")
    if item.get("disabled") or item.get("style") == LINK_STYLE:
        raise CommandError("This button cannot be pressed now.")
    return item


def _submitted(component: JSON, values: dict[str, Any], label: str = "") -> JSON:
    kept: JSON = {key: component[key] for key in ("type", "id") if key in component}
    label = component.get("label") or label
    if "component" in component:
        return kept | {"component": _submitted(component["component"], values, label)}
    if "components" in component:
        return kept | {"components": [_submitted(inner, values) for inner in component["components"]]}
    if "custom_id" not in component:
        return kept
    return kept | {"custom_id": component["custom_id"]} | _field_value(component, values, label)


def _field_value(component: JSON, values: dict[str, Any], label: str) -> JSON:
    given = values.get(component["custom_id"], component.get("value"))
    if component["type"] != 4:
        chosen = given if isinstance(given, list) else [given] if given is not None else []
        return {"values": chosen}
    text = "" if given is None else str(given)
    shortest = component.get("min_length") or (1 if component.get("required", True) else 0)
    longest = component.get("max_length", 4000)
    if shortest and not text:
        raise CommandError(f"Please fill in “{label}”.")
    if text and not shortest <= len(text) <= longest:
        raise CommandError(f"“{label}” takes {shortest} to {longest} characters; you wrote {len(text)}.")
    return {"value": text}

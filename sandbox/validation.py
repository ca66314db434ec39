"""Discord's validation of messages, modals and lists of choices, before it stores anything."""

from __future__ import annotations

from sandbox import components
from sandbox.errors import DiscordError, invalid_form
from sandbox.world import JSON, walk

ROW, BUTTON, TEXT_INPUT = 1, 2, 4
STRING_SELECT = 3
SELECTS = frozenset({STRING_SELECT, 5, 6, 7, 8})
LINK_STYLE, SKU_STYLE = 5, 6
MAX_FILES = 10


def check_message(body: JSON, *, files: int, editing: bool = False) -> None:
    """Check a message's body.

    Raises:
        DiscordError: 50035 with the field, or 50006 for a message without anything in it.
    """
    _check_length("content", body.get("content"), 2000)
    _check_length("nonce", body.get("nonce"), 25)
    if len(body.get("embeds") or []) > 10:
        raise invalid_form("embeds", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 10 in length.")
    _check_attachments(body.get("attachments") or [], files)
    v2 = components.is_v2(body.get("flags"))
    check_components(body.get("components") or [], v2=v2)
    if v2:
        components.check_legacy(body)
    if not editing and not files and not any(body.get(key) for key in ("content", "embeds", "components")):
        raise DiscordError(400, 50006, "Cannot send an empty message")


def _check_length(field: str, value: object, longest: int, shortest: int = 0) -> None:
    length = len(str(value)) if value is not None else shortest
    if length > longest:
        limits = f"Must be {longest} or fewer in length."
        raise invalid_form(field, "BASE_TYPE_MAX_LENGTH", limits)
    if length < shortest:
        limits = f"Must be between {shortest} and {longest} in length."
        raise invalid_form(field, "BASE_TYPE_BAD_LENGTH", limits)


def _check_attachments(described: list[JSON], files: int) -> None:
    if files > MAX_FILES or len(described) > MAX_FILES:
        raise invalid_form("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for index, item in enumerate(described):
        _check_length(f"attachments.{index}.description", item.get("description"), 1024)


def check_components(tree: list[JSON], *, v2: bool = False) -> None:
    """Check rows and what is in them; `v2` allows containers and the like at the top.

    Raises:
        DiscordError: 50035 with the place in the tree.
    """
    if v2:
        components.check_tree(tree)
    elif len(tree) > 5:
        raise invalid_form("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, component in enumerate(tree):
        if not v2 and component.get("type") != ROW:
            path = f"components.{index}"
            raise invalid_form(path, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    for index, component in enumerate(walk(tree)):
        if component.get("type") == ROW:
            _check_row(component, f"components.{index}")
    _check_unique_ids(tree)


def _check_row(row: JSON, path: str) -> None:
    items = row.get("components") or []
    if not 1 <= len(items) <= 5:
        raise invalid_form(f"{path}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, item in enumerate(items):
        here = f"{path}.components.{index}"
        if item.get("type") == BUTTON:
            _check_button(item, here)
        elif item.get("type") in SELECTS:
            _check_select(item, here)


def _check_select(item: JSON, path: str) -> None:
    _check_length(f"{path}.custom_id", item.get("custom_id", ""), 100, 1)
    _check_length(f"{path}.placeholder", item.get("placeholder"), 150)
    options = item.get("options") or []
    if item["type"] == STRING_SELECT and not 1 <= len(options) <= 25:
        raise invalid_form(f"{path}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    for index, option in enumerate(options):
        for field in ("label", "value"):
            _check_length(f"{path}.options.{index}.{field}", option.get(field, ""), 100, 1)
        _check_length(f"{path}.options.{index}.description", option.get("description"), 100)
    if len({option.get("value") for option in options}) < len(options):
        raise invalid_form(f"{path}.options", "SELECT_OPTION_VALUE_DUPLICATED", "The specified option value is used")


def _check_button(item: JSON, path: str) -> None:
    _check_length(f"{path}.label", item.get("label"), 80)
    if item.get("style") == LINK_STYLE:
        _check_length(f"{path}.url", item.get("url", ""), 512, 1)
    elif item.get("style") != SKU_STYLE:
        _check_length(f"{path}.custom_id", item.get("custom_id", ""), 100, 1)
    if not item.get("label") and not item.get("emoji") and item.get("style") != SKU_STYLE:
        message = "A button must have a label or an emoji."
        raise invalid_form(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)


def _check_unique_ids(components: list[JSON]) -> None:
    seen: set[str] = set()
    for item in walk(components):
        custom_id = item.get("custom_id")
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            raise invalid_form("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        if custom_id:
            seen.add(custom_id)


def check_modal(data: JSON) -> None:
    """Check a modal.

    Raises:
        DiscordError: 50035 with the field.
    """
    _check_length("data.custom_id", data.get("custom_id", ""), 100, 1)
    _check_length("data.title", data.get("title", ""), 45, 1)
    components = data.get("components") or []
    if not 1 <= len(components) <= 5:
        raise invalid_form("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, item in enumerate(walk(components)):
        if item.get("type") == TEXT_INPUT:
            _check_length(f"data.components.{index}.custom_id", item.get("custom_id", ""), 100, 1)
            _check_length(f"data.components.{index}.label", item.get("label"), 45)
            _check_length(f"data.components.{index}.placeholder", item.get("placeholder"), 100)
    for index, item in enumerate(components):
        if item.get("type") == 18:
            _check_length(f"data.components.{index}.label", item.get("label", ""), 45, 1)
            _check_length(f"data.components.{index}.description", item.get("description"), 100)


def check_choices(choices: list[JSON]) -> None:
    """Check the answer to an autocompletion.

    Raises:
        DiscordError: 50035 with the field.
    """
    if len(choices) > 25:
        raise invalid_form("data.choices", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 25 in length.")
    for index, choice in enumerate(choices):
        _check_length(f"data.choices.{index}.name", choice.get("name", ""), 100, 1)
        if isinstance(choice.get("value"), str):
            _check_length(f"data.choices.{index}.value", choice["value"], 100, 1)

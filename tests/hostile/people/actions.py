"""Everything that can be done with the bot: how it is done, and how the answer begins where somebody may.

The keys are the table's. What stands before a colon is derived from the loaded bot by `test_nothing_is_left_out.py`;
behind it stands which of several cases it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from sandbox import Message
from sandbox.world import walk
from tests.hostile.people.client import Client, fresh_name, told
from tests.hostile.people.scenery import ENTRY, HERS, LOOK, LOOK_ALIKE, PLACE, UNLISTED, Scenery

Deed: TypeAlias = Callable[[Scenery, Client], Awaitable[str]]

DRAWN = "Here's your picture:"
CAST, PIN, MOD = "scene-art cast", "scene-art place", "scene-art-mod"
ILLUSTRATE, USE_AS_LOOK = "Illustrate", "Use as look of…"


@dataclass(frozen=True)
class Action:
    """One way to use the bot."""

    done: str
    """How the answer begins when it is carried out."""
    do: Deed
    """Does it, with what it takes made before; returns what the person is told."""
    undo: Deed | None = None
    """What has to be done afterwards, so that others find everything as it was."""


# Commands


def run(path: str, **options: object) -> Deed:
    """A command with these options."""
    return lambda _, client: client.told(f"scene-art {path}", **options)


def after_picture(path: str, **options: object) -> Deed:
    """A command about a channel with a picture."""

    async def do(scenery: Scenery, client: Client) -> str:
        await scenery.picture(client.place)
        return await client.told(f"scene-art {path}", **options)

    return do


def on_entry(path: str, name: str, **options: object) -> Deed:
    """A command about an entry of the cast book."""

    async def do(scenery: Scenery, client: Client) -> str:
        await scenery.entry(client.place, name)
        given = {"new_name": fresh_name()} if path == "rename" and not options else options
        return await client.told(f"{CAST} {path}", name=name, **given)

    return do


def add_fresh(**options: object) -> Deed:
    """A new name in the cast book."""
    return lambda _, client: client.told(f"{CAST} add", name=fresh_name(), picture=LOOK, **options)


async def add_for_somebody(scenery: Scenery, client: Client) -> str:
    """A new name in the cast book, of somebody else."""
    return await client.told(f"{CAST} add", name=fresh_name(), picture=LOOK, owner=scenery.bystander)


def rename_onto(name: str) -> Deed:
    """A character of one's own gets the name of another's."""

    async def do(scenery: Scenery, client: Client) -> str:
        return await client.told(f"{CAST} rename", name=await scenery.own_entry(client), new_name=name)

    return do


async def pin_fresh(scenery: Scenery, client: Client) -> str:
    """A new place."""
    await scenery.picture(client.place)
    return await client.told(f"{PIN} pin", name=fresh_name())


async def on_pin(scenery: Scenery, client: Client, path: str) -> str:
    """A command about a place that there is."""
    await scenery.pin(client.place)
    return await client.told(f"{PIN} {path}", **({"name": PLACE} if path == "unpin" else {}))


def moderate(path: str) -> Deed:
    """A moderators' command, about a bystander."""
    return lambda scenery, client: client.told(f"{MOD} {path}", user=scenery.bystander)


async def unhide(_: Scenery, client: Client) -> str:
    """What undoes `cast hide`."""
    return await client.told(f"{CAST} unhide")


async def recap(scenery: Scenery, client: Client) -> str:
    """A session of few pictures."""
    return await at_work(scenery, client).told("scene-art recap")


# Menus


async def illustrate(scenery: Scenery, client: Client) -> str:
    """A message becomes a picture."""
    return await told(await client.menu(scenery.said(client.place), ILLUSTRATE))


async def use_as_look(scenery: Scenery, client: Client) -> str:
    """A message's picture is to become a look."""
    return await told(await client.menu(await scenery.picture(client.place), USE_AS_LOOK))


# Buttons and lists


def under_picture(name: str) -> Deed:
    """A button under the picture that somebody asked for."""
    return lambda scenery, client: _under(scenery.picture(client.place), client, name)


def under_turn_picture(name: str) -> Deed:
    """A button under a picture of the game's."""
    return lambda scenery, client: _under(scenery.turn_picture(client.place), client, name)


async def _under(message: Awaitable[Message], client: Client, name: str) -> str:
    found = await message
    custom_id = next(item["custom_id"] for item in walk(found.components) if f":{name}:" in item.get("custom_id", ""))
    return await told(await client.press(found, custom_id))


def within(command: str, custom_id: str, *values: str) -> Deed:
    """A button or list of a command's answer; who gets no such answer presses under the refusal."""

    async def do(scenery: Scenery, client: Client) -> str:
        await scenery.picture(client.place)
        answer = await client.run(f"scene-art {command}")
        await told(answer)
        return await told(await client.press(answer.original, custom_id, *values))

    return do


def at_work(scenery: Scenery, client: Client) -> Client:
    """The same person where a picture is being painted, apart from everything else."""
    return replace(client, place=scenery.workshop) if client.place is scenery.story else client


async def cancel_by_command(scenery: Scenery, client: Client) -> str:
    """A picture that somebody waits for."""
    there = at_work(scenery, client)
    return await there.told("scene-art cancel", scene=await scenery.unfinished(there.place))


async def cancel_by_button(scenery: Scenery, client: Client) -> str:
    """The same with the button, whose id is known."""
    there = at_work(scenery, client)
    custom_id = f"scene_art:cancel:{await scenery.unfinished(there.place)}"
    return await told(await there.press(await scenery.picture(client.place), custom_id))


async def show_kept(scenery: Scenery, client: Client) -> str:
    """A picture that came after its scene was cancelled."""
    custom_id = f"scene_art:kept:{await scenery.kept(client.place)}"
    return await told(await client.press(await scenery.picture(client.place), custom_id))


# Forms


async def submit_change(scenery: Scenery, client: Client) -> str:
    """The form behind Change."""
    message, scene = await scenery.picture(client.place), await scenery.scene_id(client.place)
    return await told(await client.submit(message, f"scene_art:changed:{scene}", **CHANGES))


CHANGES: Mapping[str, str | list[str]] = {"notes": "at dusk", "aspect": ["1:1"], "style": ["as-before"]}


async def submit_look(scenery: Scenery, client: Client) -> str:
    """The form behind "Use as look of…"."""
    message = await scenery.picture(client.place)
    opened = await client.menu(message, USE_AS_LOOK)
    return await told(await client.submit(message, f"scene_art:look:{opened.id}", name=fresh_name(), label=""))


def submit_setting(name: str, value: str | list[str], scope: str = "channel") -> Deed:
    """The form of a setting, sent from the answer to `/scene-art settings`, whatever that said."""

    async def do(scenery: Scenery, client: Client) -> str:
        answer = await client.run("scene-art settings")
        await told(answer)
        given = {name: scenery.filled(value)}
        return await told(await client.submit(answer.original, f"scene_art:set:{scope}:{name}", **given))

    return do


VALUES: Mapping[str, str | list[str]] = {
    "automatic": ["on"],
    "fallback_seconds": "2",
    "cooldown_seconds": "0",
    "aspect": ["9:16"],
    "size": ["512"],
    "style": ["storybook"],
    "house_rules": "No cats.",
    "painter": ["gemini"],
    "tier": ["standard"],
    "notices": ["on"],
    "spoiler": ["on"],
    "continuity": ["off"],
    "roles": ["{role}"],
    "budget_day": "5",
    "log_channel": ["{channel}"],
}
"""A value of each setting that every operator allows."""


def _setting(name: str, scope: str = "channel") -> Action:
    default: str | list[str] = "" if isinstance(VALUES[name], str) else []
    head = "## Channel settings" if scope == "channel" else "## Server defaults"
    return Action(head, submit_setting(name, VALUES[name], scope), submit_setting(name, default, scope))


# Suggestions


def suggest(path: str, focused: str, make: Deed | None = None, **options: object) -> Action:
    """The suggestions for an option; `make` makes what there is to suggest."""

    async def do(scenery: Scenery, client: Client) -> str:
        if make is not None:
            await make(scenery, client)
        return await client.suggestions(f"scene-art {path}", focused, **options)

    return Action("", do)


async def a_picture(scenery: Scenery, client: Client) -> str:
    """There is a picture."""
    await scenery.picture(client.place)
    return ""


async def an_entry(scenery: Scenery, client: Client) -> str:
    """There is a character."""
    await scenery.entry(client.place, ENTRY)
    return ""


async def a_place(scenery: Scenery, client: Client) -> str:
    """There is a place."""
    await scenery.pin(client.place)
    return ""


async def suggest_unfinished(scenery: Scenery, client: Client) -> str:
    """The pictures that one might cancel."""
    there = at_work(scenery, client)
    await scenery.unfinished(there.place)
    return await there.suggestions("scene-art cancel", "scene")


ACTIONS: Mapping[str, Action] = {
    "/scene-art rerender": Action(DRAWN, after_picture("rerender")),
    "/scene-art draw": Action(DRAWN, run("draw", text="A fox in the snow.")),
    "/scene-art cancel": Action("Cancelled.", cancel_by_command),
    "/scene-art history": Action("## Pictures in this channel", after_picture("history")),
    "/scene-art status": Action("**scene-art", run("status")),
    "/scene-art recap": Action("Recap of the last session", recap),
    "/scene-art settings": Action("## Channel settings", run("settings")),
    "/scene-art style: look": Action("## Styles", run("style")),
    "/scene-art style: choose": Action("From the next picture on", run("style", preset="anime")),
    "/scene-art cast add: a new name": Action("Look added.", add_fresh()),
    "/scene-art cast add: a player's name": Action("Look added.", on_entry("add", HERS, picture=LOOK)),
    "/scene-art cast add: a name without entry": Action(
        "Look added.", run("cast add", name=UNLISTED, picture=LOOK), run("cast remove", name=UNLISTED)
    ),
    "/scene-art cast add: its look-alike": Action(
        "Look added.", run("cast add", name=LOOK_ALIKE, picture=LOOK), run("cast remove", name=LOOK_ALIKE)
    ),
    "/scene-art cast add: everywhere": Action("Look added.", add_fresh(everywhere=True)),
    "/scene-art cast add: for somebody": Action("Look added.", add_for_somebody),
    "/scene-art cast show: everybody": Action("Characters here:", run("cast show")),
    "/scene-art cast show: one": Action(f"**{ENTRY}**", on_entry("show", ENTRY)),
    "/scene-art cast rename: an entry": Action("Renamed to", on_entry("rename", ENTRY)),
    "/scene-art cast rename: a player's": Action("Renamed to", on_entry("rename", HERS)),
    "/scene-art cast rename: onto a player's": Action("", rename_onto(HERS)),
    "/scene-art cast rename: onto one without": Action("", rename_onto(UNLISTED)),
    "/scene-art cast rename: onto a look-alike": Action("", rename_onto(LOOK_ALIKE)),
    "/scene-art cast remove: an entry": Action("Character removed.", on_entry("remove", ENTRY)),
    "/scene-art cast remove: a player's": Action("Character removed.", on_entry("remove", HERS)),
    "/scene-art cast remove: a look": Action("Character removed.", on_entry("remove", HERS, look="1")),
    "/scene-art cast use: an entry": Action("From the next picture on", on_entry("use", ENTRY, look="1")),
    "/scene-art cast use: a player's": Action("From the next picture on", on_entry("use", HERS, look="1")),
    "/scene-art cast hide: oneself": Action("Hidden.", run("cast hide"), unhide),
    "/scene-art cast hide: a new name": Action(
        "Hidden.", lambda _, client: client.told(f"{CAST} hide", name=fresh_name()), unhide
    ),
    "/scene-art cast hide: a player's": Action("Hidden.", on_entry("hide", HERS), unhide),
    "/scene-art cast hide: one without entry": Action("Hidden.", run("cast hide", name=UNLISTED), unhide),
    "/scene-art cast unhide": Action("From the next picture on", run("cast unhide")),
    "/scene-art place pin": Action("Pinned.", pin_fresh),
    "/scene-art place unpin": Action("Unpinned.", lambda scenery, client: on_pin(scenery, client, "unpin")),
    "/scene-art place list": Action("Pinned places:", lambda scenery, client: on_pin(scenery, client, "list")),
    "/scene-art-mod block": Action("Blocked in this server:", moderate("block"), moderate("unblock")),
    "/scene-art-mod unblock": Action("Blocked in this server:", moderate("unblock")),
    f"menu {ILLUSTRATE}": Action(DRAWN, illustrate),
    f"menu {USE_AS_LOOK}": Action("form: ", use_as_look),
    "item rerender": Action(DRAWN, under_picture("rerender")),
    "item vary": Action(DRAWN, under_picture("vary")),
    "item change": Action("form: ", under_picture("change")),
    "item why": Action("**How this picture was made**", under_picture("why")),
    "item delete: asked for": Action("Picture deleted.", under_picture("delete")),
    "item delete: of a turn": Action("Picture deleted.", under_turn_picture("delete")),
    "item spoiler: asked for": Action("Marked as a spoiler.", under_picture("spoiler"), under_picture("spoiler")),
    "item spoiler: of a turn": Action(
        "Marked as a spoiler.", under_turn_picture("spoiler"), under_turn_picture("spoiler")
    ),
    "item cancel": Action("Cancelled.", cancel_by_button),
    "item kept": Action("This picture arrived after it was cancelled.", show_kept),
    "item page": Action("## Pictures in this channel", within("history", "scene_art:page:older:0:0")),
    "item who": Action("## Pictures in this channel", within("history", "scene_art:who", "0")),
    "item cast": Action("Characters here:", within("cast show", "scene_art:cast:on:0")),
    "item scope": Action("## Server defaults", within("settings", "scene_art:scope:server")),
    "item setting": Action("form: ", within("settings", "scene_art:setting:channel", "style")),
    "form changed": Action(DRAWN, submit_change),
    "form look": Action("Look added.", submit_look),
    **{f"form set: {name}": _setting(name) for name in VALUES},
    "form set: for the server": _setting("style", "server"),
    "suggest rerender scene": suggest("rerender", "scene", a_picture),
    "suggest rerender aspect": suggest("rerender", "aspect"),
    "suggest rerender style": suggest("rerender", "style"),
    "suggest draw cast": suggest("draw", "cast", an_entry),
    "suggest draw aspect": suggest("draw", "aspect"),
    "suggest draw style": suggest("draw", "style"),
    "suggest cancel scene": Action("", suggest_unfinished),
    "suggest history character": suggest("history", "character", a_picture),
    "suggest style preset": suggest("style", "preset"),
    **{
        f"suggest cast {command} name": suggest(f"cast {command}", "name", an_entry)
        for command in ("add", "show", "rename", "remove", "use")
    },
    "suggest cast remove look": suggest("cast remove", "look", an_entry, name=ENTRY),
    "suggest cast use look": suggest("cast use", "look", an_entry, name=ENTRY),
    "suggest place pin scene": suggest("place pin", "scene", a_picture),
    "suggest place pin name": suggest("place pin", "name", a_place),
    "suggest place unpin name": suggest("place unpin", "name", a_place),
}

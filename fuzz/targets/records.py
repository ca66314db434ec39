"""What stands in Redis and may have been changed there: `records`."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from cogs.scene_art.domain.channel_plan import ChannelPlan, Turn
from cogs.scene_art.domain.characters import CHARACTER_BYTES, Character, Look, game_key, read_character
from cogs.scene_art.domain.events import TurnComplete
from cogs.scene_art.domain.painting import Depicted, Usage
from cogs.scene_art.domain.scene import PromptRecord, Scene, SceneState, Source, UsedReference
from cogs.scene_art.store.records import (
    FollowedRequest,
    is_channel_id,
    is_scene_id,
    is_work_item,
    read_entries,
    read_followed,
    read_picture,
    read_plan,
    read_scene,
    read_time,
    texts,
)

from ..jsons import mutated_json
from ..target import Corpus, Target, promise

_NOW = 1_800_000_000.0
_CHANNEL, _SCENE, _GAME = "1180000000000000001", "0123456789abcdef", "Lanterns"
_LONGEST_REST = 3_600.0


def corpus(_: Path) -> Corpus:
    """A scene, a plan, a letter and a character as we write them."""
    used = UsedReference(name="Vell", role="character", arrived=False, missing_because="not found", user_ids=("7",))
    scene = Scene(
        id=_SCENE, channel_id=_CHANNEL, source=Source.PERSON, narrative="The gate opens.", state=SceneState.PAINTED,
        character_urls=("https://files.example/a.png",), character_names=("Vell",), heard_at=_NOW, painted_at=_NOW,
        attempts=2, turn_id="t-1", reply_to="5", requested_by="7", seed=2**40, mime="image/png", reason="one line",
        brief=PromptRecord(prompt="Paint\nthis.", references=(used,)), usage=Usage(prompt_tokens=5), guild_id="3",
    )  # fmt: skip
    turn = Turn(scene_id=_SCENE, order=1, heard_at=_NOW, due_at=_NOW + 60, turn_id="t-1", has_turn=True)
    plan = ChannelPlan(next_order=2, turns=[turn], cooldown_from=_NOW, seen={"ab": _NOW + 100}, home="3")
    event = TurnComplete.model_validate({"channel_id": _CHANNEL, "narrative": "Rain.", "event_id": "ab12"})
    letter = json.dumps({"at": _NOW, "event": event.model_dump()})
    look = Look(id=_SCENE, label="in armour", mime="image/png", size=9, width=3, height=4, added_at=_NOW, added_by="7")
    look = look.model_copy(update={"shows": Depicted(names=("Vell",), user_ids=("7",), story="The gate opens.")})
    character = Character(id=_SCENE, name="Vell", game=_GAME, owner_id="7", looks=(look,), chosen="", added_at=_NOW)
    followed = FollowedRequest(scene_id=_SCENE, code="lost", detail="nothing is there")
    models = (scene, plan, character, followed)
    return [text.encode() for text in (letter, *(model.model_dump_json() for model in models))]


def mutate(dice: Random, corpus: Corpus) -> bytes:
    """Any of them, read as each of them."""
    return mutated_json(dice, dice.choice(corpus), corpus)


def trial(data: bytes, _: Path) -> bool:
    """Passed over, or a record that reads the same when it is written again."""
    _try_small(data)
    return any((_try_scene(data), _try_plan(data), _try_letter(data), _try_character(data), _try_followed(data)))


def _try_scene(data: bytes) -> bool:
    scene = read_scene(data, _CHANNEL, _SCENE, _NOW)
    if scene is None:
        return False
    ids = (scene.guild_id, scene.reply_to, scene.message_id, scene.requested_by)
    promise(all(given is None or is_channel_id(given) for given in ids), "ids are digits")
    again = read_scene(scene.model_dump_json().encode(), _CHANNEL, _SCENE, _NOW)
    promise(again == scene, "what was read can be written, and reads the same")
    read_picture([data], scene)
    return True


def _try_plan(data: bytes) -> bool:
    plan = read_plan(data, _CHANNEL, _NOW)
    promise(all(is_scene_id(turn.scene_id) for turn in plan.turns), "turns name scenes")
    again = read_plan(plan.model_dump_json().encode(), _CHANNEL, _NOW)
    promise(again == plan, "a plan can be written, and reads the same")
    return bool(plan.turns)


def _try_letter(data: bytes) -> bool:
    [letter] = read_entries([data], _CHANNEL, _NOW)
    if letter is None:
        return False
    at, event = letter
    again = json.dumps({"at": at, "event": event.model_dump()}).encode()
    promise(read_entries([again], _CHANNEL, _NOW) == [letter], "a letter can be written, and reads the same")
    return True


def _try_character(data: bytes) -> bool:
    character = read_character(data[:CHARACTER_BYTES], _SCENE, game_key(_GAME))
    if character is None:
        return False
    lines = (character.name, character.game, *(look.label for look in character.looks))
    promise(all(line.replace("\u200d", "").isprintable() for line in lines), "lines are lines")
    promise(all(is_scene_id(look.id) for look in character.looks), "ids fit into keys")
    promise(is_channel_id(character.owner_id), "owners are users")
    again = read_character(character.model_dump_json().encode(), _SCENE, game_key(_GAME))
    promise(again == character, "a character can be written, and reads the same")
    return True


def _try_followed(data: bytes) -> bool:
    followed = read_followed(data)
    if followed is None:
        return False
    promise(followed.scene_id == "" or is_scene_id(followed.scene_id), "ids fit into keys")
    promise(read_followed(followed.model_dump_json().encode()) == followed, "it can be written, and reads the same")
    return bool(followed.scene_id or followed.code)


def _try_small(data: bytes) -> None:
    promise(0 <= read_time(data[:40], _NOW, _LONGEST_REST) <= _NOW + _LONGEST_REST, "a time that can be")
    [name] = texts([data])
    promise(not is_work_item(name) or name.isascii(), "an errand is digits and a scene")


RECORDS = Target("records", 10, 1.0, corpus, mutate, trial)

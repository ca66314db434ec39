"""Whether a picture may go along, although somebody is hidden."""

from __future__ import annotations

import pytest

from cogs.scene_art.domain.characters import Character
from cogs.scene_art.domain.depiction import MODERATORS, UNDEPICTED, Hidden, address_key, depicted_in
from cogs.scene_art.domain.ownership import Ownership
from cogs.scene_art.domain.painting import Depicted
from cogs.scene_art.domain.scene import PromptRecord, Scene, Source, UsedReference

GAME = Ownership([("Nova", "1"), ("Bram", "2")])
HIDDEN = Hidden.of({"1": ["Zoë Varga"]}, GAME)


def a_scene(story: str = "Rain.", *refs: UsedReference, mentioned: tuple[str, ...] = (), **fields: object) -> Scene:
    brief = PromptRecord(references=refs, mentioned=mentioned)
    values = {"id": "0" * 16, "channel_id": "1", "source": Source.TURN, "narrative": story, "brief": brief}
    return Scene.model_validate(values | fields)


def drawn(name: str, *user_ids: str, owner_id: str = "", **fields: str) -> UsedReference:
    values = {"name": name, "role": "character", "arrived": True, "user_ids": user_ids, "owner_id": owner_id}
    return UsedReference.model_validate(values | fields)


@pytest.mark.parametrize(
    "scene",
    [
        a_scene("Rain.", drawn("ZOË VARGA")),
        a_scene("Rain.", drawn("An old name", "1")),
        a_scene("Rain.", drawn("Somebody of theirs", owner_id="1")),
        a_scene("Rain.", UsedReference(name="zoë varga", role="character", arrived=True)),
        a_scene("Rain.", character_names=["Zoë Varga"]),
        a_scene("Zoë Varga waits in the rain."),
        a_scene("Rain.", drawn("Zоe Vаrga")),  # noqa: RUF001
        a_scene("zoe\u200b varga waits in the rain."),
        a_scene("And Nova, too."),
        a_scene("The old name waits.", mentioned=("1",)),
    ],
    ids=[
        "name",
        "player",
        "entry's owner",
        "old record",
        "event",
        "story",
        "look-alike",
        "small letters",
        "the game's name",
        "story, renamed since",
    ],
)
def test_a_picture_of_somebody_hidden_is_known_by_names_by_people_and_by_its_story(scene: Scene) -> None:
    assert HIDDEN.is_in(depicted_in(scene))
    assert not Hidden().is_in(depicted_in(scene)), "while nobody is hidden all pictures go along"


@pytest.mark.parametrize(
    "scene",
    [
        a_scene("Bram waits.", drawn("Bram", "2")),
        a_scene("Nova waits.", drawn("Nova", "1", missing_because=UNDEPICTED)),
        a_scene("Novation waits."),
    ],
    ids=["somebody else", "a silhouette", "another word"],
)
def test_any_other_picture_goes_along(scene: Scene) -> None:
    assert not HIDDEN.is_in(depicted_in(scene))


def test_a_name_is_hidden_only_by_its_player_or_where_it_is_nobodys() -> None:
    by_a_stranger = Hidden.of({"3": ["Nova", "Orr"]}, GAME)
    assert not by_a_stranger.hides("NOVA", ["1"])
    assert by_a_stranger.hides("orr")
    assert HIDDEN.hides("nova"), "the game calls the hidden person so"
    assert HIDDEN.hides("Any later name", ["1"])


def test_other_characters_of_a_hidden_person_are_drawn_and_their_old_pictures_are_not_used() -> None:
    entries = [Character(id="a" * 16, name=name, owner_id="1", added_at=5) for name in ("The Red Fox", "Bram")]
    hidden = Hidden.of({"1": ["Nova"]}, GAME, entries)
    assert not hidden.hides("The Red Fox")
    assert hidden.is_in(Depicted(names=("the red fox",)))
    assert not hidden.is_in(Depicted(names=("Bram",))), "the game gives him to somebody else"


def test_a_word_that_an_earlier_version_hid_is_in_no_story_unless_the_game_calls_somebody_so() -> None:
    story = Depicted(story="Because falls.")
    hidden = Hidden.of({"3": ["Because"]}, GAME)
    assert not hidden.is_in(story)
    assert hidden.is_in(Depicted(names=("BECAUSE",)))
    assert Hidden.of({"3": []}, Ownership([("Because", "3")])).is_in(story)


@pytest.mark.parametrize(
    "same",
    [
        "https://cdn.discordapp.com/attachments/1/2/nova.png?ex=1&hm=2",
        "https://media.discordapp.net/attachments/1/2/nova.png?width=100",
        "https://CDN.discordapp.com:443/attachments/1/2/nov%61.png#x",
    ],
)
def test_an_address_is_the_same_however_it_is_signed_and_written(same: str) -> None:
    assert address_key(same) == address_key("https://cdn.discordapp.com/attachments/1/2/nova.png")


def test_an_address_with_steps_in_its_path_is_the_address_itself() -> None:
    for same in ("https://a.example/./nova.png", "https://a.example/x/../nova.png"):
        assert address_key(same) == address_key("https://a.example/nova.png")


def test_addresses_of_other_pictures_differ() -> None:
    assert address_key("https://a.example/show?id=1") != address_key("https://a.example/show?id=2")
    assert address_key("https://[broken") == "https://[broken"


def test_a_moderators_word_hides_a_name_whoever_plays_it_and_not_the_moderator() -> None:
    hidden = Hidden.of({MODERATORS: ["Nova"]}, GAME)
    assert hidden.hides("nova", ["1"])
    assert (hidden.user_ids, hidden.hides("Bram", ["2"])) == (frozenset(), False)

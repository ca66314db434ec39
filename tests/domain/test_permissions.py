"""Who may do what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.scene_art.domain.permissions import Requester, check_moderator, check_owner, check_requester
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.settings import Settings

MIRA = Requester("1001", guild_id="8", role_ids=frozenset({"31", "32"}))
SCENE = Scene(id="0" * 16, channel_id="42", source=Source.PERSON, narrative="A gate.", requested_by="1001")


MODERATOR = Requester("2", guild_id="8", is_moderator=True)


def refusal(person: Requester, blocked: frozenset[str] = frozenset(), **settings: str) -> str:
    """The sentence, or nothing when they may."""
    try:
        check_requester(person, "42", Settings.model_validate(settings), blocked)
    except CannotDoError as exc:
        return exc.sentence
    return ""


def test_without_rules_everybody_who_may_write_may() -> None:
    assert refusal(MIRA) == ""
    assert refusal(Requester("1")) == ""
    assert "can't send messages" in refusal(replace(MIRA, may_write=False))


def test_a_role_is_needed_where_roles_are_named() -> None:
    assert refusal(MIRA, roles="30, 32") == ""
    assert "need a certain role" in refusal(MIRA, roles="30")
    assert refusal(replace(MIRA, role_ids=frozenset(), is_moderator=True), roles="30") == ""


def test_direct_messages_know_no_roles() -> None:
    """Whoever lacks the role in the server must not get around it by writing to the bot itself."""
    alone = Requester("1", is_moderator=True)
    assert refusal(alone) == ""
    assert "direct messages" in refusal(alone, roles="30")


@pytest.mark.parametrize("is_moderator", [False, True])
def test_the_operators_blocks_stand_above_all(is_moderator: bool) -> None:
    person = replace(MIRA, is_moderator=is_moderator)
    assert "The bot owner has blocked you" in refusal(person, blocked_users="5,1001")
    assert "has turned pictures off" in refusal(person, blocked_channels="42")
    assert refusal(person, blocked_users="10", blocked_channels="4") == ""


def test_a_moderators_block_holds_for_users_and_for_a_channel() -> None:
    assert "A moderator has blocked you" in refusal(MIRA, frozenset({"1001"}))
    assert refusal(replace(MIRA, is_moderator=True), frozenset({"1001"})) == "", "they could undo it anyway"
    assert "in this channel" in refusal(replace(MIRA, is_moderator=True), frozenset({"42"}))
    assert refusal(MIRA, frozenset({"1002", "43"})) == ""


def test_a_picture_belongs_to_whoever_asked_for_it_whoever_is_in_it_and_moderators() -> None:
    check_owner(MIRA, SCENE, is_depicted=False)
    check_owner(MODERATOR, SCENE, is_depicted=False)
    check_owner(Requester("2"), SCENE, is_depicted=True)
    for scene in (SCENE, SCENE.model_copy(update={"requested_by": None})):
        with pytest.raises(CannotDoError, match="Only the person who asked"):
            check_owner(Requester("2"), scene, is_depicted=False)


def test_the_roles_of_a_channel_are_needed_beside_the_operators() -> None:
    settings = Settings.model_validate({"roles": "31"})
    check_requester(MIRA, "42", settings, (), ("32",))
    with pytest.raises(CannotDoError, match="certain role"):
        check_requester(MIRA, "42", settings, (), ("33",))


def test_moderators_are_told_by_their_permissions() -> None:
    check_moderator(Requester("2", is_moderator=True))
    with pytest.raises(CannotDoError, match="Only moderators"):
        check_moderator(MIRA)

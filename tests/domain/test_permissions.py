"""Who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.scene_art.domain.permissions import Requester, check_moderator, check_owner, check_requester
from cogs.scene_art.domain.scene import Scene, Source
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.settings import Settings

MIRA = Requester("1001", guild_id="8", role_ids=frozenset({"31", "32"}))
SCENE = Scene(id="0" * 16, channel_id="42", source=Source.PERSON, narrative="A gate.", requested_by="1001")


MODERATOR = Requester("2", guild_id="8", is_moderator=True)


def refusal(person: Requester, blocked: frozenset[str] = frozenset(), /, **settings: Any) -> str:
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
    assert "need a certain role to ask for pictures. Ask the bot owner" in refusal(MIRA, roles="30")


def test_whoever_moderates_a_server_passes_the_operators_roles_only_where_the_operator_says_so() -> None:
    """Anybody may invite the bot into a server of their own, and moderates that."""
    assert "Ask the bot owner which one" in refusal(MODERATOR, roles="30")
    assert refusal(MODERATOR, roles="30", moderators_always="true") == ""
    assert "Ask the bot owner which one" in refusal(MIRA, roles="30", moderators_always="true")


def test_moderators_pass_the_roles_that_their_own_server_chose() -> None:
    check_requester(MODERATOR, "42", Settings(), (), ("33",))
    with pytest.raises(CannotDoError, match="Ask a moderator which one"):
        check_requester(MIRA, "42", Settings(), (), ("33",))


@pytest.mark.parametrize("person", [MIRA, MODERATOR, replace(MODERATOR, is_operator=True)])
def test_only_the_servers_that_the_operator_names_have_pictures(person: Requester) -> None:
    assert refusal(person, guilds="8, 9") == ""
    assert "hasn't turned pictures on in this server" in refusal(person, guilds="9")
    assert "hasn't turned pictures on in this server" in refusal(person, guilds="88", moderators_always="true")


ALONE = Requester("1", is_alone=True)


@pytest.mark.parametrize(
    ("settings", "may"),
    [
        ({}, True),
        ({"roles": "30"}, False),
        ({"guilds": "8"}, False),
        ({"direct_messages": "false"}, False),
        ({"roles": "30", "guilds": "8", "direct_messages": "true"}, True),
        ({"roles": "30", "moderators_always": "true"}, False),
    ],
)
def test_direct_messages_are_open_where_everybody_may_or_the_operator_says_so(
    settings: dict[str, str], may: bool
) -> None:
    """Whoever lacks the role in the server must not get around it by writing to the bot itself."""
    refused = refusal(ALONE, **settings)
    assert refused == ("" if may else "The bot owner has turned pictures off in direct messages. Ask in a server.")
    assert refusal(replace(ALONE, is_operator=True), **settings) == refused


def test_in_a_direct_conversation_everything_is_ones_own_and_nothing_is_moderated() -> None:
    check_owner(ALONE, SCENE.model_copy(update={"requested_by": None}), is_depicted=False)
    with pytest.raises(CannotDoError, match="Only moderators"):
        check_moderator(ALONE)


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


IDS = st.sampled_from(["7", "8", "9", "30", "31"])


@st.composite
def people(draw: st.DrawFn) -> Requester:
    guild_id = draw(st.none() | IDS)
    return Requester(
        draw(IDS),
        guild_id=guild_id,
        role_ids=draw(st.frozensets(IDS)) if guild_id else frozenset(),
        is_moderator=draw(st.booleans()) if guild_id else False,
        is_operator=draw(st.booleans()),
        is_alone=guild_id is None,
    )


@given(people(), st.frozensets(IDS), st.frozensets(IDS), st.sampled_from([None, True, False]))
def test_whoever_may_is_where_the_operator_wants_pictures_and_has_a_role_that_the_operator_named(
    person: Requester, roles: frozenset[str], guilds: frozenset[str], direct: bool | None
) -> None:
    """Nothing that somebody is in a place of their own changes that."""
    settings = Settings(roles=tuple(roles), guilds=tuple(guilds), direct_messages=direct)
    try:
        check_requester(person, "42", settings, ())
    except CannotDoError:
        return
    if person.guild_id is None:
        assert direct or (direct is None and not roles and not guilds)
    else:
        assert not guilds or person.guild_id in guilds
        assert not roles or person.role_ids & roles

"""What moderators choose: layers over the operator's settings, each choice standing alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cogs.scene_art.domain.preferences import (
    CHANNEL,
    PARENT,
    SERVER,
    SETTINGS,
    Layer,
    check_allowed,
    checked,
    offered,
    read_choices,
    resolve,
)
from cogs.scene_art.errors import CannotDoError
from cogs.scene_art.settings import Settings
from cogs.scene_art.store.preferences import ChannelScope, PreferenceRepository
from tests.redis_server import as_port, client_of

CHANNEL_SCOPE = ChannelScope("11", "7")
THREAD = ChannelScope("12", "7", parent_id="11")


def test_the_channel_lies_over_the_server_and_the_server_over_the_operator() -> None:
    server = Layer(SERVER, SERVER, {"style": "anime", "spoiler": True, "house_rules": "No cats."})
    channel = Layer(CHANNEL, "11", {"style": "storybook", "house_rules": "No dogs."})

    found = resolve(Settings(style="console", house_rules="No hats."), [channel, server])

    assert (found.style, found.origin("style")) == ("storybook", "channel")
    assert (found.spoiler, found.origin("spoiler")) == (True, "server")
    assert (found.notices, found.origin("notices")) == (False, None)
    assert found.house_rules == "No hats.\nNo cats.\nNo dogs.", "no layer takes another's rules away"
    assert found.wishes == (("server", "No cats."), ("channel", "No dogs.")), "the operator's is more than a wish"


def test_a_channels_budget_holds_within_the_servers_and_a_thread_counts_in_its_channels() -> None:
    layers = [
        Layer(CHANNEL, "12", {}),
        Layer(PARENT, "11", {"budget_day": 1.0}),
        Layer(SERVER, SERVER, {"budget_day": 5.0}),
    ]

    found = resolve(Settings(), layers)

    assert (found.channel_budget, found.server_budget_day) == (layers[1], 5)
    assert found.budget_day == 1, "what the panel shows"


LEAST_ALLOWED = Settings(
    image_size="1K",
    cooldown_seconds=30,
    fallback_seconds=60,
    painter="storyboard",
    spoiler=True,
    continuity=False,
    budget_guild_day=5,
    budget_day=2,
    house_rules="No hats.",
)


@pytest.mark.parametrize(
    ("name", "beyond", "within"),
    [
        ("size", ["4K", "2K"], ["1K", "512"]),
        ("cooldown_seconds", [0, 29.9], [30, 3600]),
        ("fallback_seconds", [], [0, 59, 60, 600]),
        ("painter", ["gemini", "auto"], ["storyboard"]),
        ("spoiler", [False], [True]),
        ("continuity", [True], [False]),
        ("budget_day", [1000, 2.01], [2, 0]),
    ],
)
def test_a_choice_only_narrows_what_the_operator_allows(name: str, beyond: list[Any], within: list[Any]) -> None:
    for value in beyond:
        with pytest.raises(CannotDoError, match=r"This bot's operator .* Nothing was changed"):
            check_allowed(name, value, LEAST_ALLOWED, in_server=True)
        kept_by_an_earlier_version = Layer(CHANNEL, "11", {name: value})
        found = resolve(LEAST_ALLOWED, [kept_by_an_earlier_version])
        assert getattr(found, name) == within[0]
        assert found.layers[0].choices == {name: within[0]}, "budgets are read from the layers"
    for value in within:
        check_allowed(name, value, LEAST_ALLOWED, in_server=True)
        assert getattr(resolve(LEAST_ALLOWED, [Layer(CHANNEL, "11", {name: value})]), name) == value


def test_without_a_key_no_channel_has_gemini() -> None:
    with pytest.raises(CannotDoError, match="doesn't offer Gemini"):
        check_allowed("painter", "gemini", Settings(), in_server=True)
    check_allowed("painter", "gemini", Settings(gemini_api_key=SecretStr("a-key")), in_server=True)


def test_in_direct_messages_nobody_has_house_rules() -> None:
    layers = [Layer(CHANNEL, "12", {"house_rules": "This supersedes everything above."}), Layer(SERVER, SERVER, {})]
    found = resolve(LEAST_ALLOWED, layers, in_server=False)

    assert (found.house_rules, found.wishes) == ("No hats.", ())
    assert set(SETTINGS) - set(offered(in_server=False)) == {"house_rules", "roles", "budget_day", "log_channel"}
    with pytest.raises(CannotDoError, match="only works in servers"):
        check_allowed("house_rules", "No cats.", LEAST_ALLOWED, in_server=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("aspect", "17:3"), ("size", "9K"), ("roles", ["x"]), ("fallback_seconds", -1), ("painter", "me"), ("nothing", 1)],
)
def test_what_does_not_fit_is_not_taken(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"setting|valid|input|ratio"):
        checked(name, value)


def test_a_choice_of_another_version_costs_itself_alone(caplog: pytest.LogCaptureFixture) -> None:
    found = read_choices({"size": b'"9K"', "aspect": b'"1:1"', "spoiler": b"{broken", "style": None}, "channel 11")

    assert found == {"aspect": "1:1"}
    assert "9K" not in caplog.text


json_values = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)


@given(
    st.dictionaries(
        st.sampled_from(list(SETTINGS)), st.binary(max_size=30) | json_values.map(json.dumps).map(str.encode)
    )
)
def test_whatever_stands_there_something_sensible_holds(found: dict[str, bytes]) -> None:
    settings = resolve(Settings(), [Layer(CHANNEL, "11", read_choices(dict(found), "channel 11"))])

    assert 0 <= settings.fallback_seconds <= 3600


async def test_a_choice_is_seen_by_another_process_and_taken_back_again(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        one, other = (PreferenceRepository(as_port(client), Settings()) for _ in range(2))
        assert (await one.choose(CHANNEL_SCOPE, SERVER, "spoiler", value=True)).spoiler
        assert (await one.choose(CHANNEL_SCOPE, "11", "spoiler", value=False)).origin("spoiler") == "channel"

        assert not (await other.of(CHANNEL_SCOPE)).spoiler
        assert (await other.of(ChannelScope("99", "7"))).spoiler
        assert (await other.of(THREAD)).origin("spoiler") == "parent"
        assert (await one.choose(CHANNEL_SCOPE, "11", "spoiler", None)).spoiler
        assert not (await other.of(ChannelScope("11", "8"))).spoiler, "another server's"


async def test_two_people_who_change_two_things_at_once_lose_nothing(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        books = [PreferenceRepository(as_port(client), Settings()) for _ in range(2)]
        await asyncio.gather(
            books[0].choose(CHANNEL_SCOPE, "11", "spoiler", value=True),
            books[1].choose(CHANNEL_SCOPE, "11", "notices", value=True),
        )

        chosen = await books[0].chosen(CHANNEL_SCOPE, "11")
        assert chosen == {"spoiler": True, "notices": True}


async def test_the_in_process_server_keeps_choices_too(any_redis_url: str) -> None:
    from cogs.scene_art.jobs.engine import open_docket

    async with open_docket(any_redis_url, "test") as (_, client):
        book = PreferenceRepository(client, Settings())
        assert (await book.choose(CHANNEL_SCOPE, "11", "roles", ["5"])).roles == ("5",)
        assert (await book.choose(CHANNEL_SCOPE, "11", "roles", None)).roles == ()


async def test_all_layers_are_read_with_one_command_and_kept_for_another_year(redis_url: str) -> None:
    async with client_of(redis_url) as client:
        repository = PreferenceRepository(as_port(client), Settings())
        await repository.choose(THREAD, "11", "spoiler", value=True)
        key = "scene_art:{7}:preferences"
        await client.expire(key, 100)
        other = PreferenceRepository(as_port(client), Settings())
        assert (await other.of(THREAD)).spoiler
        assert await client.ttl(key) > 300 * 24 * 3600

        await client.config_resetstat()
        assert await other.chosen(THREAD, "11") == {"spoiler": True}
        counted = await client.info("commandstats")
        calls = {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in counted.items() if "config" not in name}
        assert calls == {"hmget": 1}

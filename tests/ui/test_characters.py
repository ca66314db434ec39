"""`/scene-art cast …` and "Use as look of…", through Discord: from an upload to the painter."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from sandbox import Channel, InteractionAnswer, User, wait_until
from tests.stage import TIMEOUT_SECONDS, Stage, open_stage, portrait, running_bot, without_redis

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADD, SHOW, RENAME = "scene-art cast add", "scene-art cast show", "scene-art cast rename"
REMOVE, USE = "scene-art cast remove", "scene-art cast use"
HIDE, UNHIDE = "scene-art cast hide", "scene-art cast unhide"
MENU = "Use as look of…"
TEAL = ("mira.png", portrait("teal"))


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """One in a server of its own: a server has one book."""
    discord = stage.sandbox.discord
    return discord.add_text_channel(discord.add_guild("Another guild"), "story")


async def ended(answer: InteractionAnswer, *, alone: bool = True) -> str:
    await answer.wait_for(lambda a: a.content, timeout=TIMEOUT_SECONDS)
    assert answer.ephemeral is alone
    return answer.content


async def run(stage: Stage, channel: Channel, user: User, path: str, **options: Any) -> str:
    return await ended(await stage.sandbox.discord.run_command(channel, user, path, options=options))


def colour_of(picture: bytes) -> object:
    with Image.open(io.BytesIO(picture)) as opened:
        return opened.convert("RGB").getpixel((0, 0))


async def references(stage: Stage, channel: Channel, story: str, **fields: Any) -> dict[str, dict[str, Any]]:
    """What a scene's painter was given, by name."""
    before = len(stage.posts(channel))
    await stage.request(channel, story, **fields)
    await stage.pictures(channel, before + 1)
    await stage.settled(channel)
    scene = next(scene for scene in await stage.scenes(channel) if scene["narrative"] == story)
    return {reference["name"]: reference for reference in scene["brief"]["references"]}


async def test_a_look_reaches_the_painter_as_the_picture_of_that_name(
    stage: Stage, channel: Channel, mira: User
) -> None:
    text = await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL, label="in teal")
    assert text == (
        "Look added. No game is known in this channel, so Mirabel looks like this in this channel's scenes only, "
        "from the next picture on. Looks: 1."
    )

    await stage.request(channel, "A bridge of bells.", character_names=["MIRABEL", "Orr"])
    asked = await stage.asked("A bridge of bells.")

    assert "Image 2 is «MIRABEL»: likeness only." in asked.texts
    assert len(asked.images) == 2, "the game master's and this one"


async def test_whom_only_the_story_names_is_painted_after_the_book(stage: Stage, channel: Channel, mira: User) -> None:
    await run(stage, channel, mira, ADD, name="ミラ", picture=TEAL)
    await run(stage, channel, mira, ADD, name="Oda", picture=TEAL)

    found = await references(stage, channel, "彼女はミラと呼ばれた。 Odalisque.")

    assert found["ミラ"]["arrived"]
    assert "Oda" not in found


async def test_the_books_look_helps_out_where_a_picture_cannot_be_had_and_only_there(
    stage: Stage, channel: Channel, mira: User
) -> None:
    await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL)
    gone = stage.sandbox.files.url("gone-for-good.png")
    found = await references(
        stage, channel, "A gone gate.", character_names=["Mirabel", "Orr"], character_urls=[gone, gone]
    )
    assert (found["Mirabel"]["arrived"], found["Orr"]["arrived"]) == (True, False)


async def test_a_character_belongs_to_a_game_or_to_every_game(
    stage: Stage, channel: Channel, mira: User, guard: User
) -> None:
    await stage.remember(f"game:session:{channel.id}", {"active": True, "game_name": "Lanterns", "players": []})
    assert "in Lanterns" in await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL)
    assert "every game" in await run(stage, channel, guard, ADD, name="Orr", picture=TEAL, everywhere=True)

    own = await references(stage, channel, "Mirabel meets Orr.", game_name="LANTERNS")
    other = await references(stage, channel, "Mirabel leaves Orr.", game_name="Another")

    assert {"Mirabel", "Orr"} <= set(own)
    assert "Orr" in other
    assert "Mirabel" not in other


async def test_the_cast_is_listed_and_shown_as_pictures(stage: Stage, channel: Channel, mira: User) -> None:
    assert "No characters here yet" in await run(stage, channel, mira, SHOW)
    await run(stage, channel, mira, ADD, name="@Mirabel Vael", picture=TEAL, label="in *teal*")
    await run(stage, channel, mira, ADD, name="@Mirabel Vael", picture=("b.png", portrait("red")))

    listed = await stage.sandbox.discord.run_command(channel, mira, SHOW, options={"public": True})
    text = await ended(listed, alone=False)
    assert "looks: 2, in use: 2" in text
    assert "@Mirabel" not in text

    answer = await stage.sandbox.discord.run_command(channel, mira, SHOW, options={"name": "@MIRABEL VAEL"})
    assert "1: in \\*teal\\* (added" in await ended(answer)
    assert answer.original is not None
    assert [file.description for file in answer.original.attachments] == [
        "@Mirabel Vael, 1: in *teal*",
        "@Mirabel Vael, 2",
    ]


async def test_a_long_list_has_pages_that_anybody_let_in_may_turn(
    stage: Stage, channel: Channel, mira: User, tom: User, guard: User
) -> None:
    for number in range(12):
        await run(stage, channel, mira, ADD, name=f"Guard {number:02}", picture=TEAL)
    discord = stage.sandbox.discord
    answer = await discord.run_command(channel, mira, SHOW, options={"public": True})
    assert "Page 1 of 2" in await ended(answer, alone=False)
    assert answer.original is not None

    turned = await discord.press(answer.original, answer.original.button("Next").custom_id, tom)
    await wait_until(lambda: turned.history, timeout=TIMEOUT_SECONDS)
    assert "Guard 11" in answer.original.content
    assert "Guard 00" not in answer.original.content

    await discord.run_command(channel, guard, "scene-art-mod block", options={"user": tom})
    refused = await discord.press(answer.original, answer.original.button("Previous").custom_id, tom)
    await wait_until(lambda: refused.messages, timeout=TIMEOUT_SECONDS)
    assert "blocked you" in refused.messages[0].content
    assert "Guard 11" in answer.original.content


async def test_looks_are_chosen_and_removed_by_what_the_list_calls_them(
    stage: Stage, channel: Channel, mira: User
) -> None:
    discord = stage.sandbox.discord
    for label in ("in armour", "at home", ""):
        await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL, label=label)

    names = await discord.autocomplete(channel, mira, USE, {"name": "mira"}, "name")
    looks = await discord.autocomplete(channel, mira, USE, {"name": "Mirabel"}, "look")
    assert [choice.value for choice in names] == ["Mirabel"]
    assert [choice.name for choice in looks] == ["1: in armour", "2: at home", "3"]

    # A client may send the label back in place of the value.
    for look in (looks[0].value, looks[0].name, "IN ARMOUR", "1"):
        text = await run(stage, channel, mira, USE, name="Mirabel", look=str(look))
        assert text == "From the next picture on, Mirabel uses this look: 1: in armour"
    assert "has no look by that name" in await run(stage, channel, mira, USE, name="Mirabel", look="9")

    assert "has 2 looks left" in await run(stage, channel, mira, REMOVE, name="mirabel", look="1")
    assert "Character removed. Pictures" in await run(stage, channel, mira, REMOVE, name="mirabel")
    assert "There's no character called mirabel" in await run(stage, channel, mira, REMOVE, name="mirabel")


async def test_only_the_owner_and_moderators_change_a_character(
    stage: Stage, channel: Channel, mira: User, tom: User, guard: User
) -> None:
    await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL)
    for path, options in (
        (ADD, {"picture": TEAL}),
        (RENAME, {"new_name": "Tomabel"}),
        (USE, {"look": "1"}),
        (REMOVE, {"look": "1"}),
        (REMOVE, {}),
    ):
        text = await run(stage, channel, tom, path, name="Mirabel", **options)
        assert text == f"Mirabel belongs to <@{mira.id}>. Only they and moderators can change it."
    assert "Only moderators" in await run(stage, channel, tom, ADD, name="Orr", picture=TEAL, owner=mira)

    assert "Looks: 2" in await run(stage, channel, guard, ADD, name="Mirabel", picture=TEAL, owner=tom)
    assert "Renamed to Tomabel." in await run(stage, channel, tom, RENAME, name="Mirabel", new_name="Tomabel")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "   "}, "A name needs at least one letter"),
        ({"name": "\u202e\u200b"}, "A name needs at least one letter"),
        ({"name": "x" * 4_000}, "The name is too long (4,000 of 80 characters)."),
        ({"label": "x" * 4_000}, "The label is too long"),
        ({"picture": ("mira.png", b"no picture at all")}, "couldn't be read"),
        ({"picture": ("mira.png", b"x" * (8 * 1024 * 1024 + 1))}, "That picture is too large. The limit is 8 MB"),
    ],
)
async def test_what_does_not_fit_is_told_and_changes_nothing(
    stage: Stage, channel: Channel, mira: User, options: dict[str, Any], sentence: str
) -> None:
    assert sentence in await run(stage, channel, mira, ADD, **({"name": "Mirabel", "picture": TEAL} | options))
    assert "No characters here yet" in await run(stage, channel, mira, SHOW)


async def test_an_upload_that_is_gone_is_told(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord
    message = discord.say(channel, mira, "My new coat!", files=[TEAL])
    form = await discord.run_message_command(message, mira, MENU)
    discord.expire_links()
    text = await ended(await discord.submit_modal(form, {"name": "Mirabel"}))
    assert text == "Couldn't download that picture from Discord. Upload it again."


async def test_a_picture_in_a_message_becomes_a_look(stage: Stage, channel: Channel, mira: User) -> None:
    discord = stage.sandbox.discord
    message = discord.say(channel, mira, "Two coats!", files=[TEAL, ("notes.txt", b"!"), ("b.png", portrait("red"))])

    form = await discord.run_message_command(message, mira, MENU)
    text = await ended(await discord.submit_modal(form, {"name": "Mirabel", "label": "red", "which": ["2"]}))
    assert text.startswith("Look added. ")

    found = await discord.run_command(channel, mira, SHOW, options={"name": "Mirabel"})
    assert "1: red (in use" in await ended(found)
    assert found.original is not None
    assert colour_of(found.original.attachments[0].data) == colour_of(portrait("red"))


async def test_a_picture_that_a_game_shows_in_an_embed_becomes_a_look(
    stage: Stage, channel: Channel, mira: User
) -> None:
    discord = stage.sandbox.discord
    url = stage.sandbox.files.add("portrait of mirabel.png", portrait("red"))
    message = discord.say(channel, "S.N.E.S.", "Mirabel!")
    message.embeds = [{"type": "rich", "image": {"url": url}, "thumbnail": {"url": "attachment://x.png"}}]

    form = await discord.run_message_command(message, mira, MENU)
    text = await ended(await discord.submit_modal(form, {"name": "Mirabel"}))
    assert text.startswith("Look added. ")


async def test_a_message_without_a_picture_is_told(stage: Stage, channel: Channel, mira: User) -> None:
    message = stage.sandbox.discord.say(channel, mira, "Only words.", files=[("notes.txt", b"!")])
    answer = await stage.sandbox.discord.run_message_command(message, mira, MENU)
    assert "This message has no picture" in await ended(answer)


async def test_two_looks_added_at_once_are_both_kept(stage: Stage, channel: Channel, mira: User) -> None:
    texts = await asyncio.gather(*(run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL) for _ in range(2)))
    assert sorted(text[-2] for text in texts) == ["1", "2"]


async def test_who_hides_is_a_silhouette_without_any_picture(stage: Stage, channel: Channel, mira: User) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Mirabel"})
    await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL)
    url = stage.sandbox.files.add("mirabel-herself.png", portrait("teal"))

    assert "Names: Mirabel." in await run(stage, channel, mira, HIDE)
    found = await references(
        stage, channel, f"Mirabel sings {url} alone.", character_names=["Mirabel"], character_urls=[url]
    )
    assert found["Mirabel"]["arrived"] is False
    assert found["Mirabel"]["missing_because"] == "wishes not to be depicted"
    assert len(found) == 2, "her picture does not come in as one of the story's"
    [asked] = stage.asked_now("Mirabel sings")
    assert "- «Mirabel»: drawn as a dark silhouette without face or details, at their own wish" in "\n".join(
        asked.texts
    )

    mentioned = await references(stage, channel, "Far away Mirabel laughs.")
    assert mentioned["Mirabel"]["missing_because"] == "wishes not to be depicted"

    assert "your characters are shown again" in await run(stage, channel, mira, UNHIDE)
    assert (await references(stage, channel, "At last Mirabel comes."))["Mirabel"]["arrived"]


async def test_nobody_hides_somebody_else(stage: Stage, channel: Channel, mira: User, tom: User) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Mirabel"})
    session = {"active": True, "game_name": "Lanterns", "players": [str(mira.id), str(tom.id)]}
    await stage.remember(f"game:session:{channel.id}", session)
    await run(stage, channel, mira, ADD, name="Orr", picture=TEAL)

    for name in ("mirabel", "ORR"):
        assert "someone else's character" in await run(stage, channel, tom, HIDE, name=name)
    assert "Your character in the game couldn't be found" in await run(stage, channel, tom, HIDE)
    assert "Names: Tomas." in await run(stage, channel, tom, HIDE, name="Tomas")
    assert "Names: Orr." in await run(stage, channel, mira, HIDE, name="Orr")


async def test_who_may_not_ask_for_pictures_still_has_a_say_in_those_of_themselves(
    stage: Stage, channel: Channel, mira: User, guard: User
) -> None:
    await stage.remember(f"game:character:{mira.id}", {"name": "Mirabel"})
    await stage.sandbox.discord.run_command(channel, guard, "scene-art-mod block", options={"user": mira})

    for path, options in ((ADD, {"name": "Mirabel", "picture": TEAL}), (SHOW, {}), (HIDE, {"name": "Anybody"})):
        assert "blocked you" in await run(stage, channel, mira, path, **options)
    assert "Names: Mirabel." in await run(stage, channel, mira, HIDE)


async def test_in_a_direct_conversation_there_is_a_book_of_its_own(stage: Stage, mira: User) -> None:
    conversation = stage.sandbox.discord.add_dm(mira)
    await run(stage, conversation, mira, ADD, name="Mirabel", picture=TEAL)
    found = await references(stage, conversation, "Mirabel writes a letter.")
    assert found["Mirabel"]["arrived"]


@pytest.mark.asyncio(loop_scope="function")
async def test_looks_outlive_a_restart_of_the_bot(redis_url: str) -> None:
    async with open_stage(redis_url) as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        await run(stage, channel, mira, ADD, name="Mirabel", picture=TEAL)
        await stage.bot.close()
        async with running_bot(stage.sandbox) as bot:
            await wait_until(lambda: bot.get_cog("SceneArt").is_listening, timeout=TIMEOUT_SECONDS)
            assert (await references(stage, channel, "Mirabel is back."))["Mirabel"]["arrived"]


@pytest.mark.asyncio(loop_scope="function")
async def test_without_redis_every_command_ends_in_a_sentence() -> None:
    async with without_redis() as stage:
        channel, mira = stage.channel(), stage.sandbox.discord.add_user("Mira")
        for path, options in (
            (ADD, {"name": "Mirabel", "picture": TEAL}),
            (SHOW, {}),
            (SHOW, {"name": "Mirabel"}),
            (HIDE, {}),
        ):
            assert "can't reach its database" in await run(stage, channel, mira, path, **options)
        assert await stage.sandbox.discord.autocomplete(channel, mira, USE, {}, "name") == []

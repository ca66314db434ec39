"""The main job: the game publishes, Gemini paints, the picture stands in the channel."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

from cogs.scene_art.pipeline.safety import DIRECTIVE
from sandbox.payloads import attachment_link
from tests.running import Running, encoded, portrait, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
alone = pytest.mark.asyncio(loop_scope="function")
on_either_redis = pytest.mark.parametrize("stage", ["memory", None], indirect=True, ids=["memory", "redis"])

LONG = "The road goes on. " * 200


def plain(colour: str, form: str) -> bytes:
    """A picture in one colour and another format than PNG."""
    return encoded(Image.new("RGB", (64, 96), colour), form)


@on_either_redis
async def test_a_request_becomes_one_post_with_everybody_looking_like_themselves(app: Running) -> None:
    files, discord = app.sandbox.files, app.sandbox.discord
    narrative = discord.say(app.channel, "S.N.E.S.", "…")
    await app.request(
        f"The gate opens @everyone. {files.add('map.webp', plain('gold', 'WEBP'))} {LONG}",
        character_names=["Mira", "Tobin", "Odelia"],
        character_urls=[
            files.add("mira.png", portrait("red")),
            files.add("tobin.gif", plain("blue", "GIF")),
        ],
        message_id=str(narrative.id),
    )
    (message,) = await app.wait_for_pictures(1)

    (asked,) = app.requests
    assert asked.system.startswith(DIRECTIVE)
    prompt = "\n".join(asked.texts)
    labels = [text for text in asked.texts if text.startswith("Image ")]
    assert [label.split(",")[0].split(":")[0] for label in labels] == [
        "Image 1 is Stargazer",
        "Image 2 is «Mira»",
        "Image 3 is «Tobin»",
        "Image 4 is story picture 1",
    ]
    assert all("likeness only" in label for label in labels[:3])
    assert len(asked.images) == 4
    # Each picture comes right after the label that names it.
    kinds = ["text" if "text" in part else "picture" for part in asked.parts]
    assert kinds[:8] == ["text", "picture"] * 4
    assert "«Odelia» [no picture: draw from the text]" in prompt
    assert "map.webp" not in prompt
    story = prompt.split("«««\n")[1].split("\n»»»")[0]
    assert len(story) <= 2_000
    assert story.endswith(("road…", "goes…", "on…", "The…"))
    assert asked.texts[-1].endswith("Output the final image only, without any words.")
    assert asked.image_config["aspectRatio"] == "16:9"

    picture = message.attachments[0]
    assert picture.filename == f"scene_{hashlib.sha256(picture.data).hexdigest()[:12]}.png"
    assert (picture.description or "").startswith("The gate opens @everyone.")
    assert message.reference == narrative.id
    assert message.mentions == []
    assert not message.mention_everyone
    assert message.nonce is not None
    assert len(message.nonce) <= 25
    labels = [button.label.partition(" (")[0] for button in message.buttons]
    assert labels == ["Rerender", "Change", "Vary", "Why?", "Delete", "Spoiler"]


@on_either_redis
async def test_pictures_that_were_posted_in_discord_long_ago_are_still_found(app: Running) -> None:
    discord = app.sandbox.discord
    said = discord.say(app.channel, "Mira", "Me.", files=[("mira.png", portrait("red")), ("map.png", portrait("gold"))])
    mira, chart = (attachment_link(app.channel, file, discord.world) for file in said.attachments)
    discord.expire_links()
    await app.request(f"The gate opens. {chart}", character_names=["Mira"], character_urls=[mira])
    await app.wait_for_pictures(2)  # the first one is Mira's own post

    (asked,) = app.requests
    labels = [text.split(",")[0].split(":")[0] for text in asked.texts if text.startswith("Image ")]
    assert labels[1:] == ["Image 2 is «Mira»", "Image 3 is story picture 1"]


async def test_the_painters_own_bytes_go_out_untouched(app: Running) -> None:
    from sandbox import gemini_answers

    painted = plain("teal", "WEBP")
    app.sandbox.gemini.script(gemini_answers.picture(painted, mime="image/webp"))
    await app.request("A quiet lake.")
    (message,) = await app.wait_for_pictures(1)

    assert message.attachments[0].data == painted
    assert message.attachments[0].filename.endswith(".webp")


async def test_a_reference_that_cannot_be_had_is_named_and_costs_nothing_else(
    app: Running, caplog: pytest.LogCaptureFixture
) -> None:
    good = app.sandbox.files.add("mira.png", portrait("red"))
    await app.request(
        "Two at a well.",
        character_names=["Mira", "Tobin"],
        character_urls=[good, app.sandbox.files.url("nothing-here.png")],
    )
    await app.wait_for_pictures(1)

    prompt = "\n".join(app.requests[0].texts)
    assert "«Tobin» [no picture: draw from the text]" in prompt
    assert "Image 2 is «Mira»" in prompt
    await app.stage.settled(app.channel)
    (line,) = [r.getMessage() for r in caplog.records if "no picture of Tobin" in r.getMessage()]
    assert "404" in line


@alone
async def test_a_private_address_is_not_contacted_unless_it_is_trusted(redis_url: str) -> None:
    async with running(redis_url, trusted_hosts="example.com") as app:
        canary = app.sandbox.files.add("canary.png", portrait("yellow"))
        await app.request("A mine.", character_names=["Mira"], character_urls=[canary])
        await app.wait_for_pictures(1)

        assert app.sandbox.files.hits("canary.png") == 0


async def test_what_was_fetched_once_is_not_fetched_again(app: Running) -> None:
    url = app.sandbox.files.add("fetched-once.png", portrait("red"))
    for number in (1, 2):
        await app.request(f"Scene {number}.", character_names=["Mira"], character_urls=[url])
        await app.wait_for_pictures(number)

    assert app.sandbox.files.hits("fetched-once.png") == 1


async def test_more_characters_than_the_model_takes_share_contact_sheets(app: Running) -> None:
    names = [f"Hero {number}" for number in range(20)]
    urls = [app.sandbox.files.add(f"{n}.png", portrait("red", (40 + n, 60))) for n in range(20)]
    await app.request("A crowd.", character_names=names, character_urls=urls)
    await app.wait_for_pictures(1)

    (asked,) = app.requests
    assert len(asked.images) == 14
    labels = " ".join(text for text in asked.texts if text.startswith("Image "))
    assert all(name in labels for name in names)


@pytest.mark.parametrize(
    ("state", "master"),
    [
        ({}, "Stargazer"),
        ({"flag": "1"}, "The Dark Loopmother"),
        ({"game_name": "Corrupted Cartridge II"}, "The Dark Loopmother"),
        ({"flag": "1", "crown": "77"}, "The synced entity"),
    ],
)
async def test_the_game_master_on_duty_is_in_the_picture(app: Running, state: dict[str, str], master: str) -> None:
    channel = app.channel.id
    if "flag" in state:
        await app.stage.remember(f"game:dark_loopmother:{channel}", state["flag"])
    session = {"active": True, "game_name": state.get("game_name", ""), "crown_holder": state.get("crown")}
    await app.stage.remember(f"game:session:{channel}", {**session, "players": []})
    await app.request("Something stirs.")
    await app.wait_for_pictures(1)

    assert app.requests[0].texts[0].startswith(f"Image 1 is {master}, the game master")


@alone
async def test_the_storyboard_painter_paints_without_gemini(any_redis_url: str) -> None:
    async with running(any_redis_url, painter="storyboard") as app:
        await app.request("Snow falls on the mountains.", aspect_ratio="1:1")
        (message,) = await app.wait_for_pictures(1)

        assert app.requests == []
        picture = message.attachments[0]
        assert (picture.width, picture.height) == (1280, 1280)

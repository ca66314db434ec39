"""The refusal ladder: without the blocked reference, softened once, once more for no picture at all, then an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs.scene_art.pipeline.prompt import CLOSING, SOFTENED
from cogs.scene_art.pipeline.safety import DIRECTIVE, LAST_SENTENCE
from sandbox import Channel, User
from sandbox.gemini import GeminiRequest, blocked_while_shown
from sandbox.gemini_answers import (
    Answer,
    blocked_prompt,
    empty,
    finished,
    invalid_argument,
    no_image,
    page,
    picture,
    text_only,
)
from tests.faults.app import (
    ended,
    names_shown,
    numbered,
    request_behind,
)
from tests.stage import Stage, open_stage, photo, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANDFUL = 7
BLOCKED_INPUTS = ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK", "SOMETHING_NEW"]
BLOCKED_OUTPUTS = [
    "IMAGE_SAFETY",
    "SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "RECITATION",
    "SPII",
    "IMAGE_OTHER",
    "SOMETHING_NEW",
]
PROHIBITED = [
    *(blocked_prompt(reason) for reason in ("PROHIBITED_CONTENT", "BLOCKLIST")),
    *(finished(reason) for reason in ("PROHIBITED_CONTENT", "BLOCKLIST")),
]
PROHIBITED_NAMES = ["input-prohibited", "input-blocklist", "output-prohibited", "output-blocklist"]
UNREADABLE = ["Provided image is not valid", "Unsupported MIME type: image/webp", "Unable to process input image"]
# google-genai warns of values that it does not know.
UNKNOWN = "ignore:SOMETHING_NEW is not a valid"
CAST = ["Mira", "Tobin", "Odelia", "Perrin", "Quill"]
MASTER = "Stargazer"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[Stage]:
    async with open_stage(rerenders_per_user=9) as stage:
        yield stage


@pytest.fixture
def stage(opened: Stage) -> Stage:
    """One bot for all of this file; every test has a channel and a person of its own, and a Gemini that paints."""
    opened.sandbox.gemini.default = picture()
    opened.sandbox.gemini.requests.clear()
    opened.sandbox.gemini.paid.clear()
    assert opened.sandbox.gemini.pending == 0
    return opened


@pytest.fixture
def channel(stage: Stage) -> Channel:
    return stage.channel()


@pytest.fixture
def mira(stage: Stage) -> User:
    return stage.sandbox.discord.add_user("Mira")


async def refused(stage: Stage, channel: Channel, answer: Answer) -> dict[str, Any]:
    """The record of a scene that gets nothing but `answer`."""
    stage.sandbox.gemini.default = answer
    await stage.request(channel, "A duel on the bridge.")
    record = await ended(stage, channel, "refused")
    assert record["sentence"]["text"].endswith(".")
    assert stage.sandbox.discord.messages(channel) == [], "automatic scenes stay quiet"
    return record


@pytest.mark.filterwarnings(UNKNOWN)
@pytest.mark.parametrize("reason", BLOCKED_INPUTS)
async def test_an_input_that_stays_blocked_ends_after_a_handful_of_requests(
    stage: Stage, channel: Channel, reason: str
) -> None:
    record = await refused(stage, channel, blocked_prompt(reason))

    assert reason in record["reason"]
    assert 2 <= len(stage.sandbox.gemini.requests) <= HANDFUL
    assert stage.sandbox.gemini.paid == []


async def test_many_references_do_not_make_it_more_than_a_handful(stage: Stage, channel: Channel) -> None:
    names = [f"Hero {number}" for number in range(12)]
    urls = [stage.sandbox.files.add(f"{name[5:]}.png", portrait("red", (60 + n, 60))) for n, name in enumerate(names)]
    stage.sandbox.gemini.default = blocked_prompt()
    await stage.request(channel, "A crowd.", character_names=names, character_urls=urls)
    await ended(stage, channel, "refused")

    assert len(stage.sandbox.gemini.requests[0].references) == 13
    assert len(stage.sandbox.gemini.requests) <= HANDFUL + 1, "and the softened one"


async def test_what_cannot_be_made_smaller_is_not_sent_again(stage: Stage, channel: Channel) -> None:
    stage.sandbox.gemini.default = page(413, "<html>Request Entity Too Large</html>")
    await stage.request(channel, "Nobody but the game master.")
    await ended(stage, channel, "refused")

    assert len(stage.sandbox.gemini.requests) == 1


@pytest.mark.filterwarnings(UNKNOWN)
@pytest.mark.parametrize("reason", BLOCKED_OUTPUTS)
async def test_a_blocked_output_is_softened_once(stage: Stage, channel: Channel, reason: str) -> None:
    record = await refused(stage, channel, finished(reason, message="Not this one."))

    assert reason in record["reason"]
    first, softened = stage.sandbox.gemini.requests
    assert softened.texts != first.texts
    assert softened.texts[-2:] == first.texts[-2:] == [LAST_SENTENCE, CLOSING]
    assert softened.system.startswith(DIRECTIVE)
    assert names_shown(softened) == names_shown(first)


@pytest.mark.parametrize("answer", PROHIBITED, ids=PROHIBITED_NAMES)
async def test_what_is_prohibited_is_asked_once_more_without_references_and_never_softened(
    stage: Stage, channel: Channel, answer: Answer
) -> None:
    await refused(stage, channel, answer)

    first, second = stage.sandbox.gemini.requests
    assert (len(first.references), len(second.references)) == (1, 0)
    assert SOFTENED not in "\n".join(second.texts)


@pytest.mark.parametrize("answer", PROHIBITED, ids=PROHIBITED_NAMES)
async def test_the_prohibited_references_are_left_out_for_good(stage: Stage, channel: Channel, answer: Answer) -> None:
    stage.sandbox.gemini.script(answer)
    await request_with_cast(stage, channel)
    await stage.picture(channel)

    first, second = stage.sandbox.gemini.requests
    assert (len(first.references), len(second.references)) == (6, 0)


async def test_a_request_that_the_service_cannot_work_with_is_sent_once(stage: Stage, channel: Channel) -> None:
    record = await refused(stage, channel, invalid_argument())

    assert "400" in record["reason"]
    assert len(stage.sandbox.gemini.requests) == 1


@pytest.mark.parametrize("words", UNREADABLE)
async def test_a_picture_that_the_service_cannot_read_is_found_like_a_blocked_one(
    stage: Stage, channel: Channel, words: str
) -> None:
    passed = numbered(stage)

    def answer(request: GeminiRequest) -> Answer:
        return invalid_argument(words) if "Odelia" in names_shown(request) else passed(request)

    stage.sandbox.gemini.default = answer
    await request_with_cast(stage, channel)
    message = await stage.picture(channel)

    assert len(stage.sandbox.gemini.requests) <= HANDFUL
    assert names_shown(request_behind(stage, message)) == {*CAST, MASTER} - {"Odelia"}


@pytest.mark.parametrize(
    "answer",
    [page(413, "<html>Request Entity Too Large</html>"), invalid_argument("Request payload size exceeds the limit: 9")],
    ids=["413", "400"],
)
async def test_a_request_that_is_too_large_gets_one_smaller_try(stage: Stage, channel: Channel, answer: Answer) -> None:
    stage.sandbox.gemini.script(answer)
    hero = stage.sandbox.files.add("hero.png", photo(1500, 90))
    fields = {"character_names": ["Mira"], "character_urls": [hero]}
    await stage.request(channel, "A duel on the bridge.", **fields)
    await stage.picture(channel)
    first, second = stage.sandbox.gemini.requests
    assert names_shown(first) == names_shown(second) == {"Mira", MASTER}
    assert sum(map(len, second.images)) < sum(map(len, first.images)) / 2

    await stage.settled(channel)
    stage.sandbox.gemini.requests.clear()
    stage.sandbox.gemini.default = answer
    await stage.request(channel, "A duel under the bridge.", **fields)
    await ended(stage, channel, "refused", count=2)
    assert len(stage.sandbox.gemini.requests) == 2


@pytest.mark.filterwarnings(UNKNOWN)
@pytest.mark.parametrize("reason", BLOCKED_OUTPUTS)
async def test_the_softened_try_brings_the_picture(stage: Stage, channel: Channel, reason: str) -> None:
    stage.sandbox.gemini.script(finished(reason))
    await stage.request(channel, "A duel on the bridge.")
    await stage.picture(channel)

    assert len(stage.sandbox.gemini.requests) == 2
    assert "A duel on the bridge." in stage.sandbox.gemini.requests[1].scene


async def test_words_in_place_of_a_picture_are_softened_once_too(stage: Stage, channel: Channel) -> None:
    record = await refused(stage, channel, text_only("I would rather tell it."))

    assert "I would rather tell it." in record["reason"]
    assert "I would rather tell it." not in record["sentence"]["text"], "the service's words are for the operator"
    assert len(stage.sandbox.gemini.requests) == 2


EMPTY = [no_image(), empty(), finished("STOP"), finished("MAX_TOKENS")]
EMPTY_NAMES = ["NO_IMAGE", "nothing", "STOP", "MAX_TOKENS"]


@pytest.mark.parametrize("answer", EMPTY, ids=EMPTY_NAMES)
async def test_no_image_once_gets_one_more_try(stage: Stage, channel: Channel, answer: Answer) -> None:
    stage.sandbox.gemini.script(answer)
    await stage.request(channel, "A duel on the bridge.")
    await stage.picture(channel)

    first, second = stage.sandbox.gemini.requests
    assert second.texts == first.texts


@pytest.mark.parametrize("answer", EMPTY, ids=EMPTY_NAMES)
async def test_no_image_twice_is_the_end(stage: Stage, channel: Channel, answer: Answer) -> None:
    await refused(stage, channel, answer)

    assert len(stage.sandbox.gemini.requests) == 2


async def test_each_rung_is_climbed_once_in_whatever_order(stage: Stage, channel: Channel) -> None:
    stage.sandbox.gemini.script(no_image(), finished("IMAGE_SAFETY"))
    await stage.request(channel, "A duel on the bridge.")
    await stage.picture(channel)
    assert len(stage.sandbox.gemini.requests) == 3

    stage.sandbox.gemini.requests.clear()
    stage.sandbox.gemini.script(finished("IMAGE_SAFETY"), no_image(), finished("IMAGE_SAFETY"))
    await stage.request(channel, "A duel under the bridge.")
    await ended(stage, channel, "refused")
    assert len(stage.sandbox.gemini.requests) == 3


async def request_with_cast(stage: Stage, channel: Channel) -> None:
    """A scene with five characters, each with a picture; with the game master's there are six."""
    colors = ("red", "green", "blue", "gold", "purple")
    urls = [stage.sandbox.files.add(f"{n}.png", portrait(c)) for n, c in zip(CAST, colors, strict=True)]
    await stage.request(channel, "Five at a table.", character_names=CAST, character_urls=urls)


@pytest.mark.parametrize("culprit", [*CAST, MASTER])
async def test_a_blocked_reference_is_found_and_every_other_one_is_kept(
    stage: Stage, channel: Channel, culprit: str
) -> None:
    stage.sandbox.gemini.default = blocked_while_shown(culprit, otherwise=numbered(stage))
    await request_with_cast(stage, channel)
    message = await stage.picture(channel)

    assert len(stage.sandbox.gemini.requests) <= HANDFUL
    shown = request_behind(stage, message)
    assert names_shown(shown) == {*CAST, MASTER} - {culprit}
    [listed] = [text for text in shown.texts if text.startswith("The cast, ")]
    [line] = [line for line in listed.splitlines() if culprit in line]
    assert "[no picture: draw from the text]" in line
    await ended(stage, channel, "posted")
    assert len(stage.posts(channel)) == 1


@pytest.mark.parametrize("culprits", [("Mira", "Tobin"), ("Mira", "Quill"), ("Odelia", MASTER)])
async def test_with_two_blocked_references_a_picture_comes_without_them(
    stage: Stage, channel: Channel, culprits: tuple[str, str]
) -> None:
    stage.sandbox.gemini.default = blocked_while_shown(*culprits, otherwise=numbered(stage))
    await request_with_cast(stage, channel)
    message = await stage.picture(channel)

    assert len(stage.sandbox.gemini.requests) <= HANDFUL
    assert names_shown(request_behind(stage, message)).isdisjoint(culprits)

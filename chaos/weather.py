"""How the pretended Gemini and the pretended Discord misbehave. What befalls a turn follows from the seed alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from random import Random

from sandbox import Sandbox
from sandbox.faults import Fault
from sandbox.gemini import GeminiRequest
from sandbox.gemini_answers import Answer, overloaded, picture
from tests.stage import photo

from .journal import Journal
from .tally import Call, Tally, marker_in

OVERLOADED_SHARE = 0.10
PAINTING_SECONDS = (0.2, 2.0)
BLOCK, AMBIGUOUS = 20, 3
"""So many of every twenty posts get an ambiguous answer, whatever the seed: 15 %."""
POSTS = r"^/channels/\d+/messages$"
SHAPES: Mapping[str, Mapping[str, float | bool]] = {
    "502 after store": {"status": 502, "after_storing": True},
    "reset after store": {"reset": True, "after_storing": True},
    "503": {"status": 503},
    "429": {"status": 429, "retry_after": 0.5},
}
PICTURE_SIDE = 256


class MoodyPainter:
    """Gemini's answers: some 503, the others a picture after a while."""

    def __init__(self, seed: int, tally: Tally, journal: Journal) -> None:
        self._seed = seed
        self._tally = tally
        self._journal = journal
        self._asked: Counter[str] = Counter()
        self._picture = photo(PICTURE_SIDE)

    def __call__(self, request: GeminiRequest) -> Answer:
        """The answer to one request; it is in the tally before it is sent."""
        name = marker_in("\n".join(request.texts))
        self._asked[name] += 1
        # Drawn per turn and try, so that the order in which channels ask does not matter.
        dice = Random(f"{self._seed} {name} {self._asked[name]}")
        paid = dice.random() >= OVERLOADED_SHARE
        seconds = dice.uniform(*PAINTING_SECONDS) if paid else 0.0
        self._tally.calls.append(Call(name, time.time(), paid, seconds))
        if not paid:
            self._journal.note(f"gemini  {name} 503")
            return overloaded()
        self._journal.note(f"gemini  {name} paid, takes {seconds:.1f} s")
        return picture(self._picture, delay=seconds)


def spoil_posts(sandbox: Sandbox, seed: int, posts: int) -> dict[str, list[Fault]]:
    """Arrange the answers to the next `posts` posts; the arranged failures by their shape."""
    dice = Random(f"{seed} discord")
    arranged: dict[str, list[Fault]] = {shape: [] for shape in SHAPES}
    for _ in range(0, posts, BLOCK):
        spoiled = dice.sample(range(BLOCK), AMBIGUOUS)
        for number in range(BLOCK):
            if number not in spoiled:
                # Status 0 answers as usual; arranged failures are used up in their order.
                sandbox.discord.fail_next("POST", POSTS, 0)
                continue
            shape = dice.choice(list(SHAPES))
            arranged[shape].append(sandbox.discord.fail_next("POST", POSTS, **SHAPES[shape]))  # type: ignore[arg-type]
    return arranged

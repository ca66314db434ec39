"""What was published, paid, posted and recorded, and the verdict on it. Pure: no clock, no input, no output."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MARKER = re.compile(r"\blantern-\d{4,}\b")
ENDED_WITHOUT_PICTURE = frozenset({"skipped", "refused", "failed"})
MAX_PAID_PER_TURN = 1.3
KEEPING_SECONDS = 0.5
"""From Gemini's answer to the kept picture, on a busy machine."""


def marker(number: int) -> str:
    """What tells a turn from all others, in its narrative and as its `turn_id`."""
    return f"lantern-{number:04}"


def marker_in(text: str) -> str:
    """The marker in a narrative, a prompt or an alt text; empty when there is none."""
    found = MARKER.search(text)
    return found.group() if found else ""


@dataclass(frozen=True)
class Turn:
    """A turn that was published. Times are unix seconds."""

    marker: str
    channel: str
    kind: str
    published: float


@dataclass(frozen=True)
class Call:
    """A request that reached Gemini; `paid`: it was answered with a picture, or painted when its asker died."""

    marker: str
    at: float
    paid: bool
    seconds: float = 0.0
    """How long the painting took, or would have taken."""


@dataclass(frozen=True)
class Post:
    """A picture in a channel."""

    marker: str
    channel: str
    at: float


@dataclass(frozen=True)
class Record:
    """How a scene stands in the store."""

    marker: str
    scene_id: str
    state: str
    reason: str

    @property
    def explains(self) -> bool:
        """Whether it says why there is no picture."""
        return self.state in ENDED_WITHOUT_PICTURE and bool(self.reason)


@dataclass
class Tally:
    """Everything that happened, in the order in which it was seen."""

    turns: list[Turn] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    deaths: list[float] = field(default_factory=list)
    """When a bot was killed without warning."""


@dataclass(frozen=True)
class Verdict:
    """What a tally amounts to."""

    turns: int
    posts: int
    paid: int
    lost: tuple[str, ...]
    """Turns with neither a picture nor a recorded reason."""
    doubled: tuple[str, ...]
    """Turns with more than one picture."""
    explained: Mapping[str, str]
    """Why a turn has no picture, by its marker."""
    astray: tuple[Post, ...]
    """Pictures of no turn, or in another channel than their turn's."""
    repaid: Mapping[str, int]
    """How often a turn was paid, where that was more than once."""
    unexcused: tuple[str, ...]
    """Turns paid more often than once and once more for every painting during which a bot was killed."""
    delays: tuple[float, ...]
    """Seconds from the publication to the first picture, ascending."""

    @property
    def paid_per_turn(self) -> float:
        """Paid calls, those for nothing included, per published turn."""
        return self.paid / self.turns if self.turns else 0.0

    @property
    def missed(self) -> list[str]:
        """The targets that were missed, in words."""
        found = {
            f"lost: {len(self.lost)}": self.lost,
            f"doubled: {len(self.doubled)}": self.doubled,
            f"astray: {len(self.astray)}": self.astray,
            f"paid calls per turn: {self.paid_per_turn:.2f}": self.paid_per_turn > MAX_PAID_PER_TURN,
            "no turn was published": not self.turns,
        }
        return [target for target, missed in found.items() if missed]


def judge(tally: Tally) -> Verdict:
    """The verdict once nothing happens any more."""
    shown = Counter(post.marker for post in tally.posts)
    paid = Counter(call.marker for call in tally.calls if call.paid)
    missing = [turn.marker for turn in tally.turns if not shown[turn.marker]]
    reasons = {record.marker: f"{record.state}: {record.reason}" for record in tally.records if record.explains}
    return Verdict(
        turns=len(tally.turns),
        posts=len(tally.posts),
        paid=paid.total(),
        lost=tuple(name for name in missing if name not in reasons),
        doubled=tuple(name for name, count in shown.items() if name and count > 1),
        explained={name: reasons[name] for name in missing if name in reasons},
        astray=_astray(tally.turns, tally.posts),
        repaid={name: count for name, count in paid.items() if count > 1},
        unexcused=_unexcused(tally.calls, tally.deaths),
        delays=_delays(tally.turns, tally.posts),
    )


def _astray(turns: Sequence[Turn], posts: Sequence[Post]) -> tuple[Post, ...]:
    home = {turn.marker: turn.channel for turn in turns}
    return tuple(post for post in posts if home.get(post.marker) != post.channel)


def _unexcused(calls: Sequence[Call], deaths: Sequence[float]) -> tuple[str, ...]:
    unharmed = Counter(call.marker for call in calls if call.paid and not _saw_a_death(call, deaths))
    return tuple(name for name, count in unharmed.items() if count > 1)


def _saw_a_death(call: Call, deaths: Sequence[float]) -> bool:
    return any(call.at <= death <= call.at + call.seconds + KEEPING_SECONDS for death in deaths)


def _delays(turns: Sequence[Turn], posts: Sequence[Post]) -> tuple[float, ...]:
    first: dict[str, float] = {}
    for post in posts:
        first[post.marker] = min(post.at, first.get(post.marker, post.at))
    return tuple(sorted(max(0.0, first[t.marker] - t.published) for t in turns if t.marker in first))


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of all is not above; 0 of nothing."""
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))] if ascending else 0.0

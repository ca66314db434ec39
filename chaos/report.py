"""The figures of a run, and the story of every turn that went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from .tally import Tally, Verdict, quantile


def figures(verdict: Verdict, *, kills: Mapping[str, int], faults: Mapping[str, int], seconds: float) -> str:
    """Some lines for people; the first one has what was promised."""
    p50, p95, longest = (quantile(verdict.delays, share) for share in (0.5, 0.95, 1.0))
    return "\n".join(
        [
            f"turns {verdict.turns} · posts {verdict.posts} · lost {len(verdict.lost)} · doubled {len(verdict.doubled)}"
            f" · paid calls per turn {verdict.paid_per_turn:.2f}",
            f"kills: {_counted(kills)}",
            f"spoiled answers: {_counted(faults)}",
            f"from the publication to the post: p50 {p50:.1f} s, p95 {p95:.1f} s, max {longest:.1f} s",
            f"paid more than once {len(verdict.repaid)}, without a bot killed meanwhile {len(verdict.unexcused)}",
            f"ended with a recorded reason: {len(verdict.explained)}",
            f"seconds {seconds:.0f}",
        ]
    )


def _counted(what: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(what.items())) or "none"


def stories(verdict: Verdict, tally: Tally) -> str:
    """One line for every turn that was lost, doubled, ended without a picture or was paid more than once."""
    groups = {
        "LOST": verdict.lost,
        "DOUBLED": verdict.doubled,
        "ASTRAY": [post.marker for post in verdict.astray],
        "no picture": list(verdict.explained),
        "paid again": [name for name in verdict.repaid if name not in verdict.unexcused],
        "PAID AGAIN though no bot was killed meanwhile": verdict.unexcused,
    }
    return "\n".join(f"{group}: {story(name, tally)}" for group, names in groups.items() for name in names)


def story(name: str, tally: Tally) -> str:
    """What befell one turn; times are seconds after its publication."""
    turn = next((turn for turn in tally.turns if turn.marker == name), None)
    if turn is None:
        return f"{name}, which nobody published"
    began = turn.published
    calls = [f"{'paid' if c.paid else '503'} {c.at - began:.1f}" for c in tally.calls if c.marker == name]
    posts = [f"posted {post.at - began:.1f}" for post in tally.posts if post.marker == name]
    records = [f"{r.scene_id} {r.state} {r.reason}".strip() for r in tally.records if r.marker == name]
    told = "; ".join([*calls, *posts, *(records or ["no record"])])
    return f"{name} ({turn.kind}, channel {turn.channel}): {told}"

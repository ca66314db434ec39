"""The fuzzer: it finds what is planted, goes on after it, and does not cry without a reason."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random

import pytest

from fuzz.containers import MARKER, form, mutated_picture
from fuzz.report import keep, missed, table
from fuzz.target import Corpus, Target, promise
from fuzz.targets import TARGETS, pictures
from fuzz.targets.addresses import is_open
from fuzz.watch import MB, MOST_ALIKE, Outcome, run
from fuzz.worker import MOST_ADDRESSABLE

SEED = 3
INPUTS = 40
BAD = 17
"""The number of the planted input."""
HOARD: list[bytes] = []


def corpus(_: Path) -> Corpus:
    return [b""]


def fine(data: bytes, _: Path) -> bool:
    return bool(data)


def broken(data: bytes, _: Path) -> bool:
    promise(data != numbered(BAD), "the planted promise")
    return True


def deadly(data: bytes, _: Path) -> bool:
    if data == numbered(BAD):
        os.kill(os.getpid(), signal.SIGSEGV)
    return True


def hungry(data: bytes, _: Path) -> bool:
    if data == numbered(BAD):
        bytearray(MOST_ADDRESSABLE)
    return True


def endless(data: bytes, _: Path) -> bool:
    while data == numbered(BAD):
        pass
    return True


def greedy(_: bytes, __: Path) -> bool:
    HOARD.append(os.urandom(MB))
    return True


def hopeless(_: bytes, __: Path) -> bool:
    raise KeyError


def any_number(dice: Random, _: Corpus) -> bytes:
    return dice.randbytes(8)


def numbered(number: int) -> bytes:
    return Random(f"{SEED} planted {number}").randbytes(8)  # noqa: S311  # the target's own dice


def tried(trial: object, seconds: float = 60.0, workers: int = 1) -> tuple[Target, Outcome]:
    target = Target("planted", 1, seconds, corpus, any_number, trial)  # type: ignore[arg-type]
    return target, run(target, inputs=INPUTS, seed=SEED, workers=workers, seconds=600.0)


def test_a_run_without_findings_misses_nothing() -> None:
    _, outcome = tried(fine, workers=2)

    assert missed(outcome) == []
    assert (outcome.tried, outcome.accepted, outcome.refused) == (INPUTS, INPUTS, 0)
    assert table([outcome]).splitlines()[1].split()[:3] == ["planted", "40", "40"]


@pytest.mark.parametrize(
    ("trial", "kind", "said"),
    [
        (broken, "exception", "the planted promise"),
        (hungry, "exception", "MemoryError"),
        (deadly, "crash", f"ended with {-signal.SIGSEGV}"),
        (endless, "hang", "too long"),
    ],
)
def test_a_planted_failure_is_found_by_its_number_and_the_others_are_tried_all_the_same(
    trial: object, kind: str, said: str, tmp_path: Path
) -> None:
    target, outcome = tried(trial, seconds=0.3 if trial is endless else 60.0)

    [finding] = outcome.findings
    assert (finding.number, finding.kind) == (BAD, kind)
    assert said in finding.story
    assert outcome.tried == INPUTS
    assert missed(outcome) == [f"planted {BAD}: {kind}"]
    assert keep(finding, target, SEED, [b""], tmp_path).read_bytes() == numbered(BAD)


def test_memory_that_grows_is_missed() -> None:
    _, outcome = tried(greedy, workers=2)

    assert outcome.findings == []
    [growth] = missed(outcome, most_growth=10 * MB)
    assert growth.startswith("planted: memory grew by 1")
    [peak] = missed(outcome, most_peak=15 * MB)
    assert "above idle" in peak


def test_many_findings_of_one_place_are_counted_and_some_are_kept() -> None:
    _, outcome = tried(hopeless)

    assert (outcome.found, len(outcome.findings), outcome.refused) == (INPUTS, MOST_ALIKE, 0)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_target_keeps_its_promises_on_some_inputs_and_makes_each_again(target: Target, tmp_path: Path) -> None:
    corpus = target.corpus(tmp_path)

    for number in range(20):
        data = target.input(SEED, number, corpus)
        assert data == target.input(SEED, number, corpus)
        target.trial(data, tmp_path)


def test_the_pictures_of_the_corpus_are_good_and_all_but_a_bomb_carry_the_marker(tmp_path: Path) -> None:
    files = pictures.corpus(tmp_path)

    bare = [file for file in files if MARKER not in file]
    assert [pictures.trial(file, tmp_path) for file in bare] == [False], "the bomb alone is refused"
    assert all(pictures.trial(file, tmp_path) for file in files if file not in bare)


def test_a_picture_taken_apart_and_put_together_is_the_same_one(tmp_path: Path) -> None:
    whole = [file for file in pictures.corpus(tmp_path) if not file.endswith(MARKER)]

    for file in whole:
        split, join = form(file)
        assert len(split(file)) > 2
        assert join(split(file)) == file


def test_pieces_of_pictures_are_put_together_so_that_some_of_them_are_still_read(tmp_path: Path) -> None:
    files = pictures.corpus(tmp_path)
    broken = (mutated_picture(Random(number), files[number % 30], files) for number in range(60))  # noqa: S311
    accepted = [pictures.trial(file, tmp_path) for file in broken]

    assert 10 < sum(accepted) < 60


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "2002:a00:1::", "224.0.0.1"]
)
def test_the_judge_of_addresses_knows_what_is_not_open(host: str) -> None:
    assert not is_open(host)
    assert is_open("8.8.8.8")
    assert is_open("files.example")

"""Promise D1: no hostile file is taken, and none costs more than 10 s and 512 MB. Rows 81 and 82 of the catalogue."""

import hashlib

import pytest

from media.inspection import Findings
from tests.media.files import Sent
from tests.media.honest import HONEST
from tests.media.hostile import HOSTILE
from tests.media.inspection.running import Outcome, outcomes


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return outcomes(HOSTILE, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return outcomes(HONEST, tmp_path_factory.mktemp("honest"))


def test_there_are_more_than_sixty_and_no_two_of_one_name():
    assert len({file.name for file in HOSTILE}) == len(HOSTILE) >= 60


@pytest.mark.parametrize("file", HOSTILE, ids=str)
def test_it_is_refused_for_its_reason_cheaply_and_leaves_nothing(hostile: dict[str, Outcome], file: Sent):
    outcome = hostile[file.name]
    assert outcome.answer == file.reason
    assert outcome.left == []
    if outcome.ended:
        # It decided by itself: nobody had to end it.
        assert outcome.ended.code == 0 and not outcome.ended.timed_out
        assert outcome.ended.processor_seconds <= 10
        assert 0 < outcome.peak_bytes <= 512 << 20


@pytest.mark.parametrize("file", HONEST, ids=str)
def test_its_honest_twin_is_taken(honest: dict[str, Outcome], file: Sent):
    outcome = honest[file.name]
    assert isinstance(outcome.answer, Findings), outcome
    assert outcome.answer.content_type == file.declared
    if file.declared.startswith("image/"):
        assert outcome.left == ["LARGE.webp", "MEDIUM.webp", "SMALL.webp"]
        return
    [rendition] = outcome.answer.renditions
    assert (rendition.name, rendition.path, rendition.content_type) == ("FILE", outcome.source, file.declared)
    assert outcome.source.read_bytes() == file.make()
    assert rendition.sha256 == hashlib.sha256(file.make()).hexdigest()
    assert rendition.byte_size == len(file.make())
    assert outcome.left == []


def test_together_they_cost_little(hostile: dict[str, Outcome]):
    ended = {name: outcome.ended for name, outcome in hostile.items() if outcome.ended}
    seconds = {name: each.processor_seconds for name, each in ended.items()}
    peaks = {name: hostile[name].peak_bytes >> 20 for name in ended}
    print(len(hostile), "files;", len(ended), "processes;", round(sum(seconds.values()), 1), "s of processor")
    print(
        "most:",
        max(zip(seconds.values(), seconds, strict=True)),
        max(zip(peaks.values(), peaks, strict=True)),
    )
    assert sum(seconds.values()) < 60
    assert 0 < max(peaks.values()) < 256

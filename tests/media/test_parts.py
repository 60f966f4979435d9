"""A large file comes in parts, from wherever it was when the line was lost."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.refusals import Invalid, NotFound
from media import arrivals, parts
from media.checks import check
from media.models import Purpose, Trash, Upload, Usage
from media.parts import StoreAway, arrived_parts, begin_parts, targets_of_parts
from media.storage.port import StorageAway
from media.uploads import Mismatch, complete_upload
from tests.cast import Cast
from tests.media.rows import upload as announced
from tests.media.sending import send
from tests.media.sent import asked
from tests.races import answers
from tests.snapshots import refused

# S3 takes no smaller part but the last.
SIZE = 5 * 1024 * 1024
DATA = b"id,name\n" + b"1,Ana\n2,Bo\n" * 600_000
OF = {"content_type": "text/csv", "purpose": Purpose.DATASET, "filename": "people.csv"}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(arrivals, "PART", SIZE)


def part(number: int) -> bytes:
    return DATA[(number - 1) * SIZE : number * SIZE]


def test_parts_are_sent_in_any_order_asked_for_again_and_put_together(cast: Cast, either_store):
    upload = asked(cast.ana, DATA, project_id=cast.project.pk, **OF)
    ask = {"upload_id": upload.pk, "by": cast.ana}
    assert arrived_parts(**ask) == []
    assert (len(DATA), arrivals.sizes_of_parts(len(DATA))) == (6_600_008, [SIZE, 6_600_008 - SIZE])

    [second] = targets_of_parts(**ask, numbers=[2])
    assert send(second, part(2)).status_code in (200, 204)
    assert [each.number for each in arrived_parts(**ask)] == [2]
    with refused(Mismatch):
        complete_upload(**ask)
    # Another day, another client: what is missing is known.
    [first] = targets_of_parts(**ask, numbers=[1])
    assert send(first, part(1)).status_code in (200, 204)
    assert [(each.number, each.byte_size) for each in arrived_parts(**ask)] == [
        (1, SIZE),
        (2, len(DATA) - SIZE),
    ]

    media = complete_upload(**ask)
    assert complete_upload(**ask) == media
    check(media_id=media.pk)
    media.refresh_from_db()
    variant = media.variants.get()
    assert (media.state, variant.byte_size, variant.content_type) == ("READY", len(DATA), "text/csv")
    assert variant.key.split("/")[2] == f"{hashlib.sha256(DATA).hexdigest()[:32]}.csv"
    assert Usage.objects.get(project=cast.project).byte_size == len(DATA)
    with refused(NotFound):
        targets_of_parts(**ask, numbers=[1])


def test_parts_of_other_bytes_are_seen_by_the_check(cast: Cast, folder_store):
    upload = asked(cast.ana, DATA, project_id=cast.project.pk, **OF)
    ask = {"upload_id": upload.pk, "by": cast.ana}
    for number, target in zip((1, 2), targets_of_parts(**ask, numbers=[1, 2]), strict=True):
        send(target, bytes(byte ^ 1 for byte in part(number)))
    media = complete_upload(**ask)
    check(media_id=media.pk)
    media.refresh_from_db()
    assert (media.state, media.reason) == ("REJECTED", "MISMATCH")


def test_parts_are_their_owners_while_there_is_time(cast: Cast, folder_here):
    dataset = asked(cast.ana, DATA, project_id=cast.project.pk, **OF)
    form = asked(cast.ana, b"x" * 10)
    late = announced(
        cast.ana, Purpose.DATASET, project=cast.project, expires_at=timezone.now() - timedelta(seconds=1)
    )
    for pk, by in ((dataset.pk, cast.cy), (dataset.pk, cast.bo), (form.pk, cast.ana), (late.pk, cast.ana)):
        for verb in (begin_parts, arrived_parts):
            with refused(NotFound):
                verb(upload_id=pk, by=by)
    begin_parts(upload_id=dataset.pk, by=cast.ana)
    for numbers in ([], [0], [3], [-1], [1, 2, 3], [1] * 101):
        with refused(Invalid, "numbers"):
            targets_of_parts(upload_id=dataset.pk, by=cast.ana, numbers=numbers)


def test_parts_that_many_begin_at_once_are_begun_once(racing_cast: Cast, folder_here, tmp_path):
    upload = asked(racing_cast.ana, DATA, project_id=racing_cast.project.pk, **OF)
    came_out = answers(lambda _: begin_parts(upload_id=upload.pk, by=racing_cast.ana), range(6))
    assert [type(answer) for answer in came_out] == [Upload] * 6
    assert len({answer.parts_id for answer in came_out}) == 1
    assert [path.name for path in (tmp_path / "media" / "parts").iterdir()] == [came_out[0].parts_id]


def test_a_store_that_is_away_is_said_to_be(cast: Cast, monkeypatch):
    upload = asked(cast.ana, DATA, project_id=cast.project.pk, **OF)

    class Away:
        def __getattr__(self, name: str):
            raise StorageAway

    monkeypatch.setattr(parts, "store", Away)
    with refused(StoreAway):
        begin_parts(upload_id=upload.pk, by=cast.ana)
    Upload.objects.update(parts_id="p")
    with refused(StoreAway):
        arrived_parts(upload_id=upload.pk, by=cast.ana)
    assert not Trash.objects.exists()

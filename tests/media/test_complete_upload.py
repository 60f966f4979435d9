import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.core.refusals import NotFound
from media.models import Media, MediaState, Purpose, Trash, Upload, Usage
from media.storage import store
from media.uploads import Mismatch, complete_upload, expire_uploads
from tests.cast import Cast
from tests.media.rows import arrived
from tests.media.rows import upload as announced
from tests.media.sent import asked, completed, picture, put
from tests.races import answers
from tests.snapshots import refused, snapshot

DATA = picture()


@pytest.fixture(autouse=True)
def _here(folder_here):
    """A folder of this test's own."""


def test_what_was_sent_is_completed_and_waits_for_its_check(cast: Cast, recorded, jobs):
    upload = asked(cast.cy, DATA)
    put(upload, DATA)
    media = complete_upload(upload_id=upload.pk, by=cast.cy)

    upload.refresh_from_db()
    assert (upload.media, media.owner, media.state, media.key) == (media, cast.cy, "CHECKING", upload.key)
    assert (media.purpose, media.content_type, media.byte_size, media.sha256, media.filename) == (
        upload.purpose,
        "image/png",
        len(DATA),
        upload.sha256,
        "photo.png",
    )
    assert (media.checked_at, media.expires_at, media.reason) == (None, None, "")
    assert jobs() == [("check_media", {"media_id": media.pk}, "todo")]
    assert Usage.objects.get().byte_size == len(DATA)
    assert recorded() == []


def test_twice_is_the_same_as_once(cast: Cast, jobs):
    media = completed(cast.cy, DATA)
    Upload.objects.update(expires_at=timezone.now() - timedelta(days=1))
    before = snapshot()

    assert complete_upload(upload_id=media.upload.pk, by=cast.cy) == media
    assert (snapshot(), len(jobs())) == (before, 1)


def test_what_has_not_arrived_may_still_arrive(cast: Cast, jobs):
    upload = asked(cast.cy, DATA)
    with refused(Mismatch):
        complete_upload(upload_id=upload.pk, by=cast.cy)
    assert jobs() == []

    put(upload, DATA)
    assert complete_upload(upload_id=upload.pk, by=cast.cy).state == MediaState.CHECKING


@pytest.mark.parametrize(
    ("stored", "kind"),
    [(DATA + b"x", "image/png"), (DATA[:-1], "image/png"), (DATA, "text/html"), (b"", "image/png")],
)
def test_what_arrived_and_is_not_what_was_announced_is_seen(
    cast: Cast, tmp_path, stored: bytes, kind: str, jobs
):
    """Row 83 of the catalogue, where a store has let it in."""
    upload = asked(cast.cy, DATA)
    source = tmp_path / "source"
    source.write_bytes(stored)
    store().put(upload.key, source, content_type=kind)
    with refused(Mismatch):
        complete_upload(upload_id=upload.pk, by=cast.cy)
    assert jobs() == []


def test_what_is_not_ones_own_or_is_over_is_not_there(cast: Cast):
    upload = asked(cast.cy, DATA)
    put(upload, DATA)
    late = announced(cast.cy, expires_at=timezone.now() - timedelta(seconds=1))
    for pk, by in (
        (upload.pk, cast.ana),
        (upload.pk, cast.sol),
        (late.pk, cast.cy),
        (0, cast.cy),
        (2**62, cast.cy),
    ):
        with refused(NotFound):
            complete_upload(upload_id=pk, by=by)
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    with refused(NotFound):
        complete_upload(upload_id=upload.pk, by=cast.cy)


def test_ten_who_complete_it_at_once_get_the_same_file(racing_cast: Cast, jobs):
    upload = asked(racing_cast.cy, DATA)
    put(upload, DATA)

    came_out = answers(lambda _: complete_upload(upload_id=upload.pk, by=racing_cast.cy), range(10))

    assert [type(answer) for answer in came_out] == [Media] * 10
    assert {answer.pk for answer in came_out} == {Media.objects.get().pk}
    assert len(jobs()) == 1


def test_what_is_not_completed_in_time_is_forgotten_with_its_bytes(cast: Cast):
    now = timezone.now()
    late = announced(cast.cy, expires_at=now - timedelta(minutes=11), parts_id="p")
    in_grace = announced(cast.cy, expires_at=now - timedelta(minutes=9))
    done = arrived(cast.cy, expires_at=now - timedelta(days=1))
    assert Usage.objects.get().byte_size == 3000

    assert (expire_uploads(), expire_uploads()) == (1, 0)

    assert set(Upload.objects.all()) == {in_grace, done.upload}
    assert list(Trash.objects.values_list("key", "parts_id")) == [(late.key, "p")]
    assert Usage.objects.get().byte_size == 2000


def test_whoever_completes_one_at_this_moment_is_not_forgotten(racing_cast: Cast):
    from django.db import connection, transaction

    late = announced(racing_cast.cy, expires_at=timezone.now() - timedelta(hours=1))
    counts: list[int] = []

    def expire() -> None:
        counts.append(expire_uploads())
        connection.close()

    with transaction.atomic():
        Upload.objects.select_for_update(no_key=True).get(pk=late.pk)
        other = threading.Thread(target=expire)
        other.start()
        other.join(10)
        assert counts == [0]
    assert Upload.objects.get() == late
    assert expire_uploads() == 1


def test_of_twenty_uploads_that_expire_and_are_completed_each_is_one_or_the_other(racing_cast: Cast):
    by, now = racing_cast.cy, timezone.now()
    uploads = [asked(by, DATA, purpose=Purpose.AVATAR) for _ in range(20)]
    for upload in uploads:
        put(upload, DATA)

    def act(place: int) -> object:
        if place == 20:
            Upload.objects.filter(pk__in=[each.pk for each in uploads[::2]]).update(
                expires_at=now - timedelta(hours=1)
            )
            return expire_uploads()
        return complete_upload(upload_id=uploads[place].pk, by=by)

    came_out = answers(act, range(21))
    kinds = {type(answer).__name__ for answer in came_out[:20]}
    assert kinds <= {"Media", "NotFound"}
    completed_now = sum(isinstance(answer, Media) for answer in came_out[:20])
    expired = came_out[20] + expire_uploads()
    assert completed_now + expired == 20
    assert (Media.objects.count(), Trash.objects.count()) == (completed_now, expired)
    assert Usage.objects.get().byte_size == completed_now * len(DATA)

import hashlib
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from media import checks
from media.checks import check, check_media, reject
from media.inspection import InspectionFailed, Reason
from media.models import Media, Purpose, Trash, Upload, Usage, Variant
from media.storage import store
from media.storage.port import Missing, StorageAway
from media.uploads import complete_upload
from tests.cast import Cast
from tests.media.sent import PDF, asked, checked, completed, picture, put
from tests.media.stores import names
from tests.races import answers
from tests.snapshots import snapshot

DATA = picture(width=1000, height=600)


@pytest.fixture(autouse=True)
def _here(folder_here):
    """A folder of this test's own."""


def job_of(attempts: int):
    class Job:
        id = 1

    Job.attempts = attempts

    class Context:
        job = Job

    return Context


def test_a_picture_is_kept_as_its_variants_and_its_owner_is_told(cast: Cast, recorded, tmp_path):
    media = completed(cast.ana, DATA, purpose=Purpose.PROJECT_IMAGE, project_id=cast.project.pk)
    key = media.key
    check(media_id=media.pk)

    media.refresh_from_db()
    assert (media.state, media.reason, media.key, media.width, media.height) == ("READY", "", "", 1000, 600)
    assert media.placeholder and re.fullmatch("#[0-9a-f]{6}", media.color)
    assert abs(media.checked_at - timezone.now()) < timedelta(seconds=20)
    assert media.expires_at - media.checked_at == timedelta(days=7)
    variants = {variant.name: variant for variant in media.variants.all()}
    assert {name: (each.width, each.height) for name, each in variants.items()} == {
        "SMALL": (96, 96),
        "MEDIUM": (480, 288),
        "LARGE": (1000, 600),
    }
    for each in variants.values():
        kept = tmp_path / "kept"
        store().fetch(each.key, kept, most=10**7)
        data = kept.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        assert re.fullmatch(f"public/[0-9a-f]{{32}}/{digest[:32]}.webp", each.key)
        assert (len(data), each.content_type, data[8:12]) == (each.byte_size, "image/webp", b"WEBP")
        kept.unlink()
    assert list(Trash.objects.values_list("key", flat=True)) == [key]
    total = sum(each.byte_size for each in variants.values())
    assert Usage.objects.get().byte_size == min(total, len(DATA))
    facts = {"user_id": cast.ana.pk, "media_id": media.pk, "state": "READY", "reason": ""}
    assert recorded() == [("MediaChecked", f"user:{cast.ana.pk}", 1, facts)]


def test_a_document_is_kept_as_it_is_for_a_signed_address(cast: Cast, tmp_path):
    data = b"id,name\n1,Ana\n"
    media = checked(cast.cy, data, "text/csv", filename="people.csv")

    variant = media.variants.get()
    digest = hashlib.sha256(data).hexdigest()
    assert (media.state, media.width, media.placeholder) == ("READY", None, "")
    assert re.fullmatch(f"private/[0-9a-f]{{32}}/{digest[:32]}.csv", variant.key)
    assert (variant.name, variant.content_type, variant.byte_size) == ("FILE", "text/csv", len(data))
    kept = tmp_path / "kept"
    store().fetch(variant.key, kept, most=100)
    assert kept.read_bytes() == data
    assert Usage.objects.get().byte_size == len(data)


def test_a_picture_that_is_attached_is_not_everybodys(cast: Cast):
    media = checked(cast.cy, DATA)
    assert {key.split("/")[0] for key in media.variants.values_list("key", flat=True)} == {"private"}


def test_variants_that_weigh_more_than_was_announced_take_no_more_of_a_quota(cast: Cast):
    small = picture(width=2000, height=2000)
    media = checked(cast.cy, small)
    assert sum(media.variants.values_list("byte_size", flat=True)) != len(small)
    assert Usage.objects.get().byte_size == media.upload.charged <= len(small)


def test_what_is_refused_says_why_gives_its_room_back_and_leaves_no_bytes(cast: Cast, recorded):
    media = checked(cast.cy, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert (media.state, media.key, media.variants.count()) == ("REJECTED", "", 0)
    assert media.reason in {reason.value for reason in Reason}
    assert media.expires_at - media.checked_at == timedelta(days=7)
    assert Usage.objects.get().byte_size == 0
    assert Trash.objects.get().key == media.upload.key
    facts = {"user_id": cast.cy.pk, "media_id": media.pk, "state": "REJECTED", "reason": media.reason}
    assert recorded() == [("MediaChecked", f"user:{cast.cy.pk}", 1, facts)]


def test_an_avatar_that_is_no_picture_is_refused(cast: Cast):
    media = checked(cast.cy, b"%PDF-1.4", purpose=Purpose.AVATAR)
    assert (media.state, media.variants.count()) == ("REJECTED", 0)


@pytest.mark.parametrize("change", ["other bytes", "more bytes", "gone"])
def test_what_changed_since_it_was_completed_is_seen(cast: Cast, tmp_path, change: str):
    media = completed(cast.cy, DATA)
    source = tmp_path / "source"
    if change == "gone":
        store().delete([media.key])
    else:
        source.write_bytes(DATA + b"x" if change == "more bytes" else bytes(byte ^ 1 for byte in DATA))
        store().delete([media.key])
        store().put(media.key, source, content_type="image/png")
    check(media_id=media.pk)
    media.refresh_from_db()
    assert (media.state, media.reason) == ("REJECTED", "MISMATCH")


def test_what_is_decided_stays_so(cast: Cast):
    media = checked(cast.cy, DATA)
    before = snapshot()
    check(media_id=media.pk)
    reject(media_id=media.pk, reason=Reason.BROKEN)
    check(media_id=0)
    assert snapshot() == before


def test_four_checks_at_once_decide_once_and_leave_nothing_that_no_row_names(
    racing_cast: Cast, tmp_path, recorded
):
    media = completed(racing_cast.cy, picture())
    came_out = answers(lambda _: check(media_id=media.pk), range(4))
    assert came_out == [None] * 4
    variants = set(Variant.objects.values_list("key", flat=True))
    thrown = set(Trash.objects.values_list("key", flat=True))
    assert (len(variants), variants & thrown, [kind for kind, *_ in recorded()]) == (
        3,
        set(),
        ["MediaChecked"],
    )
    kept = {
        name for name in names(tmp_path / "media") if name.startswith(("public", "private", "quarantine"))
    }
    assert kept == variants | thrown


def test_a_file_that_is_deleted_while_it_is_checked_leaves_only_trash(cast: Cast, monkeypatch, tmp_path):
    media = completed(cast.cy, DATA)
    inspect = checks.inspect

    def deleted_meanwhile(*args, **kwargs):
        Media.objects.get(pk=media.pk).delete()
        return inspect(*args, **kwargs)

    monkeypatch.setattr(checks, "inspect", deleted_meanwhile)
    check(media_id=media.pk)
    assert (Media.objects.count(), Variant.objects.count(), Usage.objects.get().byte_size) == (0, 0, 0)
    kept = {
        name for name in names(tmp_path / "media") if name.startswith(("public", "private", "quarantine"))
    }
    assert (len(kept), set(Trash.objects.values_list("key", flat=True))) == (4, kept)


class Away:
    """A store that answers so many questions, and then no more."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __getattr__(self, name: str):
        def asked(*args, **kwargs):
            if not self.left:
                raise StorageAway
            self.left -= 1
            return getattr(store(), name)(*args, **kwargs)

        return asked


@pytest.mark.parametrize("left", range(5))
def test_a_check_whose_store_goes_away_at_any_moment_is_asked_for_again(cast: Cast, monkeypatch, left: int):
    """stat, fetch, and each of three puts: nothing is decided, and what was put is thrown away."""
    media = completed(cast.cy, DATA)
    ProcrastinateJob.objects.all()
    away = Away(left)
    with monkeypatch.context() as patch:
        patch.setattr(checks, "store", lambda: away)
        patch.setattr("media.arrivals.store", lambda: away)
        check_media.func(job_of(0), media_id=media.pk, waits=3)
    media.refresh_from_db()
    assert (media.state, Variant.objects.count()) == ("CHECKING", 0)
    # Behind the first of them: what was put before the store went away is known.
    assert Trash.objects.count() == (3 if left > 2 else 0) or Trash.objects.count() == 3
    again = ProcrastinateJob.objects.order_by("-pk").values("args", "status", "queue_name").first()
    assert again == {"args": {"media_id": media.pk, "waits": 4}, "status": "todo", "queue_name": "media"}
    due = ProcrastinateJob.objects.order_by("-pk").values_list("scheduled_at", flat=True).first()
    assert timedelta(seconds=6) < due - timezone.now() < timedelta(seconds=9)

    check(media_id=media.pk)
    media.refresh_from_db()
    assert media.state == "READY"


def test_the_wait_for_a_store_grows_to_a_minute_and_never_ends(cast: Cast, monkeypatch):
    media = completed(cast.cy, DATA)
    monkeypatch.setattr(checks, "inspect", _fails)
    for waits in (0, 5, 6, 10):
        check_media.func(job_of(9), media_id=media.pk, waits=waits)
        job = ProcrastinateJob.objects.order_by("-pk").values("args", "scheduled_at").first()
        seconds = (job["scheduled_at"] - timezone.now()).total_seconds()
        assert abs(seconds - min(2**waits, 60)) < 3
        assert job["args"]["waits"] == min(waits + 1, 10)
    media.refresh_from_db()
    assert media.state == "CHECKING"


def _fails(*_: object, **__: object) -> None:
    raise InspectionFailed("no process")


def test_a_check_that_always_fails_is_given_up_at_its_last_try(cast: Cast, monkeypatch):
    media = completed(cast.cy, DATA)

    def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checks, "inspect", bug)
    for attempts, state in ((0, "CHECKING"), (8, "CHECKING"), (9, "REJECTED")):
        with pytest.raises(ZeroDivisionError):
            check_media.func(job_of(attempts), media_id=media.pk)
        media.refresh_from_db()
        assert media.state == state
    assert media.reason == "TOO_MUCH_WORK"


def test_a_file_whose_store_was_away_at_its_completion_is_compared_by_its_check(cast: Cast, monkeypatch):
    upload, empty = asked(cast.cy, DATA), asked(cast.cy, DATA)
    put(upload, DATA)
    away = Away(0)
    with monkeypatch.context() as patch:
        patch.setattr("media.arrivals.store", lambda: away)
        media = complete_upload(upload_id=upload.pk, by=cast.cy)
        nothing = complete_upload(upload_id=empty.pk, by=cast.cy)
    assert (media.state, nothing.state) == ("CHECKING", "CHECKING")
    check(media_id=media.pk)
    check(media_id=nothing.pk)
    media.refresh_from_db()
    nothing.refresh_from_db()
    assert (media.state, nothing.state, nothing.reason) == ("READY", "REJECTED", "MISMATCH")


def test_the_bytes_in_quarantine_are_served_to_nobody(cast: Cast, client):
    media = completed(cast.cy, b"%PDF-1.4 x", PDF)
    assert client.get(f"/media/{media.key}").status_code == 404
    with pytest.raises(Missing):
        store().stat("quarantine/" + "0" * 32)
    assert Upload.objects.get().media == media

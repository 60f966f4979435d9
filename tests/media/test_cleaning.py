import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from media import cleaning
from media.checks import check, check_media
from media.cleaning import delete_lapsed, empty_trash, give_up_lost, sweep_orphans
from media.models import Media, Placement, Purpose, Trash, Upload, Variant
from media.placements import delete_media
from media.storage import store
from media.storage.port import Announced, Missing, StorageAway
from tests.cast import Cast
from tests.media.rows import SHA, arrived, ready, rejected, upload
from tests.media.sent import checked, completed, picture
from tests.media.stores import names
from tests.races import answers
from tests.snapshots import snapshot

ROOMS = ("quarantine", "public", "private")


@pytest.fixture(autouse=True)
def root(folder_here, tmp_path: Path) -> Path:
    """A folder of this test's own."""
    return tmp_path / "media"


def kept(root: Path) -> set[str]:
    return {name for name in names(root) if name.startswith(ROOMS)}


def named() -> set[str]:
    keys = set(Variant.objects.values_list("key", flat=True))
    keys |= set(Upload.objects.filter(media=None).values_list("key", flat=True))
    return keys | set(Media.objects.exclude(key="").values_list("key", flat=True))


def age(root: Path, key: str, hours: float) -> None:
    """As if it had been written so long ago."""
    moment = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(root / key, (moment, moment))


def test_trash_is_emptied_with_its_bytes_and_nothing_else(cast: Cast, root: Path):
    gone, stays = checked(cast.cy, picture(1)), checked(cast.cy, picture(2))
    delete_media(media_id=gone.pk, by=cast.cy)
    assert (len(kept(root)), Trash.objects.count()) == (8, 5)

    assert (empty_trash(), empty_trash()) == (5, 0)

    assert kept(root) == named() == set(stays.variants.values_list("key", flat=True))


def test_trash_waits_for_a_store_that_is_away(cast: Cast, root: Path, monkeypatch):
    delete_media(media_id=checked(cast.cy, picture()).pk, by=cast.cy)
    before = snapshot()

    class Away:
        def delete(self, keys: object) -> None:
            raise StorageAway

    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "store", Away)
        assert empty_trash() == 0
    assert snapshot() == before
    assert (empty_trash(), kept(root)) == (4, set())


def test_what_was_sent_in_parts_and_never_finished_is_thrown_away_too(cast: Cast, root: Path):
    pending = upload(cast.ana, Purpose.DATASET, project=cast.project, content_type="text/csv")
    announced = Announced(pending.key, "text/csv", 1000, SHA)
    Upload.objects.filter(pk=pending.pk).update(parts_id=store().begin_parts(announced))
    pending.refresh_from_db()
    pending.delete()
    assert names(root) != set()
    assert (empty_trash(), names(root)) == (1, set())
    with pytest.raises(Missing):
        store().parts(pending.key, pending.parts_id)


def test_trash_that_three_empty_at_once_is_emptied(racing_cast: Cast, root: Path):
    for seed in range(4):
        delete_media(media_id=checked(racing_cast.cy, picture(seed)).pk, by=racing_cast.cy)
    assert Trash.objects.count() == 16
    assert all(isinstance(answer, int) for answer in answers(lambda _: empty_trash(), range(3)))
    assert (Trash.objects.count(), kept(root)) == (0, set())


def test_a_file_that_stands_nowhere_is_deleted_when_its_time_is_over(cast: Cast):
    standing, idle, refused, waiting = ready(cast.cy), ready(cast.cy), rejected(cast.cy), arrived(cast.cy)
    Placement.objects.create(media=standing, task=cast.task, kind="TASK")
    assert delete_lapsed() == 0
    Media.objects.filter(pk__in=[idle.pk, refused.pk]).update(expires_at=timezone.now())
    assert (delete_lapsed(), delete_lapsed()) == (2, 0)
    assert set(Media.objects.all()) == {standing, waiting}
    cast.task.delete()
    assert (delete_lapsed(), set(Media.objects.all())) == (1, {waiting})


def test_a_file_that_is_put_somewhere_at_this_moment_does_not_lapse(racing_cast: Cast):
    media = ready(racing_cast.ana)
    Media.objects.update(expires_at=timezone.now())
    # It does not wait either: what somebody holds is left for the next time.
    with transaction.atomic():
        Media.objects.select_for_update(no_key=True).get(pk=media.pk)
        assert answers(lambda _: delete_lapsed(), range(1)) == [0]
        Placement.objects.create(media=media, task=racing_cast.task, kind="TASK")
    assert delete_lapsed() == 0


def test_the_sweep_finds_whatever_no_row_names_and_leaves_all_else(
    cast: Cast, root: Path, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(cleaning, "BATCH", 20)
    shown = checked(cast.cy, picture(1))
    waiting = completed(cast.cy, picture(2))
    pending = upload(cast.cy)
    source = tmp_path / "source"
    source.write_bytes(b"x")
    orphans = {f"quarantine/{number:032x}" for number in range(2**40, 2**40 + 50)}
    orphans |= {f"private/{number:032x}/{'0' * 32}.pdf" for number in range(3)}
    orphans |= {f"public/{number:032x}/{'0' * 32}.webp" for number in range(3)}
    young = {f"quarantine/{'f' * 32}"}
    for key in orphans | young | {pending.key}:
        store().put(key, source, content_type="image/png")
    # What a form brought when its file was checked already: the upload still tells where it was to come.
    late = shown.upload.key
    empty_trash()
    store().put(late, source, content_type="image/png")
    for key in kept(root) - young:
        age(root, key, 25)

    assert sweep_orphans() == len(orphans) + 1
    assert set(Trash.objects.values_list("key", flat=True)) == orphans | {late}
    assert sweep_orphans() == 0
    while empty_trash():
        pass
    assert kept(root) == named() | young
    age(root, *young, 25)
    assert (sweep_orphans(), empty_trash(), kept(root)) == (1, 1, named())
    check(media_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "READY"


def test_a_sweep_without_a_store_is_done_another_night(cast: Cast, monkeypatch):
    class Away:
        def keys(self, prefix: str) -> None:
            raise StorageAway

    monkeypatch.setattr(cleaning, "store", Away)
    assert sweep_orphans() == 0


def test_a_file_whose_check_kills_its_workers_is_given_up(cast: Cast):
    lost, tried = arrived(cast.cy), arrived(cast.cy)
    check_media.defer(media_id=tried.pk)
    parked = check_media.defer(media_id=lost.pk)
    with connection.cursor() as cursor:
        # As whoever finds a job does whose every worker died.
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'failed', attempts = 10 WHERE id = %s", [parked]
        )
    assert (give_up_lost(), give_up_lost()) == (1, 0)
    lost.refresh_from_db()
    tried.refresh_from_db()
    assert (lost.state, lost.reason, tried.state) == ("REJECTED", "TOO_MUCH_WORK", "CHECKING")


def test_what_talks_to_the_store_is_done_in_a_lane_of_its_own():
    lanes = {name: task.queue for name, task in app.tasks.items() if "media" in name}
    assert lanes == {
        "check_media": "media",
        "media.uploads.expire_uploads": "default",
        "media.cleaning.delete_lapsed": "default",
        "media.remote.images.place_arrived": "default",
        "media.cleaning.give_up_lost": "default",
        "media.cleaning.empty_trash": "media",
        "media.cleaning.sweep_orphans": "media",
    }

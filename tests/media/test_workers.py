"""A worker that dies between what it has put and what it was about to write down has lost nothing; one that is busy with a
file does all else beside it."""

import signal
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from backend.projects.models import Project
from media.cleaning import empty_trash, sweep_orphans
from media.models import Media, Trash, Variant
from social.comments.actions import add_comment
from social.notifications.models import Notification
from tests.cast import Cast
from tests.media.sent import completed, picture
from tests.media.stores import names
from tests.media.working import BUSY, DOOMED, working
from tests.serving import eventually


def kept(root: Path) -> set[str]:
    return {name for name in names(root) if name.startswith(("quarantine/", "public/", "private/"))}


def test_what_a_worker_was_at_is_done_by_another_and_its_leftovers_are_swept(
    racing_cast: Cast, folder_here, tmp_path: Path, jobs
):
    root = tmp_path / "media"
    media = completed(racing_cast.cy, picture(3))
    with working(tmp_path, DOOMED) as doomed:
        eventually(lambda: doomed.popen.poll() is not None, 60)
        assert doomed.popen.returncode == -signal.SIGKILL, doomed.said()
    media.refresh_from_db()
    left = kept(root) - {media.key}
    assert (media.state, Variant.objects.count(), len(left)) == ("CHECKING", 0, 3)

    with working(tmp_path):
        eventually(lambda: Media.objects.get(pk=media.pk).state == "READY", 60)
    variants = set(Variant.objects.values_list("key", flat=True))
    assert (len(variants), variants & left) == (3, set())
    # No row names what it left; whoever looks at all that there is finds it.
    assert sweep_orphans() == 0
    assert sweep_orphans(before=timezone.now() + timedelta(seconds=1)) == 3
    assert left <= set(Trash.objects.values_list("key", flat=True))
    while empty_trash():
        pass
    assert kept(root) == variants


def test_a_file_that_takes_for_ever_holds_up_nobody_elses_job(
    racing_cast: Cast, folder_here, tmp_path: Path, jobs
):
    completed(racing_cast.cy, picture(4))
    with working(tmp_path, BUSY) as worker:
        eventually(lambda: [status for name, _, status in jobs() if name == "check_media"] == ["doing"], 60)
        add_comment(kind=Project, subject_id=racing_cast.project.pk, by=racing_cast.cy, body="Meanwhile")
        eventually(lambda: Notification.objects.filter(user=racing_cast.ana).exists(), 20)
        assert [status for name, _, status in jobs() if name == "check_media"] == ["doing"]
        worker.kill()

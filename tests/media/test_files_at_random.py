"""Whatever happens to files, in whatever order: what is counted is what is kept, and no byte is without a row."""

import contextlib
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts.actions import update_profile
from backend.accounts.models import User
from backend.boards.actions import create_task
from backend.boards.models import Task
from backend.core.refusals import Refusal
from backend.projects.models import Project
from media import checks
from media.checks import check, reject
from media.cleaning import delete_lapsed, empty_trash, sweep_orphans
from media.inspection import Findings, Reason, Rendition
from media.models import Media, Purpose, Trash, Upload, Usage, Variant
from media.placements import delete_media, place_project_images
from media.storage import store
from media.uploads import complete_upload, expire_uploads
from social.comments.actions import add_comment, delete_comment
from social.comments.models import Comment
from tests.cast import Cast
from tests.media.sent import asked, picture
from tests.media.stores import names

PURPOSES = (Purpose.ATTACHMENT, Purpose.AVATAR, Purpose.PROJECT_IMAGE)


def looked_at(source: Path, *, declared: str, into: Path) -> Findings:
    """What an inspector answers of a picture, in no time: what it decides is tested where it is."""
    renditions = []
    for name, size in (("SMALL", 96), ("MEDIUM", 480), ("LARGE", 800)):
        path = into / f"{name}.webp"
        path.write_bytes(name.encode())
        renditions.append(Rendition(name, path, "image/webp", size, size, len(name), "0" * 64))
    return Findings(declared, 800, 800, "LEHV6nWB2yk8", "#000000", tuple(renditions))


class House:
    """Everything that can happen to files; a number chooses whose, and which."""

    def __init__(self, cast: Cast, root: Path) -> None:
        self.cast, self.root = cast, root
        self.people = (cast.ana, cast.cy)

    def announce(self, n: int) -> None:
        purpose = PURPOSES[n % 3]
        of = {"project_id": self.cast.project.pk} if purpose == Purpose.PROJECT_IMAGE else {}
        by = self.cast.ana if of else self.people[n % 2]
        data = picture(n % 5)
        upload = asked(by, data, purpose=purpose, **of)
        if n % 4:
            source = self.root / "source"
            source.write_bytes(data)
            store().put(upload.key, source, content_type="image/png")

    def complete(self, n: int) -> None:
        if upload := chosen(Upload.objects.filter(media=None), n):
            complete_upload(upload_id=upload.pk, by=upload.owner)

    def check(self, n: int) -> None:
        if media := chosen(Media.objects.all(), n):
            check(media_id=media.pk) if n % 5 else reject(media_id=media.pk, reason=Reason.BROKEN)

    def show(self, n: int) -> None:
        if media := chosen(Media.objects.all(), n):
            owner, pk = media.owner, media.pk
            if media.purpose == Purpose.AVATAR:
                update_profile(by=owner, avatar_id=pk, no_avatar=n % 4 == 0)
            elif media.purpose == Purpose.PROJECT_IMAGE:
                place_project_images(project_id=self.cast.project.pk, by=self.cast.ana, gallery_ids=[pk])
            elif n % 2:
                create_task(board_id=self.cast.board.pk, by=owner, title="Task", attachment_ids=[pk])
            else:
                add_comment(
                    kind=Project, subject_id=self.cast.project.pk, by=owner, body="x", attachment_ids=[pk]
                )

    def take_back(self, n: int) -> None:
        if n % 2 and (comment := chosen(Comment.objects.standing(), n)):
            delete_comment(comment_id=comment.pk, by=comment.author)
        elif task := chosen(Task.objects.exclude(pk=self.cast.task.pk), n):
            task.delete()

    def delete(self, n: int) -> None:
        if media := chosen(Media.objects.all(), n):
            delete_media(media_id=media.pk, by=media.owner)

    def let_time_pass(self, n: int) -> None:
        past = timezone.now() - timedelta(days=8)
        if upload := chosen(Upload.objects.filter(media=None), n):
            Upload.objects.filter(pk=upload.pk).update(expires_at=past)
        expire_uploads()
        delete_lapsed()

    def empty(self, n: int) -> None:
        empty_trash(most=n + 1)


DEEDS = ("announce", "complete", "check", "show", "take_back", "delete", "let_time_pass", "empty")


def chosen(rows, n: int):
    found = list(rows.order_by("pk"))
    return found[n % len(found)] if found else None


def named() -> set[str]:
    keys = set(Variant.objects.values_list("key", flat=True)) | set(
        Trash.objects.values_list("key", flat=True)
    )
    keys |= set(Upload.objects.filter(media=None).values_list("key", flat=True))
    return keys | set(Media.objects.exclude(key="").values_list("key", flat=True))


def kept(root: Path) -> set[str]:
    return {name for name in names(root) if name.startswith(("quarantine/", "public/", "private/"))}


def assert_is_whole(root: Path) -> None:
    for user in User.objects.all():
        charged = Upload.objects.filter(owner=user, project=None).aggregate(all=Sum("charged", default=0))[
            "all"
        ]
        counted = Usage.objects.filter(user=user).aggregate(all=Sum("byte_size", default=0))["all"]
        assert counted == charged
    assert kept(root) <= named()
    live = set(Variant.objects.values_list("key", flat=True))
    assert live <= kept(root) and not live & set(Trash.objects.values_list("key", flat=True))
    assert not Media.objects.exclude(state="READY").filter(variants__isnull=False).exists()


@settings(max_examples=8)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 60)), min_size=10, max_size=25))
def test_whatever_happens_bytes_rooms_and_rows_agree(cast: Cast, folder_here, tmp_path: Path, deeds):
    root = tmp_path / "media"
    # What an example before this one has left.
    for model in (Media, Upload, Usage, Trash, Comment):
        model._default_manager.all().delete()
    shutil.rmtree(root)
    root.mkdir()
    house = House(cast, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "inspect", looked_at)
        for deed, number in [("announce", 1), ("complete", 0), ("check", 1), *deeds]:
            with contextlib.suppress(Refusal):
                getattr(house, deed)(number)
            assert_is_whole(root)
    assert sweep_orphans(before=timezone.now() + timedelta(minutes=1)) == 0
    Media.objects.all().delete()
    Upload.objects.all().delete()
    while empty_trash():
        pass
    assert kept(root) == set()
    assert set(Usage.objects.values_list("byte_size", flat=True)) <= {0}

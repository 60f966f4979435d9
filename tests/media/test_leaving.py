"""Whoever leaves takes their files with them, but for those that stand on what stays."""

import io
import zipfile

import orjson
import pytest
from django.utils import timezone

from backend.accounts.archive import write_archive
from backend.accounts.departed import is_closed
from backend.accounts.leaving import close, erase_part
from backend.accounts.models import Erasure
from backend.boards.claims import claim_task, review_work, submit_work
from backend.projects.models import Project
from media.cleaning import delete_lapsed
from media.models import Media, Placement, Purpose, Trash, Upload, Usage, Variant
from media.uploads import complete_upload, request_upload
from social.comments.actions import add_comment
from social.updates.models import Update, UpdateAttachment
from tests import cast as people
from tests.cast import Cast, person
from tests.media.rows import SHA, arrived, ready, rejected, upload
from tests.races import after_a_wait
from tests.snapshots import snapshot


def put(media: Media, kind: str, **thing: object) -> Media:
    Placement.objects.create(media=media, kind=kind, **thing)
    return media


def files_of(cast: Cast) -> dict[str, Media]:
    """Something of everything that Cy may have sent."""
    cy = cast.cy
    held, accepted = people.task(cast.board, "Held"), people.task(cast.board, "Accepted")
    mine = ready(cy), ready(cy)
    for task, media in zip((held, accepted), mine, strict=True):
        claim = claim_task(task_id=task.pk, by=cy)
        submit_work(claim_id=claim.pk, by=cy, attachment_ids=[media.pk])
    review_work(claim_id=claim.pk, by=cast.ana, verdict="ACCEPT")
    said = ready(cy)
    add_comment(kind=Project, subject_id=cast.project.pk, by=cy, body="x", attachment_ids=[said.pk])
    news = Update.objects.create(
        project=cast.project, author=cy, title="x", body="x", published_at=timezone.now()
    )
    told = ready(cy)
    UpdateAttachment.objects.create(media=told, update=news)
    image = {"project": cast.project}
    return {
        "avatar": put(ready(cy, Purpose.AVATAR), "AVATAR", user=cy),
        "old avatar": ready(cy, Purpose.AVATAR),
        "waiting": arrived(cy),
        "refused": rejected(cy),
        "nowhere": ready(cy),
        "work": mine[0],
        "accepted work": mine[1],
        "comment": said,
        "update": told,
        "task": put(ready(cy), "TASK", task=cast.task),
        "cover": put(ready(cy, Purpose.PROJECT_IMAGE, **image), "COVER", **image),
        "unused image": ready(cy, Purpose.PROJECT_IMAGE, **image),
    }


STAY = {"accepted work", "update", "task", "cover"}


def forget(user_id: int) -> None:
    for _ in range(200):
        if not erase_part(user_id=user_id):
            return
    raise AssertionError("an erasure that never ends")


def test_whoever_leaves_takes_their_picture_at_once_and_the_rest_soon(cast: Cast):
    files = files_of(cast)
    pending = upload(cast.cy)
    others = ready(cast.bo)
    keys = {
        name: {key for key in (media.key, *media.variants.values_list("key", flat=True)) if key}
        for name, media in files.items()
    }

    close(by=cast.cy)
    left = {name for name, media in files.items() if Media.objects.filter(pk=media.pk).exists()}
    assert left == set(files) - {"avatar", "old avatar"}
    assert not Placement.objects.filter(user=cast.cy).exists()

    forget(cast.cy.pk)
    delete_lapsed()
    left = {name for name, media in files.items() if Media.objects.filter(pk=media.pk).exists()}
    assert left == STAY
    thrown = set(Trash.objects.values_list("key", flat=True))
    assert thrown == {pending.key}.union(*(keys[name] for name in files if name not in STAY))
    assert set(Media.objects.filter(owner=cast.cy).values_list("filename", flat=True)) == {""}
    assert set(Upload.objects.filter(owner=cast.cy).values_list("filename", "media__expires_at")) == {
        ("", None)
    }
    assert Media.objects.visible_to(None).filter(owner=cast.cy).count() == 4
    assert Media.objects.filter(pk=others.pk).exists()
    assert not erase_part(user_id=cast.cy.pk)
    assert Erasure.objects.get().rows_done > 0


def test_what_of_ones_quota_is_left_is_forgotten_with_the_last_file(cast: Cast):
    upload(cast.cy)
    ready(cast.cy)
    assert Usage.objects.get(user=cast.cy).byte_size == 1100
    close(by=cast.cy)
    forget(cast.cy.pk)
    assert not Usage.objects.exists()
    assert not Upload.objects.exists()


def test_an_erasure_that_is_repeated_finds_nothing_to_do(cast: Cast):
    files_of(cast)
    close(by=cast.cy)
    forget(cast.cy.pk)
    before = snapshot()
    forget(cast.cy.pk)
    assert snapshot() == before


def ask(by) -> Upload:
    return request_upload(
        by=by, purpose="ATTACHMENT", filename="x", content_type="text/csv", byte_size=5, sha256=SHA
    )


@pytest.mark.parametrize("deed", ["announce", "complete"])
def test_nothing_arrives_for_whoever_has_left_meanwhile(
    racing_cast: Cast, deed: str, folder_here, monkeypatch
):
    cy = racing_cast.cy
    pending = upload(cy)
    monkeypatch.setattr("media.uploads.demand_arrival", lambda _: None)
    act = {
        "announce": lambda: ask(cy),
        "complete": lambda: complete_upload(upload_id=pending.pk, by=cy),
    }[deed]
    with after_a_wait(act) as came_out:
        close.__wrapped__(by=cy)
    [refusal] = came_out
    assert is_closed(refusal), refusal
    assert (Media.objects.count(), Upload.objects.count()) == (0, 1)


def test_an_export_names_the_files_and_what_is_known_of_them(cast: Cast):
    files = files_of(cast)
    upload(cast.cy)
    ready(person("dee"))
    file = io.BytesIO()
    write_archive(cast.cy.pk, file, progress=lambda done: None)
    with zipfile.ZipFile(file) as archive:
        readme = archive.read("README.txt").decode()

        def rows(name: str) -> list[dict]:
            return [orjson.loads(line) for line in archive.read(name).splitlines()]

        shown, rest = rows("files_shown.jsonl"), rows("files.jsonl")
        standing = {"avatar", "comment", "work"} | STAY
        assert {row["id"] for row in shown} == {files[name].pk for name in standing}
        assert {row["id"] for row in rest} == {
            media.pk for name, media in files.items() if name not in standing
        }
        assert {row["filename"] for row in shown} == {"notes.pdf"}
        variants = rows("variants.jsonl") + rows("variants_shown.jsonl")
        own = Variant.objects.filter(media__owner=cast.cy)
        assert {row["key"] for row in variants} == set(own.values_list("key", flat=True))
        assert len(rows("uploads.jsonl")) + len(rows("uploads_shown.jsonl")) == len(files) + 1
        assert orjson.loads(archive.read("file_quota.json"))["byte_size"] > 0
    assert "files_shown.jsonl" in readme

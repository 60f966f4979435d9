"""What PostgreSQL itself keeps true of files, whatever the code above it does."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.db.utils import DatabaseError
from django.utils import timezone

from backend.boards.claims import claim_task
from backend.imports.models import RemoteImage
from backend.projects.models import ProjectStatus
from media.models import (
    MOST_ATTACHED,
    MOST_IN_A_GALLERY,
    MOST_OF_A_PERSON,
    MOST_OF_A_PROJECT,
    Media,
    Placement,
    Purpose,
    Trash,
    Upload,
    Usage,
    Variant,
    upload_state,
)
from media.models.arrivals import RemoteArrival
from social.comments.models import Comment, CommentAttachment
from social.follows.models import Follow
from social.updates.models import Audience, Update, UpdateAttachment
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused
from tests.media.rows import SHA, arrived, ready, rejected, upload

IMAGE = Purpose.PROJECT_IMAGE


def put(media: Media, kind: str, position: int = 0, **thing: object) -> Placement:
    return Placement.objects.create(media=media, kind=kind, position=position, **thing)


def test_the_database_refuses_what_can_never_be(cast: Cast):
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    on_task = put(ready(cast.ana), "TASK", task=cast.task)
    put(ready(cast.cy), "CLAIM", claim=claim)
    put(ready(cast.ana, IMAGE, project=cast.project), "COVER", project=cast.project)
    put(ready(cast.ana, Purpose.AVATAR), "AVATAR", user=cast.ana)
    pending = upload(cast.ana)
    waiting = arrived(cast.ana)
    picture = ready(cast.bo, Purpose.AVATAR)
    refused = rejected(cast.bo)
    Trash.objects.create(key="quarantine/gone")
    portrait = RemoteImage.objects.create(url="https://example.org/a.png", user=cast.bo, kind="AVATAR")
    another = RemoteImage.objects.create(url="https://example.org/b.png", user=cast.cy, kind="AVATAR")
    RemoteArrival.objects.create(image=portrait, media=waiting)

    def change(media: Media, **facts: object) -> int:
        return Media.objects.filter(pk=media.pk).update(**facts)

    def announce(**facts: object) -> int:
        return Upload.objects.filter(pk=pending.pk).update(**facts)

    def variant(**facts: object) -> Variant:
        known = {
            "media": waiting,
            "name": "FILE",
            "key": "private/x",
            "content_type": "text/csv",
            "byte_size": 1,
        }
        return Variant.objects.create(**{**known, **facts})

    assert_each_is_refused(
        "media",
        {
            "upload_is_on_the_right_quota": lambda: announce(project=cast.project),
            "upload_hash_is_sha256": lambda: announce(sha256=SHA[:-1] + "G"),
            "upload_is_not_empty": lambda: announce(byte_size=0, charged=0),
            "upload_takes_no_more_than_it_announced": lambda: announce(charged=1001),
            "upload_arrives_in_quarantine": lambda: announce(key="public/" + "0" * 32),
            "media_upload_key_key": lambda: upload(cast.bo, key=pending.key),
            "media_upload_media_id_key": lambda: announce(media=waiting),
            "media_is_on_the_right_quota": lambda: change(waiting, purpose=Purpose.DATASET),
            "media_key_is_used_once": lambda: (
                Media.objects.filter(pk=waiting.pk).update(key=waiting.key)
                and arrived(cast.ana, key="quarantine/" + "f" * 32)
                and change(Media.objects.get(key="quarantine/" + "f" * 32), key=waiting.key)
            ),
            "media_state_is_known": lambda: change(waiting, state="LOST", key="", checked_at=timezone.now()),
            "media_lies_in_quarantine_until_it_is_checked": lambda: change(waiting, key=""),
            "media_says_why_it_was_rejected": lambda: change(refused, reason=""),
            "media_is_a_picture_with_all_that_one_has": lambda: change(picture, placeholder=""),
            "media_that_anybody_sees_is_a_picture": lambda: change(
                picture, width=None, height=None, placeholder="", color=""
            ),
            "media_hash_is_sha256": lambda: change(waiting, sha256="0"),
            "media_has_one_variant_of_a_name": lambda: variant(media=on_task.media),
            "media_variant_key_key": lambda: variant(key=on_task.media.variants.get().key),
            "variant_name_is_known": lambda: variant(name="HUGE", width=1, height=1),
            "variant_of_a_picture_has_a_size": lambda: variant(name="SMALL", width=1),
            "variant_lies_where_it_is_served": lambda: variant(key="quarantine/x"),
            "media_remotearrival_image_id_key": lambda: RemoteArrival.objects.create(
                image=portrait, media=picture
            ),
            "media_remotearrival_media_id_key": lambda: RemoteArrival.objects.create(
                image=another, media=waiting
            ),
            "media_trash_key_key": lambda: Trash.objects.create(key="quarantine/gone"),
            "usage_is_somebodys": Usage.objects.create,
            "usage_is_within_the_quota": lambda: upload(cast.ana, byte_size=MOST_OF_A_PERSON),
            "media_usage_user_id_key": lambda: Usage.objects.create(user=cast.ana),
            "media_usage_project_id_key": lambda: Usage.objects.create(project=cast.project),
            "media_placement_media_id_key": lambda: _again(on_task.media, cast),
            "media_placement_user_id_key": lambda: put(
                ready(cast.ana, Purpose.AVATAR), "AVATAR", user=cast.ana
            ),
            "placement_is_on_one_thing": lambda: put(
                ready(cast.ana), "TASK", task=cast.task, user=cast.ana, position=1
            ),
            "placement_is_of_a_kind_that_its_thing_has": lambda: put(
                ready(cast.ana), "TASK", claim=claim, position=1
            ),
            "picture_has_a_position_of_its_own": lambda: put(
                ready(cast.ana, IMAGE, project=cast.project), "COVER", project=cast.project
            ),
            "attachment_of_a_task_has_a_position_of_its_own": lambda: put(
                ready(cast.ana), "TASK", task=cast.task
            ),
            "attachment_of_a_claim_has_a_position_of_its_own": lambda: put(
                ready(cast.cy), "CLAIM", claim=claim
            ),
        },
    )


def _again(media: Media, cast: Cast) -> None:
    # Somebody switched the trigger off, or says that it stands nowhere: the key is still unique.
    Media.objects.filter(pk=media.pk).update(expires_at=timezone.now())
    put(media, "TASK", position=1, task=cast.task)


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("AVATAR", 1),
        ("COVER", 1),
        ("GALLERY", MOST_IN_A_GALLERY),
        ("TASK", MOST_ATTACHED),
        ("CLAIM", MOST_ATTACHED),
    ],
)
def test_no_thing_has_more_files_than_it_has_positions(cast: Cast, kind: str, most: int):
    from tests.constraints import refused_by

    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    thing = {
        "AVATAR": {"user": cast.ana},
        "COVER": {"project": cast.project},
        "GALLERY": {"project": cast.project},
        "TASK": {"task": cast.task},
        "CLAIM": {"claim": claim},
    }[kind]
    purpose = {"AVATAR": Purpose.AVATAR, "COVER": IMAGE, "GALLERY": IMAGE}.get(kind, Purpose.ATTACHMENT)
    of = {"project": cast.project} if purpose == IMAGE else {}
    for position in range(most):
        put(ready(cast.ana, purpose, **of), kind, position, **thing)
    with refused_by("placement_is_of_a_kind_that_its_thing_has"):
        put(ready(cast.ana, purpose, **of), kind, most, **thing)
    assert Placement.objects.filter(kind=kind).count() == most


def test_only_what_was_checked_stands_and_where_it_was_sent_for(cast: Cast):
    other = project(cast.ana, "Other")
    cases = {
        "not checked": lambda: put(arrived(cast.ana), "TASK", task=cast.task),
        "refused": lambda: put(rejected(cast.ana), "TASK", task=cast.task),
        "an attachment as a picture": lambda: put(ready(cast.ana), "AVATAR", user=cast.ana),
        "a picture as an attachment": lambda: put(ready(cast.ana, Purpose.AVATAR), "TASK", task=cast.task),
        "another's picture": lambda: put(ready(cast.bo, Purpose.AVATAR), "AVATAR", user=cast.ana),
        "another project's picture": lambda: put(
            ready(cast.ana, IMAGE, project=other), "COVER", project=cast.project
        ),
    }
    for case, attempt in cases.items():
        with pytest.raises(DatabaseError, match="cannot stand there") as refusal, transaction.atomic():
            attempt()
        assert refusal.value.__cause__.sqlstate == "AC002", case
    assert not Placement.objects.exists()


def test_a_file_stands_in_one_place_among_all_tables(cast: Cast):
    news = Update.objects.create(project=cast.project, author=cast.ana, title="News", body="x")
    said = Comment.objects.create(project=cast.project, author=cast.ana, body="x")
    media = ready(cast.ana)
    put(media, "TASK", task=cast.task)
    for attempt in (
        lambda: UpdateAttachment.objects.create(media=media, update=news),
        lambda: CommentAttachment.objects.create(media=media, comment=said),
    ):
        with pytest.raises(DatabaseError, match="cannot stand there"), transaction.atomic():
            attempt()
    Placement.objects.get().delete()
    UpdateAttachment.objects.create(media=media, update=news)
    media.refresh_from_db()
    assert (media.expires_at, UpdateAttachment.objects.get().media) == (None, media)


def test_a_file_that_loses_its_place_lapses_at_once(cast: Cast):
    media = ready(cast.ana)
    assert not Media.objects.lapsed().exists()
    put(media, "TASK", task=cast.task)
    cast.task.delete()
    assert list(Media.objects.lapsed()) == [media]
    media.refresh_from_db()
    assert media.expires_at <= timezone.now()


def test_a_place_never_becomes_that_of_another_file_or_thing(cast: Cast):
    place = put(ready(cast.ana), "TASK", task=cast.task)
    media = ready(cast.ana)
    for facts in ({"media": media}, {"task": None, "claim": claim_task(task_id=cast.task.pk, by=cast.cy)}):
        with pytest.raises(DatabaseError, match="file_never_moves"), transaction.atomic():
            Placement.objects.filter(pk=place.pk).update(**facts)
    variant = place.media.variants.get()
    with pytest.raises(DatabaseError, match="variant_keeps_its_key"), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(key="private/other")


def keys_of(media: Media) -> set[str]:
    return {key for key in (media.key, *media.variants.values_list("key", flat=True)) if key}


def thrown() -> set[str]:
    return set(Trash.objects.values_list("key", flat=True))


def test_whatever_deletes_a_row_its_key_is_thrown_away(cast: Cast):
    pending, waiting, media = upload(cast.ana, parts_id="p1"), arrived(cast.ana), ready(cast.ana)
    keys = {pending.key} | keys_of(waiting) | keys_of(media)
    assert (len(keys), thrown()) == (3, set())
    with connection.cursor() as cursor:
        # As somebody at the database's own prompt would.
        cursor.execute("DELETE FROM media_variant")
        cursor.execute("DELETE FROM media_upload")
        cursor.execute("DELETE FROM media_media")
    assert thrown() == keys
    assert dict(Trash.objects.values_list("key", "parts_id"))[pending.key] == "p1"


def test_a_cascade_throws_away_all_keys_too(cast: Cast):
    cover = put(ready(cast.ana, IMAGE, project=cast.project), "COVER", project=cast.project).media
    pending = upload(cast.ana, IMAGE, project=cast.project)
    kept = ready(cast.ana)
    keys = keys_of(cover) | {pending.key}
    assert len(keys) == 4
    cast.project.delete()
    assert thrown() == keys
    assert list(Media.objects.all()) == [kept]
    assert not Usage.objects.filter(project__isnull=False).exists()


def test_a_key_is_thrown_away_when_its_file_is_checked_and_not_before(cast: Cast):
    waiting = arrived(cast.ana)
    Media.objects.filter(pk=waiting.pk).update(alt="x")
    assert thrown() == set()
    Upload.objects.filter(media=waiting).update(charged=0)
    now = timezone.now()
    Media.objects.filter(pk=waiting.pk).update(
        state="REJECTED", reason="BROKEN", key="", checked_at=now, expires_at=now
    )
    assert thrown() == {waiting.key}
    # The upload still says where it came to; that is nobody's any more.
    waiting.refresh_from_db()
    waiting.delete()
    assert len(thrown()) == 1


def taken(**whose: object) -> int:
    return Usage.objects.filter(**whose).values_list("byte_size", flat=True).first() or 0


def test_bytes_are_counted_with_their_rows(cast: Cast):
    assert taken(user=cast.ana) == 0
    first = upload(cast.ana, byte_size=700)
    waiting = arrived(cast.ana, byte_size=500)
    upload(cast.ana, IMAGE, project=cast.project, byte_size=90)
    assert (taken(user=cast.ana), taken(project=cast.project)) == (1200, 90)
    Upload.objects.filter(media=waiting).update(charged=20)
    assert taken(user=cast.ana) == 720
    first.delete()
    assert taken(user=cast.ana) == 20
    Media.objects.filter(pk=waiting.pk).delete()
    assert (taken(user=cast.ana), taken(project=cast.project), taken(user=cast.bo)) == (0, 90, 0)
    upload(cast.bo, byte_size=30)
    charged = Upload.objects.aggregate(all=Sum("charged"))["all"]
    assert Usage.objects.aggregate(all=Sum("byte_size"))["all"] == charged == 120


def test_a_quota_is_full_at_its_last_byte(cast: Cast):
    from tests.constraints import refused_by

    upload(cast.ana, byte_size=MOST_OF_A_PERSON)
    upload(cast.ana, IMAGE, project=cast.project, byte_size=MOST_OF_A_PROJECT)
    for of in ({}, {"purpose": IMAGE, "project": cast.project}):
        with refused_by("usage_is_within_the_quota"):
            upload(cast.ana, byte_size=1, **of)
    assert (taken(user=cast.ana), taken(project=cast.project)) == (MOST_OF_A_PERSON, MOST_OF_A_PROJECT)


def test_the_state_of_an_upload_is_that_of_its_file_or_of_its_time(cast: Cast):
    now = timezone.now()
    expected = {
        upload(cast.ana).pk: "PENDING",
        upload(cast.ana, expires_at=now - timedelta(seconds=1)).pk: "EXPIRED",
        arrived(cast.ana).upload.pk: "CHECKING",
        arrived(cast.ana, expires_at=now - timedelta(days=1)).upload.pk: "CHECKING",
        ready(cast.ana).upload.pk: "READY",
        rejected(cast.ana).upload.pk: "REJECTED",
    }
    assert dict(Upload.objects.annotate(state=upload_state()).values_list("pk", "state")) == expected


def test_a_file_is_seen_by_its_owner_and_by_whoever_sees_what_it_stands_on(cast: Cast):
    dee = person("dee")
    Follow.objects.create(follower=dee, project=cast.project)
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)

    def news(audience: str, **facts: object) -> Media:
        told = Update.objects.create(
            project=cast.project, author=cast.ana, title="x", body="x", audience=audience, **facts
        )
        return UpdateAttachment.objects.create(media=ready(cast.ana), update=told).media

    now = timezone.now()
    said = Comment.objects.create(project=cast.project, author=cast.ana, body="x")
    files = {
        "nowhere": ready(cast.ana),
        "waiting": arrived(cast.ana),
        "refused": rejected(cast.ana),
        "avatar": put(ready(cast.ana, Purpose.AVATAR), "AVATAR", user=cast.ana).media,
        "cover": put(ready(cast.ana, IMAGE, project=cast.project), "COVER", project=cast.project).media,
        "task": put(ready(cast.ana), "TASK", task=cast.task).media,
        "work": put(ready(cast.cy), "CLAIM", claim=claim).media,
        "comment": CommentAttachment.objects.create(media=ready(cast.ana), comment=said).media,
        "draft cover": put(ready(cast.ana, IMAGE, project=draft), "COVER", project=draft).media,
        "news": news(Audience.EVERYONE, published_at=now),
        "followers": news(Audience.FOLLOWERS, published_at=now),
        "team": news(Audience.TEAM, published_at=now),
        "unpublished": news(Audience.EVERYONE),
    }
    public = {"avatar", "cover", "task", "work", "comment", "news"}
    expected = {
        None: public,
        cast.ana: set(files),
        cast.bo: public | {"followers", "team", "unpublished"},
        cast.cy: public,
        dee: public | {"followers"},
        cast.sol: public | {"followers", "team", "draft cover"},
    }
    names = {media.pk: name for name, media in files.items()}
    for viewer, seen in expected.items():
        visible = Media.objects.visible_to(viewer).values_list("pk", flat=True)
        assert {names[pk] for pk in visible} == seen, viewer
        variants = Variant.objects.visible_to(viewer).values_list("media", flat=True)
        assert {names[pk] for pk in variants} == seen - {"waiting", "refused"}, viewer
    assert set(Media.objects.visible_under("placement__task", None)) == set(Media.objects.all())
    assert set(Media.objects.visible_under("owner", None)) == {files[name] for name in public}


def test_whoever_is_hidden_hides_their_picture_and_what_they_said(cast: Cast):
    from backend.accounts.blocks import Block

    avatar = put(ready(cast.ana, Purpose.AVATAR), "AVATAR", user=cast.ana).media
    cover = put(ready(cast.ana, IMAGE, project=cast.project), "COVER", project=cast.project).media
    said = Comment.objects.create(project=cast.project, author=cast.ana, body="x")
    CommentAttachment.objects.create(media=ready(cast.ana), comment=said)
    Block.objects.create(blocker=cast.ana, blocked=cast.cy)
    cast.cy.refresh_from_db()
    assert list(Media.objects.visible_to(cast.cy)) == [cover]
    assert avatar in Media.objects.visible_to(cast.bo)


def test_uploads_and_what_they_take_are_ones_own(cast: Cast):
    upload(cast.ana)
    upload(cast.ana, IMAGE, project=cast.project)
    upload(cast.cy)
    counts = {
        viewer: (Upload.objects.visible_to(viewer).count(), Usage.objects.visible_to(viewer).count())
        for viewer in (None, cast.ana, cast.bo, cast.cy, cast.sol)
    }
    assert counts == {None: (0, 0), cast.ana: (2, 2), cast.bo: (0, 1), cast.cy: (1, 1), cast.sol: (0, 0)}

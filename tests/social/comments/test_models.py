from django.utils import timezone

from backend.boards.models import Board
from backend.projects.models import Membership, Project, ProjectStatus, Role
from media.models import MOST_ATTACHED, Media
from social.comments.models import DEEPEST, Comment, CommentAttachment
from social.follows.models import Follow
from social.updates.models import Update
from tests import cast as people
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused
from tests.media.rows import ready


def test_the_database_refuses_what_can_never_be(cast: Cast):
    first = Comment.objects.create(project=cast.project, author=cast.cy, body="a", body_html="a")

    def say(**facts: object) -> Comment:
        return Comment.objects.create(**{"project": cast.project, "author": cast.cy, "body": "b", **facts})

    attached = CommentAttachment.objects.create(comment=first, media=ready(cast.cy))

    def again() -> None:
        Media.objects.update(expires_at=timezone.now())
        CommentAttachment.objects.create(comment=first, media=attached.media, position=1)

    def attach(position: int) -> None:
        CommentAttachment.objects.create(comment=first, media=ready(cast.cy), position=position)

    assert_each_is_refused(
        "comments",
        {
            "attachment_of_a_comment_has_a_position_of_its_own": lambda: attach(0),
            "comment_has_a_bounded_number_of_attachments": lambda: attach(MOST_ATTACHED),
            "comments_commentattachment_media_id_key": again,
            "comment_has_one_subject": lambda: say(task=cast.task),
            "comment_depth_fits_its_parent": lambda: say(parent=first, depth=DEEPEST + 1),
            "deleted_comment_is_empty": lambda: Comment.objects.update(deleted_at=timezone.now()),
        },
    )


def test_a_reply_has_a_parent_and_only_a_reply_has(cast: Cast):
    from tests.constraints import refused_by

    first = Comment.objects.create(project=cast.project, author=cast.cy, body="a")
    for facts in ({"parent": first, "depth": 0}, {"depth": 1}):
        with refused_by("comment_depth_fits_its_parent"):
            Comment.objects.create(project=cast.project, author=cast.cy, body="b", **facts)
    with refused_by("comment_has_one_subject"):
        Comment.objects.create(author=cast.cy, body="b")


def test_what_is_said_is_seen_by_whoever_sees_what_it_is_said_about(cast: Cast):
    dee = person("dee")
    Follow.objects.create(follower=dee, project=cast.project)
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    Membership.objects.create(project=draft, user=cast.bo, role=Role.EDITOR)
    hidden_task = people.task(Board.objects.create(project=draft, title="Hidden"))

    def update(of: Project, audience: str, **facts: object) -> Update:
        return Update.objects.create(
            project=of, author=cast.ana, title=audience, body="x", audience=audience, **facts
        )

    now = timezone.now()
    subjects = {
        "project": {"project": cast.project},
        "task": {"task": cast.task},
        "everyone": {"update": update(cast.project, "EVERYONE", published_at=now)},
        "followers": {"update": update(cast.project, "FOLLOWERS", published_at=now)},
        "team": {"update": update(cast.project, "TEAM", published_at=now)},
        "unpublished": {"update": update(cast.project, "EVERYONE")},
        "draft": {"project": draft},
        "task of a draft": {"task": hidden_task},
    }
    for name, subject in subjects.items():
        Comment.objects.create(**subject, author=cast.ana, body=name)
    Comment.objects.create(project=cast.project, author=cast.ana, body="", deleted_at=now)

    public = {"project", "task", "everyone", ""}
    drafts = {"draft", "task of a draft"}
    expected = {
        None: public,
        cast.ana: public | drafts | {"followers", "team", "unpublished"},
        cast.bo: public | drafts | {"followers", "team", "unpublished"},
        cast.cy: public,
        dee: public | {"followers"},
        cast.sol: public | drafts | {"followers", "team"},
    }
    for viewer, seen in expected.items():
        assert set(Comment.objects.visible_to(viewer).values_list("body", flat=True)) == seen, viewer
    assert not Comment.objects.standing().filter(body="").exists()


def test_a_comment_says_what_kind_of_thing_it_is_about(cast: Cast):
    assert Comment(project=cast.project, author=cast.cy, body="a").subject_field == "project"
    assert Comment(task=cast.task, author=cast.cy, body="a").subject_field == "task"

"""Who is told what, for each thing that happens: exactly those people, and nobody of their own deeds."""

from collections.abc import Callable

import pytest

from backend.accounts.models import User
from backend.boards.actions import close_task, create_task, edit_task, move_task
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.models import Claim, Task
from backend.communities.models import Community
from backend.projects.actions import launch_project, review_project, submit_project
from backend.projects.models import Membership, Project, ProjectStatus, Role
from social.comments.actions import add_comment, delete_comment, edit_comment
from social.comments.models import Comment
from social.follows.actions import follow, unfollow
from social.notifications.models import SUBJECTS, Notification
from social.updates.actions import draft_update, publish_update
from tests import cast as people
from tests.cast import Cast, person

Told = set[tuple[str, str, object]]


@pytest.fixture
def told(read_events: Callable[[], None]) -> Callable[[], Told]:
    """Who was told what since the last look: {(handle, kind, subject)}."""

    def look() -> Told:
        Notification.objects.all().delete()
        read_events()
        rows = Notification.objects.select_related("user", *(f"subject_{kind}" for kind in SUBJECTS))
        return {
            (
                row.user.handle,
                row.kind,
                next(filter(None, (getattr(row, f"subject_{kind}") for kind in SUBJECTS))),
            )
            for row in rows
        }

    return look


@pytest.fixture
def team(cast: Cast) -> Cast:
    """Ana owns and Bo coordinates; Dee administrates, Eve edits; Cy and Fay are strangers."""
    for handle, role in (("dee", Role.ADMIN), ("eve", Role.EDITOR)):
        Membership.objects.create(project=cast.project, user=person(handle), role=role)
    person("fay")
    return cast


def who(handle: str) -> User:
    return User.objects.get(handle=handle)


def say(by: User, thing: Project | Task | Comment, parent: Comment | None = None) -> Comment:
    return add_comment(
        kind=type(thing), subject_id=thing.pk, by=by, body="Hello", parent_id=parent.pk if parent else None
    )


def test_a_person_hears_who_follows_them(team: Cast, told: Callable[[], Told]):
    follow(kind=User, target_id=team.ana.pk, by=team.cy)
    assert told() == {("ana", "NEW_FOLLOWER", team.ana)}


def test_an_owner_hears_who_follows_their_project(team: Cast, told: Callable[[], Told]):
    follow(kind=Project, target_id=team.project.pk, by=team.cy)
    assert told() == {("ana", "NEW_FOLLOWER", team.project)}
    follow(kind=Project, target_id=team.project.pk, by=team.ana)
    assert told() == set()


def test_nobody_hears_who_follows_a_community_or_who_stops(team: Cast, told: Callable[[], Told]):
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")
    follow(kind=Community, target_id=murcia.pk, by=team.cy)
    assert told() == set()
    follow(kind=User, target_id=team.ana.pk, by=team.cy)
    unfollow(kind=User, target_id=team.ana.pk, by=team.cy)
    assert told() == set(), "it is no news any more"


def test_an_owner_hears_what_is_said_about_their_project(team: Cast, told: Callable[[], Told]):
    say(team.cy, team.project)
    assert told() == {("ana", "COMMENT", team.project)}
    say(team.ana, team.project)
    assert told() == set()


def test_the_writer_of_news_hears_what_is_said_about_it(team: Cast, told: Callable[[], Told]):
    news = publish_update(
        update_id=draft_update(project_id=team.project.pk, by=who("eve"), title="x", body="y").pk, by=team.ana
    )
    told()
    say(team.cy, news)
    assert told() == {("eve", "COMMENT", news)}


def test_owner_and_holders_of_a_task_hear_what_is_said_about_it(team: Cast, told: Callable[[], Told]):
    task = people.task(team.board, slots=3)
    claim_task(task_id=task.pk, by=team.cy)
    claim_task(task_id=task.pk, by=team.bo)
    released = claim_task(task_id=task.pk, by=who("fay"))
    release_claim(claim_id=released.pk, by=who("fay"))
    told()
    say(team.cy, task)
    assert told() == {("ana", "COMMENT", task), ("bo", "COMMENT", task)}


def test_whoever_is_answered_hears_it_once_and_the_owner_too(team: Cast, told: Callable[[], Told]):
    first, of_ana = say(team.cy, team.project), say(team.ana, team.project)
    told()
    say(who("fay"), team.project, parent=first)
    assert told() == {("cy", "REPLY", first), ("ana", "COMMENT", team.project)}
    say(team.cy, team.project, parent=of_ana)
    assert told() == {("ana", "REPLY", of_ana)}
    say(team.cy, team.project, parent=first)
    assert told() == {("ana", "COMMENT", team.project)}
    say(team.ana, team.project, parent=of_ana)
    assert told() == set()


def test_followers_hear_of_news_and_nobody_else(team: Cast, told: Callable[[], Told]):
    for handle in ("cy", "eve"):
        follow(kind=Project, target_id=team.project.pk, by=who(handle))
    follow(kind=User, target_id=team.ana.pk, by=who("fay"))
    for audience in ("EVERYONE", "FOLLOWERS"):
        draft = draft_update(
            project_id=team.project.pk, by=who("eve"), title="x", body="y", audience=audience
        )
        told()
        publish_update(update_id=draft.pk, by=who("eve"))
        assert told() == {("cy", "UPDATE_PUBLISHED", draft)}


def test_the_team_hears_of_news_for_the_team(team: Cast, told: Callable[[], Told]):
    follow(kind=Project, target_id=team.project.pk, by=team.cy)
    draft = draft_update(project_id=team.project.pk, by=team.ana, title="x", body="y", audience="TEAM")
    told()
    publish_update(update_id=draft.pk, by=team.ana)
    assert told() == {(handle, "UPDATE_PUBLISHED", draft) for handle in ("bo", "dee", "eve")}


def test_who_runs_the_board_hears_of_claims_and_of_work(team: Cast, told: Callable[[], Told]):
    held = claim_task(task_id=team.task.pk, by=team.cy)
    assert told() == {(handle, "TASK_CLAIMED", team.task) for handle in ("ana", "bo", "dee")}
    submit_work(claim_id=held.pk, by=team.cy)
    assert told() == {(handle, "WORK_SUBMITTED", team.task) for handle in ("ana", "bo", "dee")}


def test_who_runs_the_board_does_not_hear_of_their_own_claim(team: Cast, told: Callable[[], Told]):
    claim_task(task_id=team.task.pk, by=team.bo)
    assert told() == {(handle, "TASK_CLAIMED", team.task) for handle in ("ana", "dee")}


@pytest.mark.parametrize(
    ("verdict", "kind"), [("ACCEPT", "WORK_ACCEPTED"), ("REQUEST_CHANGES", "CHANGES_REQUESTED")]
)
def test_whoever_did_the_work_hears_what_became_of_it(
    team: Cast, told: Callable[[], Told], verdict: str, kind: str
):
    for by in (team.cy, team.ana):
        task = people.task(team.board)
        held = submit_work(claim_id=claim_task(task_id=task.pk, by=by).pk, by=by)
        told()
        review_work(claim_id=held.pk, by=team.ana, verdict=verdict)
        assert told() == (set() if by == team.ana else {("cy", kind, task)})


def test_everything_else_that_happens_concerns_nobody_in_person(team: Cast, told: Callable[[], Told]):
    first = say(team.cy, team.project)
    held = claim_task(task_id=team.task.pk, by=team.cy)
    draft = people.project(
        team.ana, "Taller", status=ProjectStatus.DRAFT, summary="A table.", description="d" * 80
    )
    told()

    edit_comment(comment_id=first.pk, by=team.cy, body="Hello again")
    delete_comment(comment_id=first.pk, by=team.cy)
    release_claim(claim_id=held.pk, by=team.cy)
    made = create_task(board_id=team.board.pk, by=team.ana, title="Another")
    edit_task(task_id=made.pk, by=team.ana, expected_version=1, title="Other")
    move_task(task_id=made.pk, by=team.ana, after_task_id=None)
    close_task(task_id=made.pk, by=team.ana)
    submit_project(project_id=draft.pk, by=team.ana)
    review_project(project_id=draft.pk, by=team.sol, verdict="APPROVE")
    launch_project(project_id=draft.pk, by=team.ana)
    assert told() == set()


def test_whoever_has_left_is_told_nothing(team: Cast, told: Callable[[], Told]):
    User.objects.filter(pk=team.ana.pk).update(is_active=False)
    claim_task(task_id=team.task.pk, by=team.cy)
    assert told() == {(handle, "TASK_CLAIMED", team.task) for handle in ("bo", "dee")}


@pytest.mark.parametrize(
    "what", ["comment", "comment emptied", "task", "project", "follower", "followed", "update"]
)
def test_what_is_gone_when_its_turn_comes_is_passed_over_and_the_log_goes_on(
    racing_cast: Cast, told: Callable[[], Told], what: str
):
    """Committed, for the foreign key of a notification is checked at the commit: there a passage would break the log."""
    cast, fay = racing_cast, person("fay")
    draft = draft_update(project_id=cast.project.pk, by=cast.ana, title="x", body="y")
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    submit_work(claim_id=held.pk, by=cast.cy)
    told()

    if what.startswith("comment"):
        said = say(cast.cy, cast.project)
        if what == "comment":
            said.delete()
        else:
            delete_comment(comment_id=said.pk, by=cast.cy)
    elif what == "task":
        review_work(claim_id=held.pk, by=cast.ana, verdict="ACCEPT")
        say(cast.cy, cast.task)
        Claim.objects.all().delete()
        cast.task.delete()
    elif what == "project":
        publish_update(update_id=draft.pk, by=cast.ana)
        follow(kind=Project, target_id=cast.project.pk, by=fay)
        Project.objects.all().delete()
    elif what == "update":
        publish_update(update_id=draft.pk, by=cast.ana)
        draft.delete()
    elif what == "follower":
        follow(kind=User, target_id=cast.ana.pk, by=fay)
        fay.delete()
    elif what == "followed":
        follow(kind=User, target_id=fay.pk, by=cast.cy)
        fay.delete()
    follow(kind=User, target_id=cast.bo.pk, by=cast.ana)

    assert told() == {("bo", "NEW_FOLLOWER", cast.bo)}

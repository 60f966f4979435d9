"""Whoever leaves while something of theirs is still on its way: it is there before and erased, or it never is."""

import random
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from backend.accounts import exports
from backend.accounts.actions import log_in
from backend.accounts.departed import is_closed
from backend.accounts.exports import build_export, request_data_export
from backend.accounts.leaving import close, delete_account
from backend.accounts.models import DataExport, ExportPart, ExportState, Session, User
from backend.boards.claims import claim_task
from backend.boards.models import Claim, ClaimState
from backend.core.refusals import NotFound, Refusal
from backend.projects.actions import create_project, hand_over_project
from backend.projects.models import Membership, Project, Role
from social.comments.actions import add_comment
from social.comments.models import Comment
from social.follows.actions import follow
from social.follows.models import Follow
from social.updates.actions import draft_update
from social.updates.models import Update
from tests import cast as people
from tests.asking import ask, id_of, problems, token_of
from tests.backend.accounts.test_delete_account import forget, with_password
from tests.cast import PASSWORD, Cast
from tests.races import after_a_wait


def comment(cast: Cast, by: User) -> None:
    add_comment(kind=Project, subject_id=cast.project.pk, by=by, body="I am still here.")


DEEDS = {
    "comment": comment,
    "claim": lambda cast, by: claim_task(task_id=cast.task.pk, by=by),
    "follow": lambda cast, by: follow(kind=Project, target_id=cast.project.pk, by=by),
    "be followed": lambda cast, by: follow(kind=User, target_id=by.pk, by=cast.sol),
    "begin": lambda cast, by: create_project(by=by, title="Mine", category="SOCIAL"),
    "write news": lambda cast, by: draft_update(
        project_id=cast.project.pk, by=by, title="News", body="It rained."
    ),
    "log in": lambda cast, by: log_in(email="cy@example.org", password=PASSWORD),
    "export": lambda cast, by: request_data_export(by=by),
}


def left_of(person: User) -> dict[str, int]:
    """What stands in somebody's name, or points at them as if they were here."""
    return {
        "comments": Comment.objects.standing().filter(author=person).count(),
        "claims": Claim.objects.filter(claimant=person).exclude(state=ClaimState.RELEASED).count(),
        "follows": Follow.objects.filter(follower=person).count()
        + Follow.objects.filter(user=person).count(),
        "projects": Project.objects.filter(owner=person).count(),
        "teams": Membership.objects.filter(user=person).count(),
        "sessions": Session.objects.filter(user=person).count(),
        "exports": DataExport.objects.filter(user=person).count(),
    }


NOTHING = dict.fromkeys(("comments", "claims", "follows", "projects", "teams", "sessions", "exports"), 0)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_begun_before_the_account_is_closed_is_refused_after_it(racing_cast: Cast, deed: str):
    """The deed has found its person active, and comes to its write only when the account is closed."""
    cy = with_password(racing_cast.cy)
    Membership.objects.create(project=racing_cast.project, user=cy, role=Role.EDITOR)
    with after_a_wait(lambda: DEEDS[deed](racing_cast, cy)) as came_out:
        close.__wrapped__(by=cy)
    (refusal,) = came_out
    assert isinstance(refusal, Refusal) or is_closed(refusal), refusal
    forget(cy)
    assert left_of(cy) == NOTHING
    assert not Update.objects.filter(author=cy).exists()


@pytest.mark.parametrize("deed", [name for name in DEEDS if name != "export"])
def test_what_is_written_before_the_account_is_closed_is_erased(racing_cast: Cast, deed: str):
    cy = with_password(racing_cast.cy)
    Membership.objects.create(project=racing_cast.project, user=cy, role=Role.EDITOR)
    with after_a_wait(lambda: delete_account(by=cy, password=PASSWORD)) as came_out:
        _inside(DEEDS[deed], racing_cast, cy)
    assert came_out[0].user_id == cy.pk
    forget(cy)
    assert left_of(cy) == NOTHING


def test_an_export_that_is_being_written_goes_with_its_owner(racing_cast: Cast):
    cy = with_password(racing_cast.cy)
    export = request_data_export(by=cy)
    build_export(export_id=export.pk)
    DataExport.objects.update(state=ExportState.RUNNING)
    with after_a_wait(lambda: delete_account(by=cy, password=PASSWORD)) as came_out:
        exports._mark(export.pk, 1, size=7)
        ExportPart.objects.create(export=export, attempt=1, number=1, data=b"more")
    assert came_out[0].user_id == cy.pk
    assert not ExportPart.objects.exists() and not DataExport.objects.exists()
    with pytest.raises(exports.Superseded):
        exports._mark(export.pk, 1, size=8)


def test_a_run_that_waits_for_the_one_that_takes_its_place_is_superseded(racing_cast: Cast):
    """Its place is asked on the row itself: through a join PostgreSQL would let it write, for it would not look again."""
    export = request_data_export(by=racing_cast.cy)
    assert exports._begin(export.pk) == 1
    with after_a_wait(lambda: exports._mark(export.pk, 1, size=7)) as came_out:
        exports._begin.__wrapped__(export.pk)
    assert type(came_out[0]) is exports.Superseded
    export.refresh_from_db()
    assert (export.attempt, export.size) == (2, 0)


def _inside(deed, cast: Cast, by: User) -> None:
    # The deeds begin transactions of their own, which the open one would not let them.
    connection.atomic_blocks[-1]._from_testcase = True
    deed(cast, by)


def test_without_the_trigger_something_would_be_left(cast: Cast):
    """The control: what the tests above see is what the database refuses."""
    cy = with_password(cast.cy)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE comments_comment DISABLE TRIGGER USER")
    delete_account(by=cy, password=PASSWORD)
    forget(cy)
    comment(cast, cy)
    assert left_of(cy) == NOTHING | {"comments": 1}


def test_a_client_is_told_that_there_is_nothing(racing_cast: Cast):
    cy = with_password(racing_cast.cy)
    token_of(cy)
    said = {"subjectId": id_of(racing_cast.project), "body": "I am still here."}
    with after_a_wait(lambda: ask("AddComment", cy, input=said)) as came_out:
        close.__wrapped__(by=cy)
    assert problems(came_out[0]) == [("NOT_FOUND", None)]


def test_a_project_is_not_handed_over_to_who_is_leaving(racing_cast: Cast):
    bo, ana = with_password(racing_cast.bo), racing_cast.ana
    User.objects.filter(pk=ana.pk).update(project_count=1)
    hand_over = {"project_id": racing_cast.project.pk, "by": ana, "to_id": bo.pk}
    with after_a_wait(lambda: hand_over_project(**hand_over)) as came_out:
        close.__wrapped__(by=bo)
    assert is_closed(came_out[0])
    forget(bo)
    assert Project.objects.get().owner_id == ana.pk
    assert list(Membership.objects.values_list("user", "role")) == [(ana.pk, Role.OWNER)]
    with pytest.raises(NotFound):
        hand_over_project(**hand_over)


def test_the_database_itself_refuses_rows_of_who_has_left_and_of_who_never_was(cast: Cast):
    delete_account(by=with_password(cast.cy), password=PASSWORD)
    for who in (cast.cy.pk, 2**40):
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            Comment.objects.create(project=cast.project, author_id=who, body="x", body_html="x")
        assert is_closed(error.value)
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        Project.objects.filter(pk=cast.project.pk).update(owner=cast.cy)
    assert is_closed(error.value)
    assert not Comment.objects.exists()


def test_of_ten_who_act_in_all_ways_while_they_leave_nothing_is_left(racing_cast: Cast):
    leavers = [with_password(people.person(f"leaver{number}")) for number in range(10)]
    for leaver in leavers:
        Membership.objects.create(project=racing_cast.project, user=leaver, role=Role.EDITOR)
        people.task(racing_cast.board)
    bugs: list[BaseException] = []

    def act(leaver: User) -> None:
        chance = random.Random(leaver.handle)  # noqa: S311  # Nothing secret.
        try:
            for _ in range(12):
                name = chance.choice([each for each in DEEDS if each not in ("log in", "write news")])
                try:
                    DEEDS[name](racing_cast, leaver)
                except Refusal:
                    pass
                except DatabaseError as error:
                    if not is_closed(error):
                        raise
        except BaseException as bug:
            bugs.append(bug)
        finally:
            connection.close()

    def leave(leaver: User) -> None:
        try:
            delete_account(by=leaver, password=PASSWORD)
        except BaseException as bug:
            bugs.append(bug)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[leaver]) for leaver in leavers]
    threads += [threading.Thread(target=leave, args=[leaver]) for leaver in leavers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert bugs == []
    for leaver in leavers:
        forget(leaver)
    assert [left_of(leaver) for leaver in leavers] == [NOTHING] * 10
    project, task = racing_cast.project, racing_cast.task
    project.refresh_from_db()
    task.refresh_from_db()
    assert (project.follower_count, project.comment_count, task.claimed_count) == (0, 0, 0)
    assert User.objects.get(pk=racing_cast.sol.pk).following_count == 0

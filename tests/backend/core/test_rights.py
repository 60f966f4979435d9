"""Whatever takes a right from somebody is written down by PostgreSQL itself, once, and what takes none is not."""

from collections.abc import Callable
from datetime import timedelta

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.actions import update_profile
from backend.accounts.blocks import Block
from backend.accounts.models import AccessToken, Session, User
from backend.accounts.sessions import log_out
from backend.applications.models import AppToken
from backend.boards.models import Board
from backend.core.events import RIGHTS
from backend.core.models import Pending, RecordedEvent, Stream
from backend.core.rights import TellRightsLost
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests import cast as people
from tests.asking import token_of
from tests.cast import Cast

Facts = dict[str, int]
Lost = Callable[[], list[tuple[int, Facts]]]


def session_of(person: User) -> Session:
    """A session in which somebody is logged in."""
    return Session.objects.of_token(token_of(person)).get()


def hide(project: Project) -> None:
    """Make it a draft again."""
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)


@pytest.fixture
def lost(cast: Cast) -> Lost:
    """What the stream of rights says since the last look, written as if the test's transaction had been committed."""
    for person in (cast.ana, cast.bo, cast.cy, cast.sol):
        token_of(person)
    seen = 0

    def look() -> list[tuple[int, Facts]]:
        nonlocal seen
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        rows = RecordedEvent.objects.filter(stream=RIGHTS, seq__gt=seen).order_by("seq")
        assert {(row.kind, row.actor_id) for row in rows} <= {("RightsLost", None)}
        seen = max([row.seq for row in rows], default=seen)
        assert not Stream.objects.filter(name=RIGHTS).exclude(seq=seen).exists()
        return [(row.seq, row.facts) for row in rows]

    return look


def shorten(session: Session) -> None:
    """Let it end before its time."""
    Session.objects.filter(pk=session.pk).update(expires_at=session.expires_at - timedelta(seconds=1))


def move(board: Board) -> None:
    """Put it under another project."""
    Board.objects.filter(pk=board.pk).update(project=people.project(User.objects.get(handle="cy"), "Plaza"))


def of_session(cast: Cast) -> Facts:
    return {"session_id": session_of(cast.cy).pk}


def of_key(cast: Cast) -> Facts:
    facts = {"name": "Script", "scopes": ["read"], "expires_at": timezone.now() + timedelta(days=1)}
    return {"key_id": AccessToken.objects.get_or_create(user=cast.cy, defaults=facts)[0].pk}


def of_app(cast: Cast) -> Facts:
    expires = timezone.now() + timedelta(hours=1)
    facts = {"token_checksum": "a" * 64, "scope": "read", "expires": expires}
    return {"app_key_id": AppToken.objects.get_or_create(user=cast.cy, defaults=facts)[0].pk}


def of_bo(cast: Cast) -> Facts:
    return {"user_id": cast.bo.pk}


def of_anybody(cast: Cast) -> Facts:
    return {}


Change = Callable[[Cast], object]
#: What takes a right, by the trigger that says so; and whom it may have taken it from.
LOSSES: list[tuple[str, str, Change, Callable[[Cast], Facts]]] = [
    ("session_ends", "logged out", lambda cast: log_out(session=session_of(cast.cy)), of_session),
    ("session_ends", "cut short", lambda cast: shorten(session_of(cast.cy)), of_session),
    ("session_is_deleted", "deleted", lambda cast: session_of(cast.cy).delete(), of_session),
    (
        "access_token_ends",
        "revoked",
        lambda cast: AccessToken.objects.update(revoked_at=timezone.now()),
        of_key,
    ),
    (
        "access_token_ends",
        "cut short",
        lambda cast: AccessToken.objects.update(expires_at=F("expires_at") - timedelta(seconds=1)),
        of_key,
    ),
    (
        "access_token_ends",
        "may do something else",
        lambda cast: AccessToken.objects.update(scopes=["tasks:write"]),
        of_key,
    ),
    (
        "app_token_is_deleted",
        "a program gave it back",
        lambda cast: AppToken.objects.all().delete(),
        of_app,
    ),
    (
        "app_token_ends",
        "a program's is cut short",
        lambda cast: AppToken.objects.update(expires=F("expires") - timedelta(seconds=1)),
        of_app,
    ),
    (
        "app_token_ends",
        "a program may do something else",
        lambda cast: AppToken.objects.update(scope="tasks:write"),
        of_app,
    ),
    ("access_token_is_deleted", "deleted", lambda cast: AccessToken.objects.all().delete(), of_key),
    (
        "person_is_banned_or_not_staff_any_more",
        "banned",
        lambda cast: User.objects.filter(pk=cast.bo.pk).update(is_active=False),
        of_bo,
    ),
    (
        "person_is_banned_or_not_staff_any_more",
        "not staff any more",
        lambda cast: User.objects.filter(pk=cast.sol.pk).update(is_staff=False),
        lambda cast: {"user_id": cast.sol.pk},
    ),
    (
        "person_begins_or_ceases_to_have_blocks",
        "has a block",
        lambda cast: User.objects.filter(pk=cast.bo.pk).update(block_count=1),
        of_bo,
    ),
    (
        "person_leaves_a_team_or_a_role",
        "has left the team",
        lambda cast: Membership.objects.get(user=cast.bo).delete(),
        of_bo,
    ),
    (
        "person_leaves_a_team_or_a_role",
        "has another role",
        lambda cast: Membership.objects.filter(user=cast.bo).update(role=Role.EDITOR),
        of_bo,
    ),
    (
        "person_leaves_a_team_or_a_role",
        "is in another team",
        lambda cast: Membership.objects.filter(user=cast.bo).update(project=people.project(cast.cy, "Plaza")),
        of_bo,
    ),
    ("project_is_not_public_any_more", "a draft again", lambda cast: hide(cast.project), of_anybody),
    ("board_is_deleted", "gone", lambda cast: cast.board.delete(), of_anybody),
    ("board_is_of_another_project", "moved", lambda cast: move(cast.board), of_anybody),
]


@pytest.mark.parametrize(
    ("change", "facts"),
    [pytest.param(change, facts, id=f"{name}: {how}") for name, how, change, facts in LOSSES],
)
def test_a_loss_is_written_down_once_with_whom_it_may_touch(
    cast: Cast, lost: Lost, change: Change, facts: Callable[[Cast], Facts]
):
    whose = facts(cast)
    assert lost() == []
    change(cast)
    assert lost() == [(1, whose)]
    # By PostgreSQL alone: nobody reads it but whoever pushes.
    assert Pending.objects.count() == 0


def test_tokens_of_programs_that_have_run_out_are_forgotten_in_silence(cast: Cast, lost: Lost):
    of_app(cast)
    AppToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    lost()
    AppToken.objects.all().delete()
    assert lost() == []


def test_no_trigger_is_without_a_loss_and_each_waits_for_the_commit(db: None):
    declared = {
        each.get_pgid(model): each.name
        for model in apps.get_models()
        for each in getattr(model._meta, "triggers", [])
        if isinstance(each, TellRightsLost)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgdeferrable AND tginitdeferred FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'"
        )
        installed = dict(cursor.fetchall())

    assert set(declared.values()) == {name for name, *_ in LOSSES}
    assert {installed.get(name) for name in declared} == {True}
    # The others refuse a write, and wait for nothing.
    assert set(installed.values()) == {True, False} and len(installed) > len(declared)


HARMLESS: dict[str, Change] = {
    "a profile is edited": lambda cast: update_profile(by=cast.cy, bio="Hola", locale="es"),
    "somebody was here": lambda cast: User.objects.filter(pk=cast.cy.pk).update(last_login=timezone.now()),
    "an account is made": lambda cast: token_of(people.person("dee")),
    "somebody comes back": lambda cast: User.objects.filter(handle="gone").update(is_active=True),
    "somebody is staff now": lambda cast: User.objects.filter(pk=cast.cy.pk).update(is_staff=True),
    "a session is renewed": lambda cast: Session.objects.update(
        expires_at=timezone.now() + timedelta(days=60)
    ),
    "what has ended ends again": lambda cast: Session.objects.filter(user__handle="gone").update(
        ended_at=timezone.now()
    ),
    "a role is gained": lambda cast: Membership.objects.create(
        project=cast.project, user=cast.cy, role=Role.EDITOR
    ),
    "a project is launched": lambda cast: Project.objects.filter(status=ProjectStatus.DRAFT).update(
        status=ProjectStatus.LIVE, launched_at=timezone.now()
    ),
    "a project has its money": lambda cast: Project.objects.filter(pk=cast.project.pk).update(
        status=ProjectStatus.FUNDED
    ),
    "a draft is handed in": lambda cast: Project.objects.filter(status=ProjectStatus.DRAFT).update(
        status=ProjectStatus.IN_REVIEW
    ),
    "a board is renamed": lambda cast: Board.objects.filter(pk=cast.board.pk).update(title="Autumn"),
    "a board is made": lambda cast: Board.objects.create(project=cast.project, title="Winter"),
    "a task is deleted": lambda cast: cast.task.delete(),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_takes_no_right_is_not_written_down(cast: Cast, lost: Lost, name: str):
    gone = people.person("gone", is_active=False)
    Session.objects.create(
        user=gone,
        token_hash="x",
        expires_at=timezone.now() + timedelta(days=1),
        ended_at=timezone.now(),
    )
    people.project(cast.ana, "Plan", status=ProjectStatus.DRAFT)
    HARMLESS[name](cast)

    assert lost() == []


def test_a_block_is_written_down_for_both_of_whom_nobody_was_hidden(cast: Cast, lost: Lost):
    """And when the last is gone: then each is seen again. In between what is read of them is read from the blocks."""
    first = Block.objects.create(blocker=cast.cy, blocked=cast.ana)
    assert [facts["user_id"] for _, facts in lost()] == sorted([cast.ana.pk, cast.cy.pk])
    second = Block.objects.create(blocker=cast.bo, blocked=cast.cy)
    assert lost() == [(3, {"user_id": cast.bo.pk})]
    first.delete()
    assert lost() == [(4, {"user_id": cast.ana.pk})]
    second.delete()
    assert [facts["user_id"] for _, facts in lost()] == sorted([cast.bo.pk, cast.cy.pk])


def test_the_losses_of_a_transaction_have_one_number_each(cast: Cast, lost: Lost):
    session_of(cast.cy).delete()
    hide(cast.project)
    User.objects.filter(pk=cast.sol.pk).update(is_active=False, is_staff=False)
    assert [number for number, _ in lost()] == [1, 2, 3]

    Membership.objects.filter(user=cast.bo).delete()
    assert lost() == [(4, {"user_id": cast.bo.pk})]


def test_one_statement_for_many_writes_one_for_each(cast: Cast, lost: Lost):
    keys = {*Session.objects.values_list("pk", flat=True)}
    Session.objects.update(ended_at=timezone.now())
    rows = lost()

    assert len(keys) == 4
    assert [number for number, _ in rows] == [1, 2, 3, 4]
    assert {facts["session_id"] for _, facts in rows} == keys and all(len(facts) == 1 for _, facts in rows)


def test_what_goes_with_a_person_is_written_down_too(cast: Cast, lost: Lost):
    session, bo = session_of(cast.bo).pk, cast.bo.pk
    cast.bo.delete()

    numbers, facts = zip(*lost(), strict=True)
    assert numbers == (1, 2)
    assert sorted(facts, key=str) == [{"session_id": session}, {"user_id": bo}]


def test_what_goes_with_a_project_is_written_down_too(cast: Cast, lost: Lost):
    cast.project.delete()

    numbers, facts = zip(*lost(), strict=True)
    assert numbers == (1, 2, 3)
    assert sorted(facts, key=str) == [{"user_id": cast.ana.pk}, {"user_id": cast.bo.pk}, {}]


def test_what_is_done_past_django_is_written_down_too(cast: Cast, lost: Lost):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = false WHERE handle = 'bo'")
    assert lost() == [(1, {"user_id": cast.bo.pk})]


def test_what_is_taken_back_was_never_lost(cast: Cast, lost: Lost):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        shorten(session_of(cast.cy))
        hide(cast.project)
        raise ZeroDivisionError
    assert lost() == []

    log_out(session=session_of(cast.cy))
    assert [number for number, _ in lost()] == [1]


def test_nothing_else_writes_it_down(cast: Cast, lost: Lost):
    """The control: without its trigger a loss leaves no trace."""
    with pgtrigger.ignore("accounts.Session:session_ends"):
        log_out(session=session_of(cast.cy))
        assert lost() == []

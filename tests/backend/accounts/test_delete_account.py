"""Leaving for good: at once for everybody's eyes, within minutes for the tables, and for nobody else at all."""

from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.actions import HandleTaken, log_in, sign_up
from backend.accounts.blocks import Block
from backend.accounts.factors import (
    OneTimeCodeRequired,
    OneTimeCodeWrong,
    begin_totp,
    confirm_totp,
)
from backend.accounts.leaving import (
    NAME_OF_ALL,
    SETTLED,
    close,
    delete_account,
    erase_part,
    free_handles,
)
from backend.accounts.models import Erasure, RecoveryCode, RetiredHandle, Session, Totp, User
from backend.accounts.passwords import PasswordWrong
from backend.boards.claims import claim_task, submit_work
from backend.boards.models import Claim, Task
from backend.core.holdings import Fate, holdings
from backend.core.refusals import Invalid, NotFound
from backend.projects.actions import hand_over_project
from backend.projects.models import Membership, Project, Role
from backend.projects.personal import OwnsProjects
from social.comments.actions import add_comment
from social.comments.models import Comment
from social.follows.actions import follow
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationActor
from tests import cast as people
from tests.backend.accounts.worlds import dump, make_world, named, plant, where
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import hashed
from tests.snapshots import refused, snapshot


def with_password(person: User) -> User:
    """Somebody who can prove who they are."""
    person.password = hashed(settings.PASSWORD_HASHERS[0])
    person.save(update_fields=["password"])
    return person


def leave(person: User) -> User:
    """The tombstone of somebody, all forgotten."""
    delete_account(by=with_password(person), password=PASSWORD)
    forget(person)
    return User.objects.get(pk=person.pk)


def forget(person: User) -> int:
    """Do what the job does, to its end; says in how many parts."""
    parts = 0
    while (left := part(person)) is not False:
        parts += 1
        if left is None:
            Erasure.objects.filter(user=person).update(closed_at=timezone.now() - SETTLED)
    return parts


@transaction.atomic(durable=True)
def part(person: User) -> bool | None:
    """The next part of it."""
    return erase_part(user_id=person.pk)


def test_the_account_is_closed_at_once_and_a_tombstone_stays_in_its_place(cast: Cast):
    cy = with_password(cast.cy)
    User.objects.filter(pk=cy.pk).update(
        bio="I am Cy.", skills=["bees"], last_login=timezone.now(), is_staff=True
    )
    log_in(email="cy@example.org", password=PASSWORD)

    erasure = delete_account(by=cy, password=PASSWORD)

    gone = User.objects.get(pk=cy.pk)
    assert (gone.is_active, gone.is_staff, gone.is_superuser, gone.display_name) == (
        False,
        False,
        False,
        NAME_OF_ALL,
    )
    assert gone.handle.startswith("deleted-") and gone.email == gone.handle and "@" not in gone.email
    assert (gone.bio, gone.bio_html, gone.location, gone.website, gone.skills, gone.interests) == (
        "",
        "",
        "",
        "",
        [],
        [],
    )
    assert (gone.last_login, gone.email_verified_at, gone.has_usable_password()) == (None, None, False)
    assert gone.deleted_at and (erasure.finished_at, erasure.rows_done) == (None, 0)
    assert not Session.objects.filter(user=cy).exists()
    assert not User.objects.visible_to(cast.ana).filter(pk=cy.pk).exists()


@pytest.mark.parametrize("password", ["", "another-password", PASSWORD + " ", "x" * 1_000_000, "\ud800"])
def test_whoever_does_not_know_the_password_deletes_nothing(cast: Cast, password: str):
    cy = with_password(cast.cy)
    with refused(PasswordWrong, "password"):
        delete_account(by=cy, password=password)


def test_an_account_without_a_password_is_not_deleted_by_any(cast: Cast):
    with refused(PasswordWrong, "password"):
        delete_account(by=cast.cy, password="!")


def test_an_account_is_deleted_once(cast: Cast):
    delete_account(by=with_password(cast.cy), password=PASSWORD)
    with refused(PasswordWrong, "password"):
        delete_account(by=cast.cy, password=PASSWORD)
    with refused(NotFound):
        close(by=cast.cy)


def test_whoever_is_banned_is_not_deleted_and_can_come_back(cast: Cast):
    cy = with_password(cast.cy)
    User.objects.filter(pk=cy.pk).update(is_active=False)
    assert User.objects.get(pk=cy.pk).deleted_at is None
    with refused(PasswordWrong, "password"):
        delete_account(by=cy, password=PASSWORD)
    with refused(NotFound):
        close(by=cy)


def test_whoever_has_a_second_factor_shows_it(cast: Cast):
    cy = with_password(cast.cy)
    secret, _ = begin_totp(by=cy, password=PASSWORD)
    code, *_ = confirm_totp(by=cy, code=pyotp.TOTP(secret).now())
    with refused(OneTimeCodeRequired, "oneTimeCode"):
        delete_account(by=cy, password=PASSWORD)
    with pytest.raises(OneTimeCodeWrong):
        delete_account(by=cy, password=PASSWORD, one_time_code="000000")
    assert User.objects.get(pk=cy.pk).deleted_at is None
    delete_account(by=cy, password=PASSWORD, one_time_code=code)
    assert User.objects.get(pk=cy.pk).deleted_at is not None
    assert not Totp.objects.exists() and not RecoveryCode.objects.exists()


def test_what_is_asked_for_stands_with_the_closing(cast: Cast, jobs):
    delete_account(by=with_password(cast.cy), password=PASSWORD)
    assert jobs() == [("erase_account", {"user_id": cast.cy.pk}, "todo")]


def test_nobody_passes_for_who_has_just_left(cast: Cast):
    leave(cast.cy)
    facts = {"email": "new@example.org", "password": PASSWORD, "display_name": "Cy"}
    with refused(HandleTaken, "handle"):
        sign_up(handle="cy", **facts)
    RetiredHandle.objects.update(free_at=timezone.now() + timedelta(seconds=1))
    assert free_handles() == 0
    RetiredHandle.objects.update(free_at=timezone.now())
    assert free_handles() == 1
    assert sign_up(handle="cy", **facts)[0].user.handle == "cy"


def test_nobody_signs_up_as_a_tombstone(db):
    with refused(Invalid, "handle"):
        sign_up(handle="deleted-me", email="new@example.org", password=PASSWORD, display_name="X")


def test_what_others_answered_stays_and_the_counters_are_right(cast: Cast):
    facts = {"kind": Project, "subject_id": cast.project.pk}
    said = add_comment(**facts, by=cast.cy, body="Mine.")
    answer = add_comment(**facts, by=cast.bo, body="Yours.", parent_id=said.pk)
    on_task = add_comment(kind=Task, subject_id=cast.task.pk, by=cast.cy, body="Mine too.")
    leave(cast.cy)
    said, answer, on_task = (Comment.objects.get(pk=each.pk) for each in (said, answer, on_task))
    assert (said.body, said.body_html, said.reply_count, said.author_id) == ("", "", 1, cast.cy.pk)
    assert said.deleted_at and on_task.deleted_at and not answer.deleted_at and answer.body == "Yours."
    cast.project.refresh_from_db()
    cast.task.refresh_from_db()
    assert (cast.project.comment_count, cast.task.comment_count) == (1, 0)


def test_a_thread_and_a_board_are_told(cast: Cast, recorded):
    said = add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body="Mine.")
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    recorded()
    leave(cast.cy)
    told = [(kind, facts) for kind, _, _, facts in recorded() if kind != "RightsLost"]
    comment = {"subject": "project", "subject_id": cast.project.pk, "comment_id": said.pk}
    freed = {
        "board_id": cast.board.pk,
        "task_id": cast.task.pk,
        "claim_id": claim.pk,
        "claimant_id": cast.cy.pk,
    }
    assert told == [("CommentDeleted", comment), ("ClaimReleased", freed | {"reason": "GIVEN_UP"})]


def test_claims_are_let_go_and_only_accepted_work_keeps_its_words(cast: Cast):
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    submit_work(claim_id=claim.pk, by=cast.cy, note="Mine.", links=["https://a.example"], minutes_spent=3)
    leave(cast.cy)
    claim.refresh_from_db()
    cast.task.refresh_from_db()
    assert (claim.state, claim.note, claim.links, claim.minutes_spent) == ("RELEASED", "", [], None)
    assert (cast.task.state, cast.task.open_slots) == ("OPEN", 1)
    assert User.objects.get(pk=cast.cy.pk).open_claim_count == 0


def test_follows_end_on_both_sides_and_the_counters_are_right(cast: Cast):
    follow(kind=User, target_id=cast.cy.pk, by=cast.ana)
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    follow(kind=User, target_id=cast.bo.pk, by=cast.ana)
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    follow(kind=Project, target_id=cast.project.pk, by=cast.bo)
    leave(cast.cy)
    counts = dict(User.objects.values_list("handle", "follower_count"))
    followed = dict(User.objects.values_list("handle", "following_count"))
    tombstone = User.objects.get(pk=cast.cy.pk).handle
    assert counts == {"ana": 0, "bo": 1, "sol": 0, tombstone: 0}
    assert followed == {"ana": 1, "bo": 1, "sol": 0, tombstone: 0}
    assert Follow.objects.count() == 2 and Project.objects.get(pk=cast.project.pk).follower_count == 1


def test_blocks_end_on_both_sides(cast: Cast):
    Block.objects.create(blocker=cast.cy, blocked=cast.ana)
    Block.objects.create(blocker=cast.bo, blocked=cast.cy)
    leave(cast.cy)
    assert not Block.objects.exists()
    assert set(User.objects.values_list("block_count", flat=True)) == {0}


def test_others_are_still_notified_of_and_of_nobody_by_name(cast: Cast, read_events):
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    follow(kind=User, target_id=cast.cy.pk, by=cast.ana)
    read_events()
    leave(cast.cy)
    (notification,) = Notification.objects.all()
    assert (notification.user_id, notification.actor_count) == (cast.ana.pk, 1)
    assert NotificationActor.objects.get(notification=notification).user_id == cast.cy.pk


def test_whoever_owns_what_others_work_on_hands_it_over_first(cast: Cast):
    User.objects.filter(pk=cast.ana.pk).update(project_count=1)
    ana = with_password(cast.ana)
    with refused(OwnsProjects) as answer:
        delete_account(by=ana, password=PASSWORD)
    assert answer.value.message == "Others work on what you own: hand over “Huerta del río” first."
    hand_over_project(project_id=cast.project.pk, by=ana, to_id=cast.bo.pk)
    leave(ana)
    assert list(Membership.objects.values_list("user", "role")) == [(cast.bo.pk, Role.OWNER)]
    assert Project.objects.get(pk=cast.project.pk).owner_id == cast.bo.pk
    assert dict(User.objects.values_list("pk", "project_count"))[cast.bo.pk] == 1


def test_what_only_they_work_on_stays_if_it_is_public_and_goes_if_it_never_was(cast: Cast):
    public = people.project(cast.cy, "Public", source={"owner-name": "Cy"})
    draft = people.project(cast.cy, "Draft", status="DRAFT")
    board = draft.boards.create(title="Plans")
    claim = claim_task(task_id=people.task(board).pk, by=cast.sol)
    follow(kind=Project, target_id=draft.pk, by=cast.sol)
    gone = leave(cast.cy)
    public.refresh_from_db()
    assert (public.owner_id, public.source, public.title) == (gone.pk, None, "Public")
    assert not Project.objects.filter(pk=draft.pk).exists() and not Claim.objects.filter(pk=claim.pk).exists()
    sol = User.objects.get(pk=cast.sol.pk)
    assert (sol.open_claim_count, sol.following_count) == (0, 0)


def test_a_second_pass_finds_what_was_still_on_its_way(cast: Cast):
    delete_account(by=with_password(cast.cy), password=PASSWORD)
    assert erase_part(user_id=cast.cy.pk) is None
    # The writer of notifications had read who is to be told before the account was closed.
    late = Notification.objects.create(
        user=cast.cy, kind="COMMENT", subject_project=cast.project, occurred_at=timezone.now(), seq=1
    )
    Erasure.objects.update(closed_at=timezone.now() - SETTLED)
    assert erase_part(user_id=cast.cy.pk) is True and not Notification.objects.filter(pk=late.pk).exists()
    assert erase_part(user_id=cast.cy.pk) is False
    erasure = Erasure.objects.get()
    assert erasure.finished_at and erasure.rows_done == 1
    before = snapshot()
    assert erase_part(user_id=cast.cy.pk) is False
    assert snapshot() == before


@pytest.fixture
def left_world(db):
    """Twenty people, three of whom have left: what was planted, what stood where before, and what does after."""
    ring = make_world(20)
    planted = {person.pk: plant(person) for person in ring}
    leaving = [ring[3], ring[4], ring[17]]
    staying = [person for person in ring if person not in leaving]
    before, owned = dump(), [rows_of(person) for person in staying]
    for person in leaving:
        person.refresh_from_db()
        delete_account(by=with_password(person), password=PASSWORD)
    for person in leaving:
        forget(person)
    after = dump()

    gone = {person.pk for person in leaving}
    for person, rows in zip(staying, owned, strict=True):
        changed = rows.items() ^ rows_of(person).items()
        # What is gone is that somebody who left followed them, or was followed by them; nothing else has changed.
        assert {model for (model, _), _ in changed} <= {"Follow"}
        assert all(gone & set(values) for _, values in changed)
    return leaving, staying, planted, before, after


def rows_of(person: User) -> dict[tuple[str, int], tuple[object, ...]]:
    """Every personal column of somebody, as it is stored."""
    return {
        (holding.model.__name__, row.pk): tuple(
            str(value)
            if isinstance(value := getattr(row, field.attname), list | dict | memoryview)
            else value
            for field in row._meta.concrete_fields
            if field.name in holding.columns or field.name in holding.secrets or field.is_relation
        )
        for holding in holdings()
        for row in holding.of(person.pk)
    }


def fates(kind: Fate) -> set[tuple[str, str]]:
    """The columns of a fate, as `plant` calls them."""
    found = {(named(h), name) for h in holdings() for name, told in h.columns.items() if told.fate is kind}
    return found | {(named(h), name) for h in holdings() for name, fate in h.secrets.items() if fate is kind}


def test_of_who_left_no_word_is_anywhere_but_where_it_is_stated_to_stay_and_of_the_others_each_is_where_it_was(
    left_world,
):
    leaving, staying, planted, before, after = left_world
    kept = fates(Fate.KEPT)
    for person in leaving:
        words = planted[person.pk]
        assert len(words) > 30
        for place, word in words.items():
            assert where(word, before), f"{place} was never there: this shows nothing"
            assert (where(word, after) != set()) == (place in kept), place
    for person in staying:
        for place, word in planted[person.pk].items():
            found = where(word, before)
            assert found and where(word, after) == found, place

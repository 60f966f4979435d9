"""Blocking somebody ends what was between the two, and lets nothing new begin; whoever comes first."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Project
from social.follows.actions import follow, unfollow
from social.follows.blocks import block_person, unblock_person
from social.follows.models import Follow
from tests.cast import Cast, person
from tests.races import after_a_wait, race
from tests.snapshots import refused, snapshot


def now(one: User) -> User:
    """Somebody, as they are now."""
    return User.objects.get(pk=one.pk)


def counts(*people: User) -> list[tuple[int, int, int]]:
    return [(one.follower_count, one.following_count, one.block_count) for one in map(now, people)]


def test_a_block_ends_the_follows_of_both_and_no_others(cast: Cast, recorded):
    ana, bo, cy = cast.ana, cast.bo, cast.cy
    for by, whom in ((cy, ana), (ana, cy), (bo, ana), (cy, bo)):
        follow(kind=User, target_id=whom.pk, by=by)
    follow(kind=Project, target_id=cast.project.pk, by=cy)
    recorded()

    block = block_person(user_id=ana.pk, by=cy)

    assert (block.blocker, block.blocked) == (cy, ana)
    assert set(Follow.objects.values_list("follower", "user", "project")) == {
        (bo.pk, ana.pk, None),
        (cy.pk, bo.pk, None),
        (cy.pk, None, cast.project.pk),
    }
    assert counts(ana, bo, cy) == [(1, 0, 1), (1, 1, 0), (0, 2, 1)]
    # It is nobody's news.
    assert recorded() == []


def test_blocking_twice_is_the_same_as_once(cast: Cast):
    first = block_person(user_id=cast.ana.pk, by=cast.cy)
    before = snapshot()
    assert block_person(user_id=cast.ana.pk, by=cast.cy) == first
    assert snapshot() == before


def test_nobody_blocks_themselves(cast: Cast):
    with refused(Invalid, "userId") as answer:
        block_person(user_id=cast.cy.pk, by=cast.cy)
    assert answer.value.code == "VALIDATION"


def test_who_has_left_or_never_was_cannot_be_blocked(cast: Cast):
    gone = person("gone", is_active=False)
    for pk in (gone.pk, 0, -1, 2**62, 2**63, 2**70):
        for verb in (block_person, unblock_person):
            with refused(NotFound):
                verb(user_id=pk, by=cast.cy)


def test_whoever_was_blocked_may_block_too_and_each_ends_their_own(cast: Cast):
    block_person(user_id=cast.ana.pk, by=cast.cy)
    block_person(user_id=cast.cy.pk, by=now(cast.ana))
    assert counts(cast.ana, cast.cy) == [(0, 0, 2), (0, 0, 2)]

    unblock_person(user_id=cast.ana.pk, by=now(cast.cy))
    assert list(Block.objects.values_list("blocker", "blocked")) == [(cast.ana.pk, cast.cy.pk)]
    assert not User.objects.visible_to(now(cast.cy)).filter(pk=cast.ana.pk).exists()


def test_who_is_unblocked_is_seen_again_and_follows_nobody(cast: Cast):
    follow(kind=User, target_id=cast.cy.pk, by=cast.ana)
    block_person(user_id=cast.ana.pk, by=cast.cy)
    unblock_person(user_id=cast.ana.pk, by=now(cast.cy))

    assert (Follow.objects.count(), counts(cast.ana, cast.cy)) == (0, [(0, 0, 0), (0, 0, 0)])
    assert follow(kind=User, target_id=cast.cy.pk, by=now(cast.ana)).follower_count == 1


def test_unblocking_a_stranger_does_nothing_and_a_blocker_is_as_nobody(cast: Cast):
    block_person(user_id=cast.cy.pk, by=cast.bo)
    before = snapshot()
    unblock_person(user_id=cast.ana.pk, by=now(cast.cy))
    assert snapshot() == before
    with refused(NotFound):
        unblock_person(user_id=cast.bo.pk, by=now(cast.cy))


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "not known yet"])
def test_neither_follows_the_other(cast: Cast, is_known: bool):
    """Also where the block was made after it was read who asks: then PostgreSQL knows it."""
    block_person(user_id=cast.ana.pk, by=cast.cy)
    for by, whom in ((cast.cy, cast.ana), (cast.ana, cast.cy)):
        with refused(NotFound):
            follow(kind=User, target_id=whom.pk, by=now(by) if is_known else by)
        # As somebody who is not there: neither may learn of the other by it.
        if is_known:
            with refused(NotFound):
                unfollow(kind=User, target_id=whom.pk, by=now(by))


def test_the_project_of_somebody_one_has_blocked_may_be_followed(cast: Cast):
    block_person(user_id=cast.ana.pk, by=cast.cy)
    assert follow(kind=Project, target_id=cast.project.pk, by=now(cast.cy)).follower_count == 1


def test_blocking_takes_as_many_statements_as_it_always_did(cast: Cast, django_assert_num_queries):
    # Look; hold the pair; end each follow; look for a block and make one; and the savepoints.
    with django_assert_num_queries(6 + 2 + 2):
        block_person(user_id=cast.ana.pk, by=cast.cy)


def nobody_follows_over_a_block() -> bool:
    pairs = {frozenset(pair) for pair in Block.objects.values_list("blocker", "blocked")}
    follows = Follow.objects.filter(user__isnull=False).values_list("follower", "user")
    return not pairs & {frozenset(pair) for pair in follows}


def are_true(*people: User) -> bool:
    return counts(*people) == [
        (
            Follow.objects.filter(user=one).count(),
            Follow.objects.filter(follower=one).count(),
            Block.objects.filter(blocker=one).count() + Block.objects.filter(blocked=one).count(),
        )
        for one in people
    ]


def test_two_who_block_each_other_at_once_do_not_wait_in_a_circle(racing_cast: Cast):
    ana, cy = racing_cast.ana, racing_cast.cy
    for by, whom in ((ana, cy), (cy, ana)):
        follow(kind=User, target_id=whom.pk, by=by)

    def meet_and_part(pair: tuple[User, User]) -> None:
        for _ in range(6):
            block_person(user_id=pair[1].pk, by=pair[0])
            unblock_person(user_id=pair[1].pk, by=now(pair[0]))
        block_person(user_id=pair[1].pk, by=pair[0])

    pairs = [(ana, cy), (cy, ana), (ana, racing_cast.bo), (racing_cast.bo, cy)] * 2
    # Of two windows of one person one may have ended what the other began, and then sees nobody there.
    assert set(race(meet_and_part, pairs)) <= {"NoneType", "NotFound"}
    assert are_true(ana, racing_cast.bo, cy) and Follow.objects.count() == 0


def test_a_block_and_follows_at_the_same_moment_leave_no_follow_over_it(racing_cast: Cast):
    ana, bo, cy = racing_cast.ana, racing_cast.bo, racing_cast.cy
    acts: list[Callable[[], object]] = [
        lambda: follow(kind=User, target_id=ana.pk, by=cy),
        lambda: follow(kind=User, target_id=cy.pk, by=ana),
        lambda: block_person(user_id=ana.pk, by=cy),
        lambda: unfollow(kind=User, target_id=ana.pk, by=cy),
        lambda: follow(kind=User, target_id=bo.pk, by=ana),
        lambda: block_person(user_id=cy.pk, by=ana),
    ]
    for _ in range(8):
        Block.objects.all().delete()
        out = race(lambda act: act(), acts)
        assert set(out) <= {"User", "Block", "NotFound"}, out
        assert Block.objects.count() == 2 and nobody_follows_over_a_block()
        assert are_true(ana, bo, cy)


def test_a_follow_that_waits_for_a_block_is_refused(racing_cast: Cast):
    ana, cy = racing_cast.ana, racing_cast.cy
    with after_a_wait(lambda: follow(kind=User, target_id=ana.pk, by=cy)) as out:
        # As the action does; which is durable, and so is not within another transaction.
        block_person.__wrapped__(user_id=cy.pk, by=ana)
    assert [type(each) for each in out] == [NotFound]
    assert nobody_follows_over_a_block() and are_true(ana, cy)


def test_a_block_that_waits_for_a_follow_ends_it(racing_cast: Cast):
    ana, cy = racing_cast.ana, racing_cast.cy
    with after_a_wait(lambda: block_person(user_id=cy.pk, by=ana)) as out:
        follow.__wrapped__(kind=User, target_id=ana.pk, by=cy)
    assert [type(each) for each in out] == [Block]
    assert (Follow.objects.count(), are_true(ana, cy)) == (0, True)


@pytest.fixture
def no_constraint(racing_cast: Cast) -> Iterator[None]:
    """Follows may be whatever they are."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE follows_follow DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE follows_follow ENABLE TRIGGER USER")


def test_without_the_constraint_a_follow_stands_over_a_block(racing_cast: Cast, no_constraint: None):
    """The control: whoever was read before the block is told of nobody hidden."""
    ana, cy = racing_cast.ana, racing_cast.cy
    block_person(user_id=cy.pk, by=ana)
    follow(kind=User, target_id=ana.pk, by=cy)
    assert not nobody_follows_over_a_block()

"""A block hides two people from each other; PostgreSQL keeps count of how many each is in."""

import pytest
from django.db import ProgrammingError, connection, transaction

from backend.accounts.blocks import Block, hides_nobody, without_hidden
from backend.accounts.models import User
from tests.cast import Cast, person


def read(*people: User) -> list[User]:
    """The same people, as they are now."""
    rows = User.objects.in_bulk([one.pk for one in people])
    return [rows[one.pk] for one in people]


def block(blocker: User, blocked: User) -> Block:
    return Block.objects.create(blocker=blocker, blocked=blocked)


def counts(*people: User) -> list[tuple[int, bool]]:
    return [(one.block_count, one.has_blocks) for one in read(*people)]


def test_both_are_counted_however_a_block_comes_and_goes(cast: Cast):
    ana, bo, cy = cast.ana, cast.bo, cast.cy
    assert counts(ana, bo, cy) == [(0, False)] * 3
    block(cy, ana)
    block(ana, cy)
    Block.objects.bulk_create([Block(blocker=cy, blocked=bo)])
    assert counts(ana, bo, cy) == [(2, True), (1, True), (3, True)]

    Block.objects.filter(blocker=ana).delete()
    assert counts(ana, bo, cy) == [(1, True), (1, True), (2, True)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_block WHERE blocked_id = %s", [ana.pk])
    assert counts(ana, bo, cy) == [(0, False), (1, True), (1, True)]
    # What goes with a person is counted no more by the other.
    cy.delete()
    assert counts(ana, bo) == [(0, False)] * 2


def test_a_block_cannot_be_made_into_another(cast: Cast):
    block(cast.cy, cast.ana)
    with pytest.raises(ProgrammingError, match="pgtrigger: Cannot update"), transaction.atomic():
        Block.objects.update(blocked=cast.bo)
    assert counts(cast.ana, cast.bo, cast.cy) == [(1, True), (0, False), (1, True)]


def test_each_is_hidden_from_the_other_and_from_nobody_else(cast: Cast):
    block(cast.cy, cast.ana)
    ana, bo, cy, sol = read(cast.ana, cast.bo, cast.cy, cast.sol)

    everybody = {"ana", "bo", "cy", "sol"}
    hidden = {ana: {"cy"}, cy: {"ana"}, bo: set(), sol: set(), None: set()}
    for viewer, gone in hidden.items():
        seen = User.objects.visible_to(viewer).values_list("handle", flat=True)
        assert set(seen) == everybody - gone, viewer
    assert list(User.objects.visible_to(ana).filter(pk=ana.pk)) == [ana]


def test_nobody_is_hidden_from_staff_who_look_after_the_house(cast: Cast):
    block(cast.sol, cast.bo)
    block(cast.cy, cast.sol)
    sol, bo, cy = read(cast.sol, cast.bo, cast.cy)

    assert sol.has_blocks and hides_nobody(sol)
    assert User.objects.visible_to(sol).count() == 4
    assert not User.objects.visible_to(bo).filter(pk=sol.pk).exists()
    assert not User.objects.visible_to(cy).filter(pk=sol.pk).exists()


def test_of_whoever_has_no_block_nothing_is_asked(cast: Cast):
    block(cast.cy, cast.ana)
    bo, cy = read(cast.bo, cast.cy)

    for viewer in (None, bo):
        assert without_hidden(User.objects.all(), "pk", viewer).query.where.children == []
        assert str(User.objects.visible_to(viewer).query) == str(User.objects.filter(is_active=True).query)
    assert str(User.objects.visible_to(cy).query).count("NOT EXISTS") == 2


def test_one_sees_whom_one_has_blocked_and_not_who_has_blocked_one(cast: Cast):
    gone = person("gone", is_active=False)
    own, _, _ = block(cast.cy, cast.ana), block(cast.bo, cast.cy), block(cast.cy, gone)

    for viewer, seen in {None: set(), cast.cy: {own}, cast.ana: set(), cast.sol: set()}.items():
        assert set(Block.objects.visible_to(viewer)) == seen, viewer
    assert str(own) == "@cy has blocked @ana"


@pytest.mark.parametrize("is_page", [False, True], ids=["a person", "a page of people"])
def test_of_a_person_with_many_blocks_they_are_read_from_an_index(cast: Cast, is_page: bool):
    """Two joins, one for each direction; no block of others is read, and no question is asked again for each row."""
    crowd = [person(f"p{number}") for number in range(300)]
    Block.objects.bulk_create([Block(blocker=cast.cy, blocked=one) for one in crowd])
    Block.objects.bulk_create([Block(blocker=one, blocked=cast.cy) for one in crowd[:150]])
    Block.objects.bulk_create(
        [Block(blocker=one, blocked=other) for one in crowd[:40] for other in crowd[40:80]]
    )
    (cy,) = read(cast.cy)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_block, accounts_user")
        # Tables of a test are so small that reading them whole may be as quick.
        cursor.execute("SET LOCAL enable_seqscan = off")
    people = User.objects.visible_to(cy)
    plan = (people.order_by("handle")[:20] if is_page else people.filter(pk=crowd[0].pk)).explain()

    assert set(people.values_list("handle", flat=True)) == {"ana", "bo", "cy", "sol"}
    assert plan.count("Anti Join") == 2
    assert "Seq Scan on accounts_block" not in plan and "SubPlan" not in plan

"""An event is made once for all who have no block, and once more for those who have; each of these sees their own of it."""

from backend.accounts.models import User
from social.follows.blocks import block_person
from tests import cast as people
from tests.asking import statements
from tests.cast import Cast
from tests.schema.telling import asker_of, happened, on, on_task, telling_of, told

SELECTION = on_task("title", kind="TaskClaimed", more="actor { handle }")


def test_many_without_a_block_are_one_statement_whoever_else_has_one(cast: Cast):
    crowd = [people.person(f"p{number}") for number in range(20)]
    plain = [None, *map(asker_of, [cast.ana, cast.sol, *crowd])]
    telling = telling_of(SELECTION, **on(cast.task))
    event = happened(cast.task, "TaskClaimed", by=cast.bo)
    with statements() as alone:
        said_alone = told(telling, event, plain)

    for whom in crowd[:2]:
        block_person(user_id=cast.bo.pk, by=whom)
    block_person(user_id=crowd[3].pk, by=crowd[2])
    askers = [None, *map(asker_of, [cast.ana, cast.sol, *crowd])]
    with statements() as run:
        said = told(telling, event, askers)

    assert len(alone) == 1 and "accounts_block" not in alone[0]
    assert [text for text in run if "accounts_block" not in text] == alone
    assert len(run) == 2
    names = [each["boardEvents"]["actor"] for each in said]
    assert names == [{"handle": "bo"}] * 3 + [None] * 2 + [{"handle": "bo"}] * 18
    assert said[:3] + said[5:] == said_alone[:3] + said_alone[5:]


def test_staff_are_told_by_whom_though_they_have_a_block(cast: Cast):
    block_person(user_id=cast.bo.pk, by=cast.sol)
    telling, event = telling_of(SELECTION, **on(cast.task)), happened(cast.task, "TaskClaimed", by=cast.bo)
    sol = asker_of(User.objects.get(pk=cast.sol.pk))

    ana = asker_of(cast.ana)
    with statements() as run:
        said = told(telling, event, [None, ana, sol])
    assert [each["boardEvents"]["actor"] for each in said] == [{"handle": "bo"}] * 3
    assert len(run) == 1

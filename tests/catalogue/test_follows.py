"""The bad-input catalogue (reliability.md §5), accounts: who follows whom."""

from backend.accounts.models import User
from social.follows.blocks import block_person
from social.follows.models import Follow
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast


def asked(verb: str, by: User, whom: User) -> list[tuple[str, str | None]]:
    """Why a follow did not begin or end; nothing if it did."""
    return problems(ask(verb, by, input={"targetId": id_of(whom)}))


def test_row_54_follows_of_oneself_twice_of_a_blocker_and_ends_of_none(cast: Cast):
    """Follow self, follow twice, follow a blocker, unfollow a stranger: VALIDATION, no-op, NOT_FOUND, no-op."""
    ana, bo, cy = cast.ana, cast.bo, cast.cy
    with untouched():
        assert asked("Follow", cy, cy) == [("VALIDATION", "targetId")]

    assert asked("Follow", cy, ana) == []
    with untouched():
        assert asked("Follow", cy, ana) == []

    block_person(user_id=cy.pk, by=bo)
    with untouched():
        assert asked("Follow", cy, bo) == [("NOT_FOUND", None)]
        # Nor does the blocker follow whom they do not see.
        assert asked("Follow", bo, cy) == [("NOT_FOUND", None)]

    with untouched():
        assert asked("Unfollow", cy, cast.sol) == []
    assert [(each.follower, each.user) for each in Follow.objects.all()] == [(cy, ana)]

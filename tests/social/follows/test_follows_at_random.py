"""Any sequence of follows and ends of follows leaves every counter equal to the rows that it counts."""

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.models import RecordedEvent
from backend.core.refusals import Invalid
from backend.projects.models import Project
from social.follows.actions import follow, unfollow
from social.follows.models import Follow
from tests.cast import Cast

HANDLES = ("ana", "bo", "cy")
STEPS = st.tuples(
    st.sampled_from((follow, follow, unfollow)),
    st.sampled_from(HANDLES),
    st.sampled_from((*HANDLES, Project, Community)),
)


@given(steps=st.lists(STEPS, max_size=20))
@settings(max_examples=40)
def test_whoever_follows_whom_the_counters_are_true(cast: Cast, steps: list):
    before = transaction.savepoint()
    try:
        people = {user.handle: user for user in User.objects.all()}
        community = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")
        things = {**people, Project: cast.project, Community: community}
        model: set[tuple[str, object]] = set()
        begun = 0
        for verb, who, whom in steps:
            by, thing = people[who], things[whom]
            try:
                verb(kind=type(thing), target_id=thing.pk, by=by)
                answer = None
            except Invalid:
                answer = Invalid
            assert answer is (Invalid if who == whom and verb is follow else None)
            if verb is unfollow:
                model.discard((who, whom))
            elif answer is None:
                begun += (who, whom) not in model
                model.add((who, whom))

        assert Follow.objects.count() == len(model)
        assert RecordedEvent.objects.count() == begun
        for whom, thing in things.items():
            thing.refresh_from_db()
            assert thing.follower_count == sum(followed == whom for _, followed in model)
        for who, person in people.items():
            assert person.following_count == sum(follower == who for follower, _ in model)
    finally:
        transaction.savepoint_rollback(before)

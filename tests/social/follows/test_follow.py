import pytest

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.models import RecordedEvent
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Project, ProjectStatus
from social.follows.actions import follow, unfollow
from social.follows.models import Follow
from tests.cast import Cast, person, project
from tests.races import answers, race
from tests.snapshots import refused, snapshot


@pytest.fixture
def murcia(db: None) -> Community:
    return Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")


def counts(*people: User) -> list[tuple[int, int]]:
    rows = User.objects.in_bulk([one.pk for one in people])
    return [(rows[one.pk].follower_count, rows[one.pk].following_count) for one in people]


def test_a_person_is_followed(cast: Cast, recorded):
    followed = follow(kind=User, target_id=cast.ana.pk, by=cast.cy)

    assert (followed, followed.follower_count) == (cast.ana, 1)
    assert list(Follow.objects.values_list("follower", "user", "project", "community")) == [
        (cast.cy.pk, cast.ana.pk, None, None)
    ]
    assert counts(cast.ana, cast.cy) == [(1, 0), (0, 1)]
    facts = {"follower_id": cast.cy.pk, "user_id": cast.ana.pk, "project_id": None, "community_id": None}
    assert recorded() == [("Followed", f"user:{cast.cy.pk}", 1, facts)]


def test_projects_and_communities_are_followed_too(cast: Cast, murcia: Community, recorded):
    assert follow(kind=Project, target_id=cast.project.pk, by=cast.cy).follower_count == 1
    assert follow(kind=Community, target_id=murcia.pk, by=cast.cy).follower_count == 1

    assert counts(cast.cy) == [(0, 2)]
    told = [(seq, facts["project_id"], facts["community_id"]) for _, _, seq, facts in recorded()]
    assert told == [(1, cast.project.pk, None), (2, None, murcia.pk)]


def test_following_twice_is_the_same_as_once(cast: Cast, murcia: Community):
    for kind, pk in ((User, cast.ana.pk), (Project, cast.project.pk), (Community, murcia.pk)):
        follow(kind=kind, target_id=pk, by=cast.cy)
        before = snapshot()
        assert follow(kind=kind, target_id=pk, by=cast.cy).follower_count == 1
        assert snapshot() == before


def test_nobody_follows_themselves(cast: Cast):
    with refused(Invalid, "targetId") as answer:
        follow(kind=User, target_id=cast.cy.pk, by=cast.cy)
    assert answer.value.code == "VALIDATION"


def test_what_one_does_not_see_is_not_there_to_follow(cast: Cast):
    gone, draft = person("gone", is_active=False), project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for kind, pk in ((User, gone.pk), (Project, draft.pk)):
        for verb in (follow, unfollow):
            with refused(NotFound) as answer:
                verb(kind=kind, target_id=pk, by=cast.cy)
            assert str(answer.value) == NotFound.message
    for kind in (User, Project, Community):
        for pk in (0, -1, 2**62, 2**63, 2**70):
            with refused(NotFound):
                follow(kind=kind, target_id=pk, by=cast.cy)


def test_a_follow_that_ends_leaves_no_trace_in_the_counters(cast: Cast, murcia: Community, recorded):
    for kind, pk in ((User, cast.ana.pk), (Project, cast.project.pk), (Community, murcia.pk)):
        follow(kind=kind, target_id=pk, by=cast.cy)
        recorded()
        assert unfollow(kind=kind, target_id=pk, by=cast.cy).follower_count == 0
        assert recorded() == []
    assert (Follow.objects.count(), counts(cast.ana, cast.cy)) == (0, [(0, 0), (0, 0)])


def test_ending_what_never_began_does_nothing(cast: Cast):
    follow(kind=User, target_id=cast.ana.pk, by=cast.bo)
    before = snapshot()
    assert unfollow(kind=User, target_id=cast.ana.pk, by=cast.cy).follower_count == 1
    assert unfollow(kind=User, target_id=cast.cy.pk, by=cast.cy) == cast.cy
    assert snapshot() == before


def test_following_takes_as_many_statements_as_it_always_did(cast: Cast, django_assert_num_queries):
    # Look; look for a follow and make one; count on both; number, event, mark, job; look again. And a savepoint around the
    # insert and, where a real transaction would be, around the whole.
    with django_assert_num_queries(10 + 2 + 2):
        follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    with django_assert_num_queries(3 + 2):
        follow(kind=User, target_id=cast.ana.pk, by=cast.cy)


def test_sixteen_who_follow_one_person_at_once_are_sixteen(racing_cast: Cast):
    fans = [person(f"fan{number}") for number in range(16)]

    assert race(lambda fan: follow(kind=User, target_id=racing_cast.ana.pk, by=fan), fans) == ["User"] * 16
    assert counts(racing_cast.ana, *fans) == [(16, 0), *[(0, 1)] * 16]
    assert Follow.objects.filter(user=racing_cast.ana).count() == RecordedEvent.objects.count() == 16

    assert race(lambda fan: unfollow(kind=User, target_id=racing_cast.ana.pk, by=fan), fans) == ["User"] * 16
    assert counts(racing_cast.ana, *fans) == [(0, 0)] * 17


def test_a_double_click_is_one_follow(racing_cast: Cast, recorded):
    out = answers(lambda by: follow(kind=User, target_id=racing_cast.ana.pk, by=by), [racing_cast.cy] * 8)

    assert {type(answer) for answer in out} == {User}
    assert counts(racing_cast.ana, racing_cast.cy) == [(1, 0), (0, 1)]
    assert [kind for kind, *_ in recorded()] == ["Followed"]


def test_two_who_follow_each_other_at_once_do_not_wait_in_a_circle(racing_cast: Cast):
    ana, cy = racing_cast.ana, racing_cast.cy
    pairs = [(ana, cy), (cy, ana), (ana, racing_cast.bo), (racing_cast.bo, cy)] * 2

    def meet_and_part(pair: tuple[User, User]) -> None:
        for _ in range(6):
            follow(kind=User, target_id=pair[1].pk, by=pair[0])
            unfollow(kind=User, target_id=pair[1].pk, by=pair[0])
        follow(kind=User, target_id=pair[1].pk, by=pair[0])

    assert race(meet_and_part, pairs) == ["NoneType"] * 8
    # Of two windows of one person, one may have ended what the other had begun last.
    everyone = (ana, racing_cast.bo, cy)
    assert counts(*everyone) == [
        (Follow.objects.filter(user=one).count(), Follow.objects.filter(follower=one).count())
        for one in everyone
    ]

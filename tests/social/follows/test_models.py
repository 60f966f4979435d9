import pytest

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.communities.models import Community
from backend.projects.models import Membership, Project, ProjectStatus, Role
from social.follows.models import Follow, follows_viewer, is_followed_by, mutual_followers
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused, refused_by


def test_the_database_refuses_what_can_never_be(cast: Cast):
    Follow.objects.create(follower=cast.cy, user=cast.ana)
    assert_each_is_refused(
        "follows",
        {
            "follow_has_one_target": lambda: Follow.objects.create(
                follower=cast.cy, user=cast.bo, project=cast.project
            ),
            "person_follows_a_thing_once": lambda: Follow.objects.create(follower=cast.cy, user=cast.ana),
            "nobody_follows_themselves": lambda: Follow.objects.create(follower=cast.cy, user=cast.cy),
        },
    )


@pytest.mark.parametrize("is_told", [False, True], ids=["who blocks", "who is blocked"])
def test_the_database_refuses_a_follow_over_a_block_and_a_block_over_a_follow(cast: Cast, is_told: bool):
    ends = [cast.cy, cast.ana]
    Block.objects.create(blocker=cast.cy, blocked=cast.ana)
    follower, user = reversed(ends) if is_told else ends
    with refused_by("nobody_follows_over_a_block"):
        Follow.objects.create(follower=follower, user=user)
    other = Follow.objects.create(follower=follower, user=cast.bo)
    with refused_by("nobody_follows_over_a_block"):
        Follow.objects.filter(pk=other.pk).update(user=user)

    Follow.objects.create(follower=cast.bo, user=cast.sol)
    blocker, blocked = (cast.sol, cast.bo) if is_told else (cast.bo, cast.sol)
    with refused_by("nobody_blocks_over_a_follow"):
        Block.objects.create(blocker=blocker, blocked=blocked)


def test_a_follow_without_a_target_is_no_follow(cast: Cast):
    with refused_by("follow_has_one_target"):
        Follow.objects.create(follower=cast.cy)


def test_who_follows_whom_is_public_as_far_as_both_ends_are(cast: Cast):
    gone, dee = person("gone", is_active=False), person("dee")
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    Membership.objects.create(project=draft, user=cast.bo, role=Role.EDITOR)
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")
    public = {
        Follow.objects.create(follower=dee, user=cast.ana),
        Follow.objects.create(follower=dee, project=cast.project),
        Follow.objects.create(follower=dee, community=murcia),
    }
    Follow.objects.create(follower=dee, user=gone)
    Follow.objects.create(follower=gone, user=dee)
    of_the_draft = Follow.objects.create(follower=dee, project=draft)

    expected = {
        None: public,
        cast.ana: public | {of_the_draft},
        cast.bo: public | {of_the_draft},
        cast.cy: public,
        dee: public,
        cast.sol: public | {of_the_draft},
    }
    for viewer, seen in expected.items():
        assert set(Follow.objects.visible_to(viewer)) == seen, viewer
    assert set(Follow.objects.all().of(cast.project)) <= public


def test_what_a_person_is_to_the_viewer(cast: Cast):
    dee = person("dee")
    for follower, user in (
        (cast.cy, cast.ana),
        (cast.ana, cast.cy),
        (cast.bo, cast.ana),
        (dee, cast.ana),
        (cast.cy, dee),
    ):
        Follow.objects.create(follower=follower, user=user)
    Follow.objects.create(follower=cast.cy, project=cast.project)

    def seen_by(viewer: User | None) -> dict[str, tuple[bool, bool, int]]:
        rows = User.objects.annotate(
            seen_followed=is_followed_by(viewer, "user"),
            seen_following=follows_viewer(viewer),
            mutual=mutual_followers(viewer),
        )
        return {row.handle: (row.seen_followed, row.seen_following, row.mutual) for row in rows}

    stranger = (False, False, 0)
    assert seen_by(None) == dict.fromkeys(("ana", "bo", "cy", "dee", "sol"), stranger)
    assert seen_by(cast.cy) == {
        "ana": (True, True, 1),
        "bo": stranger,
        "cy": (False, False, 1),
        "dee": (True, False, 0),
        "sol": stranger,
    }
    followed = Project.objects.annotate(followed=is_followed_by(cast.cy, "project")).get()
    assert followed.followed is True

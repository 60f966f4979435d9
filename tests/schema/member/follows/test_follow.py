import pytest

from backend.accounts.models import User
from social.follows.actions import follow
from social.follows.models import Follow
from tests import cast as people
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast
from tests.schema.deeds import comment, community


@pytest.fixture(params=["person", "project", "community"])
def target(request: pytest.FixtureRequest, cast: Cast):
    """Each kind of thing that can be followed."""
    return {"person": lambda: cast.ana, "project": lambda: cast.project, "community": community}[
        request.param
    ]()


def test_who_follows_is_counted_and_shown(cast: Cast, target):
    followed = {
        "target": {"id": id_of(target), "followerCount": 1, "viewerIsFollowing": True},
        "errors": [],
    }
    for _ in range(2):  # Twice is the same as once.
        assert ask("Follow", cast.cy, input={"targetId": id_of(target)}) == {"data": {"follow": followed}}
    assert Follow.objects.get().follower == cast.cy
    assert ask("UserProfile", handle="cy")["data"]["user"]["followingCount"] == 1

    for _ in range(2):
        assert ask("Unfollow", cast.cy, input={"targetId": id_of(target)}) == {
            "data": {
                "unfollow": {
                    "target": {"id": id_of(target), "followerCount": 0, "viewerIsFollowing": False},
                    "errors": [],
                }
            }
        }
    assert not Follow.objects.exists()


def test_each_viewer_sees_their_own_side(cast: Cast, target):
    ask("Follow", cast.cy, input={"targetId": id_of(target)})
    query = "query($id: ID!) { node(id: $id) { ... on Followable { followerCount viewerIsFollowing } } }"

    seen = {
        viewer: ask(query, viewer, id=id_of(target))["data"]["node"] for viewer in (None, cast.bo, cast.cy)
    }

    assert seen == {
        None: {"followerCount": 1, "viewerIsFollowing": False},
        cast.bo: {"followerCount": 1, "viewerIsFollowing": False},
        cast.cy: {"followerCount": 1, "viewerIsFollowing": True},
    }


def test_nobody_follows_themselves(cast: Cast):
    with untouched():
        answer = ask("Follow", cast.ana, input={"targetId": id_of(cast.ana)})
    assert problems(answer) == [("VALIDATION", "targetId")]
    assert answer["data"]["follow"]["target"] is None


def test_what_cannot_be_seen_cannot_be_followed(cast: Cast):
    draft = people.project(cast.ana, "Seed library", status="DRAFT")
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)
    for hidden in (draft, cast.bo, cast.board, cast.task, comment(cast)):
        for deed in ("Follow", "Unfollow"):
            with untouched():
                answer = ask(deed, cast.cy, input={"targetId": id_of(hidden)})
            assert problems(answer) == [("NOT_FOUND", None)]
    # Its owner sees the draft, so they may.
    assert problems(ask("Follow", cast.ana, input={"targetId": id_of(draft)})) == []


def test_followers_are_told_with_what_the_viewer_has_to_do_with_them(cast: Cast):
    """Cy follows Bo and Sol; Bo follows Sol. So of Sol's followers that Ana has, Cy follows one of them."""
    for follower, target in (
        (cast.bo, cast.ana),
        (cast.sol, cast.ana),
        (cast.cy, cast.bo),
        (cast.bo, cast.sol),
        (cast.cy, cast.ana),
    ):
        follow(kind=User, target_id=target.pk, by=follower)

    def shown(person: User, *, following: bool, mutual: int) -> dict:
        return {
            "id": id_of(person),
            "handle": person.handle,
            "displayName": person.display_name,
            "avatar": None,
            "viewerIsFollowing": following,
            "mutualFollowerCount": mutual,
        }

    def followers(viewer: User | None) -> dict:
        found = ask("Followers", viewer, userId=id_of(cast.ana), first=10)["data"]["user"]["followers"]
        assert [edge["cursor"] for edge in found["edges"]][-1] == found["pageInfo"]["endCursor"]
        assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (3, False)
        return [edge["node"] for edge in found["edges"]]

    assert followers(cast.cy) == [
        shown(cast.cy, following=False, mutual=0),
        shown(cast.sol, following=False, mutual=1),
        shown(cast.bo, following=True, mutual=0),
    ]
    assert followers(None) == [
        shown(person, following=False, mutual=0) for person in (cast.cy, cast.sol, cast.bo)
    ]


def test_who_left_is_in_no_list(cast: Cast):
    follow(kind=User, target_id=cast.ana.pk, by=cast.bo)
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    follow(kind=User, target_id=cast.bo.pk, by=cast.ana)
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)

    data = ask(
        """query($id: ID!) { user(id: $id) {
          followers { totalCount edges { node { handle } } } following { totalCount edges { node { handle } } }
        } }""",
        id=id_of(cast.ana),
    )["data"]["user"]

    assert data == {
        "followers": {"totalCount": 1, "edges": [{"node": {"handle": "cy"}}]},
        "following": {"totalCount": 0, "edges": []},
    }

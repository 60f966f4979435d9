from backend.communities.models import Community, CommunityKind
from backend.projects.models import Project
from social.follows.actions import follow
from tests import cast as people
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.schema.deeds import community

PARTS = """
  id slug name kind place summary projectCount followerCount viewerIsFollowing
  projects { totalCount edges { node { slug } } }
"""


def test_a_community_is_shown_with_its_projects(cast: Cast):
    valley = community()
    Project.objects.filter(pk=cast.project.pk).update(community=valley)
    people.project(cast.cy, "Hidden", status="DRAFT", community=valley)
    follow(kind=Community, target_id=valley.pk, by=cast.cy)

    def shown(viewer) -> dict:
        return ask(f'{{ community(slug: "valley") {{ {PARTS} }} }}', viewer)["data"]["community"]

    public = {
        "id": id_of(valley),
        "slug": "valley",
        "name": "The valley",
        "kind": "LOCAL",
        "place": "Vera",
        "summary": "",
        "projectCount": 0,
        "followerCount": 1,
        "viewerIsFollowing": False,
        "projects": {"totalCount": 1, "edges": [{"node": {"slug": "huerta-del-rio"}}]},
    }
    assert shown(None) == shown(cast.bo) == public
    drafts = {"totalCount": 2, "edges": [{"node": {"slug": "hidden"}}, *public["projects"]["edges"]]}
    assert shown(cast.cy) == public | {"viewerIsFollowing": True, "projects": drafts}


def test_the_most_followed_come_first(db: None):
    for slug, followers in (("a", 1), ("b", 3), ("c", 1)):
        Community.objects.create(slug=slug, name=slug, kind=CommunityKind.THEMATIC, follower_count=followers)
    found = ask("{ communities { totalCount edges { node { slug } } } }")["data"]["communities"]
    assert (found["totalCount"], [edge["node"]["slug"] for edge in found["edges"]]) == (3, ["b", "c", "a"])


def test_what_is_not_there_is_not_found(db: None):
    for slug in ("nowhere", "", "🐝", "a" * 10_000):
        answer = ask("query($s: String!) { community(slug: $s) { id } }", s=slug)
        assert (answer["data"], answer["errors"][0]["extensions"]) == (
            {"community": None},
            {"code": "NOT_FOUND"},
        )

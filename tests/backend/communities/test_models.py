from backend.communities.models import Community, CommunityKind
from tests.cast import Cast, person
from tests.constraints import assert_each_is_refused


def test_the_database_refuses_what_can_never_be(cast: Cast):
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind=CommunityKind.LOCAL)
    assert_each_is_refused(
        "communities",
        {
            "communities_community_slug_key": lambda: Community.objects.create(
                slug="murcia", name="x", kind="LOCAL"
            ),
            "community_kind_is_known": lambda: Community.objects.filter(pk=murcia.pk).update(kind="SECRET"),
        },
    )


def test_a_community_is_everybodys_to_see(cast: Cast):
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind=CommunityKind.LOCAL)
    for viewer in (None, cast.ana, cast.bo, cast.cy, cast.sol, person("dee")):
        assert list(Community.objects.visible_to(viewer)) == [murcia]

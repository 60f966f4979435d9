"""Pictures where they stand: in the statement that reads the thing, at an address that everybody may open."""

from typing import Any

from django.conf import settings

from backend.accounts.models import User
from backend.projects.models import ProjectStatus
from media.models import PlacementKind, Purpose
from media.storage import store
from social.follows.models import Follow
from tests import cast as people
from tests import files
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.schema.test_page_statements import cost

AVATAR = "query($handle: String!) { user(handle: $handle) { avatar { %s } } }"


def avatar(of: User, selection: str, viewer: User | None = None, **variables: Any) -> Any:
    """What is told of somebody's picture."""
    return ask(AVATAR % selection, viewer, handle=of.handle, **variables)["data"]["user"]["avatar"]


def keys(of: Any) -> dict[str, str]:
    """The keys of the forms of a file."""
    return dict(of.variants.values_list("name", "key"))


def test_each_size_has_an_address_of_its_own(cast: Cast):
    made = files.picture(cast.ana, alt="Ana at the gate", credit="Bo", licence="CC-BY-4.0")
    files.place(made, cast.ana)
    small, medium, large = keys(made).values()
    base = settings.MEDIA_URL

    told = avatar(cast.ana, "small: url(variant: SMALL) url large: url(variant: LARGE)")
    assert told == {"small": base + small, "url": base + medium, "large": base + large}
    about = avatar(cast.ana, "id width height alt credit licence placeholder color")
    assert about == {
        **{"id": id_of(made), "width": 1600, "height": 1200, "alt": "Ana at the gate", "credit": "Bo"},
        **{"licence": "CC-BY-4.0", "placeholder": files.PLACEHOLDER, "color": "#6a8f3c"},
    }


def test_sql_says_the_address_that_the_store_says(cast: Cast):
    made = files.picture(cast.ana)
    files.place(made, cast.ana)
    assert avatar(cast.ana, "url(variant: LARGE)") == {"url": store().public_address(keys(made)["LARGE"])}


def test_the_size_may_come_in_a_variable(cast: Cast):
    files.place(files.picture(cast.ana), cast.ana)
    document = 'query($size: ImageVariant!) { user(handle: "ana") { avatar { url(variant: $size) } } }'
    told = {size: ask(document, size=size)["data"]["user"]["avatar"]["url"] for size in files.SIDES}
    assert len(set(told.values())) == 3 and None not in told.values()


def test_who_has_no_picture_has_null(cast: Cast):
    files.picture(cast.ana)  # It stands nowhere.
    assert avatar(cast.ana, "url") is None


def test_a_hundred_pictures_are_no_statement_more(cast: Cast):
    for number in range(100):
        fan = people.person(f"fan{number}")
        files.place(files.picture(fan), fan)
        Follow.objects.create(follower=fan, user=cast.ana)
    query = 'query { user(handle: "ana") { followers(first: 100) { edges { node { handle %s } } } } }'

    with_them = query % "avatar { url(variant: SMALL) alt }"
    answer = ask(with_them, cast.cy)["data"]["user"]["followers"]["edges"]
    assert len({each["node"]["avatar"]["url"] for each in answer}) == 100
    assert cost(with_them, cast.cy) == cost(query % "", cast.cy) == 2


def test_a_project_shows_its_pictures_in_their_order(cast: Cast):
    cover, one, other = (
        files.picture(cast.ana, Purpose.PROJECT_IMAGE, project=cast.project) for _ in range(3)
    )
    files.place(other, cast.project, 0, PlacementKind.GALLERY)
    files.place(cover, cast.project)
    files.place(one, cast.project, 1, PlacementKind.GALLERY)
    document = (
        "query($slug: String!) { project(slug: $slug) { cover { id } gallery { id url(variant: LARGE) } } }"
    )

    told = ask(document, slug=cast.project.slug)["data"]["project"]
    assert told == {
        "cover": {"id": id_of(cover)},
        "gallery": [
            {"id": id_of(each), "url": store().public_address(keys(each)["LARGE"])} for each in (other, one)
        ],
    }


def test_what_a_draft_shows_only_its_team_finds(cast: Cast):
    draft = people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT)
    cover = files.picture(cast.ana, Purpose.PROJECT_IMAGE, project=draft)
    files.place(cover, draft)
    document = "query($id: ID!) { node(id: $id) { ... on Media { id } } }"

    found = [ask(document, viewer, id=id_of(cover))["data"]["node"] for viewer in (cast.ana, cast.cy, None)]
    assert found == [{"id": id_of(cover)}, None, None]


def test_how_a_picture_was_called_on_somebodys_disk_only_they_are_told(cast: Cast):
    made = files.picture(cast.ana, filename="passport.png")
    files.place(made, cast.ana)
    document = "query($id: ID!) { node(id: $id) { ... on Media { filename } } }"

    told = [ask(document, viewer, id=id_of(made))["data"]["node"] for viewer in (cast.ana, cast.cy, None)]
    assert told == [{"filename": "passport.png"}, {"filename": ""}, {"filename": ""}]

import pytest
from django.db import transaction

from backend.communities.models import Community
from backend.core.refusals import Invalid, NotFound
from backend.projects.actions import RESERVED_SLUGS, SlugTaken, create_project, slug_of
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests.cast import Cast
from tests.races import answers, race
from tests.snapshots import refused


def create(cast: Cast, **facts: object) -> Project:
    return create_project(by=cast.cy, **{"title": "Taller abierto", "category": "SOCIAL", **facts})


def test_a_project_begins_as_a_draft_of_its_maker(cast: Cast, recorded):
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")

    made = create(
        cast,
        title=" Taller  abierto ",
        summary="Una mesa y herramientas.",
        description="Abrimos los **lunes**.",
        tags=["Madera", "madera", "Barrio"],
        location="Murcia",
        locale="es",
        community_id=murcia.pk,
    )

    stored = Project.objects.get(pk=made.pk)
    assert (stored.owner, stored.status, stored.launched_at, stored.submitted_at) == (
        cast.cy,
        ProjectStatus.DRAFT,
        None,
        None,
    )
    assert (stored.slug, stored.title, stored.category) == ("taller-abierto", "Taller abierto", "SOCIAL")
    assert (stored.summary, stored.description) == ("Una mesa y herramientas.", "Abrimos los **lunes**.")
    assert stored.description_html == "<p>Abrimos los <strong>lunes</strong>.</p>"
    assert (stored.tags, stored.location, stored.locale, stored.community) == (
        ["madera", "barrio"],
        "Murcia",
        "es",
        murcia,
    )
    assert list(stored.team.values_list("user__handle", "role")) == [("cy", Role.OWNER)]
    assert (Community.objects.get().project_count, recorded()) == (0, []), "nobody else is told of a draft"
    assert not Project.objects.visible_to(cast.bo).filter(pk=stored.pk).exists()


def test_a_project_speaks_its_makers_language_if_none_is_given(cast: Cast):
    cast.cy.locale = "ca"
    assert create(cast).locale == "ca"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Huerta del río", "huerta-del-rio-2"),
        ("¡Música, maestro!", "musica-maestro"),
        ("L'air de la rue", "l-air-de-la-rue"),
        ("ﬁber ½", "fiber-12"),
        ("日本語のみ", "project"),
        ("new", "project-new"),
        ("a-b", "a-b"),
        ("--a--", "project-a"),
        ("x" * 120, "x" * 60),
        ("x" * 59 + " y z", "x" * 59),
    ],
)
def test_a_title_makes_an_address(cast: Cast, title: str, slug: str):
    assert create(cast, title=title).slug == slug


def test_no_title_makes_an_address_that_could_not_be_asked_for(cast: Cast):
    for title in ["admin", "graphql", "NEW", "¿?¿", "a" * 80, "-" * 30, "ß", "١٢٣", *RESERVED_SLUGS]:
        slug = slug_of(title)
        assert 3 <= len(slug) <= 80
        assert slug not in RESERVED_SLUGS


def test_an_address_may_be_chosen_and_is_given_once(cast: Cast):
    assert create(cast, slug="taller-2026").slug == "taller-2026"
    with refused(SlugTaken, "slug") as answer:
        create(cast, slug="taller-2026")
    assert answer.value.code == "SLUG_TAKEN"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "ab"}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"category": "social"}, "category"),
        ({"category": ""}, "category"),
        ({"summary": "x" * 281}, "summary"),
        ({"description": "x" * 20_001}, "description"),
        ({"description": "a\0"}, "description"),
        ({"tags": ["x"] * 13}, "tags"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"location": "x" * 101}, "location"),
        ({"locale": "Spanish"}, "locale"),
        ({"slug": ""}, "slug"),
        ({"slug": "ab"}, "slug"),
        ({"slug": "x" * 81}, "slug"),
        ({"slug": "Taller"}, "slug"),
        ({"slug": "a--b"}, "slug"),
        ({"slug": "-ab"}, "slug"),
        ({"slug": "ab\n"}, "slug"),
        ({"slug": "tallér"}, "slug"),
        ({"slug": "../../x"}, "slug"),
        ({"slug": "graphql"}, "slug"),
    ],
)
def test_what_cannot_be_stored_is_refused(cast: Cast, given: dict, field: str):
    with refused(Invalid, field):
        create(cast, **given)


@pytest.mark.parametrize("community_id", [0, -1, 404, 2**63, 2**70])
def test_an_unknown_community_is_not_found(cast: Cast, community_id: int):
    with refused(NotFound, "communityId"):
        create(cast, community_id=community_id)


def test_sixteen_projects_of_one_title_at_once_have_sixteen_addresses(racing_cast: Cast):
    made = answers(lambda _: create(racing_cast), range(16))

    assert {type(project) for project in made} == {Project}
    assert sorted(project.slug for project in made) == sorted(
        ["taller-abierto", *(f"taller-abierto-{number}" for number in range(2, 18))][:16]
    )
    assert Membership.objects.filter(user=racing_cast.cy).count() == 16


def test_of_sixteen_who_want_one_address_at_once_one_gets_it(racing_cast: Cast):
    out = race(lambda _: create(racing_cast, slug="taller-2026"), range(16))

    assert sorted(out) == ["Project"] + ["SlugTaken"] * 15
    assert Membership.objects.filter(user=racing_cast.cy).count() == 1


def test_an_action_is_a_whole_transaction_and_nothing_less(racing_cast: Cast):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        create(racing_cast)
    assert Project.objects.count() == 1

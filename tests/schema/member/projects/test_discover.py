"""The list of all public projects, and what it can be narrowed to."""

import inspect

import django_filters
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_nullable_type

from backend.boards import filters as board_filters
from backend.communities.models import Community
from backend.projects import filters as project_filters
from backend.projects.models import Project, ProjectStatus
from schema.member.schema import schema
from tests import cast as people
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.schema.deeds import community
from tests.schema.member.projects.shown import person

#: Filters of the domain whose lists come with a later issue.
LATER = {"TaskFilter"}


@pytest.fixture
def valley(cast: Cast) -> Community:
    """Projects that differ by everything that one may ask for."""
    place = community()
    facts = {"category": "SOCIAL", "tags": ["seeds", "water"], "locale": "ca", "community": place}
    people.project(cast.bo, "Seed library", summary="100% shared_seeds", follower_count=2, **facts)
    people.project(cast.bo, "Fábrica", status=ProjectStatus.FUNDED, category="CULTURAL", locale="es")
    people.project(cast.bo, "Hidden", status=ProjectStatus.DRAFT, category="SOCIAL", tags=["seeds"])
    return place


def titles(viewer=None, **variables: object) -> list[str]:
    found = ask("Discover", viewer, first=20, **variables)["data"]["projects"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["title"] for edge in found["edges"]]


def test_a_project_is_shown_in_short(cast: Cast):
    found = ask("Discover", first=20)["data"]["projects"]

    assert found["edges"][0].pop("cursor") == found["pageInfo"].pop("endCursor")
    node = {
        "id": id_of(cast.project),
        "slug": "huerta-del-rio",
        "title": "Huerta del río",
        "summary": "",
        "category": "ECOLOGICAL",
        "status": "LIVE",
        "owner": person(cast.ana),
        "funding": None,
    }
    assert found == {"totalCount": 1, "pageInfo": {"hasNextPage": False}, "edges": [{"node": node}]}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, ["Fábrica", "Seed library", "Huerta del río"]),
        ({}, ["Fábrica", "Seed library", "Huerta del río"]),
        ({"category": None, "search": None}, ["Fábrica", "Seed library", "Huerta del río"]),
        ({"category": "SOCIAL"}, ["Seed library"]),
        ({"category": "SCIENTIFIC"}, []),
        ({"status": "FUNDED"}, ["Fábrica"]),
        # Not even its owner finds a draft here: the list is of what is public.
        ({"status": "DRAFT"}, []),
        ({"tag": "seeds"}, ["Seed library"]),
        ({"tag": "SEEDS"}, ["Seed library"]),
        ({"tag": "seed"}, []),
        ({"locale": "ca"}, ["Seed library"]),
        ({"community": "valley"}, ["Seed library"]),
        ({"community": "nowhere"}, []),
        ({"owner": "ana"}, ["Huerta del río"]),
        ({"search": "LIBRARY"}, ["Seed library"]),
        ({"search": "río"}, ["Huerta del río"]),
        # What means something to LIKE means itself here.
        ({"search": "100%"}, ["Seed library"]),
        ({"search": "d_s"}, ["Seed library"]),
        ({"search": "%"}, ["Seed library"]),
        ({"search": "_"}, ["Seed library"]),
        ({"search": "%_%" * 60}, []),
        ({"search": "(a+)+$"}, []),
        ({"search": "\\"}, []),
        ({"search": "'; --"}, []),
        ({"search": ""}, ["Fábrica", "Seed library", "Huerta del río"]),
        ({"category": "SOCIAL", "owner": "bo", "tag": "water"}, ["Seed library"]),
        ({"category": "SOCIAL", "owner": "ana"}, []),
    ],
)
def test_all_that_is_asked_must_hold(cast: Cast, valley: Community, where: dict | None, expected: list[str]):
    assert titles(filter=where) == expected


def test_the_list_of_what_is_public_is_the_same_for_everybody(cast: Cast, valley: Community):
    for viewer in (cast.bo, cast.sol):
        assert titles(viewer) == ["Fábrica", "Seed library", "Huerta del río"]
        assert titles(viewer, filter={"status": "DRAFT"}) == titles(viewer, filter={"search": "Hidden"}) == []


def test_projects_come_in_the_order_that_is_asked_for(cast: Cast, valley: Community):
    assert titles(order="MOST_FOLLOWED")[0] == "Seed library"
    for order in ({}, {"order": None}, {"order": "NEWEST"}):
        assert titles(**order) == ["Fábrica", "Seed library", "Huerta del río"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("search", "a" * 201), ("search", "%_" * 5_000), ("search", "a" * 10_000)),
        *(("tag", "a" * 41), ("locale", "a" * 7), ("community", "a" * 61), ("owner", "a" * 31)),
    ],
)
def test_what_is_too_long_to_be_found_is_refused(cast: Cast, field: str, value: str):
    answer = ask("Discover", first=5, filter={field: value})
    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]) == (None, {"code": "VALIDATION", "field": f"filter.{field}"})


@pytest.mark.parametrize(
    "where",
    [
        *({"category": value} for value in ("NOTHING", "social", "", 1, ["SOCIAL", "SOCIAL"])),
        *({"status": value} for value in ("password", "live")),
        *(
            {"owner__password__startswith": "a"},
            {"id": 1},
            {"owner": 1},
            {"tag": ["a", "b"]},
            "SOCIAL",
            [1, 2],
        ),
    ],
)
def test_what_is_no_filter_is_not_even_asked_about(cast: Cast, where: object):
    answer = ask("Discover", first=5, filter=where)
    assert ("data" in answer, answer["errors"][0]["extensions"]) == (False, {"code": "VALIDATION"})


@pytest.mark.parametrize(
    "order", ["password", "author__password__startswith", "newest", "", "-id", 1, ["NEWEST", "id"]]
)
def test_what_is_no_order_is_not_even_asked_about(cast: Cast, order: object):
    answer = ask("Discover", first=5, order=order)
    assert ("data" in answer, answer["errors"][0]["extensions"]) == (False, {"code": "VALIDATION"})
    assert "Did you mean" not in str(answer)


def filter_sets() -> dict[str, type[django_filters.FilterSet]]:
    return {
        name: each
        for module in (board_filters, project_filters)
        for name, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, django_filters.FilterSet)
    }


def test_each_filter_is_stated_once():
    """An input has the fields of the domain's FilterSet of its name, and their choices; so no schema can drift away."""
    inputs = {
        name: each
        for name, each in schema._schema.type_map.items()
        if isinstance(each, GraphQLInputObjectType) and name.endswith("Filter")
    }
    assert set(inputs) == set(filter_sets()) - LATER
    for name, asked in inputs.items():
        stated = filter_sets()[name].base_filters
        assert set(asked.fields) == set(stated)
        for field, filter in stated.items():
            type_ = get_nullable_type(asked.fields[field].type)
            if isinstance(type_, GraphQLEnumType):
                assert set(type_.values) == {value for value, _ in filter.extra["choices"]}
            else:
                assert str(type_) == "String"


def test_the_choices_of_the_api_are_the_domains():
    for choices in (Project._meta.get_field("category").choices, Project._meta.get_field("status").choices):
        values = {value for value, _ in choices}
        assert values in [
            set(each.values) for each in schema._schema.type_map.values() if isinstance(each, GraphQLEnumType)
        ]

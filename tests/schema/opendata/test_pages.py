"""Pages by keyset: whole, without gaps or doubles, by flat statements; and what is not a page is refused."""

import ast
from pathlib import Path

import pytest

from schema.ids import to_global_id
from schema.opendata import running
from schema.opendata.models import OpenCommunity, OpenProject, OpenTag, OpenTask, OpenUpdate
from schema.opendata.schema import core
from tests.asking import ask as ask_members
from tests.oracle.worlds import World
from tests.schema.opendata.asking import codes, data

LISTS = {
    "projects": (OpenProject, "slug"),
    "updates": (OpenUpdate, "id"),
    "tasks": (OpenTask, "id"),
    "communities": (OpenCommunity, "slug"),
    "tags": (OpenTag, "name"),
}
ORDERS = {
    "projects": ("launchedAt", "followerCount", "slug"),
    "updates": ("publishedAt",),
    "tasks": ("createdAt",),
    "communities": ("createdAt", "projectCount", "slug"),
    "tags": ("projectCount", "name"),
}


def walked(name: str, order: str, first: int, between=lambda: None) -> list[str]:
    """A list from its first page to its last."""
    field = LISTS[name][1]
    page = (
        f"query($after: String, $first: Int!, $order: String!) {{ page: {name}(first: $first, after: $after,"
        f" orderBy: $order) {{ pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ {field} }} }} }} }}"
    )
    found, after = [], None
    while True:
        told = data(page, after=after, first=first, order=order)["page"]
        found += [edge["node"][field] for edge in told["edges"]]
        assert told["pageInfo"]["endCursor"] == (told["edges"][-1]["cursor"] if told["edges"] else None)
        if not told["pageInfo"]["hasNextPage"]:
            return found
        after = told["pageInfo"]["endCursor"]
        between()


@pytest.mark.parametrize(("name", "order"), [(name, each) for name in ORDERS for each in ORDERS[name]])
def test_pages_are_the_whole_list_in_order(world: World, name: str, order: str):
    view, field = LISTS[name]
    for sign in ("", "-"):
        found = walked(name, sign + order, 3)
        column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in order)
        rows = view.objects.order_by(f"{sign}{column}", f"{sign}pk")
        if field == "id":
            kind = {"updates": "Update", "tasks": "Task"}[name]
            assert found == [to_global_id(kind, pk) for pk in rows.values_list("pk", flat=True)]
        else:
            assert found == list(rows.values_list(field, flat=True))
        assert len(found) == len(set(found)) > 1


def test_an_id_is_that_of_the_members_schema(world: World):
    (edge,) = data("{ projects(first: 1) { edges { node { id slug } } } }")["projects"]["edges"]
    asked = "query($id: ID!) { node(id: $id) { ... on Project { slug } } }"
    assert ask_members(asked, None, id=edge["node"]["id"]) == {
        "data": {"node": {"slug": edge["node"]["slug"]}}
    }


def test_a_page_says_what_its_columns_say(world: World):
    names = (
        "id slug title summary category tags status locale location launchedAt followerCount tasksOpen tasksDone"
        " minutesGiven community { id slug name kind place summary createdAt followerCount projectCount }"
    )
    edges = data(f'{{ projects(first: 100, orderBy: "slug") {{ edges {{ node {{ {names} }} }} }} }}')[
        "projects"
    ]
    rows = OpenProject.objects.select_related("community").order_by("slug")
    assert len(edges["edges"]) == rows.count()
    for edge, row in zip(edges["edges"], rows, strict=True):
        community = row.community and {
            "id": to_global_id("Community", row.community.pk),
            "slug": row.community.slug,
            "name": row.community.name,
            "kind": row.community.kind,
            "place": row.community.place,
            "summary": row.community.summary,
            "createdAt": row.community.created_at.isoformat(),
            "followerCount": row.community.follower_count,
            "projectCount": row.community.project_count,
        }
        assert edge["node"] == {
            "id": to_global_id("Project", row.pk),
            "slug": row.slug,
            "title": row.title,
            "summary": row.summary,
            "category": row.category,
            "tags": row.tags,
            "status": row.status,
            "locale": row.locale,
            "location": row.location,
            "launchedAt": row.launched_at.isoformat(),
            "followerCount": row.follower_count,
            "tasksOpen": row.tasks_open,
            "tasksDone": row.tasks_done,
            "minutesGiven": None,
            "community": community,
        }


@pytest.mark.parametrize("first", [0, -1, 101, 1_000_000, -(2**31)])
def test_a_page_has_one_to_a_hundred_rows(world: World, first: int):
    for name in LISTS:
        assert codes(f"query($n: Int) {{ {name}(first: $n) {{ totalCount }} }}", n=first) == ["VALIDATION"]


def test_no_bound_is_an_assertion():
    """`python -O` leaves assertions out, and graphene-django's bounds are such."""
    for module in Path(running.__file__).parent.rglob("*.py"):
        assert not [each for each in ast.walk(ast.parse(module.read_text())) if isinstance(each, ast.Assert)]


def test_a_cursor_is_of_one_list_in_one_order(world: World):
    page = data("{ projects(first: 1) { pageInfo { endCursor } } tags(first: 1) { pageInfo { endCursor } } }")
    mine, other = (page[name]["pageInfo"]["endCursor"] for name in ("projects", "tags"))
    asked = (
        "query($after: String, $order: String) { projects(after: $after, orderBy: $order) { totalCount } }"
    )
    for after in (other, "garbage", mine[:-1] + ("A" if mine[-1] != "A" else "B"), "", "=" * 500, mine + "="):
        assert codes(asked, after=after) == ["BAD_CURSOR"], after
    assert codes(asked, after=mine, order="slug") == ["BAD_CURSOR"]
    assert codes(asked, after=mine) == []


@pytest.mark.parametrize(
    "order", ["password", "owner__email", "--slug", "-", "id", "launched_at", "slug,title", "?", "pk"]
)
def test_what_is_no_order_is_refused(world: World, order: str):
    assert codes("query($o: String) { projects(orderBy: $o) { totalCount } }", o=order) == ["VALIDATION"]


def test_there_is_no_other_way_through_a_list():
    for name in LISTS:
        arguments = set(core.query_type.fields[name].args)
        assert {"first", "after", "orderBy"} <= arguments
        assert not {"offset", "last", "before", "page", "skip"} & arguments


def test_nothing_can_be_written():
    assert core.mutation_type is None and core.subscription_type is None

"""Whoever walks a list by its cursors sees every row once, in order, whatever the size of the page."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asking import id_of, undone
from tests.cast import Cast
from tests.schema.test_statements import lists
from tests.schema.walks import WALKS, Walk, listed

#: Empty until its own issue, so there is nothing to walk through.
NOT_YET = {"Project.proposals"}
#: Lists that are asked for whole.
SHORT = (
    ".boards",
    ".team",
    ".claims",
    ".claimants",
    ".sessions",
    ".accessTokens",
    ".gallery",
    ".attachments",
    ".variants",
)
every_list = pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name.replace(" ", "-"))


def walked(walk: Walk, cast: Cast, first: int, total: int) -> list[str]:
    """The ids of all rows, each page held to what it says of itself."""
    seen: list[str] = []
    for page in walk.pages(cast, first):
        more, edges = page["pageInfo"]["hasNextPage"], page["edges"]
        assert page["totalCount"] == total
        assert len(edges) == (first if more else total - len(seen))
        assert page["pageInfo"]["endCursor"] == (edges[-1]["cursor"] if edges else None)
        assert len({edge["cursor"] for edge in edges}) == len(edges)
        seen += [edge["node"]["id"] for edge in edges]
    return seen


def test_no_list_is_left_out():
    read_in_pages = {path for path in lists() if not path.endswith(SHORT)} - {
        "Board.present",
        "Notification.actors",
        "Viewer.authorizedApplications",
        "Viewer.dataExports",
    }
    assert {walk.list.split(" ")[0] for walk in WALKS} == read_in_pages - NOT_YET


@every_list
def test_pages_of_every_size_show_every_row_once_and_in_order(cast: Cast, walk: Walk):
    shown = [id_of(row) for row in walk.make(cast, range(1, 6))]

    for first in range(1, 8):
        assert walked(walk, cast, first, len(shown)) == shown


@pytest.mark.parametrize("walk", [each for each in WALKS if each.has_ties], ids=lambda walk: walk.name)
@settings(max_examples=6)
@given(values=st.lists(st.integers(0, 2), max_size=8), first=st.integers(1, 7))
def test_rows_that_share_their_place_are_each_seen_once(
    cast: Cast, walk: Walk, values: Sequence[int], first: int
):
    with undone():
        shown = [id_of(row) for row in walk.make(cast, values)]
        assert walked(walk, cast, first, len(shown)) == shown


@every_list
def test_a_page_can_begin_behind_any_row(cast: Cast, walk: Walk):
    """Not only behind the last of a page: each row has a cursor of its own."""
    shown = [id_of(row) for row in walk.make(cast, [1, 1, 2, 3])]
    edges = listed(walk.ask(cast))["edges"]

    for place, edge in enumerate(edges):
        rest = listed(walk.ask(cast, after=edge["cursor"]))
        assert [each["node"]["id"] for each in rest["edges"]] == shown[place + 1 :]
        assert rest["pageInfo"]["hasNextPage"] is False


@every_list
def test_a_page_is_of_twenty_rows_unless_somebody_says(cast: Cast, walk: Walk):
    shown = [id_of(row) for row in walk.make(cast, range(21))]

    for variables in ({}, {"first": None, "after": None}):
        page = listed(walk.ask(cast, **variables))
        assert [edge["node"]["id"] for edge in page["edges"]] == shown[:20]
        assert (page["pageInfo"]["hasNextPage"], page["totalCount"]) == (True, len(shown))


def test_what_comes_and_goes_moves_nobody_elses_place(cast: Cast):
    """Keyset cursors: with OFFSET a row deleted before the cursor would make the next page skip one."""
    (walk,) = [each for each in WALKS if each.name == "comments on a project"]
    rows = walk.make(cast, range(6))
    page = listed(walk.ask(cast, first=3))

    rows[0].delete()
    rows[2].delete()  # The row of the cursor itself.

    after = listed(walk.ask(cast, first=3, after=page["pageInfo"]["endCursor"]))
    assert [edge["node"]["id"] for edge in after["edges"]] == [id_of(row) for row in rows[3:]]


def test_an_empty_list_has_no_place_to_go_on_from(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "communities"]
    assert listed(walk.ask(cast)) == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "edges": [],
    }

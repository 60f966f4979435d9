"""Everybody is answered what the table says, for each operation on each thing, by each way to it."""

import pytest

from tests.matrix.answers import HEADINGS
from tests.matrix.permissions import permission_rows, told
from tests.matrix.table import Row, rows
from tests.matrix.world import World

pytestmark = pytest.mark.django_db

ROWS = [(heading, row) for heading in HEADINGS for row in rows(heading)]


@pytest.mark.parametrize(("heading", "row"), ROWS, ids=str)
def test_everybody_is_answered_as_is_written(world: World, heading: str, row: Row):
    assert HEADINGS[heading](world, row) == row.cells


@pytest.mark.parametrize("row", permission_rows(), ids=str)
def test_everybody_is_told_that_they_may_do_what_they_may(world: World, row: Row):
    """`viewerCan` and `viewerIsFollowing` are what the rows of the deeds make them."""
    assert {actor: told(world, actor, row) for actor in row.cells} == row.cells

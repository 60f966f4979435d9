"""Everybody is answered what the table says, for each operation on each thing, by each way to it."""

import pytest

from tests.matrix.answers import HEADINGS
from tests.matrix.table import Row, rows
from tests.matrix.world import World

pytestmark = pytest.mark.django_db

ROWS = [(heading, row) for heading in HEADINGS for row in rows(heading)]


@pytest.mark.parametrize(("heading", "row"), ROWS, ids=str)
def test_everybody_is_answered_as_is_written(world: World, heading: str, row: Row):
    assert HEADINGS[heading](world, row) == row.cells

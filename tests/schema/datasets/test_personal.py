"""No file holds anything of a person's: a word of its own is planted in each personal column, and looked for."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from django.db import connection

from backend.accounts.models import User
from schema.datasets.tables import tables
from tests.backend.accounts.worlds import dump, make_world, plant, where

#: What people wrote for everybody: who launches a project or tells its news publishes these words, here as at every door.
PUBLIC = {
    *(("projects", name) for name in ("slug", "title", "summary", "tags", "location")),
    ("updates", "title"),
}


def text_of(folder: Path) -> str:
    """Every file as one text: of Parquet also what its columns hold when they are unpacked."""
    found = [path.read_text() for path in sorted(folder.glob("*.*")) if path.suffix != ".parquet"]
    for path in sorted(folder.glob("*.parquet")):
        found += [json.dumps(pyarrow.parquet.read_table(path).to_pylist(), default=str, ensure_ascii=False)]
        found += [path.read_bytes().decode("latin-1")]
    return "\n".join(found)


@pytest.mark.django_db(transaction=True, databases=["default", "opendata"])
def test_what_is_planted_in_each_personal_column_is_in_no_file(downloaded: Callable[..., Path]):
    """And nobody is named: neither handles, names nor addresses of anybody."""
    people = make_world(3)
    planted = plant(people[1])
    assert len(planted) > 30
    texts = dump()
    assert [name for name, word in planted.items() if not where(word, texts)] == [], "each is in the database"
    folder = downloaded()
    published = text_of(folder)
    assert {name for name, word in planted.items() if word in published} == PUBLIC
    for other in (people[0], people[2]):
        assert not [each for each in (other.handle, other.display_name, other.email) if each in published]

    # The control: a private column that is published is seen.
    with (folder / "projects.csv").open("a") as file:
        file.write(User.objects.get(pk=people[1].pk).bio)
    found = {name for name, word in planted.items() if word in text_of(folder)}
    assert found - PUBLIC == {("profile", "bio")}


def test_no_column_points_at_a_person(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)"
            " WHERE contype = 'f' AND confrelid = 'accounts_user'::regclass"
        )
        pointing = {name for (name,) in cursor.fetchall()}
    assert {"owner_id", "author_id", "claimant_id"} <= pointing
    assert not pointing & {column.name for table in tables() for column in table.columns}

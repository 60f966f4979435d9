"""What is in the files, as readers that are not ours find it: what the views tell, row for row."""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pyarrow.parquet
import pytest
from django.db import connection
from django.test import override_settings

from schema.datasets.cells import plain
from schema.datasets.publishing import publish
from schema.datasets.tables import Kind, Table, tables
from tests.schema.datasets.conftest import download
from tests.schema.datasets.world import TEXTS, make_world, remove_all


@dataclass(frozen=True)
class Published:
    """A version of the world as somebody has downloaded it, and what the views told then."""

    folder: Path
    rows: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """One version for all who only read it; its rows are gone again."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), override_settings(MEDIA_FOLDER=str(folder / "media")):
        try:
            make_world()
            rows = {table.name: told(table) for table in tables()}
            return Published(download(publish(), folder / "downloaded"), rows)
        finally:
            remove_all()


@pytest.fixture
def copied(world: Published, tmp_path: Path) -> Path:
    """Its files, to be broken."""
    return Path(shutil.copytree(world.folder, tmp_path / "copied"))


def told(table: Table) -> list[dict[str, Any]]:
    """The rows of a view, as Python's own types."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM {table.view} ORDER BY "{table.key}"')  # noqa: S608
        return [
            dict(zip([column.name for column in table.columns], row, strict=True))
            for row in cursor.fetchall()
        ]


def value(kind: Kind, cell: Any) -> Any:
    """A cell of CSV as what its column says that it is, by nothing but Python."""
    if cell == "":
        return None
    match kind:
        case Kind.INTEGER:
            return int(cell)
        case Kind.TEXT:
            return plain(cell)
        case Kind.TEXTS:
            return json.loads(cell)
        case Kind.DAY:
            return date.fromisoformat(cell)
        case Kind.MOMENT:
            return datetime.fromisoformat(cell)
    raise AssertionError(kind)


def read_csv(table: Table, folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            yield {column.name: value(column.kind, row[column.name]) for column in table.columns}


def read_json_lines(table: Table, folder: Path) -> Iterator[dict[str, Any]]:
    moments = {column.name for column in table.columns if column.kind is Kind.MOMENT}
    days = {column.name for column in table.columns if column.kind is Kind.DAY}
    for line in (folder / f"{table.name}.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        yield {
            name: datetime.fromisoformat(each)
            if each and name in moments
            else date.fromisoformat(each)
            if each and name in days
            else each
            for name, each in row.items()
        }


def without_empty(row: dict[str, Any]) -> dict[str, Any]:
    """CSV knows no difference between an empty text and none."""
    return {name: None if each == "" else each for name, each in row.items()}


def test_every_reader_finds_what_the_views_tell_row_for_row(world: Published):
    folder = world.folder
    for table in tables():
        rows = world.rows[table.name]
        assert list(read_json_lines(table, folder)) == rows
        assert list(read_csv(table, folder)) == list(map(without_empty, rows))
        assert pyarrow.parquet.read_table(folder / f"{table.name}.parquet").to_pylist() == rows
        asked = duckdb.read_parquet(str(folder / f"{table.name}.parquet"))
        assert asked.columns == [column.name for column in table.columns] and len(asked) == len(rows)
    one = len(TEXTS)
    assert {name: len(rows) for name, rows in world.rows.items()} == {
        "communities": one,
        "projects": one + 1,
        "updates": one,
        "tasks": one + 1,
        "contributions": 2,
        "tags": one + 3,
        "monthly_stats": 3,
    }


@pytest.mark.django_db(transaction=True, databases=["default", "opendata"])
def test_a_house_without_anything_has_all_files_and_no_rows_and_its_licence(
    downloaded: Callable[..., Path], settings
):
    settings.OPEN_DATA_LICENCE = "CC-BY-4.0"
    before = datetime.now(UTC).replace(microsecond=0)
    folder = downloaded()
    for table in tables():
        head = ",".join(column.name for column in table.columns)
        assert (folder / f"{table.name}.csv").read_bytes() == f"{head}\r\n".encode()
        assert (folder / f"{table.name}.jsonl").read_bytes() == b""
        found = pyarrow.parquet.read_table(folder / f"{table.name}.parquet")
        assert (found.num_rows, found.column_names) == (0, [column.name for column in table.columns])
    assert frictionless.validate(str(folder / "datapackage.json")).valid
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["licenses"] == [
        {
            "name": "CC-BY-4.0",
            "title": "Creative Commons Attribution 4.0 International",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ]
    assert before <= datetime.fromisoformat(package["created"]) <= datetime.now(UTC)
    assert package["version"] == package["created"][:10]
    assert all(each["formulas"]["prefix"] == "'" for each in package["resources"])


def test_a_stock_reader_of_data_packages_finds_it_valid(world: Published):
    folder = world.folder
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert (report.valid, report.flatten(["name", "type", "note"]), report.warnings) == (True, [], [])
    package = frictionless.Package(str(folder / "datapackage.json"))
    assert [resource.name for resource in package.resources] == [table.name for table in tables()]
    projects = package.get_resource("projects")
    assert projects.schema.primary_key == ["id"]
    assert projects.schema.foreign_keys == [
        {"fields": ["community_id"], "reference": {"resource": "communities", "fields": ["id"]}}
    ]
    assert [field.type for field in projects.schema.fields] == [
        *(
            "integer",
            "integer",
            "string",
            "string",
            "string",
            "string",
            "array",
            "string",
            "string",
            "string",
        ),
        *("datetime", "integer", "integer", "integer", "integer"),
    ]
    assert all(field.description for resource in package.resources for field in resource.schema.fields)


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("projects.csv", lambda text: text.replace("ECOLOGICAL", "NUCLEAR", 1)),
        ("updates.csv", lambda text: re.sub("^[0-9]+,", "7,", text, flags=re.MULTILINE)),
        ("tags.csv", lambda text: text[:-20]),
    ],
    ids=["a choice that is none", "a key twice", "a file that was cut"],
)
def test_that_reader_sees_what_is_wrong(copied: Path, name: str, broken: Callable[[str], str]):
    path = copied / name
    before = path.read_bytes()
    path.write_bytes(broken(before.decode()).encode())
    assert path.read_bytes() != before
    assert not frictionless.validate(str(copied / "datapackage.json")).valid


def test_what_is_said_of_each_file_is_so(world: Published):
    folder = world.folder
    resources = json.loads((folder / "datapackage.json").read_text())["resources"]
    said = {file["path"]: file for each in resources for file in (each, *each["alternates"])}
    assert {path.name for path in folder.iterdir()} == said.keys() | {"datapackage.json"}
    for name, file in said.items():
        content = (folder / name).read_bytes()
        assert (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == (
            file["bytes"],
            file["hash"],
        )
    for each in resources:
        assert len((folder / f"{each['name']}.jsonl").read_bytes().splitlines()) == each["rows"]


def test_no_cell_of_a_text_is_a_formula_and_every_number_is_a_number(world: Published):
    folder = world.folder
    seen = set()
    for table in tables():
        with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column in table.columns:
                    cell = row[column.name]
                    if column.kind is Kind.INTEGER:
                        assert cell == "" or cell.isdecimal()
                    else:
                        assert cell.lstrip(" \t\r\n\u200b\ufeff")[:1] not in {*"=+-@＝＋－＠"}
                        assert cell[:1] not in {"\t", "\r", "\n"}
                    seen.add(cell[:2])
    assert {"'=", "'+", "'-", "'@", "'\t", "'\r", "'\n", "''"} <= seen

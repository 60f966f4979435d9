"""`datapackage.json`: what is in a version, for programs (Data Package 2.0, which readers of 1.0 read too).

A table is a resource, whose path is its CSV; `alternates`, a word of ours, are its other files.
"""

import json
from collections.abc import Mapping
from typing import Any

from schema.datasets.cells import MARK
from schema.datasets.files import MEDIA_TYPES, File
from schema.datasets.licences import Licence
from schema.datasets.snapshots import Snapshot
from schema.datasets.tables import Column, Table

_PROFILES = "https://datapackage.org/profiles/2.0"
#: How CSV is written, where it could be taken otherwise.
_DIALECT = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True}
#: What was done to the texts of a CSV, in words and as it is undone.
FORMULAS = {
    "prefix": MARK,
    "fields": "string",
    "description": "A text that a spreadsheet could take for a formula (it begins with = + - @, a tab, CR, LF or an"
    " apostrophe, also behind spaces) has one apostrophe before it. Take one apostrophe from the start of a cell, and it is"
    " as it was. Numbers, dates and lists are as they are, and so is everything in the alternates.",
}


def package_text(snapshot: Snapshot, *, site: str, licence: Licence) -> str:
    """The descriptor of a snapshot as it is published, with what is said of each file."""
    return json.dumps(_package(snapshot, site, licence), indent=1, ensure_ascii=False) + "\n"


def _package(snapshot: Snapshot, site: str, licence: Licence) -> dict[str, Any]:
    day = f"{snapshot.taken_at:%Y-%m-%d}"
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "acequia-open-data",
        "id": f"{site}/open-data/{day}/datapackage.json",
        "title": "Acequia: open data",
        "description": "What everybody may see of the projects, their news and their work, at one moment. Nothing in it is"
        " a person's; the time that people gave is told in sums of at least five people.",
        "homepage": f"{site}/open-data/",
        "version": day,
        "created": f"{snapshot.taken_at:%Y-%m-%dT%H:%M:%SZ}",
        "licenses": [{"name": licence.name, "title": licence.title, "path": licence.path}],
        "resources": [_resource(table, rows, files) for table, (rows, files) in snapshot.files.items()],
    }


def _resource(table: Table, rows: int, files: Mapping[str, File]) -> dict[str, Any]:
    others = [ending for ending in files if ending != "csv"]
    return {
        "name": table.name,
        "title": table.name.replace("_", " ").capitalize(),
        "description": table.says,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        **_file("csv", files["csv"]),
        "rows": rows,
        "dialect": _DIALECT,
        "formulas": FORMULAS,
        "schema": _schema(table),
        # No resources of their own: a reader without Parquet, or of JSON Lines without a line, would call all of it broken.
        "alternates": [_file(ending, files[ending]) for ending in others],
    }


def _file(ending: str, file: File) -> dict[str, Any]:
    return {
        "path": file.path.name,
        "format": ending,
        "mediatype": MEDIA_TYPES[ending].partition(";")[0],
        "bytes": file.byte_size,
        "hash": f"sha256:{file.sha256}",
    }


def _schema(table: Table) -> dict[str, Any]:
    said: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": [table.key],
        "missingValues": [""],
    }
    keys = [
        {"fields": [column.name], "reference": {"resource": column.points_at, "fields": ["id"]}}
        for column in table.columns
        if column.points_at
    ]
    return said | ({"foreignKeys": keys} if keys else {})


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.choices:
        constraints["enum"] = list(column.choices)
    said = {"name": column.name, "type": column.kind.in_schema, "description": column.says}
    return said | ({"constraints": constraints} if constraints else {})

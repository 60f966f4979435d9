"""Rows of which PostgreSQL has everything but the knowledge that they belong here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import BooleanField, F, QuerySet, TextField
from django.db.models.functions import Cast

from schema.planner.compiler import TABLE_ROW, Asked, HandedRow, Row
from schema.planner.pages import refuse_cursors_of_others
from schema.planner.rendering import JsonList, Sql, json_object
from schema.planner.slots import Run, Slot
from schema.planner.sources import visible_rows
from schema.planner.statements import statement_of_value

#: Of more rows nobody is told.
MOST = 100


@dataclass(frozen=True)
class HandedKeys:
    """The rows whose keys are handed over under a name, as far as the viewer may see them."""

    model: Any
    keys: str
    order: tuple[str, ...]

    def compile(self, asked: Asked, row: Row) -> Any:
        """An array of a subquery."""
        if not isinstance(row, HandedRow):
            raise TypeError(f"{asked.parent.name}.{asked.name} is of nothing that was handed over")
        return _rows(self.model, self.order, row.here(self.keys, "bigint[]"), asked)


@dataclass(frozen=True)
class Elsewhere:
    """The rows whose keys something else than PostgreSQL knows, by the key of this row; see `HandedKeys`.

    They are asked for when the answer is made, so a selection of it costs one statement more for each row that has some.
    """

    model: Any
    keys: Callable[[int], list[int]]
    order: tuple[str, ...]

    def compile(self, asked: Asked, row: Row) -> Any:
        """The key of this row, for the step that puts the rows in its place."""
        # Before the rows are compiled: their own steps come after this one.
        asked.compiling.finishing.append((asked.path, lambda run, of, viewer: self._rows(statement, run, of)))
        value = _rows(self.model, self.order, Slot(lambda run: run.handed, "bigint[]"), asked)
        statement = statement_of_value(Cast(value, TextField()))
        # The viewer stands here so that nobody is answered what was made for another.
        return json_object({"of": row.here("pk", "bigint"), "viewer": asked.viewer or Sql("NULL")})

    def _rows(self, statement: Any, run: Run, of: int) -> Any:
        keys = self.keys(of)
        answer = statement.fetch(Run(run.session, run.variables, keys)) if keys else None
        if not answer or not answer[0]:
            return []
        refuse_cursors_of_others(answer[0])
        return orjson.loads(answer[0])


def _rows(model: Any, order: tuple[str, ...], keys: Slot, asked: Asked) -> JsonList:
    rows: QuerySet[Any] = visible_rows(model, asked.viewer)
    rows = rows.filter(Sql("{0} = ANY({1})", F("pk"), keys, output_field=BooleanField()))
    inner = asked.row_set(lambda run: MOST)
    return JsonList(rows.order_by(*order), inner.values(TABLE_ROW), most=Sql(str(MOST)))

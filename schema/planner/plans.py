"""The plan of a root field: its statement, what it may cost, and what is left to do with its answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from django.db.models import Expression, TextField
from django.db.models.functions import Cast

from backend.core.refusals import Refusal
from schema.planner.compiler import Compiling
from schema.planner.pages import refuse_cursors_of_others
from schema.planner.prices import Price, price_of
from schema.planner.slots import Run
from schema.planner.statements import StatementForEach, statement_of_value

Finish = Callable[..., Any]


class AnyPlan:
    """What plans have in common: how much they may read, and what becomes of a text that PostgreSQL has answered."""

    def __init__(self, compiling: Compiling) -> None:
        self._checks = tuple(compiling.checks)
        self._price = price_of(compiling.levels)
        self._finishing = tuple(compiling.finishing)
        self._has_cursors = compiling.has_cursors

    def price(self, run: Run) -> Price:
        """What a run may cost. Raises `Invalid`, `BadCursor`."""
        for check in self._checks:
            check(run)
        return self._price(run)

    def finished(self, text: bytes | None, run: Run) -> bytes | None:
        """The answer of a run whose text this is. Raises `BadCursor`."""
        if text is None:
            return None
        if self._has_cursors:
            refuse_cursors_of_others(text)
        if not self._finishing:
            return text
        answer = orjson.loads(text)
        for path, finish in self._finishing:
            _finish(answer, path, partial(finish, run))
        return orjson.dumps(answer)


class Plan(AnyPlan):
    """One statement that answers the JSON of a root field, for all runs of one shape."""

    def __init__(self, compiling: Compiling, value: Expression) -> None:
        super().__init__(compiling)
        self.statement = statement_of_value(Cast(value, TextField()))

    def answer(self, run: Run) -> bytes | None:
        """The JSON, or none where there is nothing that the viewer may see. Raises `BadCursor`, `NotFound`."""
        row = self.statement.fetch(run)
        return self.finished(row[0], run) if row else None


class PlanForEach(AnyPlan):
    """One statement that answers the JSON of a root field to all of a run's askers, who are of one kind."""

    def __init__(self, compiling: Compiling, value: Expression) -> None:
        super().__init__(compiling)
        self.statement = StatementForEach(Cast(value, TextField()))

    @property
    def is_alike(self) -> bool:
        """Whether all of them are answered the same."""
        return self.statement.is_alike

    def answers(self, run: Run) -> list[bytes | Refusal | None]:
        """The JSON of each asker, in their order, or why they get none; where they are answered alike, one."""
        values = self.statement.values(run)
        askers = [None] if self.is_alike else run.askers
        runs = (Run(asker, run.variables, run.handed) for asker in askers)
        return [self._finished(text, its) for text, its in zip(values, runs, strict=True)]

    def _finished(self, text: bytes | None, run: Run) -> bytes | Refusal | None:
        # Whose cursor is of another row is found in the rows that they see: others may see none, and go on.
        try:
            return self.finished(text, run)
        except Refusal as refusal:
            return refusal


def _finish(value: Any, path: tuple[str, ...], finish: Finish) -> None:
    """Put in the place of the parts what is made of them; in every row of the lists on the way."""
    if value is None:
        return
    if isinstance(value, list):
        for each in value:
            _finish(each, path, finish)
    elif len(path) > 1:
        _finish(value.get(path[0]), path[1:], finish)
    elif value.get(path[0]) is not None:
        value[path[0]] = finish(**value[path[0]])

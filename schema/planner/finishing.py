"""What SQL cannot make: a sentence in the reader's language, an address that is signed for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType

from schema.planner.compiler import Asked, HandedRow, Row, admit
from schema.planner.rendering import Sql, json_object


@dataclass(frozen=True)
class Finished:
    """What SQL cannot make: it gathers the `parts`, as this viewer sees them, and `finish` makes the value of them.

    Each is as JSON has it. Where the value is an object, what is selected of it is taken from it. With an `argument`, which
    is of an enumeration, the parts are made of its value too.
    """

    parts: Callable[..., dict[str, Any]]
    finish: Callable[..., Any]
    argument: str | None = None
    #: What it takes to finish one, for the price.
    work: int = 0

    def compile(self, asked: Asked, row: Row) -> Any:
        """The parts as an object; the plan knows where it stands in the answer."""
        asked.level.add(work=self.work)
        shaped = _shaper(asked)
        asked.compiling.finishing.append((asked.path, lambda run, **parts: shaped(self.finish(**parts))))
        chosen = (asked.arguments[self.argument].now,) if self.argument else ()
        return json_object(self.parts(asked.viewer, *chosen))


@dataclass(frozen=True)
class HandedWhole:
    """What an action answered under the field's name: an object or a list of them, of which no statement knows."""

    def compile(self, asked: Asked, row: Row) -> Any:
        """A place for it; null where there is none."""
        if not isinstance(row, HandedRow):
            raise TypeError(f"{asked.parent.name}.{asked.name} is of nothing that was handed over")
        read, path, shaped = row.read, f"{row.path}{asked.python_name}", _shaper(asked)
        asked.compiling.finishing.append((asked.path, lambda run: shaped(read(run.handed, path))))
        return json_object({}) if row.known(asked.python_name) else Sql("NULL")


def _shaper(asked: Asked) -> Callable[[Any], Any]:
    """What makes of a value that was finished what is selected of it."""
    if not isinstance(asked.type, GraphQLObjectType):
        return lambda value: value
    inner = {key: _reader(each) for key, each in asked.fields(asked.type, asked.nodes, asked.path).items()}

    def shaped(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [shaped(each) for each in value]
        return {key: read(value) for key, read in inner.items()}

    return shaped


def _reader(asked: Asked) -> Callable[[Any], Any]:
    if asked.name == "__typename":
        type_name = asked.parent.name
        return lambda value: type_name
    admit(asked.definition, asked.compiling.standing)
    name, shaped = asked.python_name, _shaper(asked)
    return lambda value: shaped(getattr(value, name))

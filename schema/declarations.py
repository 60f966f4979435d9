"""How a field says where its value lives: a column, an expression, one row, many, or a connection.

A type is nothing but such declarations, so no rule can hide in a resolver, and no list can cost a statement a row: the
planner reads them, and compiles what a client selects of them into one statement.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any, Protocol, TypeVar

import strawberry
from django.db.models import Model, Q

from schema.context import Context
from schema.planner import elsewhere, pages, roots, sources
from schema.planner.compiler import SOURCE, Source
from schema.planner.finishing import Finished, HandedWhole
from schema.planner.sources import Narrow
from schema.policies import POLICY, Policy, shown_to

Type = TypeVar("Type", bound=type)

#: What a resolver is told, with our context.
Info = strawberry.Info[Context, None]


class Visible(Protocol):
    """A model whose default queryset says what a person may see."""

    objects: Any


First = Annotated[int | None, strawberry.argument(description="How many, 1 to 100; 20 when absent.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]
PAGE = {"first": First, "after": After}

#: The model of each type that has a global id, by the name of the type.
NODES: dict[str, Any] = {}


def field(
    source: Source,
    description: str,
    arguments: dict[str, Any] | None = None,
    *,
    policy: Policy | None = None,
    defaults: Mapping[str, Any] | None = None,
    **more: Any,
) -> Any:
    """A field whose value lives where the source says; an argument that may be null, or has a default, need not be given.

    Its policy is that of its type where it names none.
    """

    def never(**_: Any) -> None:
        raise RuntimeError("the planner answers this field")

    never.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=told,
                default=(defaults or {}).get(name, _default(told)),
            )
            for name, told in (arguments or {}).items()
        ]
    )
    metadata = {SOURCE: source} | ({POLICY: policy} if policy else {})
    return strawberry.field(resolver=never, description=description, metadata=metadata, **more)


def _default(annotation: Any) -> Any:
    told = annotation.__origin__
    return None if type(None) in getattr(told, "__args__", ()) else inspect.Parameter.empty


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    id: strawberry.ID = field(sources.GlobalId(), "Opaque and lasting; `node(id:)` finds the thing again.")


def node(model: type[Model], *, policy: Policy, description: str) -> Callable[[Type], Type]:
    """Declare the type of a model whose rows have global ids."""

    def declare(declared: Type) -> Type:
        NODES[declared.__name__] = model
        return shown_to(policy)(strawberry.type(declared, description=description))

    return declare


def column(description: str, *, name: str | None = None) -> Any:
    """The value of the row's own column, of the field's name or of another."""
    return field(sources.Column(name), description)


def expression(make: Callable[[Any], Any], *, of_viewer: type[Model] | None = None, description: str) -> Any:
    """What the database says of the row for this viewer; or, `of_viewer`, of the viewer's own row of that model."""
    return field(sources.Computed(make, of_viewer), description)


def chosen(make: Callable[[Any], Any], *, argument: str, told: Any, usual: Enum, description: str) -> Any:
    """What the database says of the row, made of the value of an argument: of an enumeration, `usual` when absent.

    An enumeration is a part of a plan's shape, so a value has an expression of its own, and no statement branches on it.
    """
    return field(sources.Chosen(make, argument), description, {argument: told}, defaults={argument: usual})


def itself(description: str, *, when: Q | None = None) -> Any:
    """The same row as another type; null where `when` does not hold of it."""
    return field(sources.Itself(when), description)


def handed(description: str) -> Any:
    """What an action answered under the field's name: values of another type; null where there are none."""
    return field(sources.Handed(), description)


def handed_words(description: str) -> Any:
    """Words that an action answered under the field's name, as one text with spaces between them; null where it did not."""
    return field(sources.HandedWords(), description)


def handed_whole(description: str) -> Any:
    """What an action answered under the field's name: objects of which no statement knows; null where there are none."""
    return field(HandedWhole(), description)


def one(
    model: type[Visible],
    *,
    key: str,
    when: Q | None = None,
    under: tuple[str, str] | None = None,
    description: str,
) -> Any:
    """The row that a key of this one points at; null when there is none, or none that the viewer may see.

    `under`: the name of a key of that row, and of the key of this one that is the same, where this one is told only to
    those who see what they both point at: then the row need not be asked for each of them.
    """
    return field(sources.One(model, key, when, under), description)


def one_of(models: dict[str, Any], *, description: str) -> Any:
    """The row that the one key of several which is set points at; null as with `one`."""
    return field(sources.OneOf(models), description)


def many(
    model: type[Visible],
    *,
    by: str,
    order: tuple[str, ...],
    node: str | None = None,
    narrow: Narrow | None = None,
    limited: bool = False,
    usual: int = 10,
    description: str,
) -> Any:
    """All rows whose key `by` points at this one, in a fixed order; only for lists that are short by nature.

    With `node` the value is not the row but what that foreign key of it points at, where the viewer may see it. `limited`:
    the client says how many of the first it wants. `usual`: how many they mostly are, for the price.
    """
    arguments = {"first": First} if limited else None
    return field(sources.Many(model, by, order, node, narrow, limited, usual), description, arguments)


def mine(model: type[Visible], *, by: str, owner: str, narrow: Narrow | None = None, description: str) -> Any:
    """The viewer's own row of this one, of which there is at most one; null for anybody else."""
    return field(sources.Mine(model, by, owner, narrow), description)


def connection(
    model: type[Visible],
    *,
    by: str,
    order: tuple[str, ...],
    node: str | None = None,
    node_type: str | None = None,
    narrow: Callable[..., Any] | None = None,
    arguments: dict[str, Any] | None = None,
    keys_first: bool = False,
    description: str,
) -> Any:
    """The rows whose key `by` points at this one, in pages; with `node`, what that foreign key of theirs points at.

    `narrow` is given the rows, and the value of each of the `arguments` that the list has besides those of its page.
    """
    more = arguments or {}
    source = pages.Connection(model, by, order, node, narrow, tuple(more), node_type, keys_first)
    return field(source, description, PAGE | more)


def only(model: type[Visible], *, by: str, narrow: Narrow | None = None, description: str) -> Any:
    """The row whose key `by` points at this one, of which there is at most one; null without one."""
    return field(sources.Only(model, by, narrow), description)


def stream_cursor(description: str, *, stream: str, key: str, seq: Any) -> Any:
    """Where the stream stands whose name is `stream` and the key; `seq` is a column or makes an expression."""
    return field(sources.StreamCursor(stream, key, seq), description)


def finished(
    parts: Callable[..., dict[str, Any]],
    finish: Callable[..., Any],
    *,
    argument: str | None = None,
    told: Any = None,
    usual: Enum | None = None,
    work: int = 0,
    description: str,
) -> Any:
    """What SQL cannot make: the parts are read with the row, and `finish` makes the value of them.

    It may be an object, whose fields are then columns of it. `argument`, `told`, `usual`: as with `chosen`, for the parts.
    `work`: what it takes to finish one, in tenths of a point.
    """
    source = Finished(parts, finish, argument, work)
    if argument is None:
        return field(source, description)
    return field(source, description, {argument: told}, defaults={argument: usual})


def handed_keys(model: type[Visible], *, keys: str, order: tuple[str, ...], description: str) -> Any:
    """The rows whose keys are handed over under a name."""
    return field(elsewhere.HandedKeys(model, keys, order), description)


def known_elsewhere(
    model: type[Visible], *, keys: Callable[[int], list[int]], order: tuple[str, ...], description: str
) -> Any:
    """The rows whose keys something else than PostgreSQL knows now, by the key of this row; a hundred of them at most."""
    return field(elsewhere.Elsewhere(model, keys, order), description)


def viewers_own(model: type[Visible], *, policy: Policy, description: str, **more: Any) -> Any:
    """A root field: the row that is the viewer; null for nobody."""
    return field(roots.ViewersOwn(model), description, policy=policy, **more)


def found(
    model: type[Visible], *, by: dict[str, str], arguments: dict[str, Any], policy: Policy, description: str
) -> Any:
    """A root field: the row that the first given of these arguments names, by the column of each; refused where none is."""
    return field(roots.Found(model, by), description, arguments, policy=policy)


def everything(
    model: type[Visible],
    *,
    place: str,
    orders: Mapping[Any, tuple[str, ...]],
    narrow: Narrow | None = None,
    filterset: Any = None,
    arguments: dict[str, Any] | None = None,
    policy: Policy,
    description: str,
    **more: Any,
) -> Any:
    """A root field: all that the viewer may see of a model, in pages; `place` is what its cursors call the list."""
    source = roots.Everything(model, place, orders, narrow, filterset)
    return field(source, description, (arguments or {}) | PAGE, policy=policy, **more)


def of_the_request(name: str, *, key: str, policy: Policy, description: str) -> Any:
    """A root field: what the context of the request knows under a name; `key` is a field of it that is never null."""
    return field(roots.OfTheRequest(name, key), description, policy=policy)

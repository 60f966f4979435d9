"""What subscribers are told of an event: made once for all who select the same of it, however many they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import orjson
from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    VariableNode,
    get_argument_values,
    get_variable_values,
    located_error,
)
from graphql.language.visitor import Visitor, visit

from backend.core.refusals import Refusal
from schema.context import Asker, Standing
from schema.documents import Operation, RootField
from schema.errors import told as told_error
from schema.execution import asked_of, kept_plan, value_at
from schema.operations import core
from schema.planner.arguments import shape_of
from schema.planner.compiler import Asked, HandedRow, TooComplex
from schema.planner.plans import PlanForEach
from schema.planner.prices import MOST_NODES
from schema.planner.slots import Run
from schema.planner.statements import is_away
from schema.policies import policy_of
from schema.preparing import BadRequest, Prepared
from schema.subscriptions import Happening, Wanted, by_standing, followed_by


@dataclass(frozen=True, slots=True)
class Told:
    """What one subscriber is told: the payload of the protocol's `next`, or of what ends the subscription."""

    text: str
    is_last: bool = False


@dataclass(eq=False)
class Telling:
    """What a document selects of the events of a stream, with the values of the variables that the selection uses."""

    _operation: Operation
    _field: RootField
    _definition: GraphQLField
    _variables: dict[str, Any]
    _shape: Any = field(init=False)

    def __post_init__(self) -> None:
        self._shape = shape_of(self._variables)

    def of(self, event: Happening, askers: Iterable[Asker | None]) -> dict[Asker | None, Told]:
        """What each of them is told of it: one statement for all, or one for each kind of them where it depends on that.

        Raises what Django raises when PostgreSQL cannot be reached; whatever else fails ends the subscription of those whom
        it fails for, and is told them.
        """
        said: dict[Asker | None, Told] = {}
        known: dict[str, Told] = {}
        for standing, alike in by_standing(askers).items():
            try:
                said |= self._answers(event, standing, alike, known)
            except Exception as error:
                if is_away(error):
                    raise
                said |= dict.fromkeys(alike, self._failed(error))
        return said

    def _answers(
        self, event: Happening, standing: Standing | None, askers: list[Any], known: dict[str, Told]
    ) -> dict[Asker | None, Told]:
        plan = self._plan(event, standing)
        run = Run(None, self._variables, event, askers)
        if plan.price(run).nodes > MOST_NODES:
            raise TooComplex
        if not plan.is_alike:
            return dict(zip(askers, map(self._said, plan.answers(run)), strict=True))
        # The plans of two kinds of people differ, and their statements need not.
        text = plan.statement.text
        if text not in known:
            known[text] = self._said(plan.answers(run)[0])
        return dict.fromkeys(askers, known[text])

    def _said(self, answer: bytes | Refusal | None) -> Told:
        if isinstance(answer, Refusal):
            return self._failed(answer)
        return Told(f'{{"data":{{"{self._field.key}":{(answer or b"null").decode()}}}}}')

    def _failed(self, error: Exception) -> Told:
        return _last(told_error(located_error(error, self._field.nodes, [self._field.key])))

    def _plan(self, event: Happening, standing: Standing | None) -> PlanForEach:
        row = HandedRow(event, value_at)
        key = (self._operation, self._field.key, self._shape, standing, event.kind)

        def ask() -> Asked:
            policy_of(self._definition).refuse(standing)
            return asked_of(core, self._operation, self._field, self._variables, standing)

        return kept_plan(
            key, PlanForEach, ask, lambda asked: followed_by(self._definition).compile(asked, row)
        )


#: Those that somebody is told by: a thousand who select the same share one.
_tellings: WeakValueDictionary[tuple[Operation, str, bytes], Telling] = WeakValueDictionary()


def subscribed(
    prepared: Prepared, asker: Asker | None, *, after: str | None = None
) -> tuple[Wanted, Telling]:
    """What stream a subscription wants, and how it is told. Raises `BadRequest`, whatever it is refused for.

    `after`: the cursor that its transport has kept, which is newer than the one in its document.
    """
    operation = prepared.operation
    definitions = operation.definition.variable_definitions
    variables = get_variable_values(core, definitions, prepared.variables, max_errors=50)
    if isinstance(variables, list):
        raise BadRequest(*variables, code="VALIDATION")
    try:
        fields = operation.root_fields(core, variables, shape_of(variables))
        if len(fields) != 1 or (definition := fields[0].definition) is None:
            raise GraphQLError(
                "A subscription selects one field.", [*operation.definition.selection_set.selections]
            )
        policy_of(definition).refuse(asker.standing if asker else None)
        given = get_argument_values(definition, fields[0].nodes[0], variables)
        by_name = {_python_name(definition, name): value for name, value in given.items()}
        if after is not None:
            by_name["after"] = after
        wanted = followed_by(definition).wanted(by_name, asker)
    except (GraphQLError, Refusal) as error:
        raise refused(error) from None
    used = _variables_below(operation, fields[0])
    # Null is not the same as nothing, which a default stands in for.
    given_below = {name: prepared.variables[name] for name in used if name in prepared.variables}
    key = (operation, fields[0].key, orjson.dumps(given_below))
    if (telling := _tellings.get(key)) is None:
        its_own = {name: value for name, value in variables.items() if name in used}
        telling = _tellings[key] = Telling(operation, fields[0], definition, its_own)
    return wanted, telling


def refused(error: GraphQLError | Refusal) -> BadRequest:
    """The refusal of a subscription, as its client is told."""
    if isinstance(error, Refusal):
        error = GraphQLError(error.message, original_error=error)
    return BadRequest(error, code="VALIDATION")


def last(refusal: Refusal) -> Told:
    """What ends the subscription of somebody who may follow it no more."""
    return _last(*refused(refusal).errors)


def _last(*problems: dict[str, Any]) -> Told:
    return Told(orjson.dumps(problems).decode(), is_last=True)


def _python_name(definition: GraphQLField, argument: str) -> str:
    name: str = definition.args[argument].extensions["strawberry-definition"].python_name
    return name


@lru_cache(256)
def _variables_below(operation: Operation, field: RootField) -> tuple[str, ...]:
    # Not those of the field itself: where in its stream somebody begins decides nothing about what is selected.
    found = _Variables(operation.fragments)
    for node in field.nodes:
        if node.selection_set:
            visit(node.selection_set, found)
    return tuple(sorted(found.names))


class _Variables(Visitor):
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._fragments = fragments
        self._entered: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        name = node.name.value
        if name not in self._entered:
            self._entered.add(name)
            visit(self._fragments[name], self)

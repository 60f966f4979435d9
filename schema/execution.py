"""The root fields of one operation: each is answered by its plan, which is made once for all runs of its shape."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

import orjson
from cachetools import LRUCache
from graphql import (
    ExecutionContext,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    default_type_resolver,
    get_argument_values,
)
from graphql.execution.execute import CollectedErrors
from graphql.pyutils import Path

from backend.core.refusals import NotFound, Refusal
from schema.context import Context, Standing
from schema.deadlines import Deadline
from schema.documents import Operation, RootField
from schema.introspection import introspection
from schema.mutations import Answer
from schema.planner.arguments import arguments_of
from schema.planner.compiler import Asked, Compiling, HandedRow, TooComplex, source_of
from schema.planner.plans import Plan, PlanForEach
from schema.planner.prices import DEED, Price
from schema.planner.roots import NOWHERE, Root
from schema.planner.slots import Run, ViewerSlot
from schema.policies import policy_of

#: Characters of the statements that are kept, whatever documents they are of; a plan takes a few times its statement.
KEPT = 16 * 1024 * 1024

AnyPlan = TypeVar("AnyPlan", Plan, PlanForEach)

_plans: LRUCache[Hashable, Any] = LRUCache(KEPT, getsizeof=lambda plan: len(plan.statement.text))
_lock = Lock()


@dataclass(eq=False, slots=True)
class Execution:
    """One operation while it runs, for one asker, with variables that hold."""

    schema: GraphQLSchema
    operation: Operation
    context: Context
    variables: dict[str, Any]
    #: What of the variables decides about plans.
    shape: Hashable
    deadline: Deadline
    #: The plans of a query's fields, and the runs that they were priced for.
    _planned: dict[str, tuple[Plan, Run, bool]] = field(default_factory=dict)
    #: Objects of introspection that its root fields ask for.
    _told_of_schema: int = 0
    _core: ExecutionContext | None = None

    @property
    def errors(self) -> list[GraphQLError]:
        """What introspection refused; other fields raise."""
        return self._core.collected_errors.errors if self._core else []

    def price(self, field: RootField) -> Price:
        """What a root field costs; nothing is asked or done yet. Raises as `answer`."""
        if field.definition is None:
            return self._price_of_introspection(field)
        match self.operation.definition.operation:
            case OperationType.QUERY:
                plan, run, _ = self._planned[field.key] = self._plan_of_query(field, field.definition)
                return plan.price(run)
            case OperationType.MUTATION:
                return self._price_of_deed(field)
            case OperationType.SUBSCRIPTION:
                raise TypeError("what a subscription is told has its price each time: schema.tellings")

    def answer(self, field: RootField) -> Any:
        """The value of a root field that was priced. Raises `Refusal`, `GraphQLError`, and whatever a bug raises."""
        if field.definition is None:
            return self._introspected(field)
        match self.operation.definition.operation:
            case OperationType.QUERY:
                return self._read(field)
            case OperationType.MUTATION:
                return self._done(field, field.definition)
            case OperationType.SUBSCRIPTION:
                raise TypeError("what a subscription is told is no answer: schema.tellings")

    def _plan_of_query(self, field: RootField, definition: GraphQLField) -> tuple[Plan, Run, bool]:
        source = source_of(definition)
        if not isinstance(source, Root):
            raise TypeError(f"{field.name} is no root field")
        policy_of(definition).refuse(self.context.standing)
        run = Run(self.context.session, self.variables, self.context)
        more = source.shape(lambda: arguments_of(definition, field.nodes[0], self.variables), run)
        plan = self._plan(field, more, lambda asked: source.compile(asked, NOWHERE))
        return plan, run, source.must_be

    def _read(self, field: RootField) -> Any:
        plan, run, must_be = self._planned[field.key]
        found = plan.answer(run)
        if found is None and must_be:
            raise NotFound
        return found and orjson.Fragment(found)

    def _done(self, field: RootField, definition: GraphQLField) -> Any:
        """Do what a mutation says (strawberry reads its input), and answer what of it is selected."""
        core = self._core_context()
        path = Path(None, field.key, self.operation.type.name)
        info = core.build_resolve_info(definition, field.nodes, self.operation.type, path)
        arguments = get_argument_values(definition, field.nodes[0], self.variables)
        answer: Answer | Refusal = definition.resolve(None, info, **arguments)  # type: ignore[misc]
        if isinstance(answer, Refusal):
            return _refused(self._asked(field), answer)
        row = HandedRow(answer, value_at)
        plan = self._plan(field, answer.shape(), lambda asked: asked.select(row))
        run = Run(self.context.session, self.variables, answer)
        # Once more by what it answered, for a cursor that is of no list of that.
        plan.price(run)
        return orjson.Fragment(plan.answer(run) or b"null")

    def _price_of_deed(self, field: RootField) -> Price:
        # Before anything is done: what is asked of the answer must not be refused when it stands already. As if all that
        # an action can answer were there; a plan that is only made, and never run.
        everything = HandedRow(None, lambda now, path: True)
        # Whoever is nobody yet may be somebody when it is done.
        standing = self.context.standing or Standing()
        plan = self._plan_for(standing, field, "before", lambda asked: asked.select(everything))
        nodes, work = plan.price(Run(self.context.session, self.variables))
        return Price(nodes, work + DEED)

    def _plan(self, field: RootField, more: Hashable, compile: Callable[[Asked], Any]) -> Plan:
        return self._plan_for(self.context.standing, field, more, compile)

    def _plan_for(
        self, standing: Standing | None, field: RootField, more: Hashable, compile: Callable[[Asked], Any]
    ) -> Plan:
        key = (self.operation, field.key, self.shape, standing, more)

        def ask() -> Asked:
            return asked_of(self.schema, self.operation, field, self.variables, standing)

        return kept_plan(key, Plan, ask, compile)

    def _asked(self, field: RootField) -> Asked:
        return asked_of(self.schema, self.operation, field, self.variables, self.context.standing)

    def _price_of_introspection(self, field: RootField) -> Price:
        found = introspection(self.schema)
        price = found.price(field.nodes, self.operation.fragments)
        self._told_of_schema += price.nodes
        if self._told_of_schema > found.most_nodes:
            raise TooComplex(
                f"It asks for {self._told_of_schema:,} things of the schema; at most {found.most_nodes:,} are told."
            )
        # They are none of those that an operation may ask for: no statement is run for them.
        return Price(work=price.work)

    def _introspected(self, field: RootField) -> Any:
        path = Path(None, field.key, self.operation.type.name)
        return self._core_context().execute_field(self.operation.type, None, field.nodes, path)

    def _core_context(self) -> ExecutionContext:
        if self._core is None:
            self._core = ExecutionContext(
                self.schema,
                self.operation.fragments,
                None,
                self.context,
                self.operation.definition,
                self.variables,
                default_field_resolver,
                default_type_resolver,
                default_field_resolver,
                CollectedErrors(),
                None,
                None,
            )
        return self._core


def kept_plan(
    key: Hashable, kind: type[AnyPlan], ask: Callable[[], Asked], compile: Callable[[Asked], Any]
) -> AnyPlan:
    """The plan of that key, made of what is asked when there is none yet."""
    with _lock:
        if (kept := _plans.get((kind, key))) is not None:
            return cast(AnyPlan, kept)
    asked = ask()
    plan = kind(asked.compiling, compile(asked))
    # A plan is kept, and must keep nothing of what its first asker sent.
    asked.compiling.variables = {}
    with _lock:
        if len(plan.statement.text) < KEPT:
            _plans[(kind, key)] = plan
    return plan


def asked_of(
    schema: GraphQLSchema,
    operation: Operation,
    field: RootField,
    variables: dict[str, Any],
    standing: Standing | None,
) -> Asked:
    """A root field as a plan of it begins, for viewers who stand alike; None is nobody."""
    if field.definition is None:
        raise TypeError(f"{field.name} is introspection")
    slot = None if standing is None else ViewerSlot(standing)
    compiling = Compiling(schema, operation.fragments, variables, slot)
    return Asked(compiling, operation.type, field.name, field.definition, field.nodes, ())


def value_at(root: Any, path: str) -> Any:
    """The value of a dotted path through attributes and the keys of documents; None where it ends early."""
    for part in path.split("."):
        root = root.get(part) if isinstance(root, dict) else getattr(root, part, None)
        if root is None:
            return None
    return root


def _refused(asked: Asked, refusal: Refusal) -> dict[str, Any]:
    """A payload of which nothing was done: the reasons, and null for everything else."""
    return {
        key: _of_refused(each, refusal) for key, each in asked.fields(asked.type, asked.nodes, ()).items()
    }


def _of_refused(asked: Asked, refusal: Refusal) -> Any:
    if asked.name == "__typename":
        return asked.parent.name
    if asked.name != "errors":
        return None
    said = {
        "code": refusal.code,
        "message": refusal.message,
        "field": refusal.field,
        "__typename": "UserError",
    }
    return [{key: said[each.name] for key, each in asked.fields(asked.type, asked.nodes, ()).items()}]

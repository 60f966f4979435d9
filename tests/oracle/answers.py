"""Two answers to one question, the oracle's and the planner's, and what it means that they are the same."""

import json
from difflib import unified_diff
from functools import cache
from typing import Any

from django.db import transaction
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute,
    is_non_null_type,
    parse,
    print_schema,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.values import get_variable_values

from backend.accounts.models import Session
from backend.core.refusals import Refusal
from schema.context import Context
from schema.declarations import NODES
from schema.documents import Documents
from schema.guard import Limits
from schema.member.schema import schema
from schema.operations import run
from schema.planner.compiler import SOURCE
from schema.preparing import BadRequest, Prepared, encode
from schema.sessions import session_of
from tests.oracle.paging import Reader, in_python, spelled
from tests.oracle.resolvers import Shown, resolver

_DECLARED = schema._schema


@cache
def oracle(read: Reader = in_python) -> GraphQLSchema:
    """The schema once more, of its SDL: so nothing that strawberry has attached to it can be called."""
    made = build_schema(print_schema(_DECLARED))
    for type_ in made.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = _type_of
        elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                declared = _DECLARED.type_map[type_.name].fields[name].extensions["strawberry-definition"]
                field.resolve = resolver(declared.metadata.get(SOURCE), declared.python_name, read)
    made.type_map["DateTime"].serialize = spelled
    return made


def _type_of(row: Any, info: Any, type_: Any) -> str:
    if isinstance(row, Shown):
        return row.as_type
    return next(name for name, model in NODES.items() if type(row) is model)


def by_the_oracle(query: str, variables: dict[str, Any], token: str | None) -> ExecutionResult:
    """What walking from row to row answers."""
    session = Session.objects.of_token(token).select_related("user").get() if token else None
    return execute(oracle(), parse(query), context_value=Context(session=session), variable_values=variables)


def by_the_planner(query: str, variables: dict[str, Any], token: str | None) -> dict[str, Any]:
    """What clients are answered."""
    session = session_of(f"Bearer {token}" if token else "")
    answer = encode(run(prepared(query, variables), Context(session=session)))
    told: dict[str, Any] = json.loads(answer, object_pairs_hook=_once)
    told.pop("extensions", None)  # What it cost, which only the planner says.
    return told


#: Generated documents say the same thing more often than any client: what the guard refuses is not what is compared here.
_documents = Documents(
    _DECLARED,
    limits=Limits(depth=99, fields=9_999, aliases=999, directives=99, root_fields=99, equal_names=999),
)


def prepared(query: str, variables: dict[str, Any]) -> Prepared:
    """An operation that only has to hold."""
    return Prepared(_documents.operation(query, None), variables)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Different(f"a name stands twice in one object: {[name for name, _ in pairs]}")
    return found


def code_of(error: GraphQLError) -> str:
    """What a client is told of an error."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError) and cause.nodes:
        # What graphql-core itself refuses, a null where none may be, stands at a place of the document.
        return "VALIDATION"
    return cause.code if isinstance(cause, Refusal) else "INTERNAL"


def assert_same(
    query: str, variables: dict[str, Any], token: str | None, doubtful: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Both answer the same; answers what the planner does. Raises `Different`.

    Wherever in a root field the oracle refuses, the planner refuses the whole of it, with one error. `doubtful`: codes that
    the planner may refuse with although the oracle does not, for it reads every argument before any row, and so refuses a
    wrong one even where there is no row to ask it of.
    """
    try:
        told = by_the_planner(query, variables, token)
    except BadRequest as refused:
        # What is refused whole, for its price: nothing of it was answered that could be compared.
        if {error["extensions"]["code"] for error in refused.errors} <= doubtful:
            return {}
        raise
    _compare(told, query, variables, token, doubtful)
    return told


def _compare(
    told: dict[str, Any], query: str, variables: dict[str, Any], token: str | None, doubtful: frozenset[str]
) -> None:
    if any(error["extensions"]["code"] == "INTERNAL" for error in told.get("errors", ())):
        raise Failed(f"the planner says {told['errors']}")
    expected = by_the_oracle(query, variables, token)
    codes: dict[Any, set[str]] = {}
    for error in expected.errors or ():
        if error.path is None:
            _assert_nothing_ran(told, error)
            return
        if code_of(error) == "INTERNAL":
            raise Different(f"the oracle failed at {error.path}: {error!r}") from error.original_error
        codes.setdefault(error.path[0], set()).add(code_of(error))
    errors = [(error["path"], error["extensions"]["code"]) for error in told.get("errors", ())]
    for (key, *below), code in errors:
        if below or code not in codes.get(key, set()) | doubtful:
            raise Different(f"the planner says {told['errors']}, and the oracle {expected.errors}")
    refused = {path[0] for path, _ in errors}
    if len(refused) != len(errors):
        raise Different(f"one field, one error: {errors}")
    fields = _root_fields(query, variables)
    if expected.data is None or any(is_non_null_type(fields[key].type) for key in refused | codes.keys()):
        # What cannot be null takes all with it, and the planner stops there.
        wanted, missed = None, set() if refused else codes.keys()
    else:
        wanted = {key: None if key in refused else value for key, value in expected.data.items()}
        missed = codes.keys() - refused
    if missed:
        raise Different(f"the planner answers what the oracle refuses: {expected.errors}")
    if (asked := spelled_out(told["data"])) != (walked := spelled_out(wanted)):
        lines = unified_diff(walked.splitlines(), asked.splitlines(), "oracle", "planner", lineterm="", n=6)
        raise Different("\n".join(lines))


def _assert_nothing_ran(told: dict[str, Any], error: GraphQLError) -> None:
    codes = [each["extensions"]["code"] for each in told.get("errors", ()) if "path" not in each]
    if told.get("data") is not None or codes != [code_of(error)]:
        raise Different(f"the planner says {told}, and the oracle {error}")


def differs(
    query: str, variables: dict[str, Any], token: str | None, doubtful: frozenset[str]
) -> Exception | None:
    """In what the two answers differ, if they do."""
    try:
        # A statement that PostgreSQL refuses ends what it stands in.
        with transaction.atomic():
            assert_same(query, variables, token, doubtful)
    except Exception as different:
        return different
    return None


class Different(AssertionError):
    """The planner and the oracle do not answer the same."""


class Failed(Different):
    """The planner does not answer at all."""


def _root_fields(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The root fields of a document by the names that the answer gives them."""
    document, made = parse(query), oracle()
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in document.definitions if each is not operation}
    given = get_variable_values(made, operation.variable_definitions, variables)
    found = collect_fields(made, fragments, given, made.query_type, operation.selection_set)
    return {key: made.query_type.fields.get(nodes[0].name.value) for key, nodes in found.items()}


def spelled_out(value: Any) -> str:
    """A text that is the same for the same JSON, and only for it: the order of keys counts, and 3.0 is 3."""
    return json.dumps(_plain(value), indent=1, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value

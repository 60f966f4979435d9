"""From the text of a document to an operation that may run: parsed, held against the schema, kept for the next time."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.collect_fields import collect_fields
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged

from schema.guard import LIMITS, Limits, TooComplex, refuse_excess

#: A longer document is not a question but an attack; a long text belongs into its variables.
MOST_TOKENS, MOST_CHARACTERS = 1_000, 20_000
# What graphql-core's validation may do before it gives up: 5,000 comparisons of two fields, and as many looks at what the
# fragments of many operations share. The largest document of our clients takes a fiftieth. It reads both when it begins.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000
validation_context.MAX_FRAGMENT_WORK = 5_000
#: Characters of the documents that are kept, each counted for some more; in memory a document takes up to a hundred times
#: its text, so this is about 100 MB when somebody fills it on purpose.
KEPT, EACH = 1024 * 1024, 1024


class Unfit(Exception):
    """A document cannot be run as it is; the code says which rule it breaks."""

    def __init__(self, *errors: GraphQLError, code: str, attempts: int = 0) -> None:
        super().__init__(code)
        self.errors = errors
        self.code = code
        #: How often it would have done what is done once a request, as `schema.guard` and the text say.
        self.attempts = attempts


@dataclass(eq=False, frozen=True, slots=True)
class RootField:
    """A field of an operation's root type, as it is selected."""

    key: str
    name: str
    #: None for `__typename` and the fields of introspection.
    definition: GraphQLField | None
    nodes: list[FieldNode]


@dataclass(eq=False, slots=True)
class Operation:
    """One operation of a document that holds."""

    text: str
    document: DocumentNode
    definition: OperationDefinitionNode
    type: GraphQLObjectType
    fragments: dict[str, FragmentDefinitionNode]
    #: What it selects, by the values of its directives' variables.
    _selected: dict[Hashable, list[RootField]] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """Its name, if it has one."""
        return self.definition.name.value if self.definition.name else None

    def root_fields(
        self, schema: GraphQLSchema, variables: dict[str, Any], shape: Hashable
    ) -> list[RootField]:
        """What it selects with variables of such a shape. Raises `GraphQLError` where a directive is given null."""
        if (found := self._selected.get(shape)) is None:
            selected = collect_fields(
                schema, self.fragments, variables, self.type, self.definition.selection_set
            )
            found = [
                RootField(key, nodes[0].name.value, self.type.fields.get(nodes[0].name.value), nodes)
                for key, nodes in selected.items()
            ]
            if len(self._selected) < 64:
                self._selected[shape] = found
        return found


class Documents:
    """The operations of one schema that were asked for; a document is kept only when it holds."""

    def __init__(
        self, schema: GraphQLSchema, alone: frozenset[str] = frozenset(), limits: Limits = LIMITS
    ) -> None:
        self.schema = schema
        self.limits = limits
        #: The mutations that must be the only field of their operation.
        self.alone = alone
        self._attempt = re.compile(rf"\b(?:{'|'.join(sorted(alone)) or '(?!)'})\b")
        self._kept: LRUCache[tuple[str, str | None], Operation] = LRUCache(
            KEPT, getsizeof=lambda operation: EACH + len(operation.text)
        )
        self._lock = Lock()

    def knows(self, query: str, name: str | None) -> bool:
        """Whether that operation is kept, and need not be read."""
        with self._lock:
            return (query, name) in self._kept

    def operation(self, query: str, name: str | None) -> Operation:
        """The operation of that name, or the only one. Raises `Unfit`."""
        asked = (query, name)
        with self._lock:
            if (kept := self._kept.get(asked)) is not None:
                return kept
        found = self._read(query, name)
        with self._lock:
            if len(query) + EACH < KEPT:
                self._kept[asked] = found
        return found

    def _read(self, query: str, name: str | None) -> Operation:
        try:
            if len(query) > MOST_CHARACTERS:
                said = f"It has {len(query):,} characters; at most {MOST_CHARACTERS:,} are read. Send texts as variables."
                raise TooComplex(said, self._attempts_in(query))
            document = parse(query, max_tokens=MOST_TOKENS)
            refuse_odd_characters_of(document, query)
            refuse_excess(document, self.alone, self.limits)
            problems = self._problems(document)
        except OddCharacter as odd:
            raise Unfit(GraphQLError(str(odd)), code="VALIDATION") from None
        except TooComplex as refused:
            raise Unfit(
                GraphQLError(str(refused)), code="QUERY_TOO_COMPLEX", attempts=refused.attempts
            ) from None
        except GraphQLError as error:
            # Its parser's words for too many tokens, and for too many levels of braces and brackets.
            too_complex = error.message.endswith("Parsing aborted.")
            raise (
                Unfit(error, code="QUERY_TOO_COMPLEX", attempts=self._attempts_in(query))
                if too_complex
                else Unfit(error, code="GRAPHQL_PARSE_FAILED")
            ) from None
        except RecursionError:
            raise Unfit(GraphQLError("It is nested too deeply."), code="QUERY_TOO_COMPLEX") from None
        if problems:
            # graphql-core's words when it has compared more fields with one another than it will.
            too_complex = any(problem.message == "Validation aborted." for problem in problems)
            raise Unfit(*problems, code="QUERY_TOO_COMPLEX" if too_complex else "GRAPHQL_VALIDATION_FAILED")
        definition = get_operation_ast(document, name)
        root = self.schema.get_root_type(definition.operation) if definition else None
        if definition is None:
            raise Unfit(GraphQLError("Name one operation of the document."), code="OPERATION_NOT_FOUND")
        if root is None:
            said = f"This schema has no {definition.operation.value}s."
            raise Unfit(GraphQLError(said, definition), code="GRAPHQL_VALIDATION_FAILED")
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        _forget_tokens(document)
        return Operation(query, document, definition, root, fragments)

    def _attempts_in(self, query: str) -> int:
        # What was not parsed is counted by its words.
        return len(self._attempt.findall(query))

    def _problems(self, document: DocumentNode) -> list[GraphQLError]:
        for definition in document.definitions:
            if not isinstance(definition, ExecutableDefinitionNode):
                return [GraphQLError("Only operations and fragments are read here.", definition)]
        try:
            return validate(self.schema, document, max_errors=5)
        except GraphQLError as error:
            # A rule of graphql-core raises it: a subscription's field may not depend on a variable.
            return [error]


def _forget_tokens(document: DocumentNode) -> None:
    """Drop the chain of its tokens, which is in circles.

    Without it a kept document is half as large, and is gone at once when it is kept no more, not when Python next looks for
    circles, for which everybody waits.
    """
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, NameNode):
            # Whatever is said of a name from now on, is said of what has it.
            node.loc = None
        elif node.loc:
            # Where it stands in the text is numbers.
            node.loc.start_token = node.loc.end_token = None
        for key in node.keys:
            value = getattr(node, key)
            if isinstance(value, Node):
                waiting.append(value)
            elif isinstance(value, tuple):
                waiting += value


class OddCharacter(ValueError):
    """A text holds what can be escaped into JSON or GraphQL, and stored nowhere."""


def refuse_odd_characters(value: Any) -> None:
    """Raises `OddCharacter` for a text, or one in a list or object, that PostgreSQL or UTF-8 cannot hold."""
    if isinstance(value, str):
        if "\0" in value:
            raise OddCharacter("A text cannot hold a NUL character.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise OddCharacter("A text cannot hold half a character.") from None
    elif isinstance(value, dict):
        refuse_odd_characters([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            refuse_odd_characters(each)


class _OddCharacters(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        refuse_odd_characters(node.value)


def refuse_odd_characters_of(document: DocumentNode, query: str) -> None:
    """Raises `OddCharacter`. Only an escape can bring one in, so most documents are not walked for it."""
    if "\\u" in query:
        visit(document, _OddCharacters())

"""What a document may ask for, decided before it is held against the schema: one pass, whatever it repeats.

A fragment is measured once and counted wherever it is spread, so that what takes a line to write and a million fields to
say is refused for a million fields in the time of a line. (strawberry's own limiters of depth and aliases walk into every
spread, and double their time with each link of a chain.) What does not hold, fragments in circles or nowhere, is counted
as nothing here: validation refuses it.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
)

#: Root fields that are about the schema itself, and may go deeper: the question that every tool asks first is 15 deep.
INTROSPECTION = ("__schema", "__type")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each, in one operation with its fragments counted where they are spread."""

    depth: int = 10
    introspection_depth: int = 16
    fields: int = 500
    aliases: int = 30
    directives: int = 10
    root_fields: int = 10
    #: Fields of one name in the answer, which are one field there, and must be compared each with each.
    equal_names: int = 20
    variables: int = 100
    #: Of the whole document.
    operations: int = 20
    fields_of_all: int = 800
    fragments: int = 30
    spreads: int = 150
    #: Braces within one another, those of fragments too, which are no level of the answer.
    braces: int = 40
    #: Lists and objects within one another, in a value that stands in the document; and what stands in all of them.
    nesting: int = 10
    items: int = 200


LIMITS = Limits()
#: Beyond, it does not matter how many.
_COUNTED = 1_000_000


class TooComplex(Exception):
    """A document asks for more than it may; the message says of what, how much, and how much is allowed."""

    def __init__(self, message: str, attempts: int = 0) -> None:
        super().__init__(message)
        #: How often it would have done what may be done once a request: each counts for who limits that.
        self.attempts = attempts


@dataclass(slots=True)
class Measure:
    """How much something asks for."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    #: Of fields within one another.
    depth: int = 0
    braces: int = 0
    #: Of lists and objects within one another in its values, and what stands in them.
    nesting: int = 0
    items: int = 0

    def add(self, other: "Measure", *, below: int = 0) -> None:
        """Count what stands within its braces; a field of it is a level of the answer above."""
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.depth = max(self.depth, other.depth + below)
        self.braces = max(self.braces, other.braces + 1)
        self.nesting = max(self.nesting, other.nesting)
        self.items += other.items

    def add_value(self, value: ValueNode | None, level: int = 1) -> None:
        """Count what a value is made of."""
        if isinstance(value, ListValueNode):
            inner = value.values
        elif isinstance(value, ObjectValueNode):
            inner = tuple(field.value for field in value.fields)
        else:
            return
        self.nesting = max(self.nesting, level)
        self.items += len(inner)
        for each in inner:
            self.add_value(each, level + 1)


def refuse_excess(document: DocumentNode, alone: Container[str] = (), limits: Limits = LIMITS) -> None:
    """Raises `TooComplex` for a document that asks for more than it may.

    `alone`: the mutations that must be the only field of their operation.
    """
    _Guard(document, limits).refuse(alone)


class _Guard:
    """One document while it is measured."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._operations = [
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        ]
        defined = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
        self._fragment_count = len(defined)
        # Of two that have one name the first counts, as everywhere; and validation refuses the document.
        self._fragments = {each.name.value: each for each in reversed(defined)}
        self._measured: dict[str, Measure] = {}
        self._merged: dict[str, list[FieldNode]] = {}
        #: Fragments that are being walked through now: a spread of one of them is a circle.
        self._entered: set[str] = set()
        self._is_whole = True
        self._spreads = 0

    def refuse(self, alone: Container[str]) -> None:
        """Raises `TooComplex`."""
        limits = self._limits
        _refuse("operations", len(self._operations), limits.operations)
        _refuse("fragments", self._fragment_count, limits.fragments)
        fields_of_all = 0
        for operation in self._operations:
            _refuse("variables", len(operation.variable_definitions), limits.variables)
            whole = self._selection(operation.selection_set)
            for variable in operation.variable_definitions:
                self._values(whole, variable.directives)
                whole.add_value(variable.default_value)
            self._values(whole, operation.directives)
            self._refuse_measure(whole, limits.introspection_depth)
            fields_of_all += whole.fields
        for fragment in self._fragments:
            # Whether anybody spreads it or not: validation looks at them all.
            self._refuse_measure(self._fragment(fragment), limits.introspection_depth)
        _refuse("places where fragments are spread", self._spreads, limits.spreads)
        _refuse("fields in all operations", fields_of_all, limits.fields_of_all)
        if not self._is_whole:
            return
        # By now there are few fields, so they may be looked at one by one, wherever they are spread.
        for operation in self._operations:
            self._refuse_roots(operation, alone)
        for root in (*self._operations, *self._fragments.values()):
            self._refuse_equal_names(self._flat(root.selection_set))

    def _refuse_measure(self, measure: Measure, depth: int) -> None:
        limits = self._limits
        _refuse("fields", measure.fields, limits.fields)
        _refuse("aliases", measure.aliases, limits.aliases)
        _refuse("directives", measure.directives, limits.directives)
        _refuse("levels of fields", measure.depth, depth)
        _refuse("levels of braces", measure.braces + 1, limits.braces)
        _refuse("levels of lists and objects in a value", measure.nesting, limits.nesting)
        _refuse("things in the lists and objects of its values", measure.items, limits.items)

    def _refuse_roots(self, operation: OperationDefinitionNode, alone: Container[str]) -> None:
        roots = self._flat(operation.selection_set)
        by_name = {_key(each): each.name.value for each in roots}
        if operation.operation is OperationType.MUTATION:
            attempts = sum(name in alone for name in by_name.values())
            others = sum(name != "__typename" for name in by_name.values())
            if attempts and others > 1:
                name = next(each for each in by_name.values() if each in alone)
                raise TooComplex(
                    f"`{name}` is done alone, one in a request; this asks for {others} things.", attempts
                )
        _refuse("root fields", len(by_name), self._limits.root_fields)
        for root in roots:
            if root.name.value not in INTROSPECTION and root.selection_set is not None:
                _refuse("levels of fields", 1 + self._selection(root.selection_set).depth, self._limits.depth)

    def _refuse_equal_names(self, merged: list[FieldNode]) -> None:
        waiting = [merged]
        while waiting:
            by_key: dict[str, list[FieldNode]] = {}
            for field in waiting.pop():
                by_key.setdefault(_key(field), []).append(field)
            for key, alike in by_key.items():
                _refuse(
                    f"fields that are called `{key[:40]}` in one place", len(alike), self._limits.equal_names
                )
                below = [
                    each for field in alike if field.selection_set for each in self._flat(field.selection_set)
                ]
                if below:
                    waiting.append(below)

    def _fragment(self, name: str) -> Measure:
        """What a fragment asks for wherever it is spread."""
        if (known := self._measured.get(name)) is not None:
            return known
        fragment = self._fragments.get(name)
        if fragment is None or name in self._entered:
            self._is_whole = False
            return Measure()
        self._entered.add(name)
        found = self._selection(fragment.selection_set)
        self._values(found, fragment.directives)
        self._entered.discard(name)
        self._measured[name] = found
        return found

    def _selection(self, selection_set: SelectionSetNode) -> Measure:
        found = Measure()
        for selection in selection_set.selections:
            self._values(found, selection.directives)
            if isinstance(selection, FieldNode):
                found.fields += 1
                found.aliases += selection.alias is not None
                found.depth = max(found.depth, 1)
                for argument in selection.arguments:
                    found.add_value(argument.value)
                if selection.selection_set:
                    found.add(self._selection(selection.selection_set), below=1)
            elif isinstance(selection, InlineFragmentNode):
                found.add(self._selection(selection.selection_set))
            elif isinstance(selection, FragmentSpreadNode):
                self._spreads += 1
                found.add(self._fragment(selection.name.value))
        return found

    def _values(self, found: Measure, directives: Iterable[DirectiveNode]) -> None:
        for directive in directives:
            found.directives += 1
            for argument in directive.arguments:
                found.add_value(argument.value)

    def _flat(self, selection_set: SelectionSetNode) -> list[FieldNode]:
        """The fields of a selection, those of its fragments among them."""
        found: list[FieldNode] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                found.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                found += self._flat(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in self._merged:
                    self._merged[name] = self._flat(self._fragments[name].selection_set)
                found += self._merged[name]
        return found


def _key(field: FieldNode) -> str:
    """The name that the answer gives a field."""
    return (field.alias or field.name).value


def _refuse(what: str, found: int, most: int) -> None:
    if found > most:
        said = f"{found:,}" if found < _COUNTED else f"more than {_COUNTED:,}"
        raise TooComplex(f"It asks for {said} {what}; at most {most} are allowed.")

"""Of a document that fails, the least that still does: what is not needed for it is taken out, piece by piece."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    parse,
    print_ast,
    validate,
)

from schema.member.schema import schema

#: Tries; each asks both.
MOST = 400


def reduced(text: str, fails: Callable[[str], bool]) -> str:
    """The shortest document that is found to fail like this one."""
    document, tries = parse(text, no_location=True), 0
    found = True
    while found and tries < MOST:
        found = False
        for shorter in _shorter(document):
            tries += 1
            if not validate(schema._schema, shorter) and fails(print_ast(shorter)):
                document, found = shorter, True
                break
            if tries >= MOST:
                break
    return print_ast(document)


def _shorter(document: DocumentNode) -> Iterator[DocumentNode]:
    """The document without one of its pieces each, the largest first."""
    pieces = [way for way in _ways(document, ()) if _may_go(document, way)]
    pieces.sort(key=lambda way: -len(print_ast(_at(document, way))))
    for way in pieces:
        yield _tidied(_without(document, way))
    for way in (each for each in _ways(document, ()) if each[-2] == "selections"):
        if inner := _inside(document, _at(document, way)):
            yield _tidied(_without(document, way, instead=inner))


def _inside(document: DocumentNode, node: Any) -> list[Any]:
    """What may stand where a fragment stands: what is in it; for one with a name, the same without."""
    if isinstance(node, FragmentSpreadNode):
        (named,) = (
            each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode) and each.name.value == node.name.value
        )
        condition, inner = named.type_condition, named.selection_set
        return [InlineFragmentNode(type_condition=condition, selection_set=inner, directives=node.directives)]
    return [*node.selection_set.selections] if isinstance(node, InlineFragmentNode) else []


def _ways(node: Any, way: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for key in getattr(node, "keys", ()):
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield from _ways(value, (*way, key))
        elif isinstance(value, list | tuple):
            for number, each in enumerate(value):
                if isinstance(each, Node):
                    yield (*way, key, number)
                    yield from _ways(each, (*way, key, number))


def _at(node: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        node = node[key] if isinstance(key, int) else getattr(node, key)
    return node


def _may_go(document: DocumentNode, way: tuple[Any, ...]) -> bool:
    *parent, key, _ = way
    # Braces are never empty.
    return key in ("directives", "arguments") or (
        key == "selections" and len(_at(document, tuple(parent)).selections) > 1
    )


def _without(document: DocumentNode, way: tuple[Any, ...], instead: list[Any] | None = None) -> DocumentNode:
    copy = deepcopy(document)
    *path, key, number = way
    parent = _at(copy, tuple(path))
    items = list(getattr(parent, key))
    items[number : number + 1] = deepcopy(instead or [])
    setattr(parent, key, tuple(items))
    return copy


def _tidied(document: DocumentNode) -> DocumentNode:
    """Without the fragments and variables that nothing speaks of any more."""
    while True:
        text = print_ast(document)
        kept = tuple(
            each
            for each in document.definitions
            if not isinstance(each, FragmentDefinitionNode) or f"...{each.name.value}" in text.split()
        )
        if len(kept) == len(document.definitions):
            break
        document.definitions = kept
    for each in document.definitions:
        if not isinstance(each, FragmentDefinitionNode):
            each.variable_definitions = tuple(
                one for one in each.variable_definitions if _uses(text, one.variable.name.value)
            )
    return document


def _uses(text: str, variable: str) -> bool:
    return any(f"${variable}{end}" in text.partition("{")[2] for end in (")", ",", "}", "\n"))

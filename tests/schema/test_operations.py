"""The documents that our clients send, held against the schema."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, print_ast, separate_operations, validate

from schema.member.schema import schema
from tests.asking import OPERATIONS, operations

#: Where those who write clients keep their copy, beside the checkout; not everybody has it.
CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contract"


@pytest.mark.parametrize("name", operations())
def test_the_schema_answers_what_a_client_sends(name: str):
    assert validate(schema._schema, parse(operations()[name])) == []


def test_a_document_that_asks_for_too_much_would_be_seen():
    assert validate(schema._schema, parse("{ viewer { password } }"))


def test_no_mutation_is_without_a_client():
    """So the tests below this folder, which send these documents, leave no mutation out."""
    sent = {
        selection.name.value
        for document in operations().values()
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.MUTATION
        for selection in definition.selection_set.selections
    }
    assert sent == set(schema._schema.mutation_type.fields)


#: What we ask for besides, because no client has written down yet how.
OURS_ALONE = {"account_settings", "factors", "files"}
THEIRS = sorted(path for path in OPERATIONS.glob("*.graphql") if path.stem not in OURS_ALONE)


@pytest.mark.parametrize("path", THEIRS, ids=lambda path: path.stem)
def test_our_documents_are_those_of_the_clients(path: Path):
    if not (CONTRACT / path.name).exists():
        pytest.skip("the clients' own copy is not beside this checkout")
    theirs = separate_operations(parse((CONTRACT / path.name).read_text()))
    ours = separate_operations(parse(path.read_text()))

    assert {name: print_ast(document) for name, document in ours.items()} == {
        name: print_ast(theirs[name]) for name in ours
    }

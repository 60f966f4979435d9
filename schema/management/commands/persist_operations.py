import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    separate_operations,
    validate,
    visit,
)

from schema.guard import TooComplex, refuse_excess
from schema.member.schema import schema
from schema.mutations import done_alone
from schema.persisted import manifest


class Command(BaseCommand):
    """Write the list of the operations that a server answers by their hash: `PERSISTED_OPERATIONS`."""

    help = "Write a manifest of the operations in these files, for PERSISTED_OPERATIONS."
    # The list that the server reads may not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and where the list goes."""
        parser.add_argument("files", nargs="+", type=Path, help="documents of clients (*.graphql)")
        parser.add_argument("--output", type=Path, help="where the manifest is written; else it is printed")
        parser.add_argument(
            "--typename",
            action="store_true",
            help="ask for __typename everywhere below the root, as Apollo Client does before it makes the hash",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the list, each operation with the fragments that it uses; nothing when one of them would be refused."""
        found: dict[str, tuple[str, str, str]] = {}
        for path in options["files"]:
            for name, document in _operations(path).items():
                if name in found:
                    raise CommandError(f"{path}: two operations are called {name!r}")
                if not name:
                    raise CommandError(f"{path}: an operation has no name")
                if options["typename"]:
                    document = visit(document, _Typename())  # noqa: PLW2901
                _refuse(path, name, document)
                kind = next(
                    each for each in document.definitions if isinstance(each, OperationDefinitionNode)
                )
                found[name] = (name, kind.operation.value, print_ast(document))
        text = json.dumps(manifest(found.values()), indent=1, ensure_ascii=False) + "\n"
        if options["output"]:
            options["output"].write_text(text)
            self.stdout.write(f"{options['output']}: {len(found)} operations")
        else:
            self.stdout.write(text)


def _operations(path: Path) -> dict[str, DocumentNode]:
    try:
        return separate_operations(parse(path.read_text()))
    except (OSError, UnicodeDecodeError, GraphQLError) as error:
        raise CommandError(f"{path}: {error}") from None


def _refuse(path: Path, name: str, document: DocumentNode) -> None:
    core = schema._schema
    try:
        refuse_excess(document, done_alone(core))
        problems = [problem.message for problem in validate(core, document, max_errors=5)]
    except TooComplex as refused:
        problems = [str(refused)]
    if problems:
        raise CommandError(f"{path}: {name} does not hold: {' '.join(problems)}")


class _Typename(Visitor):
    """Adds `__typename` where Apollo Client does: to every selection but an operation's own, and not where it stands."""

    def leave_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any) -> Any:
        names = [each.name.value for each in node.selections if isinstance(each, FieldNode)]
        if isinstance(parent, OperationDefinitionNode) or any(name.startswith("__") for name in names):
            return None
        typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(*node.selections, typename))

"""The promises that hold for every type, field and argument, found by walking the schema."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from schema.management.commands.print_schema import COMMITTED, sdl
from schema.member.schema import schema

TYPES = {name: each for name, each in schema._schema.type_map.items() if not name.startswith("__")}

#: Lists that are short by nature, so that nobody pages through them; any other list is a connection.
SHORT = {
    "BoardPresence.present",
    # Words, of which an input takes at most twenty.
    *("User.skills", "User.interests", "Project.tags", "Task.skills", "Task.labels", "Submission.links"),
    # As many as there are values of an enumeration.
    *(
        "Project.viewerCan",
        "Task.viewerCan",
        "Viewer.notificationPreferences",
        "NotificationPreference.channels",
    ),
    # A task has at most a hundred places, a project the people and boards that a team can run.
    *("Task.claims", "Task.claimants", "Project.team", "Project.boards"),
    # A person's clients, and the keys that they made.
    *("Viewer.sessions", "Viewer.dataExports", "Viewer.accessTokens", "AccessToken.scopes"),
    *("Viewer.authorizedApplications", "AuthorizedApplication.scopes"),
    # Ten.
    *("ConfirmTotpPayload.recoveryCodes", "RegenerateRecoveryCodesPayload.recoveryCodes"),
    # The latest of the people, as many as one asks for with `first`.
    "Notification.actors",
    # Twenty pictures, ten files, four forms of one.
    *(
        "Project.gallery",
        "Update.attachments",
        "Comment.attachments",
        "Task.attachments",
        "Claim.attachments",
    ),
    "Media.variants",
    # What a form says; what was asked for by number, at most a hundred; 128 parts of a dataset.
    *("UploadTarget.headers", "UploadTarget.fields"),
    *("RequestUploadPartsPayload.parts", "RequestUploadPartsPayload.arrived"),
    # Empty for now; the issue that fills one decides again.
    *("Board.present", "Comment.reactions", "Update.reactions"),
    *("Project.needs", "Project.rewards", "Project.collectiveReturns"),
}


def parts() -> Iterator[tuple[str, Any]]:
    """Everything that has a description, by its path."""
    for name, each in TYPES.items():
        yield name, each
        if isinstance(each, GraphQLEnumType):
            yield from ((f"{name}.{value}", meant) for value, meant in each.values.items())
        elif isinstance(each, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", asked) for field, asked in each.fields.items())
        elif isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            for field, told in each.fields.items():
                yield f"{name}.{field}", told
                yield from ((f"{name}.{field}({arg}:)", asked) for arg, asked in told.args.items())


def fields() -> Iterator[tuple[str, GraphQLNamedType, Any]]:
    """Every field that answers something, with the type that it is on."""
    for name, each in TYPES.items():
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            yield from ((f"{name}.{field}", each, told) for field, told in each.fields.items())


def plain(type_: Any) -> Any:
    """A type without the promise that it is never null."""
    return type_.of_type if is_non_null_type(type_) else type_


def test_the_committed_sdl_is_the_codes():
    assert COMMITTED.read_text() == sdl(), "run `manage.py print_schema`"


def test_everything_says_what_it_is():
    assert [path for path, part in parts() if not (part.description or "").strip()] == []


def test_a_description_is_a_sentence():
    # Those of scalars are the library's.
    ours = [(path, part.description) for path, part in parts() if path not in schema._schema.type_map]
    assert [path for path, said in ours if said.strip()[-1] not in ".:;)`"] == []


def test_nothing_is_deprecated_unnoticed():
    """A deprecated part is one that clients still send: it leaves with a release, and stands in the changelog."""
    assert [path for path, part in parts() if getattr(part, "deprecation_reason", None)] == []


@pytest.mark.parametrize("name", schema._schema.mutation_type.fields)
def test_a_mutation_takes_one_input_and_answers_a_payload(name: str):
    told = schema._schema.mutation_type.fields[name]
    capital = name[0].upper() + name[1:]

    assert [f"{arg}: {asked.type}" for arg, asked in told.args.items()] in ([], [f"input: {capital}Input!"])
    assert str(told.type) == f"{capital}Payload!"
    assert TYPES["Payload"] in plain(told.type).interfaces
    assert str(plain(told.type).fields["errors"].type) == "[UserError!]!"


def test_what_a_mutation_did_is_null_where_it_was_refused():
    """Else a refusal would have to make something up, or take the answers of the other mutations with it."""
    payloads = [each for name, each in TYPES.items() if name.endswith("Payload") and name != "Payload"]
    assert payloads
    assert [
        f"{payload.name}.{field}"
        for payload in payloads
        for field, told in payload.fields.items()
        if field != "errors" and is_non_null_type(told.type)
    ] == []


def test_every_list_is_short_by_nature_or_read_in_pages():
    lists = {
        path
        for path, each, told in fields()
        if is_list_type(plain(told.type))
        and not (each.name.endswith("Connection") and path.endswith(".edges"))
        and not path.endswith("Payload.errors")
    }
    assert lists == SHORT


def test_every_connection_is_read_the_same_way():
    connections = [
        (path, told) for path, _, told in fields() if get_named_type(told.type).name.endswith("Connection")
    ]
    assert len(connections) > 10
    for path, told in connections:
        assert str(told.args["first"].type) == "Int", path
        assert str(told.args["after"].type) == "String", path
        assert is_non_null_type(told.type), path
        # Keyset cursors read on, and nowhere else: there is no page 7,000 to jump to.
        assert not {"offset", "page", "last", "before", "skip"} & set(told.args), path


def test_a_list_holds_no_gaps():
    holes = [
        path
        for path, _, told in fields()
        if is_list_type(plain(told.type)) and not is_non_null_type(plain(told.type).of_type)
    ]
    assert holes == []


def test_every_node_can_be_found_by_its_id():
    nodes = schema._schema.get_implementations(TYPES["Node"]).objects
    assert {
        "User",
        "Project",
        "Community",
        "Board",
        "Task",
        "Claim",
        "Update",
        "Comment",
        "Notification",
    } <= {each.name for each in nodes}
    assert all(str(each.fields["id"].type) == "ID!" for each in nodes)


def test_an_input_is_named_after_what_takes_it():
    inputs = {name for name, each in TYPES.items() if isinstance(each, GraphQLInputObjectType)}
    taken = {
        get_named_type(asked.type).name
        for _, _, told in fields()
        for asked in told.args.values()
        if isinstance(get_named_type(asked.type), GraphQLInputObjectType)
    }
    assert inputs == taken

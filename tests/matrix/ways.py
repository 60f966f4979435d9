"""How a row of the table is asked: the document for each way to a thing, and the input of each deed."""

from collections.abc import Callable
from functools import cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

from schema.operations import core
from tests.cast import PASSWORD
from tests.matrix.world import World, slug_of

Variables = dict[str, Any]
Asked = tuple[str, Variables]

#: The ways that need no other thing to start from.
ROOTS: dict[str, tuple[str, str, Callable[[World, str], Variables]]] = {
    "node(id)": (
        "node",
        "query($id: ID!) { node(id: $id) %s }",
        lambda world, thing: {"id": world.id(thing)},
    ),
    "user(id)": (
        "user",
        "query($id: ID!) { user(id: $id) %s }",
        lambda world, thing: {"id": world.id(thing)},
    ),
    "user(handle)": (
        "user",
        "query($handle: String!) { user(handle: $handle) %s }",
        lambda world, thing: {"handle": handle_of(world, thing)},
    ),
    "board(id)": (
        "board",
        "query($id: ID!) { board(id: $id) %s }",
        lambda world, thing: {"id": world.id(thing)},
    ),
    "project(slug)": (
        "project",
        "query($slug: String!) { project(slug: $slug) %s }",
        lambda world, thing: {"slug": slug_of(thing)},
    ),
    "community(slug)": (
        "community",
        "query($slug: String!) { community(slug: $slug) %s }",
        lambda world, thing: {"slug": thing},
    ),
    "projects": ("projects", "{ projects(first: 100) %s }", lambda world, thing: {}),
    "communities": ("communities", "{ communities(first: 100) %s }", lambda world, thing: {}),
}


def handle_of(world: World, thing: str) -> str:
    """What somebody is called; of whom there never was, what nobody is."""
    row: Any = world.things.get(thing)
    return row.handle if row else "nobody-at-all"


@cache
def document_of(way: str, kind: str) -> str:
    """The document that asks for a thing of a kind by a root field, `name(argument)`, or by an edge, `Type.field`."""
    if way in ROOTS:
        name, document, _ = ROOTS[way]
        return document % selection(core.query_type.fields[name], kind)  # type: ignore[union-attr]
    type_name, name = way.split(".")
    definition = core.type_map[type_name].fields[name]  # type: ignore[attr-defined]
    pages = "(first: 100)" if "after" in definition.args else ""
    edge = f"{name}{pages} {selection(definition, kind)}"
    if type_name == "Viewer":
        return f"{{ viewer {{ {edge} }} }}"
    return f"query($start: ID!) {{ node(id: $start) {{ ... on {type_name} {{ {edge} }} }} }}"


def asked(world: World, way: str, start: str, thing: str) -> Asked:
    """The document and the variables that ask for a thing by a way."""
    document = document_of(way, world.kind(thing))
    if way in ROOTS:
        return document, ROOTS[way][2](world, thing)
    return document, {"start": world.id(start)} if start else {}


def selection(definition: GraphQLField, kind: str) -> str:
    """All that a thing of a kind says by itself: of a page, that of each thing on it."""
    type_ = get_named_type(definition.type)
    if type_.name.endswith("Connection"):
        node = get_named_type(type_.fields["edges"].type).fields["node"]  # type: ignore[union-attr]
        return f"{{ totalCount edges {{ node {selection(node, kind)} }} }}"
    if type_.name == "FeedItem":
        # An item has no words of its own.
        return "{ ... on UpdatePublished { id update { id title } } }"
    if is_abstract_type(type_):
        return f"{{ __typename ... on {kind} {{ {' '.join(leaves(core.type_map[kind]))} }} }}"  # type: ignore[arg-type]
    return f"{{ {' '.join(leaves(type_))} }}"  # type: ignore[arg-type]


def leaves(type_: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
    """The fields of a type that are values."""
    return [
        name
        for name, field in type_.fields.items()
        if is_leaf_type(get_named_type(field.type))
        and not any(map(is_required_argument, field.args.values()))
    ]


Input = Callable[[World, str, str], dict[str, Any] | None]


def _of(key: str, **more: Any) -> Input:
    return lambda world, start, thing: {key: world.id(thing), **more}


def _after(world: World, start: str, thing: str) -> dict[str, Any]:
    return {"taskId": world.id(thing), "afterTaskId": world.id(start) if start else None}


def _reply(world: World, start: str, thing: str) -> dict[str, Any]:
    return {"subjectId": world.id(thing), "body": "Yes.", "parentId": world.id(start) if start else None}


def _begin(world: World, start: str, thing: str) -> dict[str, Any]:
    return {"title": "Seeds", "category": "SOCIAL", "communityId": world.id(thing)}


def _log_in(world: World, start: str, thing: str) -> dict[str, Any]:
    row: Any = world.things.get(thing)
    return {"email": row.email if row else "no@example.org", "password": PASSWORD}


def _sign_up(world: World, start: str, thing: str) -> dict[str, Any]:
    return {"handle": "new", "email": "new@example.org", "password": PASSWORD, "displayName": "New"}


def _request_upload(world: World, start: str, thing: str) -> dict[str, Any]:
    said = {"filename": "gate.png", "contentType": "image/png", "byteSize": 1234, "sha256": "0" * 64}
    if not thing:
        return said | {"purpose": "ATTACHMENT"}
    return said | {"purpose": "PROJECT_IMAGE", "projectId": world.id(thing)}


def _place_project_images(world: World, start: str, thing: str) -> dict[str, Any]:
    return {"projectId": world.id(thing), "coverId": world.id(start) if start else None}


#: The input of each mutation: of what it starts from, and on which thing.
DEEDS: dict[str, Input] = {
    "signUp": _sign_up,
    "logIn": _log_in,
    "logOut": lambda world, start, thing: None,
    "updateProfile": lambda world, start, thing: {"bio": "I water."},
    "requestEmailVerification": lambda world, start, thing: None,
    "verifyEmail": lambda world, start, thing: {"token": "none"},
    "requestEmailChange": lambda world, start, thing: {"newEmail": "new@example.org", "password": PASSWORD},
    "confirmEmailChange": lambda world, start, thing: {"token": "none"},
    "requestPasswordReset": lambda world, start, thing: {"email": "cy@example.org"},
    "resetPassword": lambda world, start, thing: {"token": "none", "newPassword": "another-garden-gate"},
    "changePassword": lambda world, start, thing: {
        "currentPassword": PASSWORD,
        "newPassword": "another-garden-gate",
    },
    "endSession": _of("sessionId"),
    "endOtherSessions": lambda world, start, thing: None,
    "deleteAccount": lambda world, start, thing: {"password": PASSWORD},
    "requestDataExport": lambda world, start, thing: None,
    "handOverProject": lambda world, start, thing: {"projectId": world.id(thing), "toId": world.id(start)},
    "block": _of("userId"),
    "unblock": _of("userId"),
    "createAccessToken": lambda world, start, thing: {"name": "Script", "scopes": ["READ"]},
    "revokeAccessToken": _of("accessTokenId"),
    "revokeApplication": _of("authorizedApplicationId"),
    "beginTotp": lambda world, start, thing: {"password": PASSWORD},
    "confirmTotp": lambda world, start, thing: {"code": "000000"},
    "disableTotp": lambda world, start, thing: {"password": PASSWORD, "code": "000000"},
    "regenerateRecoveryCodes": lambda world, start, thing: {"code": "000000"},
    "createProject": _begin,
    "editProject": _of("projectId", summary="Another."),
    "submitProject": _of("projectId"),
    "reviewProject": _of("projectId", verdict="APPROVE", note="Good."),
    "launchProject": _of("projectId"),
    "follow": _of("targetId"),
    "unfollow": _of("targetId"),
    "addComment": _reply,
    "editComment": _of("commentId", body="Otherwise."),
    "deleteComment": _of("commentId"),
    "draftUpdate": _of("projectId", title="It rained", body="At last."),
    "publishUpdate": _of("updateId"),
    "createBoard": _of("projectId", title="Autumn"),
    "createTask": _of("boardId", title="Prune the pear"),
    "editTask": _of("taskId", title="Paint the door", expectedVersion=1),
    "moveTask": _after,
    "closeTask": _of("taskId"),
    "claimTask": _of("taskId"),
    "releaseClaim": _of("claimId"),
    "renewClaim": _of("claimId"),
    "submitWork": _of("claimId", note="Done."),
    "reviewWork": _of("claimId", verdict="ACCEPT"),
    "requestUpload": _request_upload,
    "requestUploadParts": _of("uploadId", numbers=[1]),
    "completeUpload": _of("uploadId"),
    "describeMedia": _of("mediaId", alt="A gate."),
    "deleteMedia": _of("mediaId"),
    "placeProjectImages": _place_project_images,
    "markNotificationsRead": lambda world, start, thing: {"ids": [world.id(thing)]},
}


@cache
def deed_document(name: str) -> str:
    """The document of a mutation, which asks whether there is what it answers."""
    definition = core.mutation_type.fields[name]  # type: ignore[union-attr]
    payload = get_named_type(definition.type)
    answers = [
        part if is_leaf_type(get_named_type(each.type)) else f"{part} {{ __typename }}"
        for part, each in payload.fields.items()  # type: ignore[union-attr]
        if part != "errors"
    ]
    body = f"{{ {' '.join(answers)} errors {{ code message field }} }}"
    if "input" not in definition.args:
        return f"mutation {{ {name} {body} }}"
    return f"mutation($input: {definition.args['input'].type}) {{ {name}(input: $input) {body} }}"


def deed(world: World, name: str, start: str, thing: str) -> Asked:
    """The document and the variables of a deed on a thing."""
    input = DEEDS[name](world, start, thing)
    return deed_document(name), {} if input is None else {"input": input}


#: What each kind of event of a board says beside its task.
EVENTS: dict[str, dict[str, Any]] = {
    "TaskCreated": {},
    "TaskEdited": {},
    "TaskMoved": {},
    "TaskClosed": {},
    "TaskClaimed": {},
    "ClaimReleased": {"reason": "EXPIRED"},
    "WorkSubmitted": {},
    "WorkReviewed": {"verdict": "ACCEPT"},
}


#: What each kind of event of a person's own stream is told by, and the fact that names its thing.
OWN_EVENTS = {
    "NotificationReceived": ("notificationReceived", "notification_id"),
    "MediaChecked": ("mediaChecked", "media_id"),
}


@cache
def subscription_of(way: str) -> str:
    """The document of a subscription whose events tell of a thing by a way, `Type.field`."""
    type_name, name = way.split(".")
    definition = core.type_map[type_name].fields[name]  # type: ignore[attr-defined]
    told = f"{name} {selection(definition, '')}"
    if type_name in OWN_EVENTS:
        return f"subscription {{ {OWN_EVENTS[type_name][0]} {{ {told} }} }}"
    if type_name == "BoardPresence":
        return f"subscription($board: ID!) {{ boardPresence(boardId: $board) {{ {told} }} }}"
    return (
        f"subscription($board: ID!) {{ boardEvents(boardId: $board) {{ ... on {type_name} {{ {told} }} }} }}"
    )

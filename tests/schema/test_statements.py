"""Every list that can be asked for is read by one statement, for one row and for ten, and in ten lists at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_named_type, get_nullable_type, is_leaf_type, is_list_type

from backend.accounts.models import User
from schema import execution, operations
from schema.guard import Limits
from schema.member.schema import schema
from schema.planner.compiler import SOURCE
from schema.planner.sources import Finished
from social.notifications.sentences import sentence_parts
from tests.asking import id_of, post, statements, token_of, undone
from tests.schema.crowd import PARENT, Crowd, crowd

TYPES = schema._schema.type_map

#: How to come to as many things of a type as a world has parents; `%s` is what is asked of each.
WAYS = {
    "Query": "{ %s }",
    "Viewer": "{ viewer { %s } }",
    "User": "query($star: ID!) { user(id: $star) { followers(first: 12) { edges { node { %s } } } } }",
    "Community": "query($parents: Int!) { communities(first: $parents) { edges { node { %s } } } }",
    "Project": f'{{ projects(filter: {{tag: "{PARENT}"}}, first: 12) {{ edges {{ node {{ %s }} }} }} }}',
    "Board": "query($forum: ID!) { node(id: $forum) { ... on Project { boards { %s } } } }",
    "Task": "query($workshop: ID!) { board(id: $workshop) { tasks(first: 12) { edges { node { %s } } } } }",
    "Comment": "query($forum: ID!) { node(id: $forum) { ... on Project { comments(first: 12) { edges { node {"
    " %s } } } } } }",
    "Update": "query($forum: ID!) { node(id: $forum) { ... on Project { updates(first: 12) { edges { node {"
    " %s } } } } } }",
    "Notification": "{ viewer { notifications(first: 12) { edges { node { %s } } } } }",
    # As a client asks that does not know what it is: one thing.
    "Commentable": "query($forum: ID!) { node(id: $forum) { ... on Commentable { %s } } }",
}
#: The arguments of lists of the whole house: those rows that are a world's parents.
OF_THE_HOUSE = {"Query.projects": f'filter: {{tag: "{PARENT}"}}, first: 12', "Query.communities": "first: 1"}
#: How many rows a list shows in all; the others have so many under each of so many parents.
ROWS: dict[str, Callable[[int, int], int]] = {
    "Query.projects": lambda parents, rows: parents,
    "Query.communities": lambda parents, rows: 1,
    "Viewer.notifications": lambda parents, rows: parents,
    "Viewer.homeFeed": lambda parents, rows: parents,
    "Viewer.sessions": lambda parents, rows: rows,
    "Viewer.accessTokens": lambda parents, rows: rows,
    "Viewer.dataExports": lambda parents, rows: rows,
    "Viewer.authorizedApplications": lambda parents, rows: rows,
    "Commentable.comments": lambda parents, rows: parents,
    # Each of the star's followers follows the star too.
    "User.following": lambda parents, rows: parents * (rows + 1),
    # The world is that of most people, who have no block; what is asked for the others is in test_blocks.py.
    "Viewer.blockedUsers": lambda parents, rows: 0,
    # Empty until their own issues.
    "Board.present": lambda parents, rows: 0,
    "Project.proposals": lambda parents, rows: 0,
}
#: Of these nothing is made yet, so their lists cost nothing; who fills one takes it out here.
LATER = {
    *("Attachment", "ReactionGroup", "NotificationPreference"),
    *("Need", "Reward", "CollectiveReturn", "Proposal"),
}

#: What is told when it happens, and asked for nowhere; its statements are in test_tellings.py.
TOLD = {"BoardPresence"}


def lists() -> list[str]:
    """Every list of things that can be asked for, by its path."""
    return [
        f"{name}.{field}"
        for name, each in TYPES.items()
        if not name.startswith("__")
        and not name.endswith(("Connection", "Payload", "Mutation"))
        and name not in TOLD
        for field, told in getattr(each, "fields", {}).items()
        if _holds_things(told.type)
    ]


def _holds_things(type_: Any) -> bool:
    named = get_named_type(type_)
    is_list = is_list_type(get_nullable_type(type_)) or named.name.endswith("Connection")
    return is_list and not is_leaf_type(named) and named.name not in LATER


@pytest.fixture(autouse=True)
def deeper(monkeypatch: pytest.MonkeyPatch):
    """A list's own lists are a level deeper than clients may ask."""
    monkeypatch.setattr(operations.reader.documents, "limits", Limits(depth=11))


def document(path: str) -> str:
    """All of a list, with everything that its rows say of themselves, of their neighbours and of their own lists."""
    parent, field = path.split(".")
    told = TYPES[parent].fields[field]
    arguments = OF_THE_HOUSE.get(path, "first: 12" if "first" in told.args else "")
    return (
        WAYS[parent]
        % f"asked: {field}{f'({arguments})' if arguments else ''} {{ {_selection(told.type, 1)} }}"
    )


def _selection(type_: Any, depth: int) -> str:
    named = get_named_type(type_)
    if named.name.endswith("Connection"):
        node = get_named_type(named.fields["edges"].type).fields["node"].type
        return f"totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ {_selection(node, depth)} }} }}"
    asked = ["__typename"]
    for field, told in named.fields.items():
        inner = get_named_type(told.type)
        if is_leaf_type(inner):
            asked.append(field)
        elif depth and inner.name not in LATER:
            first = "(first: 2)" if "first" in told.args else ""
            asked.append(f"{field}{first} {{ {_selection(inner, depth - 1)} }}")
    return " ".join(asked)


def cost(path: str, world: Crowd, parents: int) -> tuple[int, int]:
    """How many rows came, and by how many statements."""
    asked = document(path)
    ids = {name: id_of(getattr(world, name)) for name in ("star", "forum", "workshop") if f"${name}" in asked}
    sizes = {"parents": parents} if "$parents" in asked else {}
    body = {"query": asked, "variables": ids | sizes}
    token = token_of(world.viewer)
    with statements() as said:
        answer = json.loads(post(body, token=token).content)
    assert "errors" not in answer, (path, answer["errors"])
    return _rows(answer["data"]), len(said)


def _rows(answer: Any) -> int:
    """How many rows the lists called `asked` hold in all."""
    if isinstance(answer, list):
        return sum(_rows(each) for each in answer)
    if not isinstance(answer, dict):
        return 0
    if "asked" in answer:
        return len(answer["asked"] if isinstance(answer["asked"], list) else answer["asked"]["edges"])
    return sum(_rows(each) for each in answer.values())


def costs(paths: list[str], parents: int, rows: int) -> dict[str, int]:
    """The statements of each list in a world of this size, which is gone afterwards."""
    found = {}
    with undone():
        world = crowd(parents, rows)
        token_of(world.viewer)
        for path in paths:
            expected = ROWS.get(path, lambda parents, rows: parents * rows)(parents, rows)
            shown, found[path] = cost(path, world, parents)
            # Else equal numbers would mean nothing.
            assert shown == expected, path
    return found


def test_there_is_a_way_to_every_list():
    """A new type with a list needs a line in `WAYS`, and rows of it in `crowd`."""
    assert {path.split(".")[0] for path in lists()} == set(WAYS)
    assert set(ROWS) <= set(lists())


#: One statement finds the session, one reads the list and all that is selected of its rows.
ONE = 2


@pytest.mark.parametrize(("parents", "rows"), [(1, 1), (1, 10), (10, 10)])
def test_every_list_is_one_statement(db: None, parents: int, rows: int):
    assert costs(lists(), parents, rows) == dict.fromkeys(lists(), ONE)


def test_a_finishing_step_that_asks_the_database_would_be_seen(db: None, monkeypatch: pytest.MonkeyPatch):
    """The control: the one place where code of ours runs for each row."""

    def finish(**_: object) -> str:
        return User.objects.get(pk=world_viewer).handle

    declared = TYPES["Notification"].fields["text"].extensions["strawberry-definition"]
    monkeypatch.setattr(declared, "metadata", {SOURCE: Finished(sentence_parts, finish)})
    monkeypatch.setattr(execution, "_plans", {})  # Else the plan of the test above would run.
    with undone():
        world = crowd(10, 1)
        world_viewer = world.viewer.pk
        _, found = cost("Viewer.notifications", world, 10)

    assert found == ONE + 10

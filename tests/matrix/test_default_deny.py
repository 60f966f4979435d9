"""A field that has lost its policy while the server runs is answered to nobody, wherever it stands; and nothing is done."""

import json

import pytest

from backend.accounts.scopes import Scope
from schema.context import Context, Standing
from schema.operations import core, prepare, run
from schema.policies import POLICY
from schema.preparing import encode
from tests.asking import untouched
from tests.matrix import answers, ways
from tests.matrix.answers import said_to, told
from tests.matrix.programs import asker_of
from tests.matrix.table import Row
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("forgotten")]

#: A field, and a query of the owner's that asks for it.
READ = {
    "Query.project": '{ project(slug: "live") { __typename } }',
    "Query.node": "query($id: ID!) { node(id: $id) { __typename } }",
    "Project.id": "query($id: ID!) { node(id: $id) { __typename } }",
    "Project.title": '{ project(slug: "live") { slug title } }',
    "Project.boards": '{ project(slug: "live") { boards { __typename } } }',
    "Board.tasks": '{ project(slug: "live") { boards { tasks { edges { node { id } } } } } }',
    "TaskConnection.edges": '{ project(slug: "live") { boards { tasks { edges { node { id } } } } } }',
    "TaskEdge.node": '{ project(slug: "live") { boards { tasks { edges { node { id } } } } } }',
    "TaskConnection.totalCount": '{ project(slug: "live") { boards { tasks { totalCount } } } }',
    "PageInfo.hasNextPage": '{ project(slug: "live") { boards { tasks { pageInfo { hasNextPage } } } } }',
    "Submission.note": "query($claim: ID!) { node(id: $claim) { ... on Claim { submission { note } } } }",
    "Viewer.sessions": "{ viewer { sessions { __typename } } }",
    "ActiveSession.current": "{ viewer { sessions { current } } }",
}


def without_policy(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    type_name, name = field.split(".")
    monkeypatch.delitem(core.type_map[type_name].fields[name].extensions, POLICY)  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", READ)
def test_it_is_not_read(world: World, field: str, monkeypatch: pytest.MonkeyPatch):
    document = READ[field]
    named = {"id": world.id("live"), "claim": world.id("submitted claim")}
    variables = {name: id for name, id in named.items() if f"${name}" in document}
    assert "errors" not in json.loads(said_to("owner", document, variables))

    without_policy(field, monkeypatch)
    answers.forget()
    answer = json.loads(said_to("owner", document, variables))
    assert [*answer["data"].values()] == [None]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL"]


@pytest.mark.parametrize(
    "field", ["EditProjectPayload.project", "Project.title", "EditProjectPayload.errors"]
)
def test_what_would_answer_it_is_not_done(world: World, field: str, monkeypatch: pytest.MonkeyPatch):
    document, variables = ways.deed(world, "editProject", "", "live")
    document = document.replace("{ __typename }", "{ title }")
    without_policy(field, monkeypatch)
    with untouched():
        answer = json.loads(said_to("owner", document, variables))
    assert answer["data"] in ({"editProject": None}, None)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL"]


@pytest.mark.parametrize(
    "field", ["Subscription.boardEvents", "TaskEdited.task", "Task.title", "TaskEdited.actor"]
)
def test_it_is_not_told(world: World, field: str, monkeypatch: pytest.MonkeyPatch):
    way = "TaskEdited.actor" if field == "TaskEdited.actor" else "TaskEdited.task"
    row = Row(way, "board of live", "cy" if way == "TaskEdited.actor" else "task of live", {})
    owner = asker_of(world.people["ana"], Standing())
    assert world.id(row.thing) in told(world, owner, row)

    without_policy(field, monkeypatch)
    answers.forget()
    if field.startswith("Subscription."):
        with pytest.raises(LookupError):
            told(world, owner, row)
    else:
        assert told(world, owner, row) == "INTERNAL"


@pytest.mark.parametrize("thing", ["ana's session", "owner's notification", "ana's key", "ana's application"])
def test_that_something_is_there_is_told_to_no_program_that_may_not_have_its_id(world: World, thing: str):
    """Not even where it asks for `__typename` alone."""
    document = "query($id: ID!) { node(id: $id) { __typename } }"

    def codes(*scopes: Scope) -> list[str]:
        program = asker_of(world.people["ana"], Standing(scopes=frozenset(scopes)))
        answer = json.loads(
            encode(run(prepare(document, {"id": world.id(thing)}, None), Context(session=program)))
        )
        assert ("errors" in answer) is (answer["data"]["node"] is None)
        return [error["extensions"]["code"] for error in answer.get("errors", ())]

    assert codes(Scope.READ) == ["INSUFFICIENT_SCOPE"]
    assert codes(*Scope) == []

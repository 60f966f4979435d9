"""Leaving, and taking one's data along, as a client does it."""

import pytest
from django.conf import settings

from backend.accounts.exports import build_export
from backend.accounts.models import DataExport, ExportState, Session, User
from backend.projects.models import Project
from social.comments.actions import add_comment
from tests.asking import ask, id_of, post, problems, spelled, statements, token_of, untouched
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import delete_account, hashed


def test_whoever_leaves_is_nobody_from_then_on(cast: Cast):
    deed = delete_account(cast)
    token = token_of(cast.cy)
    assert problems(deed.ask("DeleteAccount")) == []
    assert post({"query": "{ viewer { email } }"}, token=token).status_code == 401
    assert not Session.objects.filter(user=cast.cy).exists()
    assert problems(ask("LogIn", input={"email": "cy@example.org", "password": PASSWORD})) == [
        ("WRONG_CREDENTIALS", None)
    ]


def test_what_they_said_is_a_place_without_words_or_name(cast: Cast):
    deed = delete_account(cast)
    said = add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body="Mine.")
    assert problems(deed.ask("DeleteAccount")) == []
    document = "query ($id: ID!) { node(id: $id) { ... on Comment { author { handle } } } }"
    assert ask(document, id=id_of(said))["data"] == {"node": {"author": None}}
    answer = ask("UserProfile", handle="cy")
    assert answer["data"] == {"user": None} and answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("password", ["", "another-password", PASSWORD.upper()])
def test_a_wrong_password_deletes_nothing(cast: Cast, password: str):
    deed = delete_account(cast)
    with untouched():
        assert problems(deed.ask("DeleteAccount", password=password)) == [("WRONG_CREDENTIALS", "password")]


def test_an_owner_is_told_what_to_hand_over(cast: Cast):
    User.objects.filter(pk=cast.ana.pk).update(password=hashed(settings.PASSWORD_HASHERS[0]), project_count=1)
    with untouched():
        answer = ask("DeleteAccount", cast.ana, input={"password": PASSWORD})
    (error,) = answer["data"]["deleteAccount"]["errors"]
    assert error == {
        "code": "OWNS_PROJECTS",
        "message": "Others work on what you own: hand over “Huerta del río” first.",
        "field": None,
    }
    handed = {"projectId": id_of(cast.project), "toId": id_of(cast.bo)}
    answer = ask("HandOverProject", cast.ana, input=handed)["data"]["handOverProject"]
    assert answer["errors"] == [] and answer["project"]["owner"]["handle"] == "bo"
    assert [(place["role"], place["user"]["handle"]) for place in answer["project"]["team"]] == [
        ("ADMIN", "ana"),
        ("OWNER", "bo"),
    ]
    assert problems(ask("DeleteAccount", cast.ana, input={"password": PASSWORD})) == []


@pytest.mark.parametrize("to", ["cy", "ana", "sol"])
def test_a_project_is_handed_over_only_within_its_team(cast: Cast, to: str):
    handed = {"projectId": id_of(cast.project), "toId": id_of(getattr(cast, to))}
    with untouched():
        assert problems(ask("HandOverProject", cast.ana, input=handed)) == [("NOT_FOUND", "toId")]


@pytest.mark.parametrize("who", ["bo", "cy", "sol"])
def test_only_its_owner_hands_a_project_over(cast: Cast, who: str):
    handed = {"projectId": id_of(cast.project), "toId": id_of(cast.bo)}
    with untouched():
        assert problems(ask("HandOverProject", getattr(cast, who), input=handed)) == [("NOT_FOUND", None)]


def test_an_export_is_asked_for_and_seen_to_grow_until_it_can_be_fetched(cast: Cast):
    answer = ask("RequestDataExport", cast.cy)["data"]["requestDataExport"]
    export = DataExport.objects.get()
    assert answer == {"export": {"id": id_of(export), "status": "PENDING", "url": None}, "errors": []}
    told = {
        "id": id_of(export),
        "status": "PENDING",
        "progress": 0,
        "size": 0,
        "url": None,
        "createdAt": spelled(export.created_at),
        "expiresAt": None,
    }
    assert ask("DataExports", cast.cy)["data"]["viewer"]["dataExports"] == [told]

    for done, progress in ((0, 0), (1, 33), (3, 99), (4, 99)):
        DataExport.objects.update(state=ExportState.RUNNING, done=done, total=3)
        told |= {"status": "RUNNING", "progress": progress}
        assert ask("DataExports", cast.cy)["data"]["viewer"]["dataExports"] == [told]

    build_export(export_id=export.pk)
    export.refresh_from_db()
    (ready,) = ask("DataExports", cast.cy)["data"]["viewer"]["dataExports"]
    url = ready.pop("url")
    assert url.startswith(f"{settings.SITE_URL}/exports/{export.pk}:")
    told.pop("url")
    assert ready == told | {
        "status": "READY",
        "progress": 100,
        "size": export.size,
        "expiresAt": spelled(export.expires_at),
    }
    with untouched():
        assert problems(ask("RequestDataExport", cast.cy)) == [("LIMIT", None)]


def test_an_export_is_its_owners_alone(cast: Cast):
    ask("RequestDataExport", cast.cy)
    export = DataExport.objects.get()
    build_export(export_id=export.pk)
    document = "query ($id: ID!) { node(id: $id) { ... on DataExport { status url } } }"
    assert ask(document, cast.cy, id=id_of(export))["data"]["node"]["status"] == "READY"
    for stranger in (None, cast.ana, cast.sol):
        answer = ask(document, stranger, id=id_of(export))
        assert answer["data"] == {"node": None}
        assert answer["errors"][0]["extensions"]["code"] in ("NOT_FOUND", "UNAUTHENTICATED")
        never = ask(document, stranger, id=id_of(DataExport(pk=export.pk + 1)))
        assert never == answer
    assert ask("DataExports", cast.ana)["data"]["viewer"] == {"dataExports": []}


def test_all_exports_are_one_statement(cast: Cast):
    ask("RequestDataExport", cast.cy)
    ask("DataExports", cast.cy)
    with statements() as sql:
        ask("DataExports", cast.cy)
    assert len([each for each in sql if "accounts_dataexport" in each]) == 1

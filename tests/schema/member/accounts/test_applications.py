"""Programs of others, as clients list them, meet them and put them out."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from backend.accounts.models import User, new_token
from backend.applications.models import AuthorizedApplication
from schema.context import Asker
from schema.sessions import current, session_of
from tests.asking import ask, id_of, operations, post, problems, spelled, statements, untouched
from tests.cast import Cast
from tests.programs import Browser, fetch
from tests.schema.deeds import DEEDS, application


def token_for(person: User, scope: str = "read") -> str:
    """What a program that somebody let in sends."""
    program = application()
    return fetch(program, Browser(person).code(program, scope))[1]["access_token"]


def asker(token: str) -> Asker:
    found = session_of(f"Bearer {token}")
    assert found
    return found


def test_a_token_lets_a_program_ask_as_its_person_what_it_was_let(cast: Cast):
    token = token_for(cast.ana, "read notifications")
    with statements() as said:
        found = asker(token)
    assert ['FROM "oauth2_provider_accesstoken"' in each for each in said] == [True]
    assert (found.pk, found.user_id, found.is_staff) == (0, cast.ana.pk, False)
    assert found.standing.scopes == {"read", "notifications"}
    assert found.expires_at == AccessToken.objects.get().expires
    answer = post({"query": "{ viewer { user { handle } unreadNotificationCount } }"}, token=token)
    assert json.loads(answer.content)["data"]["viewer"] == {
        "user": {"handle": "ana"},
        "unreadNotificationCount": 0,
    }
    answer = json.loads(post({"query": "{ viewer { email } }"}, token=token).content)
    assert answer["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"


def test_one_that_has_run_out_or_never_was_lets_nobody_in(cast: Cast):
    token = token_for(cast.ana)
    key = asker(token).key
    assert set(current([asker(token)])) == {key}
    found = asker(token)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert current([found]) == {}
    for wrong in (token, new_token("oat_"), token.replace("oat", "ort"), token.replace("oat", "pat")):
        assert post({"query": "{ __typename }"}, token=wrong).status_code == 401


def test_they_are_listed_and_put_out(cast: Cast):
    token = token_for(cast.ana, "tasks:write read")
    row = AuthorizedApplication.objects.get()
    shown = {"id": id_of(row), "name": "Riego", "scopes": ["READ", "TASKS_WRITE"]}
    listed = ask("MyApplications", cast.ana)["data"]["viewer"]["authorizedApplications"]
    assert listed == [shown | {"authorizedAt": spelled(row.authorized_at)}]
    assert ask("MyApplications", cast.bo)["data"]["viewer"]["authorizedApplications"] == []

    answer = ask("RevokeApplication", cast.bo, input={"authorizedApplicationId": id_of(row)})
    assert problems(answer) == [("NOT_FOUND", None)]
    answer = ask("RevokeApplication", cast.ana, input={"authorizedApplicationId": id_of(row)})
    assert answer == {"data": {"revokeApplication": {"revokedId": id_of(row), "errors": []}}}
    assert post({"query": "{ __typename }"}, token=token).status_code == 401


@pytest.mark.parametrize(
    "scope", ["read", "account:read notifications social:write projects:write tasks:write"]
)
def test_no_program_puts_programs_out_or_gets_into_the_account(cast: Cast, scope: str):
    token = token_for(cast.ana, scope)
    row = AuthorizedApplication.objects.get()
    for name in ("RevokeApplication", "CreateAccessToken", "BeginTotp", "LogOut", "UpdateProfile", "LogIn"):
        wish = (
            {"authorizedApplicationId": id_of(row)}
            if name == "RevokeApplication"
            else DEEDS[name](cast).input
        )
        body = {"query": operations()[name], "variables": {} if wish is None else {"input": wish}}
        with untouched():
            answer = json.loads(post(body, token=token).content)
        # What is selected may be refused before the mutation is.
        whole = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert set(whole or dict(problems(answer))) == {"INSUFFICIENT_SCOPE"}, name

"""Keys for programs, as clients make them, use them and end them."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.keys import create_access_token, revoke_access_token
from backend.accounts.models import AccessToken, User, new_token
from backend.accounts.scopes import Scope
from schema.context import Asker
from schema.sessions import current, session_of
from tests.asking import ask, id_of, operations, post, problems, spelled, statements, token_of, untouched
from tests.cast import Cast

WHO = '{ user(handle: "ana") { handle } }'


def made(person: User, *scopes: Scope) -> tuple[AccessToken, str]:
    """A key of somebody's, and its secret."""
    return create_access_token(by=person, name="Script", scopes=scopes or [Scope.READ])


def with_token(query: str, token: str, **variables: Any) -> tuple[int, dict[str, Any]]:
    """What a program is answered: HTTP's status and the body."""
    answer = post({"query": query, "variables": variables}, token=token)
    return answer.status_code, json.loads(answer.content)


def asker(token: str) -> Asker:
    found = session_of(f"Bearer {token}")
    assert found
    return found


def test_the_secret_is_told_once(cast: Cast):
    until = timezone.now() + timedelta(days=7)
    wish = {"name": "Script", "scopes": ["TASKS_WRITE", "READ"], "expiresAt": until.isoformat()}
    payload = ask("CreateAccessToken", cast.ana, input=wish)["data"]["createAccessToken"]

    secret = payload.pop("secret")
    key = AccessToken.objects.get()
    shown = {"id": id_of(key), "name": "Script", "scopes": ["READ", "TASKS_WRITE"]}
    assert payload == {
        "accessToken": shown | {"expiresAt": spelled(until), "lastUsedAt": None},
        "errors": [],
    }
    assert asker(secret).user_id == cast.ana.pk
    me = ask("Me", cast.ana)["data"]["viewer"]
    assert me["accessTokens"] == [shown]
    assert secret not in json.dumps(me)


def test_a_key_lets_a_program_ask_as_its_person(cast: Cast):
    key, secret = made(cast.ana, Scope.ACCOUNT_READ, Scope.READ)
    status, answer = with_token(WHO, secret)
    assert (status, answer["data"]) == (200, {"user": {"handle": "ana"}})
    sessions = with_token("{ viewer { sessions { current } } }", secret)[1]
    token_of(cast.ana)
    assert sessions["data"]["viewer"]["sessions"] == []
    sessions = with_token("{ viewer { sessions { current } } }", secret)[1]
    assert sessions["data"]["viewer"]["sessions"] == [{"current": False}]

    found = asker(secret)
    assert (found.pk, found.user_id, found.is_staff, found.locale) == (0, cast.ana.pk, False, "en")
    assert (found.standing.scopes, found.expires_at) == ({"read", "account:read"}, key.expires_at)
    assert asker(token_of(cast.ana)).standing.scopes is None


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {
            "created_at": timezone.now() - timedelta(days=2),
            "expires_at": timezone.now() - timedelta(seconds=1),
        },
    ],
)
def test_a_key_that_has_ended_lets_nobody_in(cast: Cast, change: dict[str, datetime]):
    _, secret = made(cast.ana)
    AccessToken.objects.update(**change)
    status, answer = with_token(WHO, secret)
    assert (status, answer["errors"][0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})


def test_nor_does_one_of_somebody_who_left_nor_one_that_never_was(cast: Cast):
    _, secret = made(cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    wrong = (
        secret,
        new_token("pat_"),
        secret.replace("_pat", ""),
        secret[:-1],
        f"acequia_pat_{token_of(cast.bo)}",
    )
    assert {with_token(WHO, token)[0] for token in wrong} == {401}


def test_a_session_never_opens_as_a_key_nor_a_key_as_a_session(cast: Cast):
    """The prefix decides which table is asked, and one only."""
    _, secret = made(cast.ana)
    token = token_of(cast.bo)
    with statements() as said:
        asker(token)
    assert ['FROM "accounts_session"' in each for each in said] == [True]
    with statements() as said, pytest.raises(LookupError):
        session_of(f"Bearer {new_token('pat_')}")
    assert ['FROM "accounts_accesstoken"' in each for each in said] == [True]
    asker(secret)


def test_that_it_is_used_is_written_once_an_hour(cast: Cast):
    key, secret = made(cast.ana)
    with statements() as said:
        asker(secret)
    assert [each.split()[0] for each in said] == ["SELECT", "UPDATE"]
    key.refresh_from_db()
    assert timezone.now() - key.last_used_at < timedelta(seconds=10)
    for minutes, count in ((0, 1), (59, 1), (61, 2), (0, 1)):
        if minutes:
            AccessToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=minutes))
        with statements() as said:
            asker(secret)
        assert len(said) == count, minutes


def test_no_key_makes_keys_nor_ends_them(cast: Cast):
    key, secret = made(cast.ana, *Scope)
    wishes = {
        "CreateAccessToken": {"name": "More", "scopes": ["READ"]},
        "RevokeAccessToken": {"accessTokenId": id_of(key)},
    }
    asker(secret)
    with untouched():
        for name, wish in wishes.items():
            status, answer = with_token(operations()[name], secret, input=wish)
            assert (status, problems(answer)) == (200, [("INSUFFICIENT_SCOPE", None)])


def test_who_still_has_a_key_is_said_of_all_at_once(cast: Cast):
    """What realtime asks when it is told that a right was lost."""
    (key, first), (_, second) = made(cast.ana, Scope.READ), made(cast.bo, Scope.NOTIFICATIONS)
    askers = [asker(first), asker(second), asker(token_of(cast.ana)), asker(token_of(cast.cy))]
    assert len({each.key for each in askers}) == 4
    with statements() as said:
        now = current(askers)
    assert len(said) == 2
    assert {name: each.user_id for name, each in now.items()} == {each.key: each.user_id for each in askers}
    assert now[askers[1].key].standing.scopes == {"notifications"}

    revoke_access_token(access_token_id=key.pk, by=cast.ana)
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    assert set(current(askers)) == {askers[1].key, askers[2].key}


@pytest.mark.parametrize("scopes", [["read"], ["READ", "ADMIN"], ["social:write"], "EVERYTHING", [None], [1]])
def test_a_scope_that_is_none_is_no_question(cast: Cast, scopes: Any):
    with untouched():
        answer = ask("CreateAccessToken", cast.ana, input={"name": "Script", "scopes": scopes})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["VALIDATION"]


def test_a_key_is_ended_by_its_id(cast: Cast):
    key, secret = made(cast.ana)
    answer = ask("RevokeAccessToken", cast.ana, input={"accessTokenId": id_of(key)})
    assert answer == {"data": {"revokeAccessToken": {"revokedId": id_of(key), "errors": []}}}
    assert with_token(WHO, secret)[0] == 401
    answer = ask("RevokeAccessToken", cast.ana, input={"accessTokenId": id_of(key)})
    assert problems(answer) == [("NOT_FOUND", None)]

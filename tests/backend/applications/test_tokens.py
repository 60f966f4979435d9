"""How programs come by tokens, keep them and lose them; also where two ask at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from backend.accounts.models import User, hash_of
from backend.applications.actions import revoke_application
from backend.applications.jobs import clear_expired
from backend.applications.models import AuthorizedApplication
from backend.core.refusals import NotFound
from tests.cast import Cast
from tests.programs import CALLBACK, Browser, fetch, refresh, send
from tests.races import answers
from tests.schema.deeds import application, authorization
from tests.snapshots import refused

INVALID = (400, {"error": "invalid_grant"})


def tokens_of(person: User, scope: str = "read") -> dict:
    """Tokens of a program that somebody lets in."""
    program = application()
    status, tokens = fetch(program, Browser(person).code(program, scope))
    assert status == 200, tokens
    return tokens | {"program": program}


def test_what_is_kept_of_codes_and_tokens_are_hashes(cast: Cast):
    program = application()
    code = Browser(cast.ana).code(program, "read tasks:write")
    grant = Grant.objects.get()
    assert (grant.code, grant.scope, grant.user) == (hash_of(code), "read tasks:write", cast.ana)

    _, tokens = fetch(program, code)
    access, again = AccessToken.objects.get(), RefreshToken.objects.get()
    assert (access.token, access.token_checksum) == ("", hash_of(tokens["access_token"]))
    assert (again.token, again.token_checksum) == ("", hash_of(tokens["refresh_token"]))
    assert abs(access.expires - timezone.now() - timedelta(hours=1)) < timedelta(seconds=10)
    assert Grant.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": None},
        {"code_verifier": "ñ" * 64},
        {"redirect_uri": "https://riego.example/other"},
        {"redirect_uri": CALLBACK + "?"},
        {"redirect_uri": "\0"},
        {"client_id": "somebody"},
        {"client_id": "\0"},
        {"code": "x"},
        {"code": "\0" * 100},
        {"code": None},
    ],
)
def test_who_does_not_have_all_that_goes_with_a_code_gets_nothing(cast: Cast, changes: dict):
    program = application()
    code = Browser(cast.ana).code(program)
    status, told = fetch(program, code, **changes)
    assert status in (400, 401) and "access_token" not in told
    assert told["error"] in ("invalid_grant", "invalid_request", "invalid_client", "mismatching_redirect_uri")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 0)


def test_a_wrong_try_spends_the_code(cast: Cast):
    """Whoever has found a code has one try for its verifier too."""
    program = application()
    code = Browser(cast.ana).code(program)
    assert fetch(program, code, code_verifier="w" * 64)[0] == 400
    assert fetch(program, code) == INVALID


def test_a_code_is_of_one_program_and_of_one_minute(cast: Cast):
    program, other = application(), application(name="Other")
    assert fetch(other, Browser(cast.ana).code(program)) == INVALID
    code = Browser(cast.ana).code(program)
    Grant.objects.update(expires=timezone.now())
    assert fetch(program, code) == INVALID


def test_who_was_banned_gives_no_tokens(cast: Cast):
    program = application()
    code = Browser(cast.ana).code(program)
    tokens = tokens_of(cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert fetch(program, code) == INVALID
    assert refresh(tokens["program"], tokens["refresh_token"]) == INVALID


def test_a_program_may_ask_for_less_later_and_never_for_more(cast: Cast):
    tokens = tokens_of(cast.ana, "read tasks:write")
    status, less = refresh(tokens["program"], tokens["refresh_token"], scope="read")
    assert (status, less["scope"]) == (200, "read")
    status, told = refresh(tokens["program"], less["refresh_token"], scope="read tasks:write")
    assert (status, told["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "asked",
    [
        {"grant_type": "password", "username": "ana@example.org", "password": "riega-la-huerta"},
        {"grant_type": "client_credentials"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"grant_type": "\0"},
        {},
    ],
)
def test_there_is_no_other_way_to_a_token(cast: Cast, asked: dict):
    assert send(application(), asked) == (400, {"error": "unsupported_grant_type"})


@pytest.mark.parametrize("token", ["", "x", "\0", "acequia_ort_" + "0" * 64, "ñ" * 10_000])
def test_what_is_no_refresh_token_gives_nothing(cast: Cast, token: str):
    status, told = refresh(application(), token)
    assert status == 400 and told["error"] in ("invalid_grant", "invalid_request")


def test_a_refresh_token_of_thirty_days_ago_is_over(cast: Cast):
    tokens = tokens_of(cast.ana)
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=30))
    assert refresh(tokens["program"], tokens["refresh_token"]) == INVALID


def test_of_two_who_send_a_code_at_once_one_gets_tokens(racing_cast: Cast):
    program = application()
    code = Browser(racing_cast.ana).code(program)
    came_out = answers(lambda _: fetch(program, code)[0], range(6))
    assert sorted(came_out) == [200] + [400] * 5
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1)


def test_of_two_who_refresh_at_once_one_is_found_out_and_nobody_keeps_anything(racing_cast: Cast):
    """Which of them is the thief, nobody knows (RFC 9700, 4.14.2)."""
    tokens = tokens_of(racing_cast.ana)
    came_out = answers(lambda _: refresh(tokens["program"], tokens["refresh_token"])[0], range(6))
    assert sorted(came_out) == [200] + [400] * 5
    assert AccessToken.objects.count() == 0
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_program_that_refreshes_while_it_is_put_out_has_nothing_in_the_end(racing_cast: Cast):
    for _ in range(5):
        tokens = tokens_of(racing_cast.ana)
        let_in = AuthorizedApplication.objects.get(application=tokens["program"])

        def act(who: str, tokens: dict = tokens, let_in: AuthorizedApplication = let_in) -> object:
            if who == "program":
                return refresh(tokens["program"], tokens["refresh_token"])[0]
            return revoke_application(authorization_id=let_in.pk, by=racing_cast.ana)

        status, done = answers(act, ["program", "ana"])
        assert status in (200, 400) and done is None
        assert AccessToken.objects.count() == 0
        assert not RefreshToken.objects.filter(revoked=None).exists()


def test_one_puts_out_one_s_own_and_once(cast: Cast):
    tokens = tokens_of(cast.ana)
    code = Browser(cast.ana).code(tokens["program"])
    bos = tokens_of(cast.bo)
    let_in = AuthorizedApplication.objects.get(user=cast.ana)
    for by in (cast.bo, cast.sol):
        with refused(NotFound):
            revoke_application(authorization_id=let_in.pk, by=by)

    revoke_application(authorization_id=let_in.pk, by=cast.ana)
    assert fetch(tokens["program"], code) == INVALID
    assert refresh(tokens["program"], tokens["refresh_token"]) == INVALID
    assert [each.user for each in AccessToken.objects.all()] == [cast.bo]
    assert refresh(bos["program"], bos["refresh_token"])[0] == 200
    with refused(NotFound):
        revoke_application(authorization_id=let_in.pk, by=cast.ana)


def test_to_be_let_in_again_adds_to_what_was_allowed(cast: Cast):
    program = application()
    for scope in ("read", "tasks:write read", "notifications"):
        Browser(cast.ana).code(program, scope)
    let_in = AuthorizedApplication.objects.get()
    assert let_in.scopes == ["notifications", "read", "tasks:write"]
    assert list(AuthorizedApplication.objects.visible_to(cast.bo)) == []
    assert list(AuthorizedApplication.objects.visible_to(None)) == []


def test_what_has_run_out_is_forgotten_and_a_used_refresh_token_is_remembered(cast: Cast):
    tokens = tokens_of(cast.ana)
    refresh(tokens["program"], tokens["refresh_token"])
    Browser(cast.ana).code(tokens["program"])
    Grant.objects.update(expires=timezone.now())
    clear_expired()
    assert (Grant.objects.count(), AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 1, 2)
    past = timezone.now() - timedelta(days=31)
    AccessToken.objects.update(expires=past)
    RefreshToken.objects.filter(revoked__isnull=False).update(revoked=past)
    clear_expired()
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 0)


def test_a_program_that_nobody_let_in_is_shown_to_nobody(cast: Cast):
    authorization(cast.ana)
    assert AuthorizedApplication.objects.visible_to(cast.ana).count() == 1
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert AuthorizedApplication.objects.visible_to(cast.ana).count() == 0

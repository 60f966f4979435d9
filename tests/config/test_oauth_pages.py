"""The pages on which people let programs in: what they ask, whom they believe, and where they lead."""

import re

import pyotp
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant
from pytest_django import Settings

from backend.accounts.keys import create_access_token
from backend.accounts.models import Session, Totp, User
from backend.accounts.scopes import Scope
from backend.applications.models import AuthorizedApplication
from backend.core.seals import seal
from tests.asking import ask, problems, token_of, untouched
from tests.cast import PASSWORD, Cast
from tests.limiting import limited  # noqa: F401
from tests.programs import CALLBACK, CHALLENGE, Browser, fetch, question, told
from tests.schema.deeds import SECRET, application


@pytest.fixture
def ana(cast: Cast, settings: Settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.filter(pk=cast.ana.pk).update(password=make_password(PASSWORD))
    return cast.ana


def test_it_says_who_asks_what_and_for_whom_and_escapes_it(cast: Cast):
    program = application(name="<b>Riego</b> & co")
    page = Browser(cast.ana).ask(program, scope="read tasks:write")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Let “&lt;b&gt;Riego&lt;/b&gt; &amp; co” in?" in text
    assert "<code>https://riego.example</code>" in text and "@ana" in text
    assert re.findall(r"<li>(.+?)</li>", text) == [Scope.READ.label, Scope.TASKS_WRITE.label]
    assert "<script" not in text and 'name="csrfmiddlewaretoken"' in text


def test_no_page_is_kept_framed_or_has_scripts(cast: Cast):
    program = application()
    browser = Browser(cast.ana)
    pages = [
        browser.ask(program),
        browser.answer(program),
        browser.client.get("/oauth/log-in"),
        browser.ask(program, client_id="nobody"),
    ]
    for page in pages:
        assert page["X-Frame-Options"] == "DENY" and page["Cache-Control"] == "no-store"
        assert page["X-Content-Type-Options"] == "nosniff"
        policy = page["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert policy.endswith("; base-uri 'none'; frame-ancestors 'none'")
    # A browser asks that of the redirect after the form, too.
    assert "form-action 'self' https://riego.example;" in pages[0]["Content-Security-Policy"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "\0"},
        {"client_id": "ñ" * 1_000},
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?a=b"},
        {"redirect_uri": CALLBACK + "#x"},
        {"redirect_uri": "https://riego.example:444/cb"},
        {"redirect_uri": "http://riego.example/cb"},
        {"redirect_uri": "https://riego.example@evil.example/cb"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "\0"},
        {"redirect_uri": "https://[::1/cb"},
        {"redirect_uri": ""},
    ],
)
@pytest.mark.parametrize("by", ["get", "post"])
def test_who_is_not_known_is_answered_nowhere_else(cast: Cast, changes: dict, by: str):
    """Else the page would be a way to send people anywhere (RFC 9700, 4.11)."""
    browser, program = Browser(cast.ana), application()
    token_of(cast.ana)
    with untouched():
        page = browser.ask(program, **changes) if by == "get" else browser.answer(program, **changes)
    assert page.status_code == 400 and "Location" not in page
    assert "This does not work" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "x"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "x" * 1_000}, "invalid_request"),
        ({"code_challenge": "ñ" * 43}, "invalid_request"),
        ({"code_challenge": "\0" * 43}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": "id_token"}, "unauthorized_client"),
        ({"response_type": "x"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"scope": "READ"}, "invalid_scope"),
        ({"scope": "read\0"}, "invalid_scope"),
    ],
)
def test_what_may_not_be_asked_is_answered_to_the_program_and_changes_nothing(
    cast: Cast, changes: dict, error: str
):
    browser, program = Browser(cast.ana), application()
    token_of(cast.ana)
    with untouched():
        page = browser.answer(program, **changes)
    assert page.status_code in (303, 400), page.content.decode()
    if page.status_code == 303:
        assert page["Location"].startswith(CALLBACK)
        assert told(page)["error"] in (error, "unsupported_response_type", "invalid_request")
    assert Grant.objects.count() == 0


def test_a_state_comes_back_as_it_was(cast: Cast):
    state = "a b&c=d#e\r\nX: y ñ"
    answered = Browser(cast.ana).answer(application(), state=state)
    assert told(answered)["state"] == state and "\n" not in answered["Location"]
    assert told(answered)["iss"] == "http://testserver"


@pytest.mark.parametrize("answer", ["deny", "", "ALLOW", "true"])
def test_only_a_yes_is_a_yes(cast: Cast, answer: str):
    browser, program = Browser(cast.ana), application()
    token_of(cast.ana)
    with untouched():
        assert told(browser.answer(program, answer))["error"] == "access_denied"


def test_what_the_form_says_about_the_question_does_not_count(cast: Cast):
    """What was shown is what is given."""
    program = application()
    more = {"answer": "allow", "scope": "tasks:write", "redirect_uri": "https://evil.example/", "user": "bo"}
    answered = Browser(cast.ana).client.post(question(program), more)
    if answered.status_code == 303:
        assert answered["Location"].startswith(CALLBACK)
    assert not Grant.objects.exclude(scope="read", user=cast.ana, redirect_uri=CALLBACK).exists()


def test_no_consent_is_skipped_because_there_was_one_before(cast: Cast):
    program = application()
    browser = Browser(cast.ana)
    assert fetch(program, browser.code(program))[0] == 200
    for more in ({"approval_prompt": "auto"}, {"prompt": "none"}):
        page = browser.ask(program, **more)
        assert page.status_code == 200 and "Let “Riego” in?" in page.content.decode()
    assert AccessToken.objects.count() == 1


def test_another_site_s_page_cannot_answer_for_somebody(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.TOKEN_COOKIE] = token_of(cast.ana)
    answered = client.post(question(application()), {"answer": "allow"})
    assert answered.status_code == 403
    assert client.post("/oauth/log-in", {"email": "ana@example.org", "password": PASSWORD}).status_code == 403
    assert Grant.objects.count() == 0


def test_whoever_is_not_logged_in_logs_in_first_and_comes_back(ana: User):
    program, browser = application(), Browser()
    sent = browser.ask(program)
    assert (sent.status_code, sent["Location"].startswith("/oauth/log-in?next=%2Foauth%2Fauthorize%3F")) == (
        303,
        True,
    )
    page = browser.client.get(sent["Location"])
    assert 'autocomplete="current-password"' in page.content.decode()
    wrong = browser.client.post(sent["Location"], {"email": "ana@example.org", "password": "riega-la-huerto"})
    assert wrong.status_code == 400 and 'role="alert"' in wrong.content.decode()
    assert "riega" not in wrong.content.decode()
    back = browser.client.post(sent["Location"], {"email": "ana@example.org", "password": PASSWORD})
    assert (back.status_code, back["Location"]) == (303, question(program))
    cookie = back["Set-Cookie"]
    assert (
        cookie.startswith(f"{settings.TOKEN_COOKIE}=acequia_")
        and "HttpOnly" in cookie
        and "SameSite=Lax" in cookie
    )
    browser.client.cookies[settings.TOKEN_COOKIE] = cookie.split("=", 1)[1].split(";")[0]
    assert browser.ask(program).status_code == 200


def test_the_second_factor_is_asked_for_here_too(ana: User):
    Totp.objects.create(user=ana, sealed_secret=seal(SECRET), confirmed_at=timezone.now())
    right = {"email": "ana@example.org", "password": PASSWORD}
    client = Client()
    for code, words in (("", "Send a code"), ("x", "not right")):
        page = client.post("/oauth/log-in", right | {"one_time_code": code})
        assert page.status_code == 400 and words in page.content.decode()
    assert Session.objects.count() == 0
    assert (
        client.post("/oauth/log-in", right | {"one_time_code": pyotp.TOTP(SECRET).now()}).status_code == 303
    )


@pytest.mark.usefixtures("limited")
def test_ten_guesses_a_quarter_of_an_hour_here_and_by_the_mutation_together(ana: User):
    wrong = {"email": "ana@example.org", "password": "riega-la-huerto"}
    client = Client()
    for _ in range(5):
        assert client.post("/oauth/log-in", wrong).status_code == 400
        assert problems(ask("LogIn", input=wrong)) == [("WRONG_CREDENTIALS", None)]
    page = client.post("/oauth/log-in", wrong | {"password": PASSWORD})
    assert page.status_code == 400 and "Too often" in page.content.decode()
    assert problems(ask("LogIn", input=wrong | {"password": PASSWORD})) == [("RATE_LIMITED", None)]
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/oauth/authorize",
        "//evil.example/oauth/authorize",
        "/\\evil.example/oauth/authorize",
        "javascript:alert(1)",
        "/admin/",
        "/oauth/authorize/../../admin/",
        "\0",
        "",
    ],
)
def test_after_the_log_in_one_is_sent_nowhere_else(ana: User, wish: str):
    client = Client()
    sent = client.post(f"/oauth/log-in?next={wish}", {"email": "ana@example.org", "password": PASSWORD})
    assert (sent.status_code, sent["Location"]) == (303, "/oauth/authorize")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"email": "\0", "password": "\0"},
        {"email": "a" * 100_000, "password": "b" * 100_000},
        {"email": "ana@example.org", "password": PASSWORD, "one_time_code": "x" * 100_000},
    ],
)
def test_what_is_no_log_in_is_told_so(ana: User, form: dict):
    with untouched():
        assert Client().post("/oauth/log-in", form).status_code == 400


def test_neither_keys_of_programs_nor_the_back_office_let_programs_in(cast: Cast):
    """A program cannot widen what it was let, and staff at work are not themselves."""
    program = application()
    _, key = create_access_token(by=cast.ana, name="Script", scopes=Scope)
    _, tokens = fetch(program, Browser(cast.ana).code(program, " ".join(Scope)))
    for token in (key, tokens["access_token"], tokens["refresh_token"], "x", "\\0"):
        browser = Browser()
        browser.client.cookies[settings.TOKEN_COOKIE] = token
        assert browser.ask(program)["Location"].startswith("/oauth/log-in?")
        assert browser.answer(program)["Location"].startswith("/oauth/log-in?")
    office = Browser()
    office.client.force_login(cast.sol)
    assert office.ask(program)["Location"].startswith("/oauth/log-in?")
    assert AuthorizedApplication.objects.filter(user=cast.sol).count() == 0


def test_who_was_banned_lets_nobody_in(cast: Cast):
    program, browser = application(), Browser(cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert browser.answer(program)["Location"].startswith("/oauth/log-in?")
    assert Grant.objects.count() == 0


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51004/cb", "http://[::1]:9/cb", "org.example.riego:/cb"])
def test_a_program_on_a_person_s_own_machine_is_answered_there(cast: Cast, uri: str):
    """Whatever port it has at the moment (RFC 8252, 7.3)."""
    registered = "http://127.0.0.1/cb http://[::1]/cb org.example.riego:/cb"
    program = application(redirect_uris=registered)
    code = told(Browser(cast.ana).answer(program, redirect_uri=uri))["code"]
    assert fetch(program, code, redirect_uri="http://127.0.0.1:51005/cb")[0] == 400
    code = told(Browser(cast.ana).answer(program, redirect_uri=uri))["code"]
    assert fetch(program, code, redirect_uri=uri)[0] == 200


def test_a_bad_address_that_was_registered_all_the_same_is_not_answered(cast: Cast):
    program = application(redirect_uris="http://evil.example/cb")
    for redirect_uri in ("http://evil.example/cb", None):
        page = Browser(cast.ana).answer(program, redirect_uri=redirect_uri)
        assert page.status_code == 400 and "Location" not in page
    assert Grant.objects.count() == 0


def test_what_programs_read_first_says_what_there_is(db: None):
    """RFC 8414."""
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == "http://testserver"
    assert told["response_types_supported"] == ["code"]
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["scopes_supported"] == sorted(Scope.values)
    assert {
        name: told[f"{name}_endpoint"].removeprefix("http://testserver") for name in ("token", "revocation")
    } == {
        "token": "/oauth/token",
        "revocation": "/oauth/revoke",
    }
    assert "introspection_endpoint" not in told and "registration_endpoint" not in told


@pytest.mark.parametrize("path", ["authorize", "token", "revoke", "log-in"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch", "options", "head", "trace"])
def test_no_way_of_asking_breaks_anything(db: None, path: str, method: str):
    client = Client(raise_request_exception=False)
    bodies = [
        b"",
        b"{",
        b"\xff" * 100,
        b"grant_type=authorization_code&code=\x00",
        b"a=%ff&token=%00&client_id=%00",
    ]
    for body in bodies:
        answered = client.generic(
            method.upper(), f"/oauth/{path}", body, content_type="application/x-www-form-urlencoded"
        )
        assert answered.status_code < 500, (body, answered.content)
    for header in ("Basic ", "Basic !!!", "Basic eDp5", "Basic AAAAOgAAAA==", "Bearer x", "\x00"):
        answered = client.generic(method.upper(), f"/oauth/{path}", b"", headers={"Authorization": header})
        assert answered.status_code < 500, header

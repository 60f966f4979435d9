"""A page may have its session in a cookie that no script reads; and no page of another site does anything with it (U4)."""

import json
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from backend.accounts.models import Session
from schema.cookies import COOKIE
from schema.media_types import RESPONSE_JSON
from tests.asking import id_of, operations, token_of, untouched
from tests.cast import PASSWORD, Cast

APP = "https://app.example.org"
#: What a page of ours sends with each request.
OURS = {"Origin": APP, "Acequia-Session": "cookie"}
FOLLOW = operations()["Follow"]
ME = {"query": "{ viewer { email } }"}

_client = Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def on_a_server(settings) -> None:
    settings.DEVELOPMENT = settings.GRAPHIQL = False
    settings.ALLOWED_ORIGINS = [APP]


def send(
    body: Any = None,
    headers: dict[str, str] | None = None,
    *,
    token: str = "",
    method: str = "POST",
    content_type: str = "application/json",
    **address: str,
) -> HttpResponse:
    """A request as a browser sends it, which holds a token in its cookie."""
    cookie = {"Cookie": f"theme=dark; {COOKIE}={token}"} if token else {}
    text = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
    more = {"Accept": RESPONSE_JSON} | cookie | (headers or {})
    return _client.generic(
        method, "/graphql", text, content_type=content_type, headers=more, QUERY_STRING=urlencode(address)
    )


def told(response: HttpResponse) -> Any:
    """What was answered, but for what it cost."""
    answer = json.loads(response.content)
    answer.pop("extensions", None)
    return answer


def cookie_of(response: HttpResponse) -> Morsel | None:
    """What the browser is told to keep."""
    return SimpleCookie(response.headers.get("Set-Cookie", "")).get(COOKIE)


def log_in(cast: Cast, headers: dict[str, str]) -> HttpResponse:
    cast.ana.set_password(PASSWORD)
    cast.ana.save()
    given = {"email": "ana@example.org", "password": PASSWORD}
    return send({"query": operations()["LogIn"], "variables": {"input": given}}, headers)


def test_a_page_that_asks_for_it_gets_its_session_in_a_cookie_and_never_sees_the_token(cast: Cast):
    response = log_in(cast, OURS)
    answer = told(response)["data"]["logIn"]
    assert (answer["errors"], answer["session"]["token"]) == ([], "")

    cookie = cookie_of(response)
    assert cookie is not None
    assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "Lax", "")
    assert cookie["httponly"] is True and cookie["secure"] is True
    assert 29 * 86_400 < int(cookie["max-age"]) <= 30 * 86_400
    assert cookie.value not in response.content.decode()

    assert told(send(ME, {"Origin": APP}, token=cookie.value)) == {
        "data": {"viewer": {"email": "ana@example.org"}}
    }


def test_signing_up_gives_one_too(db: None):
    given = {"handle": "new", "email": "new@example.org", "password": PASSWORD, "displayName": "New"}
    response = send({"query": operations()["SignUp"], "variables": {"input": given}}, OURS)
    assert told(response)["data"]["signUp"]["session"]["token"] == ""
    cookie = cookie_of(response)
    assert cookie is not None
    assert told(send(ME, {"Origin": APP}, token=cookie.value))["data"]["viewer"]["email"] == "new@example.org"


@pytest.mark.parametrize("headers", [{}, {"Origin": APP}])
def test_whoever_does_not_ask_gets_the_token_and_no_cookie(cast: Cast, headers: dict):
    response = log_in(cast, headers)
    assert told(response)["data"]["logIn"]["session"]["token"].startswith("acequia_")
    assert cookie_of(response) is None


def test_a_refused_log_in_gives_nothing(cast: Cast):
    given = {"email": "ana@example.org", "password": "wrong-in-every-way"}
    response = send({"query": operations()["LogIn"], "variables": {"input": given}}, OURS)
    assert told(response)["data"]["logIn"]["session"] is None
    assert cookie_of(response) is None


def test_logging_out_takes_it_away(cast: Cast):
    response = send({"query": operations()["LogOut"]}, {"Origin": APP}, token=token_of(cast.ana))
    assert told(response) == {"data": {"logOut": {"errors": []}}}
    cookie = cookie_of(response)
    assert cookie is not None and (cookie.value, cookie["max-age"]) == ("", "0")
    assert Session.objects.get(user=cast.ana).ended_at


def test_a_cookie_that_lets_nobody_in_is_taken_away_so_that_the_page_can_log_in_again(cast: Cast):
    response = send(ME, {"Origin": APP}, token="acequia_ended")
    assert (response.status_code, told(response)["errors"][0]["extensions"]["code"]) == (
        401,
        "UNAUTHENTICATED",
    )
    cookie = cookie_of(response)
    assert cookie is not None and (cookie.value, cookie["max-age"]) == ("", "0")


def test_a_header_goes_before_the_cookie(cast: Cast):
    bo, ana = token_of(cast.bo), token_of(cast.ana)
    response = send(ME, {"Authorization": f"Bearer {bo}"}, token=ana)
    assert told(response) == {"data": {"viewer": {"email": "bo@example.org"}}}
    wrong = send(ME, {"Authorization": "Bearer wrong", "Origin": APP}, token=ana)
    # What is wrong is not healed by the cookie, and the cookie is not to blame for it.
    assert (wrong.status_code, cookie_of(wrong)) == (401, None)


@pytest.mark.parametrize("name", ["Acequia-Session", "X-Requested-With", "Apollo-Require-Preflight"])
def test_a_query_by_get_counts_with_a_header_that_a_page_must_ask_for(cast: Cast, name: str):
    value = "cookie" if name == "Acequia-Session" else "yes"
    for origin in ({}, {"Origin": APP}):
        response = send(headers=origin | {name: value}, token=token_of(cast.ana), method="GET", **ME)
        assert told(response) == {"data": {"viewer": {"email": "ana@example.org"}}}, response.content


def test_only_one_wish_is_known(db: None):
    response = send(ME, {"Origin": APP, "Acequia-Session": "local storage"})
    assert (response.status_code, told(response)["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


#: Where a page of another site may be, or seem to be.
ELSEWHERE = {
    "another site": "https://evil.example",
    "no origin that may be told": "null",
    "an empty origin": "",
    "no origin": None,
    "another port": f"{APP}:8443",
    "the port, said": f"{APP}:443",
    "http": "http://app.example.org",
    "a site above": "https://example.org",
    "a site below": "https://x.app.example.org",
    "beside it": "https://blog.example.org",
    "the name in front": "https://app.example.org.evil.example",
    "the name behind": "https://evil-app.example.org",
    "the name as a user": "https://app.example.org@evil.example",
    "the name as a path": "https://evil.example/app.example.org",
    "another case": "https://APP.example.org",
    "a dot at the end": "https://app.example.org.",
    "two origins": f"{APP} https://evil.example",
    "two origins, with a comma": f"{APP},https://evil.example",
    "a file": "file://",
    "an extension": "chrome-extension://abcdefghijklmnop",
    "its own machine": "http://127.0.0.1:8000",
}
FORMS = {
    "a form": ("application/x-www-form-urlencoded", urlencode({"query": FOLLOW})),
    "text that is JSON": ("text/plain", json.dumps({"query": FOLLOW})),
    "text with JSON's name in it": ("text/plain; application/json", json.dumps({"query": FOLLOW})),
    "an upload": ("multipart/form-data; boundary=x", f'--x\r\nname="operations"\r\n\r\n{FOLLOW}\r\n--x--'),
    "nothing said": ("", json.dumps({"query": FOLLOW})),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_page_from_elsewhere_does_nothing_with_somebodys_cookie(cast: Cast, where: str):
    token, origin = token_of(cast.ana), ELSEWHERE[where]
    headers = {} if origin is None else {"Origin": origin}
    body = {"query": FOLLOW, "variables": {"input": {"targetId": id_of(cast.bo)}}}
    with untouched():
        response = send(body, headers, token=token)
    assert (response.status_code, told(response)["errors"][0]["extensions"]["code"]) == (403, "CSRF")
    assert "Access-Control-Allow-Origin" not in response.headers
    # Nor does it log somebody in, as its own person.
    with untouched():
        assert send(ME, headers | {"Acequia-Session": "cookie"}).status_code == 403


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", APP])
def test_a_form_does_nothing_wherever_it_is_from(cast: Cast, form: str, origin: str):
    content_type, text = FORMS[form]
    with untouched():
        response = send(text, {"Origin": origin}, token=token_of(cast.ana), content_type=content_type)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {},  # A link, an image, a style sheet, somebody who types the address.
        {"Accept": "image/avif,image/webp,*/*;q=0.8", "Sec-Fetch-Site": "cross-site"},
        {"Origin": APP},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "application/json"},
        {"Origin": "https://evil.example", "X-Requested-With": "XMLHttpRequest"},
        {"Origin": "null", "Acequia-Session": "cookie"},
    ],
)
def test_an_address_alone_tells_nothing_of_whose_cookie_it_comes_with(cast: Cast, headers: dict):
    token = token_of(cast.ana)
    mutation = {"query": "mutation { logOut { errors { code } } }"}
    for asked in (ME, mutation):
        with untouched():
            response = send(None, headers, token=token, method="GET", **asked)
        assert (response.status_code, told(response)["errors"][0]["extensions"]["code"]) == (403, "CSRF")


def test_a_mutation_by_get_does_nothing_even_for_a_page_of_ours(cast: Cast):
    with untouched():
        asked = {"query": "mutation { logOut { errors { code } } }"}
        response = send(None, OURS, token=token_of(cast.ana), method="GET", **asked)
    assert response.status_code == 405


def test_the_same_page_without_a_cookie_is_nobody(db: None):
    """So what is refused above is the cookie, and not the page: its public answers are anybody's."""
    for origin in ("https://evil.example", "null"):
        response = send(ME, {"Origin": origin})
        assert (response.status_code, told(response)) == (200, {"data": {"viewer": None}})


def test_a_page_of_ours_could_have_done_it(cast: Cast):
    """A control: with its own origin the attempt above does change something."""
    body = {"query": FOLLOW, "variables": {"input": {"targetId": id_of(cast.bo)}}}
    with pytest.raises(AssertionError), untouched():
        send(body, {"Origin": APP}, token=token_of(cast.ana))

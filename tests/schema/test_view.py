"""The door: what HTTP says to a request that is no question, and to one that is (GraphQL over HTTP)."""

import gzip
import json
from datetime import timedelta
from io import RawIOBase

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import Session, User
from schema.requests import LARGEST_BODY
from tests.asking import answered, post, token_of
from tests.cast import Cast

QUESTION = {"query": "{ viewer { email } }"}


def codes(response) -> list[str]:
    """Why there is no answer."""
    told = json.loads(response.content)
    assert "data" not in told
    return [error["extensions"]["code"] for error in told["errors"]]


def test_a_question_is_answered_in_json_that_nobody_keeps(cast: Cast):
    response = post(QUESTION, cast.ana)

    assert (response.status_code, answered(response)) == (
        200,
        {"data": {"viewer": {"email": "ana@example.org"}}},
    )
    assert response["Content-Type"] == "application/graphql-response+json"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_it_is_asked_by_post_and_get_alone(db: None, method: str):
    path = "/graphql?query=mutation{logOut{errors{code}}}"
    response = Client(raise_request_exception=False).generic(method, path, json.dumps(QUESTION))

    assert (response.status_code, response["Allow"]) == (405, "GET, OPTIONS, POST")
    if method != "HEAD":
        assert codes(response) == ["METHOD_NOT_ALLOWED"]


def test_the_address_of_a_post_carries_no_question(db: None):
    response = Client().post("/graphql?query={viewer{email}}", "{}", content_type="application/json")
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""),
        *("application/graphql", "application/jsonp", "text/json", "application/json+x", "application/", "é"),
    ],
)
def test_only_json_is_read(db: None, content_type: str):
    """A form of another site can send the first three without asking; so this also keeps them out."""
    response = post(QUESTION, content_type=content_type)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


def test_an_upload_with_operations_is_not_read_either(db: None):
    response = Client().post("/graphql", {"operations": json.dumps(QUESTION), "map": "{}"})
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"]
)
def test_json_is_json_however_it_is_spelled(db: None, content_type: str):
    assert post(QUESTION, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        *(" ", "null", "[]", '""', "5", "true", "{}", "nonsense", "{", '{"query"', "\ufeff{}", "'{}'"),
        *(
            '{"query": 5}',
            '{"query": null}',
            '{"query": ["{viewer{email}}"]}',
            '{"query": {}}',
            '{"QUERY": "{a}"}',
        ),
        *(
            '{"query": "{viewer{email}}", "query": "{viewer{email}}"}',
            '{"query": "{a}", "variables": {"a":1,"a":1}}',
        ),
        *(
            '{"query": "{a}", "n": NaN}',
            '{"query": "{a}", "n": Infinity}',
            '{"query": "{a}", "n": -Infinity}',
        ),
        *(
            '{"query": "{a}", "n": 1e}',
            '{"query": "{a}", "n": 01}',
            '{"query": "{a}",}',
            '{"query": "{a}"} {}',
        ),
        '{"query": "{a}", "n": ' + "9" * 5_000 + "}",
        '{"query": "{a}", "n": -' + "9" * 60_000 + "}",
        "[" * 5_000,
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        '{"query": "{a}", "variables": {"a": ' + "[" * 20_000 + "]" * 20_000 + "}}",
    ],
)
def test_what_is_no_question_is_a_bad_request(db: None, body: str):
    response = post(body.encode())
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


def test_nothing_is_no_question_either(db: None):
    response = Client().generic("POST", "/graphql", b"", CONTENT_TYPE="application/json")
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("part", ["variables", "extensions", "operationName"])
@pytest.mark.parametrize("value", [5, True, [], ["a"], [{}], 1.5, "text", {"a": 1}])
def test_each_part_is_of_its_kind(db: None, part: str, value: object):
    """Null is as good as absent, for each of them."""
    kind = str if part == "operationName" else dict
    if not isinstance(value, kind):
        response = post(QUESTION | {part: value})
        assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert post(QUESTION | {part: None}).status_code == 200


@pytest.mark.parametrize("many", [[QUESTION], [QUESTION] * 100, []])
def test_one_request_is_one_question(db: None, many: list):
    response = post(many)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


def test_a_request_has_an_end(db: None):
    room = LARGEST_BODY - len(json.dumps(QUESTION | {"extensions": {"x": ""}}))
    fits = json.dumps(QUESTION | {"extensions": {"x": "x" * room}})
    assert len(fits) == LARGEST_BODY

    assert post(fits.encode()).status_code == 200
    for body in (f"{fits} ".encode(), b"x" * 10_000_000, b"#" * 600_000):
        response = post(body)
        assert (response.status_code, codes(response)) == (413, ["TOO_LARGE"])


class Endless(RawIOBase):
    """A body that never stops; what is taken of it is counted."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= 10 * LARGEST_BODY, "somebody wants all of it"
        self.taken += size
        return b" " * size


@pytest.mark.parametrize("length", ["1000000000000", "", "-1", "many"])
def test_a_body_without_end_is_not_read_to_its_end(db: None, length: str):
    endless = Endless()
    response = Client(raise_request_exception=False).generic(
        "POST",
        "/graphql",
        b"x",
        content_type="application/json",
        **{"wsgi.input": endless, "CONTENT_LENGTH": length},
    )

    assert response.status_code in (400, 413)
    assert endless.taken <= 2 * LARGEST_BODY


def test_a_packed_body_is_not_unpacked(db: None):
    bomb = gzip.compress(json.dumps(QUESTION | {"extensions": {"x": "x" * 10_000_000}}).encode())
    assert len(bomb) < LARGEST_BODY

    response = Client().generic(
        "POST", "/graphql", bomb, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )

    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"]
)
def test_what_is_not_utf_8_is_not_read(db: None, text: bytes):
    response = post(b'{"query": "{viewer{email}} # ' + text + b'"}')
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udfff", "\\ud83d", "\\udc1d\\ud83d", "x\\u0000x"])
@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{viewer{email}} # %s"}',
        '{"query": "{user(handle: \\"%s\\"){id}}"}',
        '{"query": "query A{viewer{email}}", "operationName": "%s"}',
        '{"query": "query($h: String){user(handle: $h){id}}", "variables": {"h": "%s"}}',
        '{"query": "{viewer{email}}", "variables": {"a": [{"b": ["%s"]}]}}',
        '{"query": "{viewer{email}}", "variables": {"%s": 1}}',
    ],
)
def test_what_no_database_keeps_is_refused_wherever_it_stands(db: None, body: str, text: str):
    response = post((body % text).encode())
    assert (response.status_code, codes(response)) == (400, ["VALIDATION"])


def test_whole_characters_are_none_the_worse_for_their_escapes(cast: Cast):
    body = (
        b'{"query": "{user(handle: \\"a\\u006ea\\"){ displayName }}", "variables": {"a": "\\ud83d\\udc1d"}}'
    )
    assert answered(post(body)) == {"data": {"user": {"displayName": "Ana"}}}


def headed(authorization: str):
    return Client(raise_request_exception=False).post(
        "/graphql", QUESTION, content_type="application/json", headers={"Authorization": authorization}
    )


@pytest.mark.parametrize(
    "authorization",
    [
        *(
            "Bearer nonsense",
            "Bearer",
            "Bearer ",
            "bearer é",
            "Basic YW5hOmFuYQ==",
            "Token x",
            "x",
            "Bearer a b",
        ),
        *(
            "Bearer " + "x" * 5_000,
            "Bearer \x00",
            "Bearer \ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        ),
        # Tokens of the kind that others make, to nobody's name and with nobody's signature.
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2Rldi9udWxsIn0.eyJzdWIiOiIxIn0.AAAA",
    ],
)
def test_an_unknown_token_is_told_so(cast: Cast, authorization: str):
    """And not taken for nobody: a client whose token has ended must learn that it has."""
    response = headed(authorization)
    assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_lets_in_as_long_as_it_lasts(cast: Cast):
    now = timezone.now()
    token = token_of(cast.ana)
    session = Session.objects.filter(user=cast.ana)

    assert headed(f"Bearer {token}").status_code == headed(f"bearer  {token} ").status_code == 200
    for change in ({"ended_at": now}, {"created_at": now - timedelta(days=2), "expires_at": now}):
        session.update(**change)
        assert (headed(f"Bearer {token}").status_code) == 401
        session.update(ended_at=None, expires_at=now + timedelta(days=1))
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert (headed(f"Bearer {token}").status_code) == 401


def test_whoever_sends_no_token_is_nobody(cast: Cast):
    assert answered(headed("")) == answered(post(QUESTION)) == {"data": {"viewer": None}}


def test_a_cookie_is_nobody_here(cast: Cast):
    """So a page of another site, whose requests carry it, can do nothing in anybody's name."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sol)
    response = client.post("/graphql", QUESTION, content_type="application/json")
    assert (response.status_code, answered(response)) == (200, {"data": {"viewer": None}})

"""Whoever asks pays: a person of their own points, all others those of their network."""

import json
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from schema import meters
from schema.meters import NETWORK, PERSON, REFUSED
from schema.preparing import CHARACTERS, READ
from schema.tallies import Tallies
from tests.asking import post, token_of
from tests.cast import Cast
from tests.limiting import limited  # noqa: F401
from tests.snapshots import snapshot

VIEWER = {"query": "{ viewer { user { handle } } rateLimit { limit cost remaining resetAt } }"}

pytestmark = pytest.mark.usefixtures("limited")


def from_network(address: str, body: dict[str, Any], token: str = "") -> HttpResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().generic(
        "POST",
        "/graphql",
        json.dumps(body),
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR=address,
    )


def told(response: HttpResponse) -> dict[str, Any]:
    return json.loads(response.content)


def test_an_answer_says_what_is_left(cast: Cast):
    post(VIEWER, cast.bo)  # From now on the document is known.
    answer = told(post(VIEWER, cast.ana))
    cost = answer["extensions"]["cost"]["points"]
    assert cost >= 1
    said = answer["data"]["rateLimit"]
    assert (said["limit"], said["cost"], said["remaining"]) == (PERSON.most, cost, PERSON.most - cost)
    again = told(post(VIEWER, cast.ana))["data"]["rateLimit"]
    assert PERSON.most - 2 * cost <= again["remaining"] <= PERSON.most - cost
    assert told(post(VIEWER))["data"]["rateLimit"]["limit"] == NETWORK.most


def test_nothing_is_said_where_nothing_is_limited(cast: Cast):
    with override_settings(RATE_LIMITS=0):
        assert told(post(VIEWER, cast.ana))["data"]["rateLimit"] is None


def test_whoever_has_spent_all_is_told_when_to_come_again_and_nothing_is_done(cast: Cast):
    with override_settings(RATE_LIMITS=0.01):  # Twenty points, one back in two seconds.
        document = {"query": 'mutation { follow(input: {targetId: "x"}) { errors { code } } }'}
        codes = [post(document, cast.cy).status_code for _ in range(3)]
        before = snapshot()
        refused = post(document, cast.cy)
    assert (codes[0], refused.status_code) == (200, 429)
    answer = told(refused)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["RATE_LIMITED"]
    assert "data" not in answer and answer["extensions"]["cost"]["points"] > 0
    assert 1 <= int(refused["Retry-After"]) <= 40
    assert snapshot() == before


def test_what_one_person_spends_is_nobody_elses(cast: Cast):
    with override_settings(RATE_LIMITS=0.002):  # Four points.
        while post(VIEWER, cast.cy).status_code == 200:
            pass
        assert post(VIEWER, cast.bo).status_code == 200
        assert from_network("192.0.2.7", VIEWER).status_code == 200


def test_a_network_of_nobodies_is_one_and_its_people_are_not(cast: Cast):
    with override_settings(RATE_LIMITS=0.004):  # Two points for a network.
        while from_network("2001:db8:1:2::1", VIEWER).status_code == 200:
            pass
        assert from_network("2001:db8:1:2:ffff::9", VIEWER).status_code == 429
        assert from_network("2001:db8:1:3::1", VIEWER).status_code == 200
        assert from_network("2001:db8:1:2::1", VIEWER, token_of(cast.ana)).status_code == 200


def test_a_document_that_is_new_costs_what_it_takes_to_read_it(cast: Cast):
    """By its length; and whoever has not so much is refused before it is read, in whatever it says."""
    new = {"query": VIEWER["query"] + "#" * 1_000}
    first, again = (told(post(new, cast.ana)) for _ in range(2))
    price = first["extensions"]["cost"]["points"]
    assert again["extensions"]["cost"]["points"] == price
    costs = [answer["data"]["rateLimit"]["cost"] for answer in (first, again)]
    assert costs == [price + READ + len(new["query"]) // CHARACTERS, price]
    with override_settings(RATE_LIMITS=0.01):  # Twenty points, and twelve are what it takes to read one.
        nonsense = ["{ nonsense" + sign * 1_000 for sign in ("#", "!")]
        answers = [told(post({"query": each}, cast.bo))["errors"] for each in nonsense]
    codes = [[error["extensions"]["code"] for error in errors] for errors in answers]
    assert codes == [["GRAPHQL_PARSE_FAILED"], ["RATE_LIMITED"]]


def test_documents_that_are_refused_run_a_bucket_dry_too():
    with override_settings(RATE_LIMITS=0.1):  # Fifty points.
        statuses = []
        while not statuses or statuses[-1] != 429:
            statuses.append(from_network("192.0.2.8", {"query": "{ nonsense }"}).status_code)
    assert 50 // REFUSED - 3 <= len(statuses) <= 50 // REFUSED + 3


def test_whoever_asks_often_costs_redis_a_question_a_second_and_not_one_a_request(
    limited: Tallies,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    cast: Cast,
):
    asked: list[str] = []
    right = limited.take
    monkeypatch.setattr(limited, "take", lambda whose, **more: asked.append(whose) or right(whose, **more))
    for _ in range(30):
        assert post(VIEWER, cast.ana).status_code == 200
    assert 1 <= len(asked) <= 3


def test_whoever_goes_on_after_a_refusal_is_refused_by_the_process_alone(
    limited: Tallies,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    cast: Cast,
):
    with override_settings(RATE_LIMITS=0.002):
        while post(VIEWER, cast.ana).status_code == 200:
            pass
        monkeypatch.setattr(limited, "take", lambda *_, **__: pytest.fail("Redis was asked"))
        assert post(VIEWER, cast.ana).status_code == 429


def test_what_a_process_holds_for_somebody_it_spends_before_it_takes_more():
    bucket = meters.Bucket(100, 10)
    assert meters._spend("x", bucket, 3) == (pytest.approx(97, abs=0.5), 0)  # Ten taken, seven held.
    assert meters._spend("x", bucket, 5)[0] == pytest.approx(92, abs=0.5)
    assert meters._spend("x", bucket, 4)[0] == pytest.approx(88, abs=1)
    assert meters._spend("x", bucket, 200)[0] == pytest.approx(0, abs=92)


def test_whoever_is_refused_more_than_is_left_may_have_less():
    bucket = meters.Bucket(100, 0.01)
    meters._spend("y", bucket, 60)
    assert meters._spend("y", bucket, 90)[1] > 1_000
    assert meters._spend("y", bucket, 95)[1] > 1_000
    assert meters._spend("y", bucket, 30) == (pytest.approx(10, abs=0.5), 0)


@pytest.mark.parametrize(
    "asked",
    [
        {"data": b"[", "content_type": "application/json"},
        {"data": b"x", "content_type": "text/plain"},
        {"data": b'{"query": "{ x }"}', "content_type": "application/json", "HTTP_AUTHORIZATION": "Bearer x"},
    ],
)
def test_what_is_no_question_or_nobodys_runs_a_bucket_dry_too(db: None, asked: dict[str, Any]):
    client = Client(REMOTE_ADDR="192.0.2.9")
    with override_settings(RATE_LIMITS=0.1):  # Fifty points.
        statuses = [client.post("/graphql", **asked).status_code for _ in range(40)]
    assert statuses[0] in (400, 401, 415) and statuses[-1] == 429


def test_points_come_back():
    bucket = meters.Bucket(10, 20)
    assert meters._spend("x", bucket, 10)[1] == 0
    left, wait = meters._spend("x", bucket, 5)
    assert (left, wait > 0) == (pytest.approx(0, abs=0.5), True)
    time.sleep(wait + 0.05)
    assert meters._spend("x", bucket, 5)[1] == 0


def test_what_somebody_sends_who_has_spent_all_is_not_even_read(monkeypatch: pytest.MonkeyPatch):
    hostile = {"query": "{" + "projects { totalCount } " * 60 + "}"}
    with override_settings(RATE_LIMITS=0.01):  # Five points, one back in ten seconds.
        while from_network("192.0.2.9", hostile).status_code != 429:
            pass
        monkeypatch.setattr("schema.questions.prepare", lambda *_: pytest.fail("it was read"))
        refused = from_network("192.0.2.9", hostile)
        assert (refused.status_code, told(refused)["errors"][0]["extensions"]["code"]) == (
            429,
            "RATE_LIMITED",
        )
        assert int(refused["Retry-After"]) >= 1

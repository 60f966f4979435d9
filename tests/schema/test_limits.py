"""What may be done so often only is counted before it is done; what is refused has changed nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client, override_settings

from backend.accounts.models import Session
from schema import limits
from schema.context import Context
from schema.tallies import Tallies
from social.follows.models import Follow
from tests.asking import ask, id_of, post
from tests.cast import Cast
from tests.limiting import limited, standing_in  # noqa: F401
from tests.realtime.own_redis import OwnRedis
from tests.snapshots import snapshot

LOG_IN = "mutation($input: LogInInput!) { logIn(input: $input) { session { deviceToken } errors { code message } } }"


def log_in(address: str = "192.0.2.1", **input: Any) -> tuple[dict[str, Any], Any]:
    body = {"query": LOG_IN, "variables": {"input": input}}
    response = Client().generic(
        "POST", "/graphql", json.dumps(body), content_type="application/json", REMOTE_ADDR=address
    )
    return json.loads(response.content)["data"]["logIn"], response


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]


@pytest.fixture
def ana(cast: Cast) -> dict[str, str]:
    cast.ana.set_password("riega-la-huerta")
    cast.ana.save()
    return {"email": cast.ana.email, "password": "riega-la-huerta"}


@pytest.mark.usefixtures("limited")
class TestGuesses:
    def test_an_account_is_tried_ten_times_from_wherever(self, ana: dict[str, str]):
        wrong = ana | {"password": "not-this-one"}
        tried = [codes(log_in(f"198.51.100.{number}", **wrong)[0]) for number in range(20)]
        assert tried == [["WRONG_CREDENTIALS"]] * 10 + [["RATE_LIMITED"]] * 10
        before = snapshot()
        payload, response = log_in("198.51.100.99", **ana)
        assert (codes(payload), snapshot()) == (["RATE_LIMITED"], before)
        assert 700 <= int(response["Retry-After"]) <= 900
        assert payload["errors"][0]["message"] == f"Too often; try again in {response['Retry-After']} s."

    def test_an_address_that_nobody_has_is_counted_alike(self, db: None):
        nobody = {"email": "nobody@example.org", "password": "not-this-one"}
        with override_settings(RATE_LIMITS=0.3):
            tried = [codes(log_in(f"198.51.100.{number}", **nobody)[0]) for number in range(5)]
        assert tried == [["WRONG_CREDENTIALS"]] * 3 + [["RATE_LIMITED"]] * 2

    def test_however_it_is_spelled_it_is_one_account(self, ana: dict[str, str]):
        spelled = [ana["email"].upper(), f" {ana['email']} ", ana["email"].replace("a", "\uff41")]
        with override_settings(RATE_LIMITS=0.3):
            tried = [
                codes(log_in(f"198.51.100.{number}", email=spelled[number % 3], password="x" * 12)[0])
                for number in range(4)
            ]
        assert tried[2:] == [["WRONG_CREDENTIALS"], ["RATE_LIMITED"]]

    def test_her_own_device_lets_her_in_all_the_same(self, ana: dict[str, str]):
        device = log_in("192.0.2.1", **ana)[0]["session"]["deviceToken"]
        wrong = ana | {"password": "not-this-one"}
        with override_settings(RATE_LIMITS=0.3):
            for number in range(4):
                log_in(f"198.51.100.{number}", **wrong)
            assert codes(log_in("192.0.2.1", **ana)[0]) == ["RATE_LIMITED"]
            assert codes(log_in("192.0.2.1", **ana, deviceToken=device)[0]) == []
            # Whoever has it has as many tries too, and no more.
            tried = [codes(log_in("192.0.2.2", **wrong, deviceToken=device)[0]) for _ in range(4)]
        assert tried == [["WRONG_CREDENTIALS"]] * 2 + [["RATE_LIMITED"]] * 2

    def test_nor_do_her_neighbours_keep_her_out(self, ana: dict[str, str]):
        device = log_in("192.0.2.1", **ana)[0]["session"]["deviceToken"]
        limits.count_attempts("192.0.2.1", 500)
        assert codes(log_in("192.0.2.1", **ana)[0]) == ["RATE_LIMITED"]
        assert codes(log_in("192.0.2.1", **ana, deviceToken=device)[0]) == []

    @pytest.mark.parametrize("page", ["/admin/login/", "/oauth/log-in"])
    def test_forms_of_pages_are_counted_with_it(self, ana: dict[str, str], page: str):
        client = Client(REMOTE_ADDR="198.51.100.200")
        fields = {"username": ana["email"], "email": ana["email"], "password": "not-this-one"}
        with override_settings(RATE_LIMITS=0.3):
            said = [client.post(page, fields).content.decode() for _ in range(5)]
            assert ["Too often" in each for each in said] == [False] * 3 + [True] * 2
            assert codes(log_in("192.0.2.1", **ana)[0]) == ["RATE_LIMITED"]

    def test_a_device_of_somebody_else_is_none(self, ana: dict[str, str], cast: Cast):
        device = log_in("192.0.2.1", **ana)[0]["session"]["deviceToken"]
        bo = {"email": cast.bo.email, "password": "not-this-one", "deviceToken": device}
        with override_settings(RATE_LIMITS=0.3):
            tried = [codes(log_in(f"198.51.100.{number}", **bo)[0]) for number in range(4)]
        assert tried[2:] == [["WRONG_CREDENTIALS"], ["RATE_LIMITED"]]

    def test_one_network_tries_fifty_times_whomever(self, db: None):
        def tried(number: int) -> bool:
            input = SimpleNamespace(email=f"p{number}@example.org")
            try:
                limits.count_deed(limits.LOG_IN, Context(address="203.0.113.5"), input)
            except limits.RateLimited:
                return False
            return True

        assert [tried(number) for number in range(52)] == [True] * 50 + [False] * 2

    def test_logins_of_a_document_that_was_refused_were_tries(self, ana: dict[str, str]):
        aliases = " ".join(
            f'a{number}: logIn(input: {{email: "{ana["email"]}", password: "x"}}) {{ errors {{ code }} }}'
            for number in range(20)
        )
        for _ in range(3):
            response = post({"query": f"mutation {{ {aliases} }}"})
            assert "data" not in json.loads(response.content)
        assert codes(log_in("127.0.0.1", **ana)[0]) == ["RATE_LIMITED"]
        assert codes(log_in("192.0.2.77", **ana)[0]) == []


@pytest.mark.usefixtures("limited")
def test_whoever_follows_too_many_in_a_minute_waits(cast: Cast):
    follow = "mutation($id: ID!) { follow(input: {targetId: $id}) { errors { code } } }"
    unfollow = follow.replace("follow(", "unfollow(")
    project = id_of(cast.project)
    said = [
        codes(next(iter(ask(follow if number % 2 == 0 else unfollow, cast.cy, id=project)["data"].values())))
        for number in range(62)
    ]
    assert said == [[]] * 60 + [["RATE_LIMITED"]] * 2
    assert not Follow.objects.filter(follower=cast.cy).exists()


#: Fields of an input that hold what one may guess.
SECRETS = {"password", "currentPassword", "code", "oneTimeCode", "token"}


def test_every_mutation_is_limited_and_none_that_takes_a_secret_is_done_while_nobody_counts():
    from schema.member.schema import schema
    from schema.policies import Who

    guessing = set()
    for name, field in schema._schema.mutation_type.fields.items():  # type: ignore[union-attr]
        told = field.extensions["strawberry-definition"].metadata
        by = {limit.by for limit in told["limits"]}
        assert limits.By.ADDRESS in by if told["policy"].who is Who.EVERYBODY else limits.By.PERSON in by, (
            name
        )
        given = field.args["input"].type.of_type.fields if "input" in field.args else {}
        if not SECRETS.isdisjoint(given):
            assert all(limit.fails_closed and limit.most <= 50 for limit in told["limits"]), name
            guessing.add(name)
    assert {"logIn", "resetPassword", "changePassword", "disableTotp", "deleteAccount"} <= guessing


class TestRedisAway:
    @pytest.fixture
    def away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
        server = OwnRedis(tmp_path)
        server.start()
        server.stop()
        with override_settings(RATE_LIMITS=1):
            for _ in standing_in(monkeypatch, Tallies(server.url)):
                yield server
        server.stop()

    def test_nobody_logs_in_while_nobody_counts(self, ana: dict[str, str], away: OwnRedis):
        before = Session.objects.count()
        payload, response = log_in(**ana)
        assert (codes(payload), response["Retry-After"]) == (["UNAVAILABLE"], "2")
        assert Session.objects.count() == before

    def test_and_everything_else_goes_on_at_half(self, cast: Cast, away: OwnRedis):
        limit = ask("{ rateLimit { limit remaining } }", cast.ana)["data"]["rateLimit"]
        assert 900 < limit["remaining"] <= 1_000 < limit["limit"]
        follow = "mutation($id: ID!) { follow(input: {targetId: $id}) { errors { code } } }"
        said = [codes(ask(follow, cast.cy, id=id_of(cast.project))["data"]["follow"]) for _ in range(31)]
        assert said == [[]] * 30 + [["RATE_LIMITED"]]

    def test_when_it_is_back_she_gets_in(
        self, ana: dict[str, str], away: OwnRedis, monkeypatch: pytest.MonkeyPatch
    ):
        assert codes(log_in(**ana)[0]) == ["UNAVAILABLE"]
        away.start()
        monkeypatch.setattr(limits.tallies(), "_away_until", 0)
        assert codes(log_in(**ana)[0]) == []


def test_no_key_of_redis_tells_who_it_is_about(limited: Tallies, ana: dict[str, str]):  # noqa: F811
    log_in("198.51.100.7", **ana)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        kept = b" ".join(client.scan_iter(f"{limited._prefix}*"))
        text = kept.decode()
    assert "log-in:account:" in text and "log-in:address:" in text
    for secret in (ana["email"], "ana", "198.51", "7:"):
        assert secret not in text.replace(limited._prefix, "")

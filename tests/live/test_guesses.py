"""Ten thousand guesses at one account's password, however they are sent: ten are tried, and its owner gets in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest
import redis
from django.conf import settings
from django.utils import timezone

from backend.accounts.models import User
from tests.clients import sign_up
from tests.live.guessed import TRIED, Counting
from tests.serving import LIVE, House, Server
from tests.sockets import Socket

GUESSED = {
    "DJANGO_SETTINGS_MODULE": "tests.live.guessed",
    "RATE_LIMITS": "1",
    "TRUSTED_PROXIES": "1",
}
LOG_IN = (
    "mutation($input: LogInInput!) { logIn(input: $input) { session { token deviceToken } errors { code } } }"
)
PASSWORD = "riega-la-huerta"
_guesses = count()
# One for all threads: making one reads all certificates.
_http = httpx.Client(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None))


@pytest.fixture
def limited(house: House) -> Iterator[list[Server]]:
    """Two servers behind one proxy, whose limits are on; nobody has tried anything yet."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in (TRIED, *client.scan_iter("acequia:limit:*")):
            client.delete(key)
    with (
        house.one_more_server("--no-proxy-headers", **GUESSED) as one,
        house.one_more_server("--no-proxy-headers", **GUESSED) as other,
    ):
        yield [one, other]


def owner(house: House) -> User:
    """Somebody whose password is counted each time that it is tried."""
    ana = sign_up(house.servers[0], "ana")
    user: User = User.objects.using(LIVE).get(pk=ana.pk)
    user.password, user.email_verified_at = Counting().encode(PASSWORD, Counting().salt()), timezone.now()
    user.save(using=LIVE)
    return user


def log_in(server: Server, address: str, **input: str) -> httpx.Response:
    asked = {"query": LOG_IN, "variables": {"input": input}}
    headers = {"X-Forwarded-For": address}
    return _http.post(f"{server.http}/graphql", json=asked, headers=headers)


def tried(user: User) -> int:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return int(client.hget(TRIED, user.password) or 0)


def test_of_ten_thousand_guesses_ten_are_tried_and_her_own_device_still_gets_in(
    house: House, limited: list[Server]
):
    user = owner(house)
    one, other = limited
    entered = log_in(one, "192.0.2.1", email=user.email, password=PASSWORD).json()["data"]["logIn"]
    device = entered["session"]["deviceToken"]
    assert tried(user) == 1

    def alone(number: int) -> str:
        server, address = limited[number % 2], f"198.51.100.{number % 50}"
        answer = log_in(server, address, email=user.email, password=f"guess-number-{next(_guesses)}").json()
        (error,) = answer.get("errors") or answer["data"]["logIn"]["errors"]
        return error.get("code") or error["extensions"]["code"]

    def by_aliases(number: int) -> str:
        aliases = " ".join(
            f'a{each}: logIn(input: {{email: "{user.email}", password: "guess-{next(_guesses)}"}})'
            " { errors { code } }"
            for each in range(28)
        )
        headers = {"X-Forwarded-For": f"203.0.113.{number % 50}"}
        answer = _http.post(
            f"{limited[number % 2].http}/graphql",
            json={"query": f"mutation {{ {aliases} }}"},
            headers=headers,
        )
        assert "data" not in answer.json()
        return answer.json()["errors"][0]["extensions"]["code"]

    def on_sockets(number: int) -> str:
        with Socket(limited[number % 2]) as socket:
            for each in range(15):
                guess = {"email": user.email, "password": f"guess-{next(_guesses)}"}
                payload = {"query": LOG_IN, "variables": {"input": guess}}
                socket.say(type="subscribe", id=str(each), payload=payload)
                frame = socket.hear(10)
                assert (frame["type"], frame["payload"][0]["extensions"]["code"]) in (
                    ("error", "OPERATION_NOT_ALLOWED"),
                    ("error", "RATE_LIMITED"),
                )
        return "refused"

    with ThreadPoolExecutor(8) as crowd:
        single = list(crowd.map(alone, range(1_000)))
        aliased = list(crowd.map(by_aliases, range(318)))
        list(crowd.map(on_sockets, range(10)))
    assert next(_guesses) >= 10_000
    # The first of them was hers; nine more were tried, of whoever was quickest.
    assert single.count("WRONG_CREDENTIALS") == 9 and set(single) == {"WRONG_CREDENTIALS", "RATE_LIMITED"}
    assert set(aliased) <= {"QUERY_TOO_COMPLEX", "RATE_LIMITED"}
    assert tried(user) == 10

    refused = log_in(other, "192.0.2.1", email=user.email, password=PASSWORD)
    assert refused.json()["data"]["logIn"]["errors"] == [{"code": "RATE_LIMITED"}]
    assert 800 < int(refused.headers["Retry-After"]) <= 900
    hers = log_in(other, "192.0.2.1", email=user.email, password=PASSWORD, deviceToken=device)
    assert hers.json()["data"]["logIn"]["errors"] == [] and hers.json()["data"]["logIn"]["session"]["token"]
    assert tried(user) == 11


def test_without_limits_all_of_them_would_be_tried(house: House):
    """The control: it is the limits that count, and this counts what they let through."""
    user = owner(house)
    with house.one_more_server(**GUESSED | {"RATE_LIMITS": "0"}) as server:
        for number in range(30):
            log_in(server, "198.51.100.1", email=user.email, password=f"guess-number-{number}")
    assert tried(user) == 30

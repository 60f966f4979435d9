"""On a server of production files have a host of their own: there is nothing else there, and they are nowhere else."""

import httpx
import pytest

from tests.conformance.doors import BEHIND_A_PROXY
from tests.serving import House, Server

FILES, SITE = "media.example.org", "acequia.example.org"
QUESTION = {"query": "{ __typename }"}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (("POST", SITE, "/graphql"), 200),
        (("POST", FILES, "/graphql"), 404),
        (("GET", FILES, "/graphql"), 404),
        (("GET", SITE, "/admin/login/"), 200),
        (("GET", FILES, "/admin/login/"), 404),
        (("GET", FILES, "/readyz"), 404),
        (("POST", FILES, "/media/uploads"), 400),
        (("POST", SITE, "/media/uploads"), 404),
        (("GET", FILES, f"/media/public/{'a' * 32}/{'b' * 32}.webp"), 404),
        (("GET", FILES, f"/media/private/{'a' * 32}/{'b' * 32}.pdf"), 403),
        (("GET", SITE, f"/media/private/{'a' * 32}/{'b' * 32}.pdf"), 404),
        (("POST", "elsewhere.example", "/graphql"), 400),
        (("POST", "elsewhere.example", "/media/uploads"), 400),
    ],
)
def test_what_is_asked_at_which_host(
    server_of_production: Server, house: House, asked: tuple[str, str, str], status: int
):
    method, host, path = asked
    answer = httpx.request(
        method,
        f"{server_of_production.http}{path}",
        json=QUESTION if method == "POST" else None,
        headers={"Host": host} | BEHIND_A_PROXY,
        trust_env=False,
    )
    assert answer.status_code == status

"""The client's address is what the proxies say that we trust, and never what a client says."""

import pytest
from django.test import override_settings

from schema.network import client_address, network_of

PEER = "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", PEER),
        (1, "", PEER),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", PEER),
        (1, "1.1.1.1, nonsense", PEER),
        (1, "nonsense, 2001:db8::1", "2001:db8::1"),
        (1, ",".join(["1.1.1.1"] * 500), "1.1.1.1"),
        (1, "203.0.113.9,", PEER),
    ],
)
def test_it_is_what_the_outermost_proxy_that_is_ours_has_seen(proxies: int, forwarded: str, address: str):
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address(PEER, forwarded) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_household_is_one_network(address: str, network: str):
    assert network_of(address) == network

"""Where a request comes from."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings


def address_of(meta: Mapping[str, Any]) -> str:
    """The address of the client, by its headers as CGI names them (RFC 3875); see `client_address`."""
    return client_address(str(meta.get("REMOTE_ADDR", "")), str(meta.get("HTTP_X_FORWARDED_FOR", "")))


def client_address(peer: str, forwarded: str) -> str:
    """The address of the client, whose connection is `peer`'s.

    Behind TRUSTED_PROXIES proxies, what the outermost of them has written into `X-Forwarded-For`: each adds the address of
    who asked it at the end, and what stands before is whatever a client has sent.
    """
    proxies: int = settings.TRUSTED_PROXIES
    if not proxies or not forwarded:
        return peer
    said = forwarded.rsplit(",", proxies)[-proxies:]
    outermost = said[0].strip()
    return outermost if len(said) == proxies and _parsed(outermost) else peer


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What is counted as one: an IPv4 address, or the first half of an IPv6 address: a household has the rest."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None

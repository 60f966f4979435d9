"""How far a fetch may go: a name is resolved once, and called only at addresses that are anybody's on the internet."""

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpcore

#: Global unicast is nothing but this (RFC 4291 2.4, IANA's registry): so no loopback, link-local, unique local or
#: site-local address, no multicast, and no IPv4 address in an IPv6 one (mapped, compatible, NAT64 of RFC 6052, 8215).
_UNICAST = ipaddress.IPv6Network("2000::/3")
#: In it, and leading elsewhere: protocol assignments with Teredo (RFC 4380) and ORCHID, documentation (RFC 3849, 9637),
#: 6to4 (RFC 3056).
_ELSEWHERE = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16")))
#: The same of IPv4, as far as some Pythons call them global: protocol assignments, relays of 6to4 (RFC 7526), shared by
#: carriers (RFC 6598), benchmarks (RFC 2544).
_ELSEWHERE_V4 = tuple(
    map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "198.18.0.0/15"))
)
#: The upper half of an interface that is an IPv4 address (ISATAP, RFC 5214).
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: str) -> bool:
    """Whether an address, in the one canonical spelling of its family, is that of a host on the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _ELSEWHERE_V4)
    if ip.scope_id or ip not in _UNICAST or any(ip in network for network in _ELSEWHERE):
        return False
    return (int(ip) >> 32) & 0xFFFFFFFF not in _ISATAP


def resolve(host: str, seconds: float) -> Sequence[str]:
    """Every address of a name, as the machine's resolver answers it. Raises `OSError`, `TimeoutError` among them."""
    # getaddrinfo takes no timeout, and cannot be broken off: it is left behind.
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put([str(each[4][0]) for each in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise OSError(str(answer)) from None
    return list(dict.fromkeys(answer))


def connect(address: str, port: int, seconds: float) -> httpcore.NetworkStream:
    """A connection to an address, which is no name."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)


@dataclass(frozen=True)
class Reach:
    """How a fetch finds, judges and calls a host: by default it goes to the public internet and nowhere else."""

    resolve: Callable[[str, float], Sequence[str]] = resolve
    admits: Callable[[str], bool] = is_public
    connect: Callable[[str, int, float], httpcore.NetworkStream] = connect
    #: Which authorities may speak for a name; it verifies them and the name.
    tls: ssl.SSLContext = field(default_factory=httpcore.default_ssl_context)

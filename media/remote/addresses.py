"""Which addresses are fetched: plain ones, in one spelling, so that no two readers can take them for two places."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from media.remote.refusals import Refused, Why

LONGEST = 2_048
_PORTS = {"http": 80, "https": 443}
# The authority ends at the first sign that ends it for anybody; there is nobody in it (no @), and no number for a host.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253})(?::(?P<port>80|443))?(?P<target>[/?][^#\\]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Nothing that ends in it is a number in any spelling: decimal, octal, hexadecimal, with fewer parts than four.
_LAST_LABEL = re.compile(r"[a-z]{2,63}")
# Letters of other scripts are written as their bytes; what is written so already stays.
_SAFE = "/?:@!$&'()*+,;=-._~%[]|"


@dataclass(frozen=True)
class Address:
    """Where something is fetched: a scheme, the name of a host in small letters, its port, a path with its query."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"


def read(url: str) -> Address:
    """The address that a URL names: http or https at its own port, a name of plain letters (RFC 1123) of two labels at
    least, nobody's name or password, no fragment. Raises `Refused`."""
    if len(url) > LONGEST or not (found := _URL.fullmatch(url)):
        raise Refused(Why.ADDRESS)
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = _PORTS[scheme]
    labels = host.split(".")
    if found["port"] not in (None, str(port)) or len(labels) < 2:
        raise Refused(Why.ADDRESS)
    # Of what a browser shows in another script nobody can say what it looks like: xn-- is left out with it.
    if not all(_LABEL.fullmatch(label) and label[2:4] != "--" for label in labels):
        raise Refused(Why.ADDRESS)
    if not _LAST_LABEL.fullmatch(labels[-1]):
        raise Refused(Why.ADDRESS)
    return Address(scheme, host, port, _target(found["target"] or "/"))


def follow(address: Address, location: str) -> Address:
    """Where a redirect leads from an address. Raises `Refused`, also for one that leaves TLS."""
    if len(location) > LONGEST:
        raise Refused(Why.ADDRESS)
    try:
        joined = urljoin(str(address), location)
    except ValueError:
        raise Refused(Why.ADDRESS) from None
    led = read(joined)
    if (address.scheme, led.scheme) == ("https", "http"):
        raise Refused(Why.REDIRECT)
    return led


def _target(target: str) -> str:
    if any(sign.isspace() or not sign.isprintable() for sign in target):
        raise Refused(Why.ADDRESS)
    target = quote(target, safe=_SAFE)
    if len(target) > LONGEST * 3:
        raise Refused(Why.ADDRESS)
    return target if target.startswith("/") else f"/{target}"

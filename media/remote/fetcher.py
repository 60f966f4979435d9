"""A picture from an address that nobody here has chosen: its host is found, judged and called by us, at every hop.

HTTP is httpcore's, with connections of ours. It knows no proxies, cookies, redirects or compression, and asks its network
for everything: so what was judged is what is called, and one clock runs over all of it.
"""

import hashlib
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore

from media.inspection import IMAGES
from media.remote.addresses import Address, follow, read
from media.remote.reach import Reach
from media.remote.refusals import Refused, Why

#: Seconds for all of it: every name, connection, hop and byte.
SECONDS = 10.0
#: A connection may take so many of them, so that a host has time for its other addresses;
CONNECT_SECONDS = 3.0
#: of which so many are tried.
MOST_ADDRESSES = 4
MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = (
    (b"Accept", ", ".join(IMAGES).encode()),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"Acequia"),
)


@dataclass(frozen=True)
class Fetched:
    """What came: one of the five types of pictures as its host says, how many bytes, and their SHA-256 (64 hex digits)."""

    content_type: str
    byte_size: int
    sha256: str


def fetch(
    url: str, *, most_bytes: int, into: Path, reach: Reach | None = None, seconds: float = SECONDS
) -> Fetched:
    """Fetch a picture of at most so many bytes into a file; redirects are followed, five at most.

    Raises `Refused`, and then there is no file.
    """
    reach = reach or Reach()
    deadline = Deadline(seconds)
    address = read(url)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            came = _ask(address, reach, deadline, most_bytes, into)
            if isinstance(came, Fetched):
                return came
            address = came
        raise Refused(Why.REDIRECT)
    except BaseException:
        into.unlink(missing_ok=True)
        raise


class Deadline:
    """When all must be over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then, more than none. Raises `Refused`."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Refused(Why.TOO_SLOW)
        return left


class _Timed(httpcore.NetworkStream):
    """A connection that asks the clock before each thing it does, whatever its user says of time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, timeout=self._deadline.left())
        except httpcore.ConnectError:
            raise Refused(Why.TLS) from None
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """The network of one hop: its host was resolved and judged, and nothing else can be called through it."""

    def __init__(self, address: Address, found: Iterable[str], reach: Reach, deadline: Deadline) -> None:
        self._address, self._found, self._reach, self._deadline = address, found, reach, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if (host, port) != (self._address.host, self._address.port):
            raise httpcore.ConnectError(f"{host}:{port} was not judged")
        failure: Exception = httpcore.ConnectError("no address")
        for each in self._found:
            try:
                seconds = min(CONNECT_SECONDS, self._deadline.left())
                return _Timed(self._reach.connect(each, port, seconds), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
                failure = error
        raise httpcore.ConnectError(str(failure))


def _found(address: Address, reach: Reach, deadline: Deadline) -> list[str]:
    try:
        found = list(reach.resolve(address.host, deadline.left()))
    except TimeoutError:
        raise Refused(Why.TOO_SLOW) from None
    except OSError:
        raise Refused(Why.UNKNOWN) from None
    if not found:
        raise Refused(Why.UNKNOWN)
    # One that is not public among many is a trick: whoever answers so wants us to try them all.
    if not all(reach.admits(each) for each in found):
        raise Refused(Why.PRIVATE)
    return found[:MOST_ADDRESSES]


def _ask(
    address: Address, reach: Reach, deadline: Deadline, most_bytes: int, into: Path
) -> Fetched | Address:
    network = _Pinned(address, _found(address, reach, deadline), reach, deadline)
    url = httpcore.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=reach.tls, max_connections=1, max_keepalive_connections=0, network_backend=network
            ) as pool,
            pool.stream("GET", url, headers=list(_HEADERS)) as response,
        ):
            if response.status in _REDIRECTS:
                return follow(address, _location(response))
            return _kept(response, deadline, most_bytes, into)
    except httpcore.TimeoutException:
        deadline.left()
        raise Refused(Why.TOO_SLOW) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        deadline.left()
        raise Refused(Why.UNREACHABLE) from None


def _location(response: httpcore.Response) -> str:
    location = _header(response, b"location")
    if not location:
        raise Refused(Why.REDIRECT)
    return location


def _kept(response: httpcore.Response, deadline: Deadline, most_bytes: int, into: Path) -> Fetched:
    if response.status != 200:
        raise Refused(Why.STATUS)
    if (_header(response, b"content-encoding") or "identity").strip().lower() != "identity":
        raise Refused(Why.ENCODED)
    content_type = (_header(response, b"content-type") or "").partition(";")[0].strip().lower()
    if content_type not in IMAGES:
        raise Refused(Why.TYPE)
    length = _header(response, b"content-length") or ""
    # Who announces too much is not read at all; what others send is counted as it comes.
    if len(length) > 15 or (length.isdecimal() and int(length) > most_bytes):
        raise Refused(Why.TOO_LARGE)
    digest, size = hashlib.sha256(), 0
    with into.open("wb") as file:
        for chunk in response.iter_stream():
            deadline.left()
            size += len(chunk)
            if size > most_bytes:
                raise Refused(Why.TOO_LARGE)
            digest.update(chunk)
            file.write(chunk)
    if not size:
        raise Refused(Why.EMPTY)
    return Fetched(content_type, size, digest.hexdigest())


def _header(response: httpcore.Response, name: bytes) -> str | None:
    values = [value for key, value in response.headers if key.lower() == name]
    if not values:
        return None
    if len(set(values)) > 1:
        # Two that differ are read differently by two readers.
        raise Refused(Why.UNREACHABLE)
    try:
        return values[0].decode()
    except UnicodeDecodeError:
        raise Refused(Why.UNREACHABLE) from None

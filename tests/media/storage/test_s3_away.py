"""A store that does not answer: whoever asks is told soon, everybody else at once, and all is well again by itself."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media.storage.breaker import Breaker
from media.storage.port import Missing, Part, StorageAway, Store
from media.storage.s3 import Bucket
from tests.media.stores import BUCKET, REGION, free_port
from tests.media.tampering import announce
from tests.serving import eventually

MINUTES = timedelta(minutes=5)
KEY = f"quarantine/{'a' * 32}"
PRIVATE = f"private/{'a' * 32}/{'b' * 32}.pdf"
#: What nobody may wait longer than, and what is at once.
SOON, AT_ONCE = 3.2, 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nLast-Modified: Thu, 26 Nov 2026 00:00:00 GMT\r\n\r\n"
#: What a server may say to each connection, and that it then says no more: None lets it wait for ever.
SAID: dict[str, bytes | None] = {
    "says nothing": None,
    "hangs up": b"",
    "is too busy": b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n",
    "has failed": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nsorry",
    "lets nobody in": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "is another program": b"220 mail.example.org ESMTP\r\n",
    "says nonsense": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 50,
    "never ends its head": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 10_000,
    "answers a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html>welcome",
    "answers in part": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf",
}


@contextmanager
def answering(said: bytes | None, port: int = 0) -> Iterator[int]:
    """A server that says this to whoever connects: its port."""
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            if said is not None:
                try:
                    connection.recv(65536)
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        # Else whoever accepts goes on to.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()


def bucket_at(port: int) -> Bucket:
    """One that nobody has asked anything yet."""
    return Bucket(BUCKET, endpoint=f"http://127.0.0.1:{port}", region=REGION)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-tests")


def away(deed: Callable[[], object]) -> float:
    """How many seconds it took to be told that the store is away."""
    begin = time.monotonic()
    with pytest.raises(StorageAway):
        deed()
    return time.monotonic() - begin


@pytest.mark.parametrize("how", SAID)
def test_a_store_that_gives_no_answer_is_away_soon_and_then_at_once(how: str):
    with answering(SAID[how]) as port:
        bucket = bucket_at(port)
        ask = lambda: bucket.parts(KEY, "x")  # noqa: E731
        assert away(ask) < SOON
        assert max(away(ask) for _ in range(20)) < AT_ONCE


def test_a_store_that_refuses_connections_is_away():
    bucket = bucket_at(free_port())
    assert away(lambda: bucket.stat(KEY)) < SOON
    assert away(lambda: bucket.stat(KEY)) < AT_ONCE


DEEDS: dict[str, Callable[[Bucket, Path], Any]] = {
    "begin_parts": lambda bucket, file: bucket.begin_parts(announce(b"x")),
    "parts": lambda bucket, file: bucket.parts(KEY, "x"),
    "finish_parts": lambda bucket, file: bucket.finish_parts(KEY, "x", [Part(1, 1, '"x"')]),
    "abandon_parts": lambda bucket, file: bucket.abandon_parts(KEY, "x"),
    "forget_unfinished": lambda bucket, file: bucket.forget_unfinished(before=datetime.now(UTC)),
    "stat": lambda bucket, file: bucket.stat(KEY),
    "fetch": lambda bucket, file: bucket.fetch(KEY, file.with_name("came"), most=1),
    "put": lambda bucket, file: bucket.put(PRIVATE, file, content_type="application/pdf"),
    "move": lambda bucket, file: bucket.move(KEY, PRIVATE, content_type="application/pdf"),
    "delete": lambda bucket, file: bucket.delete([KEY]),
    "keys": lambda bucket, file: list(bucket.keys("public/")),
}


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        *((deed, "refuses") for deed in DEEDS),
        ("put", "has failed"),
        ("move", "has failed"),
        ("keys", "answers a page"),
    ],
)
def test_whatever_is_asked_of_it_is_answered_in_the_same_way(deed: str, said: str, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"x")
    if said == "refuses":
        assert away(lambda: DEEDS[deed](bucket_at(free_port()), tmp_path / "file")) < SOON
    else:
        with answering(SAID[said]) as port:
            assert away(lambda: DEEDS[deed](bucket_at(port), tmp_path / "file")) < SOON
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_signed_is_signed_all_the_same_while_it_is_away():
    bucket = bucket_at(free_port())
    away(lambda: bucket.stat(KEY))
    assert bucket.target(announce(b"x"), lasts=MINUTES).fields["policy"]
    assert bucket.part_target(KEY, "x", 1, byte_size=1, lasts=MINUTES).url
    assert bucket.signed_address(PRIVATE, lasts=MINUTES) and bucket.public_address("public/x")


BROKEN = {
    "half of it": HEAD.replace(b"100", b"1000000") + b"half",
    "half of a little": HEAD + b"x" * 50,
    "nonsense between": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
def test_a_file_that_breaks_off_is_not_there(said: bytes, tmp_path: Path):
    with answering(said) as port:
        assert away(lambda: bucket_at(port).fetch(KEY, tmp_path / "came", most=10_000_000)) < SOON
    assert list(tmp_path.iterdir()) == []


def test_many_who_ask_at_once_are_told_once_what_the_first_has_learnt():
    with answering(None) as port, ThreadPoolExecutor(20) as pool:
        bucket = bucket_at(port)
        first = pool.submit(away, lambda: bucket.stat(KEY))
        assert first.result() < SOON
        begin = time.monotonic()
        assert max(pool.map(lambda _: away(lambda: bucket.stat(KEY)), range(200))) < 1
        assert time.monotonic() - begin < 1


def test_it_is_back_by_itself(s3_server: str, caplog: pytest.LogCaptureFixture):
    where = int(s3_server.rpartition(":")[2])
    port = free_port()
    bucket = bucket_at(port)
    bucket._breaker = Breaker(rest=0.3)
    assert away(lambda: bucket.stat(KEY)) < SOON
    with forwarding(port, where):
        begin = time.monotonic()
        eventually(lambda: _is_missing(bucket), 5)
        assert 0.2 < time.monotonic() - begin < 1.5
        assert _is_missing(bucket)
    assert [record.message for record in caplog.records if record.name == "media.storage.breaker"] == [
        "The store is away: EndpointConnectionError",
        "The store is back",
    ]


def _is_missing(bucket: Bucket) -> bool:
    try:
        bucket.stat(KEY)
    except Missing:
        return True
    except StorageAway:
        return False
    raise AssertionError("nothing stands there")


@contextmanager
def forwarding(port: int, to: int) -> Iterator[None]:
    """What listens at a port, and is another's."""
    listener = socket.create_server(("127.0.0.1", port))

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", to))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=pass_on, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_after_a_failure_one_asks_for_all():
    breaker = Breaker(rest=0.2)
    breaker.ask()
    breaker.failed("it hung")
    for _ in range(3):
        with pytest.raises(StorageAway):
            breaker.ask()
    time.sleep(0.25)
    breaker.ask()
    with pytest.raises(StorageAway):
        breaker.ask()
    breaker.answered()
    for _ in range(3):
        breaker.ask()


def test_what_is_not_there_is_an_answer(s3_store: Store):
    for _ in range(5):
        with pytest.raises(Missing):
            s3_store.stat(f"quarantine/{secrets.token_hex(16)}")


def test_a_bucket_that_is_not_there_is_a_store_that_is_away(s3_server: str, tmp_path: Path):
    bucket = Bucket("no-such-bucket", endpoint=s3_server, region=REGION)
    (tmp_path / "file").write_bytes(b"x")
    assert away(lambda: bucket.put(PRIVATE, tmp_path / "file", content_type="application/pdf")) < SOON

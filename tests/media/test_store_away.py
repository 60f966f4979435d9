"""Promise D4: the store goes away while fifty people send files, and comes back."""

import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import boto3
import httpx
import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from backend.accounts.models import User
from config.local.processes import start, stop
from media.cleaning import empty_trash, sweep_orphans
from media.models import Media, Trash, Upload, Usage, Variant
from media.storage import store
from media.uploads import complete_upload, target_of
from tests.asking import ask
from tests.cast import Cast, person
from tests.media.sending import send
from tests.media.sent import asked, picture
from tests.media.stores import BUCKET, REGION, free_port
from tests.media.working import Line, working
from tests.serving import eventually

SENDERS = 50
AWAY = 4.0


def file_of(number: int) -> tuple[bytes, str]:
    """Most are tables, some are pictures; each is another."""
    if number % 10:
        return f"id,name\n{number},Ana\n".encode(), "text/csv"
    return picture(number), "image/png"


class Sender:
    """Somebody who sends one file, and tries again for as long as it does not arrive, as a browser does."""

    def __init__(self, by: User, number: int) -> None:
        self.by, (self.data, self.kind) = by, file_of(number)
        self.slowest = 0.0
        self.tries = 0

    def run(self) -> int:
        """All of it; the key of the file that came of it."""
        self.announce()
        self.post()
        return self.complete()

    def announce(self) -> None:
        """Nobody needs the store for this."""
        self.upload = self._timed(lambda: asked(self.by, self.data, self.kind))

    def post(self) -> None:
        """As often as it takes."""
        while True:
            self.tries += 1
            try:
                if send(target_of(self.upload), self.data).status_code < 300:
                    return
            except httpx.TransportError:
                time.sleep(0.2)

    def complete(self) -> int:
        """Whether the store is there or not."""
        return self._timed(lambda: complete_upload(upload_id=self.upload.pk, by=self.by)).pk

    def _timed(self, act: Callable[[], Any]) -> Any:
        begin = time.monotonic()
        try:
            return act()
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begin)
            # Nobody holds a connection while they wait for a store.
            connection.close()


class Beside:
    """Somebody who reads a page again and again meanwhile."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Beside":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._is_over.wait(0.02):
            begin = time.monotonic()
            assert "errors" not in ask("{ projects(first: 5) { edges { node { title } } } }")
            self.seconds.append(time.monotonic() - begin)
        connection.close()


def all_keys() -> set[str]:
    return {key for room in ("quarantine/", "public/", "private/") for key, _ in store().keys(room)}


@pytest.fixture
def line(s3_server: str, settings: Settings, tmp_path: Path) -> Iterator[Line]:
    """The way to an S3 in a process of its own, so that it takes no time from who is measured here."""
    port = free_port()
    with (tmp_path / "moto.log").open("w") as output:
        moto = start(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            when_orphaned=signal.SIGKILL,
            stdout=output,
            stderr=output,
        )
    try:
        line = Line(port)
        settings.MEDIA_BUCKET, settings.MEDIA_REGION = BUCKET, REGION
        settings.MEDIA_ENDPOINT = f"http://127.0.0.1:{line.port}"
        settings.MEDIA_URL = f"{settings.MEDIA_ENDPOINT}/{BUCKET}/"
        eventually(lambda: _answers(port), 30)
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield line
    finally:
        stop(moto, (signal.SIGTERM, 5.0))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_fifty_uploads_during_which_the_store_goes_away_are_all_ready_in_the_end(
    racing_cast: Cast, line: Line, tmp_path: Path, jobs
):
    people = [person(f"sender-{number}") for number in range(SENDERS)]
    senders = [Sender(by, number) for number, by in enumerate(people)]
    early, amid, late = senders[:15], senders[15:30], senders[30:]

    with working(tmp_path) as worker, Beside() as beside, ThreadPoolExecutor(SENDERS) as threads:
        # Some have sent theirs, some are at it, and some begin when the store is gone already.
        for sender in early:
            sender.announce()
            sender.post()
        sent = [threads.submit(sender.run) for sender in amid]
        beside.seconds.clear()
        line.cut()
        went = time.monotonic()
        sent += [threads.submit(sender.complete) for sender in early]
        sent += [threads.submit(sender.run) for sender in late]
        time.sleep(AWAY)
        states_then = Counter(Media.objects.values_list("state", flat=True))
        line.mend()
        keys = [each.result(60) for each in sent]
        eventually(lambda: not Media.objects.filter(state="CHECKING").exists(), 90)
        took = time.monotonic() - went
        assert worker.popen.poll() is None

    p99 = quantiles(beside.seconds, n=100)[98]
    print(
        f"away {AWAY} s; states then: {dict(states_then)}; all ready {took:.1f} s after it went;"
        f" {sum(sender.tries for sender in senders)} posts; slowest action {max(s.slowest for s in senders):.2f} s;"
        f" {len(beside.seconds)} pages beside, p99 {p99 * 1000:.0f} ms, slowest {max(beside.seconds) * 1000:.0f} ms"
    )
    # Whoever had sent theirs was let go, and is checked when it is back.
    assert states_then["CHECKING"] >= len(early)
    # Nothing is lost.
    assert Counter(Media.objects.values_list("state", "reason")) == {("READY", ""): SENDERS}
    assert set(keys) == set(Media.objects.values_list("pk", flat=True))
    assert len(set(Media.objects.values_list("owner", "sha256"))) == SENDERS
    assert Variant.objects.count() == 45 + 5 * 3
    # Others do not feel it: not one in a hundred waits as long as a single question to the store would let it wait, and
    # whoever sends a file waits for no more than that.
    assert p99 < 1 and max(beside.seconds) < 2.5
    assert max(sender.slowest for sender in senders) < 5
    # What was counted is what is kept.
    charged = Upload.objects.aggregate(all=Sum("charged"))["all"]
    assert Usage.objects.aggregate(all=Sum("byte_size"))["all"] == charged
    # And no byte is left that no row names.
    orphans = sweep_orphans(before=timezone.now() + timedelta(minutes=1))
    while empty_trash():
        pass
    named = set(Variant.objects.values_list("key", flat=True))
    assert (all_keys(), Trash.objects.count()) == (named, 0)
    print(f"{orphans} orphans swept")

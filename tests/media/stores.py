"""Both stores as they are met: a folder behind our own servers, and an S3 over HTTP."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from config.local.places import CHECKOUT
from config.local.processes import start, stop, wait_until
from media.storage import folder, store
from media.storage.folder import Folder
from media.storage.port import Store
from tests.serving import READY_SECONDS, UVICORN

BUCKET, REGION = "acequia-media", "eu-south-2"
#: As README says it: everybody reads what is public, and nothing else.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": [f"arn:aws:s3:::{BUCKET}/{room}/*" for room in ("public", "open-data")],
        }
    ],
}
#: One blocking thread would make a test that holds it wait for itself.
GRANIAN = (
    "-m",
    "granian",
    "--interface",
    "wsgi",
    "--blocking-threads",
    "4",
    "--no-ws",
    "--host",
    "127.0.0.1",
)


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, *command: str, port: int, **variables: str) -> Iterator[str]:
    """A server of ours around a folder: its address. One that leaves a traceback has failed."""
    log = folder / f"server-{port}.log"
    with log.open("w") as output:
        process = start(
            [sys.executable, *command, "--port", str(port)],
            environment=os.environ
            | {"MEDIA_FOLDER": str(folder / "media"), "DATABASE_POOL": "0"}
            | variables,
            folder=CHECKOUT,
            when_orphaned=signal.SIGKILL,
            stdout=output,
            stderr=output,
        )
    try:
        ready = wait_until(lambda: process.poll() is not None or _listens(port), READY_SECONDS)
        assert ready and process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process, (signal.SIGTERM, 10.0))
    assert "Traceback" not in log.read_text(), log.read_text()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def media_kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers keep their folder, and their logs."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def folder_server(media_kept: Path) -> Iterator[str]:
    """The server of production."""
    with serving(media_kept, *GRANIAN, "config.wsgi:application", port=free_port()) as address:
        yield address


@pytest.fixture(scope="session")
def folder_server_of_development(media_kept: Path) -> Iterator[str]:
    """That of development."""
    with serving(media_kept, *UVICORN[: UVICORN.index("--port")], port=free_port()) as address:
        yield address


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """An S3 of this process; it looks at no signature and no policy."""
    # Every run of pytest reads this file, and few need an S3.
    import boto3
    from moto.server import ThreadedMotoServer

    # It tells of each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-tests")
        for name in (
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL",
        ):
            patch.delenv(name, raising=False)
        address = f"http://{host}:{port}"
        client = boto3.client("s3", endpoint_url=address, region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
        yield address
        server.stop()


@pytest.fixture
def folder_store(settings: Settings, folder_server: str, media_kept: Path) -> Store:
    """The folder, as this process sees it; browsers see it at the server."""
    settings.MEDIA_BUCKET, settings.MEDIA_FOLDER = "", str(media_kept / "media")
    settings.MEDIA_URL = f"{folder_server}/media/"
    return store()


@pytest.fixture
def s3_store(settings: Settings, s3_server: str) -> Store:
    """The bucket."""
    settings.MEDIA_BUCKET, settings.MEDIA_ENDPOINT, settings.MEDIA_REGION = BUCKET, s3_server, REGION
    settings.MEDIA_URL = f"{s3_server}/{BUCKET}/"
    return store()


@pytest.fixture(params=["folder", "s3"])
def either_store(request: pytest.FixtureRequest) -> Store:
    """Each of the two."""
    chosen: Store = request.getfixturevalue(f"{request.param}_store")
    return chosen


@pytest.fixture
def folder_here(settings: Settings, tmp_path: Path) -> Folder:
    """A folder that this process serves itself."""
    settings.MEDIA_BUCKET, settings.MEDIA_FOLDER = "", str(tmp_path / "media")
    settings.MEDIA_URL = "http://testserver/media/"
    (tmp_path / "media").mkdir()
    return folder()


def everything(root: Path) -> set[tuple[str, int]]:
    """Every file below and how long it is, with what is half-written."""
    return {(str(path.relative_to(root)), path.stat().st_size) for path in root.rglob("*") if path.is_file()}


def names(root: Path) -> set[str]:
    """Every file below."""
    return {name for name, _ in everything(root)}

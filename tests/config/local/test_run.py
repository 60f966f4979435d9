import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import run

CHECKOUT = Path(__file__).parents[3]
MANAGE = """
import os, sys, time
print("manage.py", *sys.argv[1:], "DEVELOPMENT=" + os.environ["DEVELOPMENT"], flush=True)
if sys.argv[1] == "work":
    time.sleep(float(os.environ["WORKER_SECONDS"]))
    sys.exit(7)
"""
ASGI = """
async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ready"})
"""


@contextlib.contextmanager
def running(checkout: Path, worker_seconds: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`make run` of a site that does nothing, and its port."""
    shutil.copytree(CHECKOUT / "config" / "local", checkout / "config" / "local")
    (checkout / "config" / "asgi.py").write_text(ASGI)
    (checkout / "manage.py").write_text(MANAGE)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "config.local.run"],
        cwd=checkout,
        env={**os.environ, "PORT": str(port), "WORKER_SECONDS": str(worker_seconds)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, port
    finally:
        process.terminate()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_site_runs_until_it_is_asked_to_end(checkout: Path) -> None:
    with running(checkout, worker_seconds=100) as (process, port):
        assert process.stdout
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert f"http://127.0.0.1:{port}/graphql" in said
        assert "manage.py migrate --no-input" not in said
        assert "manage.py demo --if-empty DEVELOPMENT=1" in said
        assert (checkout / ".local" / "secret_key").stat().st_mode & 0o777 == 0o600
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert rest.endswith("Stopped.\n")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_when_one_part_ends_everything_ends_with_its_exit_code(checkout: Path) -> None:
    with running(checkout, worker_seconds=0) as (process, _):
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 7
    assert "The worker ended by itself, with exit code 7; so everything stops." in said
    assert "Traceback" not in said


def test_a_taken_port_is_named_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(SystemExit) as refused:
            run.refuse_taken_port("127.0.0.1", port)
    assert str(refused.value).startswith(f"PORT {port} is taken by another program;")
    run.refuse_taken_port("127.0.0.1", port)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.0", "²"])
def test_a_port_that_is_no_port_is_named_in_one_sentence(text: str) -> None:
    with pytest.raises(SystemExit, match=r"^PORT must be a number from 1 to 65535, and it is "):
        run.read_port(text)

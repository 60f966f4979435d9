"""`make run`: the whole site on this machine, with its services, its data and its worker."""

import contextlib
import errno
import http.client
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from config.local.folders import lasting
from config.local.places import CHECKOUT, made
from config.local.processes import Stopped, start, stop, stopped_by_signals, wait_until
from config.local.services import services

_READY_SECONDS = 60
#: Where what would be sent by mail is written, a file each.
_LETTERS = CHECKOUT / ".local" / "mail"
_STOP = ((signal.SIGTERM, 10.0),)

Processes = dict[str, subprocess.Popen[str]]


def main() -> int:
    """Runs until Ctrl-C (0) or until a part of it ends by itself (its exit code)."""
    try:
        with stopped_by_signals():
            host, port = os.environ.get("HOST") or "127.0.0.1", read_port(os.environ.get("PORT") or "8000")
            with _environment(host, port) as environment:
                _prepare(environment)
                with _server_and_worker(host, port, environment) as processes:
                    return _watch(host, port, processes, environment["EMAIL_URL"])
    except Stopped:
        print("Stopped.", flush=True)
        return 0


def read_port(text: str) -> int:
    """PORT as a number from 1 to 65535, or `SystemExit` with one sentence."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise SystemExit(f"PORT must be a number from 1 to 65535, and it is {text!r}.")
    return int(text)


def refuse_taken_port(host: str, port: int) -> None:
    """`SystemExit` with one sentence when nothing can listen on this HOST and PORT."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server does: otherwise the connections of a run that just ended would look like a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror:
        raise SystemExit(f"HOST must be an address of this machine, and it is {host!r}.") from None
    except PermissionError:
        raise SystemExit(f"PORT {port} is kept for root; choose another: make run PORT=8001") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SystemExit(
                f"PORT {port} is taken by another program; choose another: make run PORT=8001"
            ) from None
        raise SystemExit(f"Cannot listen on HOST {host} and PORT {port}: {error.strerror}.") from None


@contextlib.contextmanager
def _environment(host: str, port: int) -> Iterator[dict[str, str]]:
    with contextlib.ExitStack() as stack:
        # A run that brings both its services shares nothing with another: as many as there are ports.
        brings_both = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
        folder = made(CHECKOUT / ".local") if brings_both else stack.enter_context(lasting())
        # After the lock, so that a second run here is told of the first; before anything slow.
        refuse_taken_port(host, port)
        environment = stack.enter_context(services(folder, durable=True))
        environment.setdefault("SECRET_KEY", _secret_key())
        environment.setdefault("SITE_URL", f"http://{_reachable(host)}:{port}")
        environment.setdefault("EMAIL_URL", _mail_url())
        environment |= {"DEVELOPMENT": "1", "PYTHONUNBUFFERED": "1"}
        names = ("DEVELOPMENT", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL")
        named = {name: environment[name] for name in names}
        # Where files are, if somebody has said so.
        named |= {name: value for name, value in environment.items() if name.startswith("MEDIA_")}
        with _written_down(named):
            yield environment


@contextlib.contextmanager
def _written_down(variables: Mapping[str, str]) -> Iterator[None]:
    # For the other terminal: where the sockets are is new in each run.
    path = made(CHECKOUT / ".local") / "environment"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _mail_url() -> str:
    return f"file://{quote(str(_LETTERS))}"


def _secret_key() -> str:
    path = made(CHECKOUT / ".local") / "secret_key"
    with contextlib.suppress(FileNotFoundError):
        if key := path.read_text().strip():
            return key
    half = path.with_suffix(f".{os.getpid()}")
    half.touch(mode=0o600)
    half.write_text(secrets.token_urlsafe(64) + "\n")
    half.replace(path)
    return path.read_text().strip()


def _prepare(environment: Mapping[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--no-input"]
    migrate = start(command, environment=environment, folder=CHECKOUT, stdout=subprocess.PIPE)
    try:
        for line in migrate.stdout or ():
            if line.startswith("  Applying"):
                print(line, end="", flush=True)
        _insist("migrate", migrate.wait())
        demo = start(
            [sys.executable, "manage.py", "demo", "--if-empty"], environment=environment, folder=CHECKOUT
        )
        try:
            _insist("demo", demo.wait())
        finally:
            stop(demo, *_STOP)
    finally:
        stop(migrate, *_STOP)


def _insist(name: str, code: int) -> None:
    if code:
        raise SystemExit(f"manage.py {name} ended with exit code {code}; its reason is above.")


@contextlib.contextmanager
def _server_and_worker(host: str, port: int, environment: Mapping[str, str]) -> Iterator[Processes]:
    listen = ["--host", host, "--port", str(port)]
    sockets = ["--ws-max-size", "65536", "--ws-ping-interval", "20", "--ws-ping-timeout", "20"]
    # Compressing each message for each client costs several times what sending it does, and as much memory as a client.
    sockets += ["--ws-per-message-deflate", "false"]
    # A stream of events has no end of its own: whoever still listens is told to come back, to the next process.
    sockets += ["--timeout-graceful-shutdown", "3"]
    commands = {
        "server": [
            "-m",
            "uvicorn",
            "config.asgi:application",
            *listen,
            *sockets,
            "--no-server-header",
            "--no-proxy-headers",
        ],
        "worker": ["manage.py", "work"],
    }
    processes: Processes = {}
    try:
        for name, command in commands.items():
            # Killed with this process and not asked: the next run wants the port at once.
            processes[name] = start(
                [sys.executable, *command],
                environment=environment,
                folder=CHECKOUT,
                when_orphaned=signal.SIGKILL,
            )
        yield processes
    finally:
        # All are asked before any is waited for.
        for process in processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            stop(process)


def _watch(host: str, port: int, processes: Processes, mail: str) -> int:
    answer = ""

    def is_settled() -> bool:
        nonlocal answer
        answer = _readiness(_reachable(host), port)
        return answer == "200" or _ended(processes) is not None

    if not wait_until(is_settled, _READY_SECONDS):
        raise SystemExit(f"The server is not ready after {_READY_SECONDS} seconds: /readyz answers {answer}.")
    if _ended(processes) is None:
        _say_where_to_click(f"http://{_reachable(host)}:{port}", mail)
    while (ended := _ended(processes)) is None:
        time.sleep(0.2)
    name, code = ended
    print(f"The {name} ended by itself, with exit code {code}; so everything stops.", file=sys.stderr)
    return code or 1


def _ended(processes: Processes) -> tuple[str, int] | None:
    for name, process in processes.items():
        code = process.poll()
        if code is not None:
            return name, code if code >= 0 else 128 - code
    return None


def _readiness(host: str, port: int) -> str:
    # Not urllib: a proxy of the person's environment knows nothing of this machine's own address.
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read(200).decode(errors="replace").strip()
        return "200" if response.status == 200 else f"{response.status} {body}"
    except OSError as error:
        return f"nothing ({error})"
    except http.client.HTTPException as error:
        return f"no HTTP ({error!r})"
    finally:
        connection.close()


def _reachable(host: str) -> str:
    # A server on all addresses is reached by this one.
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _say_where_to_click(site: str, mail: str) -> None:
    # Another address of theirs may hold a password.
    letters = f"{_LETTERS}, a file each" if mail == _mail_url() else "by EMAIL_URL"
    print(
        f"""
Acequia runs.
  GraphiQL      {site}/graphql
  admin         {site}/admin/
  health        {site}/healthz
  letters       {letters}
The three demo logins: `manage.py demo` printed them with the demo data, and README.md has them.
Other commands of manage.py, in another terminal: . .local/environment; .venv/bin/python manage.py …
Ctrl-C stops everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

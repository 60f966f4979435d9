import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest
from redis import Redis

from config.local import places
from config.local.folders import holder, lasting, throwaway
from config.local.processes import command_of, wait_until
from config.local.services import postgres, services

CHECKOUT = Path(__file__).parents[3]
# What a command does, with its services' process numbers on stdout.
COMMAND = """
import signal, sys
from pathlib import Path
from config.local.folders import lasting, throwaway
from config.local.processes import stopped_by_signals
from config.local.services import services

# A job in the background of a script is born with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
place = {"lasting": lasting, "throwaway": throwaway}[sys.argv[1]]
with stopped_by_signals(), place(Path(sys.argv[2])) as folder, services(folder, durable=False) as urls:
    postmaster = (folder / "data" / "postmaster.pid").read_text().split()[0]
    print(folder, postmaster, (folder / "redis.pid").read_text().strip(), flush=True)
    signal.pause()
"""


def start_command(place: str, checkout: Path) -> tuple[subprocess.Popen[str], Path, list[int]]:
    """A command that holds services; with their folder and the process numbers of PostgreSQL and Redis."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, place, checkout],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    folder, *numbers = process.stdout.readline().rsplit(maxsplit=2)
    return process, Path(folder), [int(number) for number in numbers]


def listening_inodes() -> set[str]:
    """The inodes of all TCP sockets of this machine that listen."""
    lines = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
    ]
    return {fields[9] for fields in lines if fields[3] == "0A"}


@pytest.fixture
def machine() -> Iterator[None]:
    """The accounts and the rights of the folders that were there before: the same after the test."""
    folders = [Path("/tmp"), Path("/var/tmp"), Path("/var"), *CHECKOUT.parents, CHECKOUT]  # noqa: S108

    def look() -> tuple[object, ...]:
        return [account.pw_name for account in pwd.getpwall()], [folder.stat().st_mode for folder in folders]

    before = look()
    yield
    assert look() == before


def test_both_services_answer_on_sockets_only_and_end_with_the_block(checkout: Path, machine: None) -> None:
    checkout.chmod(0o700)
    with throwaway(checkout) as folder, services(folder, durable=False) as urls:
        django = dj_database_url.parse(urls["DATABASE_URL"])
        with psycopg.connect(dbname=django["NAME"], user=django["USER"], **django["OPTIONS"]) as connection:
            connection.autocommit = True
            connection.execute("CREATE DATABASE test_acequia")
            row = connection.execute("SELECT current_setting('timezone'), lower('ÀÉÑ')").fetchone()
            assert row == ("UTC", "àéñ")
        redis = Redis.from_url(urls["REDIS_URL"])
        redis.set("word", "acequia")
        assert redis.get("word") == b"acequia"

        pids = [int((folder / name).read_text().split()[0]) for name in ("data/postmaster.pid", "redis.pid")]
        owned = {
            os.readlink(link).removeprefix("socket:[").removesuffix("]")
            for pid in pids
            for link in Path(f"/proc/{pid}/fd").glob("*")
        }
        assert not owned & listening_inodes()
        sockets = [record.readlink() for record in folder.glob("*.sockets")]
        assert all(place.stat().st_mode & 0o077 == 0 for place in sockets)
    assert not any(map(command_of, pids))
    assert not any(place.exists() for place in [folder, *sockets])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_command_and_its_services(checkout: Path, number: signal.Signals) -> None:
    process, folder, pids = start_command("throwaway", checkout)
    process.send_signal(number)
    process.wait(10)
    assert not any(map(command_of, pids))
    assert not folder.exists()


def test_a_killed_command_leaves_no_process_and_the_next_one_removes_its_folder(checkout: Path) -> None:
    process, folder, pids = start_command("throwaway", checkout)
    sockets = [record.readlink() for record in folder.glob("*.sockets")]
    process.kill()
    process.wait(10)
    assert wait_until(lambda: not any(map(command_of, pids)), 10)
    with throwaway(checkout) as other:
        assert other != folder
        assert not any(place.exists() for place in [folder, *sockets])


def test_a_run_after_a_killed_run_finds_the_data_at_once(checkout: Path) -> None:
    process, folder, _ = start_command("lasting", checkout)
    assert holder(checkout) == process.pid
    process.kill()
    # Reaped, but not waited for: the new run may find the old PostgreSQL still going.
    process.wait(10)
    with lasting(checkout) as again, postgres(again, durable=False) as url:
        assert again == folder
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_pid_file_with_the_number_of_a_stranger_is_survived(checkout: Path) -> None:
    with lasting(checkout) as folder:
        with postgres(folder, durable=False):
            remains = (folder / "data" / "postmaster.pid").read_text().splitlines()
        (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getppid()), *remains[1:]]) + "\n")
        (folder / "redis.pid").write_text(f"{os.getppid()}\n")
    with lasting(checkout) as folder, postgres(folder, durable=False) as url:
        psycopg.connect(url).close()


def test_a_second_run_is_told_of_the_first_one(checkout: Path) -> None:
    with lasting(checkout), pytest.raises(SystemExit) as told, lasting(checkout):
        pass
    assert str(told.value) == f"`make run` is going on in this checkout already, as process {os.getpid()}."
    assert holder(checkout) is None


def test_services_that_the_environment_names_are_not_started(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/acequia")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example")
    with throwaway(checkout) as folder, services(folder, durable=False) as urls:
        assert urls == dict(os.environ)
        assert [path.name for path in folder.iterdir()] == ["lock"]


def test_a_postgresql_that_cannot_start_says_why_and_where_its_log_is(checkout: Path) -> None:
    with throwaway(checkout) as folder:
        with postgres(folder, durable=False):
            pass
        (folder / "data" / "postgresql.conf").write_text("shared_buffers = many\n")
        words = r"^PostgreSQL does not start: configuration file .* contains errors \(all of it: .*\.log\)$"
        with pytest.raises(SystemExit, match=words), postgres(folder, durable=False):
            pass


def test_the_place_of_root_must_be_roots_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o777)
    monkeypatch.setattr(places, "ROOTS_PLACE", theirs)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="must be a folder that only root can write to"):
        places.home(tmp_path)

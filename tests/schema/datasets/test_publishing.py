"""A version is published whole or not at all, once a day, by one at a time; and is kept as long as the rule says."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from config.local.places import CHECKOUT
from config.settings import env
from media.storage import store
from media.storage.port import Store
from schema.datasets.models import Version
from schema.datasets.publishing import ROOM, outdated, publish, sweep
from schema.datasets.tables import tables
from social.updates.models import Audience, Update
from tests.cast import make_cast, project
from tests.races import race
from tests.schema.datasets.doomed import POINTS, publish_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "opendata"])

Download = Callable[..., Path]


def started(*command: str) -> "subprocess.Popen[str]":
    """A command of the house in a process of its own, on the database of this test."""
    name = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        env=os.environ
        | {
            "DATABASE_URL": urlsplit(env.DATABASE_URL)._replace(path=f"/{name}").geturl(),
            "MEDIA_FOLDER": settings.MEDIA_FOLDER,
        },
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def stored() -> set[str]:
    """The keys of all files of open data in the store."""
    return {key for key, _ in store().keys(ROOM)}


def is_whole(version: Version, folder: Path) -> bool:
    """Whether every file of a version is there, to the byte."""
    said = {file["path"]: file["hash"] for table in version.tables for file in table["files"]}
    found = {name: f"sha256:{hashlib.sha256((folder / name).read_bytes()).hexdigest()}" for name in said}
    return said == found and version.keys.keys() == said.keys() and len(said) == 3 * len(tables())


def test_a_day_keeps_the_version_that_it_has(downloaded: Download):
    cast = make_cast()
    version = publish()
    before = stored()
    project(cast.ana, "Later")
    assert publish() is None
    assert (list(Version.objects.all()), stored()) == ([version], before)
    assert "Later" not in (downloaded(version) / "projects.csv").read_text()


def test_one_that_is_made_again_replaces_it_and_its_files_are_gone_after_an_hour(downloaded: Download):
    first = publish()
    old = set(first.keys.values())
    make_cast()
    second = publish(again=True)
    assert list(Version.objects.all()) == [second] and second.day == first.day
    assert stored() == old | set(second.keys.values()), "whoever is on the way to them gets there"
    assert is_whole(second, downloaded(second))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=59)):
        assert sweep() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        assert sweep() == len(old)
    assert stored() == set(second.keys.values())


def test_all_files_are_of_one_moment(downloaded: Download):
    """Somebody launches a project while the files are written: it is in none of them, or in all."""
    cast = make_cast()
    late = []

    def told(place: int, of: int, name: str, rows: int | None) -> None:
        if name == "updates" and not late:
            late.append(project(cast.ana, "Late"))
            Update.objects.create(
                project=late[0],
                author=cast.ana,
                title="Late news",
                audience=Audience.EVERYONE,
                published_at=timezone.now(),
            )

    folder = downloaded(publish(told=told))
    assert late and "Late" not in "".join(path.read_text() for path in folder.glob("*.csv"))
    assert "Late news" in (downloaded() / "updates.csv").read_text()


def test_whoever_is_killed_has_published_nothing_and_the_last_version_stands(downloaded: Download):
    cast = make_cast()
    version = publish()
    project(cast.ana, "New")
    left: dict[str, int] = {}
    for point in POINTS:
        before = stored()
        assert publish_until(point) == -signal.SIGKILL, point
        assert list(Version.objects.values_list("pk", "package")) == [(version.pk, version.package)], point
        left[point] = len(stored() - before)
    assert [*left.values()] == [0, 0, 0, 0, 10, 21]
    assert is_whole(version, downloaded(version))

    replaced = publish(again=True)
    folder = downloaded(replaced)
    assert is_whole(replaced, folder) and "New" in (folder / "projects.csv").read_text()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        sweep()
    assert stored() == set(replaced.keys.values())


def test_of_two_at_once_one_publishes_and_the_other_waits_for_it(downloaded: Download):
    make_cast()
    both = [started("publish_datasets") for _ in range(2)]
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0] == "Today's version is there already; --again makes it anew.\n"
    version = Version.objects.get()
    assert said[1].startswith(f"Version {version}: 2 rows, 21 files, ")
    assert is_whole(version, downloaded(version))


def test_of_two_that_make_it_again_at_once_the_last_stands(downloaded: Download):
    make_cast()
    assert race(lambda _: publish(again=True), [1, 2]) == ["Version", "Version"]
    version = Version.objects.get()
    assert is_whole(version, downloaded(version)) and len(stored()) == 2 * len(version.keys)


def test_a_bucket_gives_its_files_to_anybody_as_a_folder_does(either_store: Store):
    """By the addresses that the page leads to, from whoever serves that store."""
    make_cast()
    version = publish()
    for table in version.tables:
        for file in table["files"]:
            led = Client().get(f"/open-data/{version}/{file['path']}")
            reply = httpx.get(led["Location"], trust_env=False)
            assert (reply.status_code, len(reply.content)) == (200, file["bytes"])
            assert f"sha256:{hashlib.sha256(reply.content).hexdigest()}" == file["hash"]
            assert reply.headers["Content-Disposition"].startswith("attachment")
    assert set(version.keys.values()) <= stored()


def test_a_store_that_is_away_is_told_in_a_sentence_and_nothing_is_published(tmp_path: Path):
    (tmp_path / "file").write_text("This is no folder.")
    with (
        override_settings(MEDIA_FOLDER=str(tmp_path / "file" / "media")),
        pytest.raises(CommandError, match=r"^The store does not answer, nothing was published"),
    ):
        call_command("publish_datasets")
    assert not Version.objects.exists()


def test_a_person_sees_how_far_it_is_and_a_log_only_what_came_of_it():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    make_cast()
    log, terminal = io.StringIO(), Terminal()
    call_command("publish_datasets", stdout=log)
    (line,) = log.getvalue().splitlines()
    assert line.startswith(f"Version {timezone.now():%Y-%m-%d}: ") and "21 files" in line
    call_command("publish_datasets", again=True, stdout=terminal, no_color=True)
    steps = [step.strip() for step in terminal.getvalue().split("\r")]
    assert {"[2/7] projects: 0 rows", "[2/7] projects: 1 rows", "[7/7] monthly_stats: its files"} <= set(
        steps[:-1]
    ) | {steps[-1].splitlines()[0].strip()}


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def test_two_weeks_are_kept_then_the_first_of_each_month_then_of_each_year():
    kept: list[date] = []
    for day in days(date(2026, 11, 26), 3 * 365):
        kept = [each for each in (*kept, day) if each not in outdated([*kept, day])]
        assert len(kept) <= 14 + 12 + 4
    assert kept[-1] == date(2029, 11, 24)
    assert kept[-14:] == days(date(2029, 11, 11), 14)
    assert kept[:-14] == [
        *(date(2026, 11, 26), date(2027, 1, 1), date(2028, 1, 1)),
        *(date(2028, 12, 1), *(date(2029, month, 1) for month in range(1, 12))),
    ]


def test_a_version_that_is_not_kept_goes_with_its_files(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("id\r\n")
    keys = {}
    for day in days(timezone.now().date() - timedelta(days=40), 40):
        keys[day] = f"{ROOM}{day:%Y%m%d}{'0' * 24}/{'0' * 32}.csv"
        store().put(keys[day], file, content_type="text/csv")
        Version.objects.create(
            day=day, taken_at=timezone.now(), licence="CC0-1.0", keys={"tags.csv": keys[day]}, package="{}"
        )
    newest = publish()
    kept = set(Version.objects.values_list("day", flat=True))
    assert (
        newest.day in kept
        and 14 < len(kept) < 19
        and set(outdated([*keys, newest.day])) == keys.keys() - kept
    )
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        sweep()
    assert stored() == {keys[day] for day in kept - {newest.day}} | set(newest.keys.values())


def test_there_is_one_version_a_day_and_its_licence_is_known():
    version = publish()
    for change in ({"day": version.day}, {"day": version.day + timedelta(days=1), "licence": "mine"}):
        facts = {"taken_at": version.taken_at, "licence": "CC0-1.0", "keys": {}, "package": "{}"} | change
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.create(**facts)
    assert json.loads(Version.objects.get().package)["version"] == str(version)

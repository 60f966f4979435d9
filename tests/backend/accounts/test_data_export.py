"""A copy of one's data: all of it, nobody else's, in parts, once."""

import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts import exports
from backend.accounts.archive import Parts
from backend.accounts.exports import (
    ADDRESS_LASTS,
    ExportedToday,
    address_of,
    build_export,
    expire_exports,
    export_at,
    make_export,
    parts_of,
    request_data_export,
)
from backend.accounts.models import DataExport, ExportPart, ExportState, User
from backend.core.holdings import holdings
from backend.core.refusals import NotFound
from backend.projects.models import Project
from social.comments.actions import add_comment
from tests.backend.accounts.worlds import make_world, plant
from tests.cast import Cast
from tests.races import answers
from tests.snapshots import refused


def made(person: User) -> DataExport:
    """An export of somebody that is ready."""
    export = request_data_export(by=person)
    build_export(export_id=export.pk)
    return DataExport.objects.get(pk=export.pk)


def opened(export: DataExport) -> dict[str, str]:
    """The files of an export."""
    with zipfile.ZipFile(io.BytesIO(b"".join(parts_of(export)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_export_has_every_personal_column_of_its_owner_and_nothing_of_anybody_else(db):
    ring = make_world(3)
    planted = {person.pk: plant(person) for person in ring}
    export = made(ring[1])
    files = opened(export)
    told = {(h.name, name) for h in holdings() for name in h.columns}
    for person in ring:
        for place, word in planted[person.pk].items():
            found = {name for name, text in files.items() if word in text}
            if place == ("profile", "handle"):
                # By their handles people are named to one another.
                assert found >= {"profile.json"} if person == ring[1] else "profile.json" not in found
            elif person == ring[1] and place in told:
                its_own = {f"{place[0]}.json", f"{place[0]}.jsonl"} & set(files)
                # By these a project or a program is named in what else they did with it.
                is_a_name = place[1] == "slug" or place == ("applications", "name")
                assert found == its_own or (is_a_name and found > its_own), place
            else:
                assert found == set(), place
    assert {f"{h.name}.json" if h.single else f"{h.name}.jsonl" for h in holdings() if h.name} == set(
        files
    ) - {"README.txt"}


def test_each_line_is_an_object_with_just_the_columns_that_the_readme_explains(db):
    ring = make_world(2)
    files = opened(made(ring[0]))
    readme = files.pop("README.txt")
    for holding in holdings():
        if holding.name:
            name = f"{holding.name}.json" if holding.single else f"{holding.name}.jsonl"
            lines = [json.loads(line) for line in files[name].splitlines()]
            assert lines, name
            assert all(list(line) == ["id", *holding.columns] for line in lines)
            assert f"\n{name}: {holding.says}\n" in readme
            assert len(lines) == holding.of(ring[0].pk).count()
            for column, told in holding.columns.items():
                assert f"    {column}: {told.says}" in readme
    assert json.loads(files["profile.json"])["email"] == ring[0].email
    assert {json.loads(line)["user"] for line in files["following.jsonl"].splitlines()} == {None, "person01"}


def test_whoever_asks_again_while_it_is_made_gets_the_same_and_then_one_a_day(cast: Cast, jobs):
    export = request_data_export(by=cast.cy)
    assert request_data_export(by=cast.cy) == export
    assert jobs() == [("make_export", {"export_id": export.pk}, "todo")]
    build_export(export_id=export.pk)
    with refused(ExportedToday):
        request_data_export(by=cast.cy)
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert request_data_export(by=cast.cy) != export
    assert request_data_export(by=cast.bo).user == cast.bo


def test_whoever_is_banned_or_gone_gets_none(cast: Cast):
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    with refused(NotFound):
        request_data_export(by=cast.cy)


def test_sixteen_who_ask_at_once_have_one_export(racing_cast: Cast):
    cy = racing_cast.cy
    came_out = answers(lambda _: request_data_export(by=cy).pk, range(16))
    assert came_out == [DataExport.objects.get().pk] * 16


def test_two_exports_of_a_person_never_run_at_a_time(cast: Cast):
    DataExport.objects.create(user=cast.cy)
    with pytest.raises(IntegrityError, match="one_export_of_a_person_at_a_time"), transaction.atomic():
        DataExport.objects.create(user=cast.cy, state=ExportState.RUNNING)


def test_it_is_stored_in_parts_and_says_how_far_it_is(cast: Cast, monkeypatch):
    monkeypatch.setattr(exports, "PART", 1_000)
    monkeypatch.setattr("backend.accounts.archive.PAGE", 7)
    for number in range(30):
        body = f"{number} {signing.dumps(number)}" * 20
        add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body=body)
    seen: list[int] = []
    mark = exports._mark

    def look(export_id: int, attempt: int, **facts: int) -> None:
        seen.extend(facts.get(name, -1) for name in ["done"] if name in facts)
        mark(export_id, attempt, **facts)

    monkeypatch.setattr(exports, "_mark", look)
    export = made(cast.cy)
    sizes = [len(part.data) for part in ExportPart.objects.order_by("number")]
    assert len(sizes) > 2 and set(sizes[:-1]) == {1_000} and sizes[-1] <= 1_000
    assert export.size == sum(sizes)
    assert seen == sorted(seen) and len(seen) > 5
    assert (export.done, export.total) == (32, 32)
    assert len(opened(export)["comments.jsonl"].splitlines()) == 30


def test_a_run_that_died_is_begun_anew_and_leaves_nothing_of_itself(cast: Cast, monkeypatch):
    monkeypatch.setattr(exports, "PART", 100)
    export = request_data_export(by=cast.cy)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(exports, "_finish", die)
        with pytest.raises(KeyboardInterrupt):
            build_export(export_id=export.pk)
    assert ExportPart.objects.filter(attempt=1).count() > 2
    assert DataExport.objects.get().state == ExportState.RUNNING
    build_export(export_id=export.pk)
    assert set(ExportPart.objects.values_list("attempt", flat=True)) == {2}
    export.refresh_from_db()
    assert export.state == ExportState.READY and "profile.json" in opened(export)
    before = list(ExportPart.objects.values_list("pk", "data"))
    build_export(export_id=export.pk)
    assert list(ExportPart.objects.values_list("pk", "data")) == before, "what is made stays as it is"


def test_a_run_that_was_taken_for_dead_writes_nothing_any_more(cast: Cast, monkeypatch):
    """A worker that slept while another took its place: its parts would be in the other's zip."""
    monkeypatch.setattr(exports, "PART", 100)
    export = request_data_export(by=cast.cy)
    mark = exports._mark
    woken = []

    def sleep(export_id: int, attempt: int, **facts: int) -> None:
        if "done" in facts and attempt == 1:
            monkeypatch.setattr(exports, "_mark", mark)
            build_export(export_id=export_id)
            woken.append(facts)
        mark(export_id, attempt, **facts)

    monkeypatch.setattr(exports, "_mark", sleep)
    build_export(export_id=export.pk)
    assert len(woken) == 1
    export.refresh_from_db()
    assert (export.state, export.attempt) == (ExportState.READY, 2)
    assert set(ExportPart.objects.values_list("attempt", flat=True)) == {2}
    assert "profile.json" in opened(export)


def test_the_last_try_that_fails_gives_it_up_and_its_owner_may_ask_again(cast: Cast, monkeypatch):
    export = request_data_export(by=cast.cy)

    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(exports, "build_export", fail)
    for attempts, state in ((0, ExportState.PENDING), (8, ExportState.PENDING), (9, ExportState.FAILED)):
        with pytest.raises(ZeroDivisionError):
            make_export.func(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), export_id=export.pk)
        assert DataExport.objects.get().state == state
    assert request_data_export(by=cast.cy) != export


def test_after_a_week_its_bytes_are_deleted_and_after_a_month_that_there_was_one(cast: Cast):
    export = made(cast.cy)
    assert expire_exports() == 0 and ExportPart.objects.exists()
    DataExport.objects.update(expires_at=timezone.now())
    assert address_of(export.pk, export.state, timezone.now()) is None
    assert expire_exports() == 1
    assert not ExportPart.objects.exists() and DataExport.objects.get().state == ExportState.EXPIRED
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=30))
    assert expire_exports() == 0 and not DataExport.objects.exists()


def test_one_that_nobody_finishes_is_given_up_after_a_day(cast: Cast):
    request_data_export(by=cast.cy)
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert expire_exports() == 0
    assert DataExport.objects.get().state == ExportState.FAILED


def test_an_address_leads_to_its_export_for_a_quarter_of_an_hour(cast: Cast, monkeypatch):
    export = made(cast.cy)
    address = address_of(export.pk, export.state, export.expires_at)
    signed = address.removeprefix("/exports/")
    assert export_at(signed) == export
    for wrong in ("", "7", signed[:-1], signed + "x", signed.replace(str(export.pk), "1", 1) + "1", "\ud800"):
        with pytest.raises(NotFound):
            export_at(wrong)
    other = signing.TimestampSigner(salt="something else").sign(str(export.pk))
    with pytest.raises(NotFound):
        export_at(other)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + ADDRESS_LASTS.total_seconds() + 2)
    with pytest.raises(NotFound):
        export_at(signed)


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "elsewhere@example.org"}])
def test_an_address_leads_nowhere_once_its_owner_is_banned(cast: Cast, change: dict[str, object]):
    export = made(cast.cy)
    signed = address_of(export.pk, export.state, export.expires_at).removeprefix("/exports/")
    User.objects.filter(pk=cast.cy.pk).update(**change)
    if "is_active" in change:
        with pytest.raises(NotFound):
            export_at(signed)
    else:
        assert export_at(signed) == export


@given(pieces=st.lists(st.binary(max_size=40)), size=st.integers(1, 50))
def test_parts_are_what_was_written_cut_at_their_size(pieces: list[bytes], size: int):
    handed: list[bytes] = []
    with Parts(handed.append, size=size) as file:
        for piece in pieces:
            assert file.write(piece) == len(piece)
    assert b"".join(handed) == b"".join(pieces)
    assert all(len(part) == size for part in handed[:-1]) and all(handed)


def test_of_what_failed_the_rest_is_not_handed_on():
    handed: list[bytes] = []
    with pytest.raises(ZeroDivisionError), Parts(handed.append, size=2) as file:
        file.write(b"abc")
        raise ZeroDivisionError
    assert handed == [b"ab"]

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, ProjectStatus, Role
from media.inspection import DOCUMENTS, IMAGES
from media.models import MOST_OF_A_PERSON, MOST_OF_A_PROJECT, Purpose, Upload, Usage, upload_state
from media.uploads import LARGEST, QuotaReached, clean_filename, request_upload, target_of
from tests.cast import Cast, person, project
from tests.media.rows import SHA
from tests.media.rows import upload as announced
from tests.races import race
from tests.snapshots import refused

MIB = 1024 * 1024


def ask(by, **changes: object) -> Upload:
    asked = {
        "purpose": "ATTACHMENT",
        "filename": "notes.pdf",
        "content_type": "application/pdf",
        "byte_size": 1000,
        "sha256": SHA,
    }
    return request_upload(by=by, **{**asked, **changes})


def test_somebody_announces_a_file_and_its_room_is_taken(cast: Cast, recorded):
    upload = ask(
        cast.cy, filename="C:\\work\\Notas del río.PDF", content_type=" Application/PDF ", sha256=SHA.upper()
    )

    kept = Upload.objects.annotate(state=upload_state()).get()
    assert (kept, kept.owner, kept.state, kept.media, kept.project) == (
        upload,
        cast.cy,
        "PENDING",
        None,
        None,
    )
    assert (kept.filename, kept.content_type, kept.byte_size, kept.sha256) == (
        "Notas del río.PDF",
        "application/pdf",
        1000,
        SHA,
    )
    assert re.fullmatch("quarantine/[0-9a-f]{32}", kept.key)
    assert abs(kept.expires_at - timezone.now() - timedelta(minutes=5)) < timedelta(seconds=5)
    assert Usage.objects.get().byte_size == 1000
    assert recorded() == []


def test_the_form_lasts_as_long_as_what_was_announced(cast: Cast, folder_here):
    upload = ask(cast.cy)
    target = target_of(upload)
    assert (target.method, target.url) == ("POST", "http://testserver/media/uploads")
    assert {"key": upload.key, "content-type": "application/pdf"}.items() <= dict(target.fields).items()

    late = announced(cast.cy, expires_at=timezone.now() - timedelta(seconds=1))
    dataset = ask(cast.ana, purpose="DATASET", content_type="text/csv", project_id=cast.project.pk)
    assert (target_of(late), target_of(dataset)) == (None, None)
    assert abs(dataset.expires_at - timezone.now() - timedelta(hours=24)) < timedelta(seconds=5)


@pytest.mark.parametrize("purpose", ["PROJECT_IMAGE", "DATASET"])
def test_what_is_a_projects_is_sent_by_who_speaks_for_it(cast: Cast, purpose: str):
    kind = {"PROJECT_IMAGE": "image/png", "DATASET": "text/csv"}[purpose]
    dee = person("dee")
    Membership.objects.create(project=cast.project, user=dee, role=Role.EDITOR)
    secret = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for by in (cast.ana, dee):
        upload = ask(by, purpose=purpose, content_type=kind, project_id=cast.project.pk)
        assert (upload.project, upload.owner) == (cast.project, by)
    assert list(Usage.objects.values_list("project", "byte_size")) == [(cast.project.pk, 2000)]
    # Bo runs the boards, and nothing else.
    for by, of in (
        (cast.bo, cast.project.pk),
        (cast.cy, cast.project.pk),
        (cast.sol, secret.pk),
        (cast.cy, 0),
    ):
        with refused(NotFound, "projectId"):
            ask(by, purpose=purpose, content_type=kind, project_id=of)
    with refused(Invalid, "projectId"):
        ask(cast.ana, purpose=purpose, content_type=kind)
    for other in ("AVATAR", "ATTACHMENT"):
        with refused(Invalid, "projectId"):
            ask(cast.ana, purpose=other, content_type="image/png", project_id=cast.project.pk)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("purpose", {"purpose": "MALWARE"}),
        ("contentType", {"content_type": "image/svg+xml"}),
        ("contentType", {"content_type": "text/html"}),
        ("contentType", {"content_type": "text/csv; charset=utf-8"}),
        ("contentType", {"content_type": "application/pdf" * 1000}),
        ("contentType", {"purpose": "AVATAR"}),
        ("byteSize", {"byte_size": 0}),
        ("byteSize", {"byte_size": -1}),
        ("byteSize", {"byte_size": 25 * MIB + 1}),
        ("byteSize", {"purpose": "AVATAR", "content_type": "image/png", "byte_size": 20 * MIB + 1}),
        ("byteSize", {"byte_size": 2**63}),
        ("sha256", {"sha256": ""}),
        ("sha256", {"sha256": "g" * 64}),
        ("sha256", {"sha256": SHA + "0"}),
        ("sha256", {"sha256": "٥" * 64}),
        ("sha256", {"sha256": "0" * 100_000}),
    ],
)
def test_what_no_file_can_be_is_refused(cast: Cast, field: str, changes: dict):
    with refused(Invalid, field):
        ask(cast.cy, **changes)


def test_every_purpose_has_its_types_and_its_largest_size(cast: Cast):
    of = {"project_id": cast.project.pk}
    for purpose, kinds, largest in (
        ("AVATAR", IMAGES, 20 * MIB),
        ("PROJECT_IMAGE", IMAGES, 20 * MIB),
        ("ATTACHMENT", IMAGES | DOCUMENTS, 25 * MIB),
        ("DATASET", DOCUMENTS, 2048 * MIB),
    ):
        assert LARGEST[purpose] == largest
        for kind in kinds:
            ask(
                cast.ana,
                purpose=purpose,
                content_type=kind,
                **(of if purpose in ("PROJECT_IMAGE", "DATASET") else {}),
            )
    ask(cast.ana, byte_size=25 * MIB)
    ask(cast.ana, purpose="DATASET", content_type="application/zip", byte_size=2048 * MIB, **of)


# Row 84 of the catalogue: names are read, and nothing follows from them.
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x", "x"),
        ("a\0.png", "a.png"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a" * 5000 + ".png", "a" * 251 + ".png"),
        ("photo\r\nSet-Cookie: a=b.png", "photoSet-Cookie: a=b.png"),
        ("..", ""),
        ("", ""),
        ("/etc/passwd", "passwd"),
        (".htaccess", "htaccess"),
        ("\ud800x.pdf", "x.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("  two   words .pdf ", "two words .pdf"),
        ("a\u2028b\u2029c.txt", "abc.txt"),
        ("x" * 10 + "." + "y" * 5000, "x" * 10 + "." + "y" * 244),
    ],
)
def test_names_are_cleaned_and_never_refused(cast: Cast, given: str, kept: str):
    assert clean_filename(given) == kept
    upload = ask(cast.cy, filename=given)
    assert (upload.filename, len(upload.key)) == (kept, 43)


def test_a_quota_is_told_at_its_last_byte(cast: Cast):
    announced(cast.cy, byte_size=MOST_OF_A_PERSON - 1000)
    announced(cast.ana, Purpose.PROJECT_IMAGE, project=cast.project, byte_size=MOST_OF_A_PROJECT - 999)
    ask(cast.cy)
    with refused(QuotaReached):
        ask(cast.cy, byte_size=1)
    # Another's is another's.
    ask(cast.bo)
    with refused(QuotaReached):
        ask(cast.ana, purpose="PROJECT_IMAGE", content_type="image/png", project_id=cast.project.pk)


def test_of_twenty_who_race_for_room_for_seven_seven_get_it(racing_cast: Cast):
    room = 7 * 1000
    announced(racing_cast.cy, byte_size=MOST_OF_A_PERSON - room)

    outcomes = race(lambda _: ask(racing_cast.cy), range(20))

    assert sorted(outcomes) == ["QuotaReached"] * 13 + ["Upload"] * 7
    assert Usage.objects.get().byte_size == MOST_OF_A_PERSON
    assert Upload.objects.count() == 8


def test_of_a_teams_race_for_a_projects_room_as_many_win_as_fit(racing_cast: Cast):
    of = racing_cast.project
    dee = person("dee")
    Membership.objects.create(project=of, user=dee, role=Role.ADMIN)
    announced(racing_cast.ana, Purpose.PROJECT_IMAGE, project=of, byte_size=MOST_OF_A_PROJECT - 3500)
    racers = [racing_cast.ana, dee] * 5

    outcomes = race(
        lambda by: ask(by, purpose="PROJECT_IMAGE", content_type="image/png", project_id=of.pk), racers
    )

    assert sorted(outcomes) == ["QuotaReached"] * 7 + ["Upload"] * 3
    assert Usage.objects.get(project=of).byte_size == MOST_OF_A_PROJECT - 500

"""Promise D2: what a lax store lets in is caught, at the completion or by the check. This one looks at nothing."""

import hashlib

import pytest

from media.checks import check
from media.models import Media, Upload, Variant
from media.storage import store
from media.uploads import Mismatch, announced, complete_upload
from tests.cast import Cast
from tests.media.sent import asked, picture
from tests.media.tampering import TAMPERINGS, Case, Tampering

DATA = picture(7)


def case_of(upload: Upload) -> Case:
    return Case(announced(upload), DATA, lambda what, lasts: store().target(what, lasts=lasts))


def came_of(cast: Cast, tampering: Tampering | None) -> str:
    """How a form that was tampered with ends: where it is caught, or READY."""
    upload = asked(cast.cy, DATA)
    case = case_of(upload)
    form = tampering.for_a_lax_store(case) if tampering else case.honest
    form.send()
    try:
        media = complete_upload(upload_id=upload.pk, by=cast.cy)
    except Mismatch:
        return "at completion"
    check(media_id=media.pk)
    media.refresh_from_db()
    return {"REJECTED": "by the check", "READY": "READY"}[media.state]


def test_there_are_twenty_and_more():
    assert len(TAMPERINGS) >= 20


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_a_form_that_was_tampered_with_is_caught(cast: Cast, s3_store, tampering: Tampering):
    assert came_of(cast, tampering) in ("at completion", "by the check")
    assert not Variant.objects.exists()


def test_an_honest_form_is_let_in(cast: Cast, s3_store):
    assert came_of(cast, None) == "READY"
    assert Media.objects.get().sha256 == hashlib.sha256(DATA).hexdigest()
    assert Variant.objects.count() == 3

"""Promise D1, the whole way: whatever hostile file is sent to a store that looks at nothing, none is ever shown."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backend.core.refusals import Refusal
from media.checks import check
from media.cleaning import empty_trash
from media.models import Media, Usage, Variant
from media.storage import store
from media.uploads import complete_upload, target_of
from tests.cast import Cast
from tests.media.files import Sent
from tests.media.honest import HONEST
from tests.media.hostile import HOSTILE
from tests.media.sending import send
from tests.media.sent import asked

#: Every other one: what looks into them has met them all (`tests.media.inspection`).
FILES = HOSTILE[::2]
pytestmark = pytest.mark.usefixtures("s3_store")
#: Of each kind of file one that is what it says: a house that refuses everything would be safe too.
KINDS = {file.declared: file for file in HONEST}


def outcome(by, file: Sent) -> str:
    """What becomes of a file: the code of a refusal, or the state that it ends in, and why."""
    try:
        data = file.make()
        upload = asked(by, data, file.declared, filename=file.name)
        assert send(target_of(upload), data).status_code < 300
        media = complete_upload(upload_id=upload.pk, by=by)
        check(media_id=media.pk)
        media.refresh_from_db()
        return f"{media.state} {media.reason}".strip()
    except Refusal as refusal:
        return refusal.code


def outcome_elsewhere(by, file: Sent) -> str:
    """The same on a connection of its own."""
    try:
        return outcome(by, file)
    finally:
        connection.close()


def test_of_all_hostile_files_none_becomes_ready_and_no_byte_of_them_is_kept(racing_cast: Cast):
    cy = racing_cast.cy
    with ThreadPoolExecutor(4) as threads:
        outcomes = dict(
            zip(
                (file.name for file in FILES),
                threads.map(lambda file: outcome_elsewhere(cy, file), FILES),
                strict=True,
            )
        )

    counts = Counter(outcomes.values())
    print(len(outcomes), "hostile files:", dict(counts))
    assert len(outcomes) >= 60
    assert all(came == "VALIDATION" or came.startswith("REJECTED ") for came in outcomes.values()), outcomes
    assert (Media.objects.filter(state="READY").count(), Variant.objects.count()) == (0, 0)
    assert Usage.objects.get(user=cy).byte_size == 0
    while empty_trash():
        pass
    keys = [key for room in ("quarantine/", "public/", "private/") for key, _ in store().keys(room)]
    assert [key for key in keys if key in set(Media.objects.values_list("upload__key", flat=True))] == []


@pytest.mark.parametrize("declared", KINDS)
def test_its_honest_twin_does(cast: Cast, declared: str):
    assert outcome(cast.cy, KINDS[declared]) == "READY"

"""P3: what is somebody's is in no answer, whatever is asked. 10,000 questions in the night: EXAMPLES=10000."""

import os
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from django.db import connection

from backend.core.holdings import holdings
from schema.opendata.models import OpenProject, OpenTask, OpenUpdate
from tests.oracle.worlds import make_world
from tests.schema.opendata.asking import forget, post
from tests.schema.opendata.canaries import found_in, plant
from tests.schema.opendata.conftest import committed
from tests.schema.opendata.questions import question

COUNT = int(os.environ.get("EXAMPLES", "300"))

#: What can hold no canary: values of an enumeration, keys of other rows and of files, more bytes than a quota has, and
#: moments that a constraint ties to others or that would make public what is not.
TAKES_NONE = {
    *("accounts.AccessToken.created_at", "accounts.AccessToken.expires_at", "accounts.AccessToken.scopes"),
    *("accounts.Block.blocker", "accounts.Block.created_at", "accounts.DataExport.state"),
    *("accounts.Session.created_at", "accounts.User.locale", "applications.AuthorizedApplication.scopes"),
    *(
        "boards.Claim.release_reason",
        "boards.Claim.state",
        "comments.Comment.parent",
        "comments.Comment.task",
    ),
    *(
        "comments.Comment.update",
        "notifications.Notification.kind",
        "notifications.Notification.subject_comment",
    ),
    *("notifications.Notification.subject_task", "notifications.Notification.subject_update"),
    *("projects.Membership.role", "projects.Project.category", "projects.Project.launched_at"),
    *("projects.Project.locale", "projects.Project.status", "updates.Update.audience"),
    *("media.Media.purpose", "media.Media.reason", "media.Media.state", "media.Upload.purpose"),
    *("media.Placement.media", "media.Variant.media", "media.Variant.name", "media.Variant.key"),
    "media.Usage.byte_size",
}


@pytest.fixture(scope="module")
def planted(own_database, django_db_blocker) -> Iterator[Counter[str]]:
    with committed(django_db_blocker):
        make_world(7)
        yield plant()


def asked(seed: int, count: int) -> tuple[list[str], Counter[str]]:
    """The canaries in so many answers, and what kind of answers they were."""
    random = Random(seed)  # noqa: S311
    seen: list[str] = []
    kinds: Counter[str] = Counter()
    for _ in range(count):
        document, variables = question(random)
        answer = post({"query": document, "variables": variables})
        text = answer.content.decode()
        assert answer.status_code == 200, (document, variables, text)
        assert "INTERNAL" not in text, (document, variables, text)
        kinds["refused" if '"errors"' in text else "rows" if '"node"' in text else "empty"] += 1
        # A refusal may repeat the word that was asked by: "kanari" alone, which is no canary.
        seen += found_in(text)
    return seen, kinds


def test_every_personal_column_has_its_canaries(planted: Counter[str]):
    without = {label for label, count in planted.items() if not count}
    assert without == TAKES_NONE
    assert sum(planted.values()) > 500
    assert {holding.model._meta.label for holding in holdings()} >= {
        label.rpartition(".")[0] for label in planted
    }
    assert OpenProject.objects.count() > 3 and OpenTask.objects.count() > 3 and OpenUpdate.objects.exists()


def test_no_canary_is_in_any_answer(planted: Counter[str]):
    seen, kinds = asked(20261126, COUNT)
    assert seen == []
    assert kinds["rows"] > COUNT // 5 and kinds["refused"] > COUNT // 20


def test_a_view_that_leaks_is_found(planted: Counter[str]):
    """The control: an address in a column where nobody looks for one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('opendata_community'::regclass)")
        (whole,) = cursor.fetchone()
        leaking = whole.replace(
            " summary,", " (SELECT max(email) FROM accounts_user)::varchar(280) AS summary,"
        ).replace("communities_community.summary", "summary")
        leaking = leaking.replace(
            "    summary", "    (SELECT max(email) FROM accounts_user)::varchar(280) AS summary"
        )
        assert leaking != whole
        cursor.execute(f"CREATE OR REPLACE VIEW opendata_community WITH (security_barrier) AS {leaking}")
        forget()
        try:
            seen, _ = asked(20261126, 300)
        finally:
            cursor.execute(f"CREATE OR REPLACE VIEW opendata_community WITH (security_barrier) AS {whole}")
    assert seen

"""Rows whose texts are not easy on files."""

from datetime import UTC, datetime, timedelta

from django.test import TransactionTestCase
from django.utils import timezone

from backend.boards.models import Board
from backend.communities.models import Community, CommunityKind
from backend.projects.models import Project
from schema.opendata.models import GivenTime, Month
from social.updates.models import Audience, Update
from tests.cast import Cast, make_cast, project, task

#: What a text may begin with or hold that a file, a spreadsheet or a reader could take for something else.
TEXTS = (
    *(
        '=HYPERLINK("https://evil.example","Click")',
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
    ),
    *(
        "  =1",
        "\u200b=1",
        "'=1",
        "'",
        "''",
        '"',
        '""',
        ",",
        ";",
        "a,b\r\nc",
        "a\nb",
        "\\.",
        "\\N",
        "NULL",
        "null",
    ),
    *(
        "true",
        "0001",
        "1e999",
        "NaN",
        "2026-11-26",
        "[1]",
        "{}",
        "#",
        "ñandú",
        "漢字",
        "👩‍🌾",
        "\u2028",
        "\ufeffx",
        "\x01\x02\x7f",
        " a ",
    ),
)


def remove_all() -> None:
    """What was committed outside of a test is gone, as what a test commits is."""
    TransactionTestCase()._fixture_teardown()


def make_world() -> Cast:
    """The cast, and for each of these texts a project, an update, a task and a community that is called so."""
    cast = make_cast()
    now = timezone.now()
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number, text in enumerate(TEXTS):
        community = Community.objects.create(
            slug=f"c-{number}", name=text, kind=CommunityKind.THEMATIC, place="", summary=text
        )
        made = project(
            cast.ana,
            f"Project {number}",
            slug=f"p-{number}",
            summary=text,
            tags=[text, f"tag-{number % 3}"],
            community=community if number % 2 else None,
        )
        Project.objects.filter(pk=made.pk).update(
            title=text, launched_at=first + timedelta(days=number, microseconds=number)
        )
        board = Board.objects.create(project=made, title=text)
        task(board, text, labels=[text], skills=[text], estimate_minutes=number or None, body=text)
        for audience in (Audience.EVERYONE, Audience.FOLLOWERS):
            Update.objects.create(
                project=made, author=cast.bo, title=text, body=text, audience=audience, published_at=now
            )
    for number in range(3):
        month = Month.objects.create(
            month=f"2026-0{number + 1}-01", projects_launched=number, updates_published=7
        )
        if number:
            GivenTime.objects.create(
                month=month, project=cast.project, people=5 + number, minutes=90 * number, tasks_done=number
            )
    return cast

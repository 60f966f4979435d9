from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from backend.accounts.models import User
from backend.projects.models import Project
from social.demo.cast import Cast as DemoCast
from social.demo.stories import STORIES
from tests import cast as people
from tests.cast import Cast
from tests.social.demo.rows import tables


@pytest.mark.django_db
def test_it_is_refused_outside_development(settings: Any):
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="for development only"):
        call_command("demo")

    assert not User.objects.exists()


def test_it_is_refused_where_people_are(cast: Cast):
    before = tables()

    with pytest.raises(CommandError, match="has people already"):
        call_command("demo")
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)

    assert out.getvalue() == "The database has people already: nothing to do.\n"
    assert tables() == before


@pytest.mark.django_db
@pytest.mark.parametrize("one", ["a stranger among them", "who may log in"])
def test_what_may_be_somebodys_work_is_not_taken_for_a_demo_cut_short(one: str):
    DemoCast().arrive(timezone.now())
    if one == "who may log in":
        User.objects.filter(handle="lucia").update(password="argon2$...")
    else:
        people.person("cy")
    before = tables()

    with pytest.raises(CommandError, match="has people already"):
        call_command("demo")

    assert tables() == before


@pytest.mark.django_db(transaction=True)
def test_a_demo_that_was_cut_short_begins_anew(monkeypatch: pytest.MonkeyPatch):
    # Two of its projects show it as well as twelve, and sooner.
    monkeypatch.setattr("social.demo.management.commands.demo.STORIES", STORIES[7:9])
    DemoCast().arrive(timezone.now())
    out = StringIO()

    call_command("demo", "--if-empty", stdout=out)

    assert out.getvalue().splitlines()[:2] == [
        "A demo was interrupted here; it begins anew.",
        "40 people have arrived, and tell what they did:",
    ]
    assert (User.objects.count(), Project.objects.count()) == (40, 2)
    assert User.objects.get(handle="ana").has_usable_password()

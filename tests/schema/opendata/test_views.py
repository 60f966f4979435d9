"""Each view holds what `visible_to(None)` shows, whatever happens to the things and the people behind it."""

import os

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.boards.models import Board, Task
from backend.communities.models import Community
from backend.projects.models import PUBLIC, Project, ProjectStatus
from schema.opendata.models import VIEWS, OpenCommunity, OpenProject, OpenTag, OpenTask, OpenUpdate
from schema.opendata.role import DATABASE
from social.updates.models import Audience, Update
from tests.asking import undone
from tests.cast import Cast
from tests.oracle.worlds import make_world

WORLDS = max(3, int(os.environ.get("EXAMPLES", "300")) // 100)

#: The columns of a view that are columns of its thing under another name.
ELSEWHERE = {(OpenTask, "project_id"): "board__project_id"}
#: Those that are counted.
COUNTED = {(OpenProject, name) for name in ("tasks_open", "tasks_done", "minutes_given")}
SAME = {OpenCommunity: Community, OpenProject: Project, OpenTask: Task, OpenUpdate: Update}


def told(view: type[models.Model]) -> list[tuple]:
    """The rows of a view, but what is counted."""
    names = [each.attname for each in view._meta.concrete_fields if (view, each.name) not in COUNTED]
    return list(view.objects.order_by("pk").values_list(*names))


def shown(view: type[models.Model]) -> list[tuple]:
    """The same of what nobody in particular may see, as the things themselves say it."""
    names = [each.attname for each in view._meta.concrete_fields if (view, each.name) not in COUNTED]
    columns = [ELSEWHERE.get((view, name), name) for name in names]
    return list(SAME[view].objects.visible_to(None).order_by("pk").values_list(*columns))


def holds() -> None:
    """Every view, and what is counted in them."""
    for view in SAME:
        assert told(view) == shown(view), view
    for project in Project.objects.visible_to(None):
        tasks = Task.objects.visible_to(None).filter(board__project=project)
        row = OpenProject.objects.get(pk=project.pk)
        assert row.tasks_done == tasks.filter(state="DONE").count()
        assert row.tasks_open == tasks.filter(state="OPEN").count()
        assert row.minutes_given is None
    tags: dict[str, int] = {}
    for words in Project.objects.visible_to(None).values_list("tags", flat=True):
        for word in set(words):
            tags[word] = tags.get(word, 0) + 1
    assert dict(OpenTag.objects.values_list("name", "project_count")) == tags


@given(seed=st.integers(0, 10_000))
@settings(max_examples=WORLDS)
def test_a_view_holds_what_everybody_sees(db: None, seed: int):
    with undone():
        make_world(seed)
        assert OpenProject.objects.exists() and OpenUpdate.objects.exists() and OpenTask.objects.exists()
        holds()


def test_what_is_hidden_leaves_every_view(db: None):
    make_world(11)
    project = Project.objects.filter(status__in=PUBLIC, boards__tasks__isnull=False).first()
    for status in [each for each in ProjectStatus if each not in PUBLIC]:
        with undone():
            Project.objects.filter(pk=project.pk).update(status=status, launched_at=None)
            assert not OpenProject.objects.filter(pk=project.pk).exists()
            assert not OpenTask.objects.filter(project_id=project.pk).exists()
            assert not OpenUpdate.objects.filter(project_id=project.pk).exists()
            holds()
    for hidden in ({"audience": Audience.FOLLOWERS}, {"audience": Audience.TEAM}, {"published_at": None}):
        with undone():
            Update.objects.update(**hidden)
            assert not OpenUpdate.objects.exists()
            holds()
    # Who has left, or was banned, changes nothing of what projects say.
    before = [told(view) for view in SAME]
    User.objects.update(is_active=False)
    assert [told(view) for view in SAME] == before
    holds()


def test_a_view_names_nobody(db: None):
    """No column leads to a person, nor is a text of any length."""
    for view in VIEWS:
        for column in view._meta.concrete_fields:
            assert column.related_model in (None, OpenProject, OpenCommunity), column
            assert not isinstance(column, models.TextField | models.JSONField), column
            inner = column.base_field if isinstance(column, ArrayField) else column
            assert not isinstance(inner, models.CharField) or inner.max_length <= 280, column


def test_a_view_has_the_columns_of_its_model_and_a_barrier(db: None):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.reloptions, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c"
            r" JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'v' AND c.relname LIKE 'opendata\_%'"
            " GROUP BY c.relname, c.reloptions"
        )
        found = {name: (options, sorted(columns)) for name, options, columns in cursor.fetchall()}
    assert found == {
        view._meta.db_table: (
            ["security_barrier=true"],
            sorted(column.column for column in view._meta.concrete_fields),
        )
        for view in VIEWS
    }


def test_whoever_makes_a_view_of_a_draft_is_seen(cast: Cast):
    """The control: a view without its condition holds what nobody may see."""
    Project.objects.filter(pk=cast.project.pk).update(status="DRAFT", launched_at=None)
    assert told(OpenTask) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('opendata_task'::regclass)")
        (definition,) = cursor.fetchone()
        leaking = definition.partition("WHERE")[0]
        cursor.execute(f"CREATE OR REPLACE VIEW opendata_task WITH (security_barrier) AS {leaking}")
    with pytest.raises(AssertionError, match="OpenTask"):
        holds()


def test_the_world_is_read_through_a_connection_of_its_own():
    assert DATABASE == "opendata"
    assert Board.objects.db == "default" != OpenProject.objects.using(DATABASE).db

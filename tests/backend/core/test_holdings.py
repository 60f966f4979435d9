"""Every column of every table is stated: as somebody's, or as nobody's."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import isolate_apps

from backend.accounts.models import User
from backend.core import holdings as stated
from backend.core.holdings import Fate, Holding, Told


def unstated(model: type[models.Model]) -> set[str]:
    """The columns of a model of which nobody has said whether they are personal."""
    said = set(stated.not_personal().get(model, ()))
    for holding in stated.holdings():
        if holding.model is model:
            said |= {*holding.columns, *holding.secrets}
    return {column.name for column in model._meta.concrete_fields} - said


@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy],
    ids=lambda model: model._meta.label,
)
def test_every_column_is_stated_as_personal_or_as_not(model):
    assert unstated(model) == set()


@isolate_apps("tests.backend.core")
def test_a_new_column_without_a_statement_is_seen(monkeypatch):
    class Diary(models.Model):  # noqa: DJ008  # Nobody reads it.
        user = models.ForeignKey(User, on_delete=models.CASCADE)
        confession = models.TextField()

        class Meta:
            app_label = "core"

    assert unstated(Diary) == {"id", "user", "confession"}
    told = {"confession": Told("What you did.", Fate.DELETED)}
    holding = Holding(name="diary", says="your diary.", model=Diary, whose="user", columns=told)
    monkeypatch.setattr(stated, "holdings", lambda: (holding,))
    assert unstated(Diary) == {"id", "user"}


def test_what_is_stated_is_there():
    for holding in stated.holdings():
        names = {column.name for column in holding.model._meta.concrete_fields}
        its_own = {name for name, told in holding.columns.items() if told.path is None}
        assert {*its_own, *holding.secrets} <= names, holding
        assert not {*holding.columns, *holding.secrets} & stated.not_personal()[holding.model], holding
    for model, columns in stated.not_personal().items():
        assert columns <= {column.name for column in model._meta.concrete_fields}, model


def test_no_column_is_stated_twice_for_the_same_person():
    for one in stated.holdings():
        for other in stated.holdings():
            if one is not other and (one.model, one.whose) == (other.model, other.whose):
                assert one.only and other.only and one.only == ~other.only


def test_every_key_of_a_person_is_how_somebodys_rows_are_found_or_says_why_not():
    """A column that points at a person, by which nothing of theirs is found, would be forgotten by an erasure."""
    keys = {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    found = {(holding.model, holding.whose) for holding in stated.holdings()}
    found |= {(h.model, name) for h in stated.holdings() for name in h.columns}
    label = {(model._meta.label, name) for model, name in keys - found}
    assert label == {
        ("core.RecordedEvent", "actor"),
        ("accounts.Erasure", "user"),
        ("accounts.User_groups", "user"),
        ("accounts.User_user_permissions", "user"),
        ("notifications.NotificationActor", "user"),
    }


def test_an_erasure_takes_what_points_before_what_it_points_at():
    order = [holding.model._meta.app_label for holding in stated.holdings()]
    assert list(dict.fromkeys(order)) == [
        *(
            "admin",
            "notifications",
            "updates",
            "comments",
            "follows",
            "media",
            "imports",
            "boards",
            "projects",
            "applications",
            "oauth2_provider",
            "accounts",
        )
    ]


def test_the_tables_are_all_of_a_model(db):
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert tables - ours == {"django_migrations", "procrastinate_version"} & tables

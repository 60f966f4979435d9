"""The back office, as staff see it: each model's list, search and filters, and one row of each."""

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.accounts.models import Session, User, hash_of
from backend.boards.claims import claim_task
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.updates.actions import draft_update
from tests.asking import problems
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import delete_account
from tests.snapshots import snapshot

OURS = [model for model in admin.site._registry if model._meta.app_label not in ("auth", "procrastinate")]


@pytest.fixture
def office(cast: Cast, read_events) -> Client:
    """The back office of a house in which something has happened, with Sol logged in by address and password."""
    claim_task(task_id=cast.task.pk, by=cast.cy)
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    add_comment(kind=type(cast.task), subject_id=cast.task.pk, by=cast.cy, body="On my way")
    draft_update(project_id=cast.project.pk, by=cast.ana, title="Rain", body="At last")
    read_events()
    Session.objects.create(
        user=cast.cy, token_hash=hash_of("x"), expires_at=cast.cy.created_at.replace(year=2100)
    )
    User.objects.filter(pk=cast.sol.pk).update(is_superuser=True, password=make_password(PASSWORD))
    client = Client()
    answer = client.post(reverse("admin:login"), {"username": "sol@example.org", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_every_model_of_the_house_is_there():
    from django.apps import apps

    ours = {
        model
        for model in apps.get_models()
        if model.__module__.startswith(("backend.", "social.", "media.", "realtime."))
        and not model._meta.proxy
    }
    assert {model for model in OURS if not model._meta.proxy} == ours


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_list_a_search_a_filter_and_a_row_of_each_model_open(office: Client, model):
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    site = admin.site._registry[model]
    assert site.search_fields or model.__name__ == "Pending"

    assert office.get(listed).status_code == 200
    assert office.get(listed, {"q": "ana"}).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
        assert office.get(page).status_code == 200


def test_a_tombstone_is_not_called_back(office: Client, cast: Cast):
    deed = delete_account(cast)
    assert problems(deed.ask("DeleteAccount")) == []
    page = reverse("admin:accounts_user_change", args=[cast.cy.pk])
    before = snapshot()
    assert office.post(page, {"is_active": "on", "email": "cy@example.org"}).status_code == 302
    assert not User.objects.get(pk=cast.cy.pk).is_active
    assert snapshot() == before


def test_a_stranger_is_sent_to_the_door(cast: Cast):
    answer = Client().get(reverse("admin:index"))
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/")


def test_no_token_or_password_is_shown(office: Client, cast: Cast):
    for name, row in (("accounts_session", Session.objects.get()), ("accounts_user", cast.sol)):
        page = office.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
        assert hash_of("x") not in page
        assert "argon2" not in page


def test_a_parked_job_is_seen_and_tried_again(office: Client, cast: Cast, jobs):
    add_comment(kind=type(cast.task), subject_id=cast.task.pk, by=cast.cy, body="Anybody?")
    parked = ProcrastinateJob.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 10")
    listed = reverse("admin:procrastinate_procrastinatejob_changelist")
    page = office.get(listed, {"status": "failed"}).content.decode()
    assert "read_log" in page and "notifications" in page
    shown = office.get(reverse("admin:procrastinate_procrastinatejob_change", args=[parked.pk]))
    assert shown.status_code == 200

    office.post(listed, {"action": "retry", "_selected_action": [parked.pk]})
    parked.refresh_from_db()
    assert (parked.status, parked.attempts) == ("todo", 11)


def test_jobs_are_only_looked_at(office: Client, cast: Cast, jobs):
    add_comment(kind=type(cast.task), subject_id=cast.task.pk, by=cast.cy, body="Anybody?")
    job = ProcrastinateJob.objects.get()
    for verb in ("delete", "change"):
        page = reverse(f"admin:procrastinate_procrastinatejob_{verb}", args=[job.pk])
        assert office.post(page, {"post": "yes"}).status_code == 403
    assert jobs() == [("read_log", {"reader": "notifications"}, "todo")]

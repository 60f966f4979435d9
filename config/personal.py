"""What Django's own tables, and those of the job queue, hold of people: little, and that is of staff."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Func, Model, Q, TextField, Value
from procrastinate.contrib.django import models as jobs

from backend.accounts.models import User
from backend.core.holdings import Fate, Holding, Told


def _blot_out(user: User) -> None:
    """What the back office did to them is told of "@somebody", and of nobody by name."""
    # Whole handles only: whose name begins alike is somebody else.
    name = f"@{user.handle}(?![a-z0-9_-])"
    said = Q(object_repr__regex=name) | Q(change_message__regex=name)
    blotted = {
        column: Func(
            F(column),
            Value(name),
            Value("@somebody"),
            Value("g"),
            function="regexp_replace",
            output_field=TextField(),
        )
        for column in ("object_repr", "change_message")
    }
    LogEntry.objects.filter(said).update(**blotted)


HOLDINGS = (
    Holding(
        name="back_office",
        says="what you did in the back office, as staff.",
        model=LogEntry,
        whose="user",
        columns={
            "action_time": Told("When.", Fate.KEPT),
            "object_repr": Told("To what.", Fate.KEPT),
            "change_message": Told("What.", Fate.KEPT),
        },
        closing=_blot_out,
    ),
)

NOT_PERSONAL: dict[type[Model], tuple[str, ...]] = {
    LogEntry: ("id", "user", "content_type", "object_id", "action_flag"),
    # The back office's cookie: a key, a hash, and nothing that anybody said; it lasts two weeks.
    Session: ("session_key", "session_data", "expire_date"),
    Group: ("id", "name"),
    Permission: ("id", "name", "content_type", "codename"),
    ContentType: ("id", "app_label", "model"),
    Group.permissions.through: ("id", "group", "permission"),
    User.groups.through: ("id", "user", "group"),
    User.user_permissions.through: ("id", "user", "permission"),
}
# What a job is given are keys of rows.
NOT_PERSONAL |= {
    model: tuple(field.name for field in model._meta.concrete_fields)
    for model in (
        jobs.ProcrastinateJob,
        jobs.ProcrastinateEvent,
        jobs.ProcrastinatePeriodicDefer,
        jobs.ProcrastinateWorker,
    )
}

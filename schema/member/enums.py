"""The domain's enumerations as GraphQL's; registered before any type that has a field of one."""

from enum import Enum
from typing import Any

import strawberry
from django.db.models import TextChoices

from backend.accounts.models import ExportState
from backend.accounts.scopes import Scope
from backend.boards.models import ClaimState, TaskPermission, TaskState, WorkVerdict
from backend.communities.models import CommunityKind
from backend.projects.models import Category, ProjectPermission, ProjectStatus, Role, Verdict
from media.inspection import Reason as RejectionReason
from media.models import MediaState, UploadState, VariantName
from media.models import Purpose as MediaPurpose
from social.notifications.models import NotificationKind
from social.updates.models import Audience

__all__ = [
    "AccessScope",
    "Audience",
    "Category",
    "ClaimState",
    "CommunityKind",
    "ExportState",
    "MediaPurpose",
    "MediaState",
    "NotificationKind",
    "ProjectPermission",
    "ProjectStatus",
    "RejectionReason",
    "Role",
    "TaskPermission",
    "TaskState",
    "UploadState",
    "VariantName",
    "Verdict",
    "WorkVerdict",
]


def _choices(of: type[TextChoices], *, description: str, name: str | None = None) -> None:
    """Declare an enumeration of the domain's; what a value means is its label, said once for every reader."""
    declared: Any = strawberry.enum(of, name=name, description=description)
    for value in declared.__strawberry_definition__.values:
        value.description = f"{declared[value.name].label}."


_scopes: Any = Enum(  # type: ignore[misc]
    "AccessScope",
    {scope.name: strawberry.enum_value(scope.name, description=f"{scope.label}.") for scope in Scope},
)
#: OAuth's spelling has a colon, which no name of GraphQL may have: each value is known here by its name.
AccessScope: Any = strawberry.enum(_scopes, description="What a program may do in a person's name.")

_choices(Category, description="The six domains of Goteo's founding text.")
_choices(ProjectStatus, description="How far a project has come.")
_choices(ProjectPermission, description="What one may do with a project.")
_choices(Role, description="What somebody is in a project's team.")
_choices(Verdict, description="What staff decides about a submitted project.")
_choices(Audience, description="For whom an update is.")
_choices(NotificationKind, description="What a notification is about.")
_choices(CommunityKind, description="What holds a community together.")
_choices(ExportState, description="Where a copy of somebody's data stands.")
_choices(TaskState, description="Where a task stands; it follows from its claims.")
_choices(TaskPermission, description="What one may do with a task.")
_choices(ClaimState, description="Where a claim stands.")
_choices(WorkVerdict, description="What the team decides about submitted work.")
_choices(MediaPurpose, name="MediaPurpose", description="What a file is for, which decides who may see it.")
_choices(MediaState, description="How far a file has come.")
_choices(UploadState, description="How far what somebody announced has come.")
_choices(VariantName, description="In which form a file is served.")

_refused: Any = strawberry.enum(
    RejectionReason, name="RejectionReason", description="Why a file was rejected; the same bytes always are."
)
_MEANT = {
    "EMPTY": "There is nothing in it.",
    "MISMATCH": "It is not what was announced.",
    "POLYGLOT": "It is that and something else too, or goes on behind its end.",
    "UNSUPPORTED": "Its type, or something in it (a password, a macro), is not taken.",
    "BROKEN": "It cannot be read to its end.",
    "TOO_LARGE": "It has more pixels, pictures, entries or unpacked bytes than are taken.",
    "TOO_MUCH_WORK": "To check it takes more than there is for one file.",
}
for _value in _refused.__strawberry_definition__.values:
    _value.description = _MEANT[_value.name]

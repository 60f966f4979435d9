"""The domain's enumerations as GraphQL's; registered before any type that has a field of one."""

import strawberry

from backend.boards.models import ClaimState, TaskPermission, TaskState, WorkVerdict
from backend.communities.models import CommunityKind
from backend.projects.models import Category, ProjectPermission, ProjectStatus, Role, Verdict
from social.notifications.models import NotificationKind
from social.updates.models import Audience

__all__ = [
    "Audience",
    "Category",
    "ClaimState",
    "CommunityKind",
    "NotificationKind",
    "ProjectPermission",
    "ProjectStatus",
    "Role",
    "TaskPermission",
    "TaskState",
    "Verdict",
    "WorkVerdict",
]

strawberry.enum(Category, description="The six domains of Goteo's founding text.")
strawberry.enum(ProjectStatus, description="How far a project has come.")
strawberry.enum(ProjectPermission, description="What one may do with a project.")
strawberry.enum(Role, description="What somebody is in a project's team.")
strawberry.enum(Verdict, description="What staff decides about a submitted project.")
strawberry.enum(Audience, description="For whom an update is.")
strawberry.enum(NotificationKind, description="What a notification is about.")
strawberry.enum(CommunityKind, description="What holds a community together.")
strawberry.enum(TaskState, description="Where a task stands; it follows from its claims.")
strawberry.enum(TaskPermission, description="What one may do with a task.")
strawberry.enum(ClaimState, description="Where a claim stands.")
strawberry.enum(WorkVerdict, description="What the team decides about submitted work.")

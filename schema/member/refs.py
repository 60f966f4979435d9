"""The types by name, for fields that point at one of another module: types know one another in circles, modules must not.

What flows through a type is the row of its model, so mypy sees Any here, and the declaration of the field says which model.
"""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry

if TYPE_CHECKING:
    User: TypeAlias = Any
    UserConnection: TypeAlias = Any
    BlockedUser: TypeAlias = Any
    Community: TypeAlias = Any
    Project: TypeAlias = Any
    ProjectConnection: TypeAlias = Any
    Board: TypeAlias = Any
    Task: TypeAlias = Any
    TaskConnection: TypeAlias = Any
    Claim: TypeAlias = Any
    Comment: TypeAlias = Any
    CommentConnection: TypeAlias = Any
    Update: TypeAlias = Any
    UpdateConnection: TypeAlias = Any
    Followable: TypeAlias = Any
    NotificationConnection: TypeAlias = Any
    FeedItemConnection: TypeAlias = Any
else:

    def _in(module: str, name: str) -> Any:
        return Annotated[name, strawberry.lazy(f"schema.member.{module}")]

    User = _in("accounts.types", "User")
    UserConnection = _in("accounts.types", "UserConnection")
    BlockedUser = _in("accounts.types", "BlockedUser")
    Community = _in("communities.types", "Community")
    Project = _in("projects.types", "Project")
    ProjectConnection = _in("projects.types", "ProjectConnection")
    Board = _in("boards.types", "Board")
    Task = _in("boards.types", "Task")
    TaskConnection = _in("boards.types", "TaskConnection")
    Claim = _in("boards.types", "Claim")
    Comment = _in("comments.types", "Comment")
    CommentConnection = _in("comments.types", "CommentConnection")
    Update = _in("updates.types", "Update")
    UpdateConnection = _in("updates.types", "UpdateConnection")
    Followable = _in("follows.types", "Followable")
    NotificationConnection = _in("notifications.types", "NotificationConnection")
    FeedItemConnection = _in("feed.types", "FeedItemConnection")

"""People, what they make and say, and what the house remembers of it."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from oauth2_provider import models as toolkit

from backend.accounts.blocks import Block
from backend.accounts.models import (
    AccessToken,
    DataExport,
    Erasure,
    ExportPart,
    RecoveryCode,
    RetiredHandle,
    Session,
    Totp,
    User,
)
from backend.applications.models import AuthorizedApplication
from backend.boards.models import Board, Claim, Task
from backend.communities.models import Community
from backend.core.models import Pending, RecordedEvent, Stream
from backend.projects.models import Membership, Project, Review
from config.admin.kinds import Kept, Shown
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationActor
from social.updates.models import Update


@admin.register(User)
class UserAdmin(Kept):
    list_display = ("handle", "display_name", "email", "location", "is_staff", "is_active", "created_at")
    list_filter = ("is_staff", "is_active", "locale", "created_at")
    search_fields = ("handle", "display_name", "email")
    ordering = ("-created_at",)
    fields = (
        *("handle", "display_name", "email", "email_verified_at", "locale", "location", "website", "bio"),
        *("is_active", "is_staff", "is_superuser", "groups"),
        *("created_at", "last_login", "follower_count", "following_count", "project_count"),
        *("completed_task_count", "minutes_given", "open_claim_count", "block_count", "imported_from"),
    )
    readonly_fields = (*fields[:3], *fields[4:8], *fields[12:])
    filter_horizontal = ("groups",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Nothing of a tombstone is changed: there is no way back."""
        return self.fields if isinstance(obj, User) and obj.deleted_at else self.readonly_fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People sign up themselves."""
        return False


@admin.register(Session)
class SessionAdmin(Shown):
    list_display = ("user", "user_agent", "created_at", "expires_at", "ended_at")
    list_filter = ("created_at", "ended_at")
    search_fields = ("user__handle", "user__email", "user_agent")
    list_select_related = ("user",)


@admin.register(Erasure)
class ErasureAdmin(Shown):
    list_display = ("user", "closed_at", "rows_done", "finished_at")
    list_filter = ("closed_at", "finished_at")
    search_fields = ("user__handle",)
    list_select_related = ("user",)


@admin.register(RetiredHandle)
class RetiredHandleAdmin(Shown):
    list_display = ("handle_hash", "free_at")
    search_fields = ("handle_hash",)


@admin.register(DataExport)
class DataExportAdmin(Shown):
    list_display = ("user", "state", "done", "total", "size", "created_at", "finished_at", "expires_at")
    list_filter = ("state", "created_at")
    search_fields = ("user__handle",)
    list_select_related = ("user",)


# That there are parts, and not what is in them: those are for their owner.
@admin.register(ExportPart)
class ExportPartAdmin(Shown):
    list_display = ("export", "attempt", "number")
    search_fields = ("export__user__handle",)
    list_select_related = ("export__user",)
    exclude = ("data",)


@admin.register(Block)
class BlockAdmin(Shown):
    list_display = ("blocker", "blocked", "created_at")
    list_filter = ("created_at",)
    search_fields = ("blocker__handle", "blocked__handle")
    list_select_related = ("blocker", "blocked")


@admin.register(Community)
class CommunityAdmin(Kept):
    list_display = ("name", "slug", "kind", "place", "project_count", "follower_count")
    list_filter = ("kind",)
    search_fields = ("name", "slug", "place", "summary")
    readonly_fields = ("project_count", "follower_count", "created_at")


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    readonly_fields = ("created_at",)


class ReviewInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Review
    extra = 0
    can_delete = False
    readonly_fields = ("reviewer", "verdict", "note", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Reviews are written by `review_project`."""
        return False


@admin.register(Project)
class ProjectAdmin(Kept):
    list_display = (
        "title",
        "status",
        "category",
        "owner",
        "community",
        "locale",
        "follower_count",
        "launched_at",
    )
    list_filter = ("status", "category", "locale", "community", "launched_at")
    search_fields = ("title", "slug", "summary", "owner__handle")
    list_select_related = ("owner", "community")
    date_hierarchy = "created_at"
    inlines = (MembershipInline, ReviewInline)
    readonly_fields = (
        *(
            "owner",
            "community",
            "slug",
            "title",
            "summary",
            "description",
            "category",
            "tags",
            "location",
            "locale",
        ),
        *("status", "created_at", "submitted_at", "launched_at", "imported_from"),
        *("follower_count", "comment_count", "update_count"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Projects are begun by their owners."""
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("project", "user", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("project__title", "user__handle")
    list_select_related = ("project", "user")
    autocomplete_fields = ("project", "user")
    readonly_fields = ("created_at",)


@admin.register(Review)
class ReviewAdmin(Shown):
    list_display = ("project", "verdict", "reviewer", "created_at")
    list_filter = ("verdict", "created_at")
    search_fields = ("project__title", "reviewer__handle", "note")
    list_select_related = ("project", "reviewer")


@admin.register(Board)
class BoardAdmin(Shown):
    list_display = ("title", "project", "claim_hours", "last_task_number", "created_at")
    search_fields = ("title", "project__title")
    list_select_related = ("project",)


@admin.register(Task)
class TaskAdmin(Shown):
    list_display = ("number", "title", "board", "state", "open_slots", "slots", "comment_count", "due_at")
    list_filter = ("state", "due_at", "created_at")
    search_fields = ("title", "body", "board__title", "board__project__title")
    list_select_related = ("board",)


@admin.register(Claim)
class ClaimAdmin(Shown):
    list_display = (
        "task",
        "claimant",
        "state",
        "claimed_at",
        "expires_at",
        "release_reason",
        "minutes_spent",
    )
    list_filter = ("state", "release_reason", "claimed_at")
    search_fields = ("task__title", "claimant__handle", "note")
    list_select_related = ("task", "claimant")


@admin.register(Follow)
class FollowAdmin(Shown):
    list_display = ("follower", "user", "project", "community", "created_at")
    list_filter = ("created_at",)
    search_fields = ("follower__handle", "user__handle", "project__title", "community__name")
    list_select_related = ("follower", "user", "project", "community")


@admin.register(Update)
class UpdateAdmin(Shown):
    list_display = ("title", "project", "author", "audience", "published_at", "comment_count")
    list_filter = ("audience", "published_at")
    search_fields = ("title", "body", "project__title", "author__handle")
    list_select_related = ("project", "author")


@admin.register(Comment)
class CommentAdmin(Shown):
    list_display = ("id", "author", "body", "project", "update", "task", "depth", "created_at", "deleted_at")
    list_filter = ("created_at", "deleted_at")
    search_fields = ("body", "author__handle", "project__title", "update__title", "task__title")
    list_select_related = ("author", "project", "update", "task")


@admin.register(Notification)
class NotificationAdmin(Shown):
    list_display = ("user", "kind", "actor_count", "occurred_at", "read_at")
    list_filter = ("kind", "occurred_at", "read_at")
    search_fields = ("user__handle",)
    list_select_related = ("user",)


@admin.register(NotificationActor)
class NotificationActorAdmin(Shown):
    list_display = ("notification", "user", "seq")
    search_fields = ("user__handle",)
    list_select_related = ("notification__user", "user")


@admin.register(Stream)
class StreamAdmin(Shown):
    list_display = ("name", "seq")
    search_fields = ("name",)


@admin.register(RecordedEvent)
class RecordedEventAdmin(Shown):
    list_display = ("stream", "seq", "kind", "actor", "facts", "occurred_at")
    list_filter = ("kind", "occurred_at")
    search_fields = ("stream__name", "actor__handle")
    list_select_related = ("stream", "actor")
    show_full_result_count = False  # The log is the largest table; counting it is not worth a page.


@admin.register(Pending)
class PendingAdmin(Shown):
    list_display = ("reader", "event", "after", "job_id")
    list_filter = ("reader",)
    list_select_related = ("event",)


# Tokens and codes of programs are written by the toolkit alone, and there is nothing in them to look at: they are hashes.
for model in (toolkit.AccessToken, toolkit.Grant, toolkit.RefreshToken, toolkit.IDToken):
    admin.site.unregister(model)


@admin.register(AccessToken)
class AccessTokenAdmin(Shown):
    list_display = ("name", "user", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("created_at", "expires_at", "revoked_at")
    search_fields = ("name", "user__handle")
    exclude = ("token_hash",)


@admin.register(AuthorizedApplication)
class AuthorizedApplicationAdmin(Shown):
    list_display = ("application", "user", "scopes", "authorized_at")
    list_filter = ("application", "authorized_at")
    search_fields = ("application__name", "user__handle")


@admin.register(Totp)
class TotpAdmin(Shown):
    list_display = ("user", "confirmed_at", "guesses", "guessing_since")
    search_fields = ("user__handle",)
    exclude = ("sealed_secret",)


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(Shown):
    list_display = ("user", "used_at")
    search_fields = ("user__handle",)
    exclude = ("code_hash",)

"""Files: what was announced, what arrived, where it stands, and what is on its way out."""

from django.contrib import admin

from backend.imports.models import RemoteImage
from config.admin.kinds import Shown
from media.models import Media, Placement, RemoteArrival, Trash, Upload, Usage, Variant
from social.comments.models import CommentAttachment
from social.updates.models import UpdateAttachment


@admin.register(Upload)
class UploadAdmin(Shown):
    list_display = (
        "purpose",
        "owner",
        "project",
        "content_type",
        "byte_size",
        "charged",
        "expires_at",
        "media",
    )
    list_filter = ("purpose", "created_at")
    search_fields = ("owner__handle", "key")
    list_select_related = ("owner", "project", "media")


@admin.register(Media)
class MediaAdmin(Shown):
    list_display = (
        "purpose",
        "owner",
        "project",
        "content_type",
        "byte_size",
        "state",
        "reason",
        "expires_at",
    )
    list_filter = ("state", "reason", "purpose", "created_at")
    search_fields = ("owner__handle", "project__slug", "sha256")
    list_select_related = ("owner", "project")


@admin.register(Variant)
class VariantAdmin(Shown):
    list_display = ("media", "name", "key", "content_type", "width", "height", "byte_size")
    list_filter = ("name", "content_type")
    search_fields = ("key",)
    list_select_related = ("media",)


@admin.register(Placement)
class PlacementAdmin(Shown):
    list_display = ("media", "kind", "user", "project", "task", "claim", "position")
    list_filter = ("kind",)
    search_fields = ("user__handle", "project__slug")
    list_select_related = ("media", "user", "project", "task", "claim__claimant", "claim__task")


@admin.register(UpdateAttachment)
class UpdateAttachmentAdmin(Shown):
    list_display = ("media", "update", "position")
    search_fields = ("update__title",)
    list_select_related = ("media", "update")


@admin.register(CommentAttachment)
class CommentAttachmentAdmin(Shown):
    list_display = ("media", "comment", "position")
    search_fields = ("comment__author__handle",)
    list_select_related = ("media", "comment__author")


@admin.register(Usage)
class UsageAdmin(Shown):
    list_display = ("user", "project", "byte_size")
    search_fields = ("user__handle", "project__slug")
    list_select_related = ("user", "project")


@admin.register(Trash)
class TrashAdmin(Shown):
    list_display = ("key", "since")
    list_filter = ("since",)
    search_fields = ("key",)


@admin.register(RemoteImage)
class RemoteImageAdmin(Shown):
    list_display = ("kind", "project", "user", "url", "state", "reason", "tried_at")
    list_filter = ("state", "reason", "kind")
    search_fields = ("url", "project__slug", "user__handle")
    list_select_related = ("project", "user")


@admin.register(RemoteArrival)
class RemoteArrivalAdmin(Shown):
    list_display = ("image", "media")
    search_fields = ("image__url",)
    list_select_related = ("image", "media")

"""What a program may be allowed to do in a person's name."""

from django.db.models import TextChoices


class Scope(TextChoices):
    """A part of what a person may do; as OAuth spells it (RFC 6749, 3.3)."""

    READ = "read", "Read what the person sees"
    ACCOUNT_READ = "account:read", "Read the person's own account: address, sessions, keys"
    NOTIFICATIONS = "notifications", "Read notifications and mark them as read"
    SOCIAL_WRITE = "social:write", "Follow, comment and react"
    PROJECTS_WRITE = "projects:write", "Create, edit and publish projects and updates"
    TASKS_WRITE = "tasks:write", "Create, claim and finish tasks"

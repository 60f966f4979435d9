from django.db import models


class Scope(models.TextChoices):
    """What a person may let a program do in their name (OAuth 2.0, RFC 6749 §3.3); none lets it into the account itself."""

    READ = "read", "Read what they may read"
    ACCOUNT_READ = "account:read", "Read their address, settings and clients"
    NOTIFICATIONS = "notifications", "Read their notifications, and mark them as read"
    SOCIAL_WRITE = "social:write", "Follow, comment and publish updates"
    PROJECTS_WRITE = "projects:write", "Begin and run projects and boards"
    TASKS_WRITE = "tasks:write", "Claim tasks, hand work in and review it"

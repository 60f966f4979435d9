from django.db import models
from django.db.models import Q


class Purpose(models.TextChoices):
    """What a file is for: it decides who may send it, how large it may be, who may see it, and where it may stand."""

    AVATAR = "AVATAR", "Picture of a person"
    PROJECT_IMAGE = "PROJECT_IMAGE", "Picture of a project"
    ATTACHMENT = "ATTACHMENT", "Attachment"
    DATASET = "DATASET", "Published data"


#: These are a project's, and count against its quota; all others are whoever's sent them.
OF_PROJECTS = (Purpose.PROJECT_IMAGE, Purpose.DATASET)
#: These are pictures that anybody may see, at an address that lasts.
PUBLIC = (Purpose.AVATAR, Purpose.PROJECT_IMAGE)


def whose_quota(name: str) -> models.CheckConstraint:
    """The constraint that what is for a project says for which, and nothing else does."""
    return models.CheckConstraint(
        condition=Q(purpose__in=OF_PROJECTS, project__isnull=False)
        | (Q(purpose__in=Purpose.values) & ~Q(purpose__in=OF_PROJECTS) & Q(project__isnull=True)),
        name=name,
    )

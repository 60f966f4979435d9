"""What the lists of open data can be narrowed by: the FilterSets of the domain, but for people, and a little more."""

import django_filters
from django.db.models import QuerySet

from backend.boards.filters import TaskFilter
from backend.communities.models import CommunityKind
from backend.projects.filters import ProjectFilter
from schema.opendata.models import (
    OpenCommunity,
    OpenContribution,
    OpenMonth,
    OpenProject,
    OpenTag,
    OpenTask,
    OpenUpdate,
)


from schema.opendata.models.told import LEAST_PEOPLE, Counted, GivenTime, Month
from schema.opendata.models.views import (
    VIEWS,
    OpenCommunity,
    OpenContribution,
    OpenMonth,
    OpenProject,
    OpenTag,
    OpenTask,
    OpenUpdate,
)

__all__ = [
    "LEAST_PEOPLE",
    "VIEWS",
    "Counted",
    "GivenTime",
    "Month",
    "OpenCommunity",
    "OpenContribution",
    "OpenMonth",
    "OpenProject",
    "OpenTag",
    "OpenTask",
    "OpenUpdate",
]

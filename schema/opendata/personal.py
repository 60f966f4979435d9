"""Nothing here is a person's: that is what it is for."""

from schema.opendata.models import VIEWS, Counted, GivenTime, Month

HOLDINGS = ()

NOT_PERSONAL = {model: tuple(column.name for column in model._meta.concrete_fields) for model in VIEWS} | {
    Month: ("month", "projects_launched", "updates_published", "told_at"),
    # Of at least five people, and which of theirs it was is in no file that leaves.
    GivenTime: ("id", "month", "project", "people", "minutes", "tasks_done"),
    Counted: ("claim", "block"),
}

"""Both doors narrow a list by the same FilterSet: the same words, the same rows, the same refusals."""

import itertools

import pytest

from backend.projects.filters import ProjectFilter
from backend.projects.models import Category, Project
from schema.ids import to_global_id
from schema.opendata.filters import OpenProjectFilter, OpenTaskFilter
from schema.opendata.models import OpenProject, OpenTask
from tests.asking import ask as ask_members
from tests.oracle.worlds import TAGS, World
from tests.schema.opendata.asking import ask, codes, data

#: What members can ask, but for whose it is; each with values that hold, and some that do not.
GIVEN = {
    "category": [*Category.values, "NONSENSE", "ecological"],
    "status": ["LIVE", "FUNDED", "DRAFT", "NONSENSE", "live"],
    "tag": [*TAGS, "WATER", "x" * 41],
    "locale": ["en", "es", "xx", "x" * 7],
    "community": ["place-0", "place-1", "nowhere", "x" * 61],
    "search": ["huerta", "río", "%", "_", "100 %", "\\", "'", "x" * 201, "İSTANBUL"],
}
MEMBERS = (
    "query($filter: ProjectFilter) { page: projects(filter: $filter, first: 100) { edges { node { id } } } }"
)


def open_page(given: dict[str, str]) -> str:
    declared = ", ".join(f"${name}: String" for name in given)
    passed = "".join(f", {name}: ${name}" for name in given)
    return f"query({declared}) {{ page: projects(first: 100{passed}) {{ edges {{ node {{ id }} }} }} }}"


def ids(answer: dict) -> set[str] | str:
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    return {edge["node"]["id"] for edge in answer["data"]["page"]["edges"]}


def test_the_set_is_that_of_members_but_for_whose_it_is():
    theirs, ours = set(ProjectFilter.base_filters), set(OpenProjectFilter.base_filters)
    assert theirs - ours == {"owner"}
    for name in theirs & ours:
        assert ProjectFilter.base_filters[name] is OpenProjectFilter.declared_filters[name]
    assert set(GIVEN) == theirs - {"owner"}


@pytest.mark.parametrize("name", GIVEN)
def test_both_doors_find_the_same_by_one_word(world: World, name: str):
    found = 0
    for value in GIVEN[name]:
        theirs = ids(ask_members(MEMBERS, None, filter={name: value}))
        ours = ids(ask(open_page({name: value}), **{name: value}))
        # Their categories are an enumeration, which graphql-core refuses in its own way.
        assert theirs == ours, value
        found += isinstance(ours, set) and bool(ours)
    assert found


def test_both_doors_find_the_same_by_two_words(world: World):
    good = {
        "category": ["ECOLOGICAL", "SOCIAL"],
        "status": ["LIVE", "FUNDED"],
        "tag": ["water"],
        "search": ["a", "r"],
    }
    for one, other in itertools.combinations(good, 2):
        for values in itertools.product(good[one], good[other]):
            given = dict(zip((one, other), values, strict=True))
            theirs = ids(ask_members(MEMBERS, None, filter=given))
            assert ids(ask(open_page(given), **given)) == theirs, given


def test_the_filter_sets_of_the_domain_leave_the_same_rows_of_both(world: World):
    """Where members have no such list yet: the set itself, on the things and on the view."""
    from backend.boards.filters import TaskFilter
    from backend.boards.models import Task

    tasks = Task.objects.visible_to(None)
    words = {word for row in tasks for word in (*row.skills, *row.labels)}
    some = 0
    for given in (
        *({"skill": word} for word in words),
        *({"label": word} for word in words),
        *({"state": state} for state in ("OPEN", "CLAIMED", "DONE", "CLOSED", "SUBMITTED", "X")),
        *({"longest_minutes": minutes} for minutes in (1, 30, 60, 10_080, 0, 10_081)),
    ):
        theirs, ours = (
            TaskFilter(given, queryset=tasks),
            OpenTaskFilter(given, queryset=OpenTask.objects.all()),
        )
        assert theirs.is_valid() == ours.is_valid(), given
        if theirs.is_valid():
            found = set(theirs.qs.values_list("pk", flat=True))
            assert found == set(ours.qs.values_list("pk", flat=True)), given
            some += bool(found)
    assert some > 5


def test_moments_and_projects_narrow(world: World):
    rows = OpenProject.objects.order_by("launched_at")
    middle = rows[len(rows) // 2]
    asked = (
        "query($from: String, $to: String)"
        " { projects(first: 100, launchedAt_Gte: $from, launchedAt_Lt: $to) { totalCount } }"
    )
    moment = middle.launched_at.isoformat()
    later = data(asked, **{"from": moment})["projects"]["totalCount"]
    earlier = data(asked, to=moment)["projects"]["totalCount"]
    assert (
        later + earlier == rows.count() and later == rows.filter(launched_at__gte=middle.launched_at).count()
    )

    busy = OpenTask.objects.first().project
    of_it = (
        "query($slug: String) { tasks(first: 100, project_Slug: $slug) { totalCount edges { node { id } } } }"
    )
    found = data(of_it, slug=busy.slug)["tasks"]
    its = OpenTask.objects.filter(project=busy).values_list("pk", flat=True)
    assert {edge["node"]["id"] for edge in found["edges"]} == {to_global_id("Task", pk) for pk in its}
    draft = Project.objects.exclude(pk__in=Project.objects.visible_to(None)).first()
    assert data(of_it, slug=draft.slug)["tasks"] == {"totalCount": 0, "edges": []}
    assert data(of_it, slug="nothing")["tasks"] == {"totalCount": 0, "edges": []}


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59+14:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00:00Z",
        "2026-06-30T23:59:60Z",
        "2026-01-01T00:00:00+99:99",
        "-2026-01-01",
        "now",
        "infinity",
        "1e999",
        "２０２６-01-01T00:00:00Z",
        "x" * 10_000,
    ],
)
def test_what_is_no_moment_is_refused(world: World, moment: str):
    found = codes("query($m: String) { projects(launchedAt_Gte: $m) { totalCount } }", m=moment)
    # Python reads the digits of every script, and a number of seconds that is no time of day is the next minute's first.
    assert found == ["VALIDATION"] or (moment.startswith("２") and found == [])
    month = codes("query($m: String) { contributions(month_Gte: $m) { totalCount } }", m=moment)
    assert month == ["VALIDATION"]

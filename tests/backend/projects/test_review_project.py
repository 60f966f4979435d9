import pytest

from backend.core.refusals import Invalid, NotFound
from backend.projects.actions import WrongStatus, review_project
from backend.projects.models import Project, ProjectStatus, Review, Verdict
from tests.cast import Cast, person, project
from tests.races import race
from tests.snapshots import refused


@pytest.fixture
def submitted(cast: Cast) -> Project:
    return project(cast.ana, "Taller", status=ProjectStatus.IN_REVIEW)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ("APPROVE", ProjectStatus.APPROVED),
        ("REQUEST_CHANGES", ProjectStatus.DRAFT),
        ("REJECT", ProjectStatus.REJECTED),
    ],
)
def test_staff_decides_and_says_why(cast: Cast, submitted: Project, verdict: str, status: str, recorded):
    reviewed = review_project(project_id=submitted.pk, by=cast.sol, verdict=verdict, note=" Because.\r\n")

    assert (reviewed.status, reviewed.launched_at) == (status, None)
    assert list(Review.objects.values_list("project", "reviewer", "verdict", "note")) == [
        (submitted.pk, cast.sol.pk, verdict, "Because.")
    ]
    facts = {"project_id": submitted.pk, "verdict": verdict}
    assert recorded() == [("ProjectReviewed", f"project:{submitted.pk}", 1, facts)]


def test_whoever_is_not_staff_finds_nothing_to_review(cast: Cast, submitted: Project):
    for by in (cast.ana, cast.bo, cast.cy):
        with refused(NotFound):
            review_project(project_id=submitted.pk, by=by, verdict="APPROVE")
    for pk in (0, 2**62, 2**70):
        with refused(NotFound):
            review_project(project_id=pk, by=cast.sol, verdict="APPROVE")


@pytest.mark.parametrize("status", [status for status in ProjectStatus if status != ProjectStatus.IN_REVIEW])
def test_only_what_was_handed_in_is_reviewed(cast: Cast, status: ProjectStatus):
    made = project(cast.ana, "Other", status=status)
    with refused(WrongStatus):
        review_project(project_id=made.pk, by=cast.sol, verdict="APPROVE")


def test_a_verdict_that_does_not_exist_is_refused(cast: Cast, submitted: Project):
    with refused(Invalid, "verdict"):
        review_project(project_id=submitted.pk, by=cast.sol, verdict="MAYBE")
    with refused(Invalid, "note"):
        review_project(project_id=submitted.pk, by=cast.sol, verdict="REJECT", note="x" * 5_001)


def test_of_two_reviewers_at_once_one_decides(racing_cast: Cast, recorded):
    submitted = project(racing_cast.ana, "Taller", status=ProjectStatus.IN_REVIEW)
    sam = person("sam", is_staff=True)
    verdicts = [(by, verdict) for by in (racing_cast.sol, sam) for verdict in Verdict.values]

    out = race(lambda racer: review_project(project_id=submitted.pk, by=racer[0], verdict=racer[1]), verdicts)

    assert sorted(out) == ["Project"] + ["WrongStatus"] * 5
    review = Review.objects.get()
    ((_, _, seq, facts),) = recorded()
    assert (seq, facts["verdict"]) == (1, review.verdict)

"""From a draft to the public: each step, and everything that stands in its way."""

import pytest

from backend.communities.models import Community
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests import cast as people
from tests.asking import ask, id_of, problems, spelled, untouched
from tests.cast import Cast
from tests.schema.deeds import (
    create_project,
    edit_project,
    launch_project,
    review_project,
    step,
    submit_project,
)
from tests.schema.member.projects.shown import parts


def test_a_draft_is_what_its_maker_wrote(cast: Cast):
    answer = create_project(cast).ask("CreateProject")

    project = Project.objects.get(slug="seeds")
    written = {
        "title": "Seed library",
        "summary": "Seeds to lend.",
        "description": "Bring *some*.",
        "descriptionHtml": "<p>Bring <em>some</em>.</p>",
        "category": "ECOLOGICAL",
        "tags": ["seeds", "lending"],
        "location": "Vera",
        "locale": "es",
        "status": "DRAFT",
        "launchedAt": None,
        "owner": {"id": id_of(cast.cy), "handle": "cy"},
        "community": {"id": id_of(Community.objects.get()), "slug": "valley", "name": "The valley"},
    }
    assert answer["data"]["createProject"] == {"project": parts(project, **written), "errors": []}


def test_a_title_and_a_category_are_enough(cast: Cast):
    answer = ask("CreateProject", cast.cy, input={"title": "  Öl &  Ñandú!  ", "category": "SOCIAL"})

    project = answer["data"]["createProject"]["project"]
    assert (project["title"], project["slug"], project["locale"]) == ("Öl & Ñandú!", "ol-nandu", "en")
    again = ask("CreateProject", cast.cy, input={"title": "Öl & Ñandú!", "category": "SOCIAL"})
    assert again["data"]["createProject"]["project"]["slug"] == "ol-nandu-2"


def test_an_edit_changes_what_is_given_and_nothing_else(cast: Cast):
    whole = edit_project(cast).ask("EditProject")["data"]["editProject"]

    project = Project.objects.get(pk=cast.project.pk)
    written = {"title": "Huerta", "slug": "huerta", "category": "SOCIAL", "tags": ["water"], "locale": "es"}
    assert whole == {"project": parts(project, **written), "errors": []}
    only = ask(
        "EditProject", cast.ana, input={"projectId": id_of(project), "summary": "Water.", "title": None}
    )
    assert only["data"]["editProject"] == {"project": whole["project"] | {"summary": "Water."}, "errors": []}
    nothing = ask("EditProject", cast.ana, input={"projectId": id_of(project)})
    assert nothing["data"] == only["data"]


def test_each_step_leads_to_the_next(cast: Cast):
    project = step(cast, ProjectStatus.DRAFT)
    given = {"projectId": id_of(project)}

    def shown(status: str, **more: object) -> dict:
        return {"project": {"id": id_of(project), "status": status} | more, "errors": []}

    submitted = ask("SubmitProject", cast.ana, input=given)
    assert submitted["data"]["submitProject"] == shown("IN_REVIEW")
    reviewed = ask("ReviewProject", cast.sol, input=given | {"verdict": "APPROVE"})
    assert reviewed["data"]["reviewProject"] == shown("APPROVED")
    launched = ask("LaunchProject", cast.ana, input=given)
    project.refresh_from_db()
    when = spelled(project.launched_at)
    assert launched["data"]["launchProject"] == shown("LIVE", launchedAt=when)
    profile = ask("UserProfile", handle="ana")["data"]["user"]
    assert profile["projectCount"] == 1


@pytest.mark.parametrize(("verdict", "status"), [("REQUEST_CHANGES", "DRAFT"), ("REJECT", "REJECTED")])
def test_staff_may_say_no(cast: Cast, verdict: str, status: str):
    answer = review_project(cast).ask("ReviewProject", verdict=verdict, note="Not *yet*.")
    assert answer["data"]["reviewProject"]["project"]["status"] == status


def test_the_note_of_a_review_is_not_public(cast: Cast):
    review_project(cast).ask("ReviewProject", note="Between us.")
    for viewer in (cast.ana, cast.sol):
        assert "Between us" not in str(ask("ProjectPage", viewer, slug="seed-library"))


WORDS = [
    *(({"title": title}, ("VALIDATION", "title")) for title in ("", "ab", "a" * 121, "abc\u202e", "abc\x07")),
    *(({"summary": summary}, ("VALIDATION", "summary")) for summary in ("a" * 281, "a\u200b")),
    *(({"description": text}, ("VALIDATION", "description")) for text in ("a" * 20_001, "a\x1b[31m")),
    *(({"tags": tags}, ("VALIDATION", "tags")) for tags in (["a"] * 13, [""], ["a" * 41], ["a", "\n"])),
    *(({"location": place}, ("VALIDATION", "location")) for place in ("a" * 101, "a\u2028\u202e")),
    *(({"locale": locale}, ("VALIDATION", "locale")) for locale in ("spanish", "ES", "es_ES")),
    *(
        ({"slug": slug}, ("VALIDATION", "slug"))
        for slug in ("", "ab", "a" * 81, "A-b", "a--b", "-ab", "new", "a/b")
    ),
    *(({"slug": slug}, ("VALIDATION", "slug")) for slug in ("añil", "abc\n", "graphql", "../../etc")),
    ({"slug": "taken"}, ("SLUG_TAKEN", "slug")),
]


@pytest.mark.parametrize(("changes", "problem"), WORDS)
def test_what_no_project_says(cast: Cast, changes: dict, problem: tuple):
    people.project(cast.bo, "Taken", slug="taken")
    for name, deed in (("CreateProject", create_project), ("EditProject", edit_project)):
        Community.objects.all().delete()
        asked = deed(cast)
        with untouched():
            assert problems(asked.ask(name, **changes)) == [problem]


def test_a_choice_that_is_none_is_not_even_asked_about(cast: Cast):
    for name, field in (
        ("CreateProject", "category"),
        ("EditProject", "category"),
        ("ReviewProject", "verdict"),
    ):
        deed = {"CreateProject": create_project, "EditProject": edit_project, "ReviewProject": review_project}
        Community.objects.all().delete()
        Project.objects.exclude(pk=cast.project.pk).delete()
        asked = deed[name](cast)
        for value in ("NOTHING", "social", "", 1, ["SOCIAL", "SOCIAL"]):
            answer = asked.ask(name, **{field: value})
            assert ("data" in answer, answer["errors"][0]["extensions"]) == (False, {"code": "VALIDATION"})


@pytest.mark.parametrize("missing", [{"summary": ""}, {"description": ""}, {"description": "a" * 79}])
def test_a_review_needs_something_to_read(cast: Cast, missing: dict):
    deed = submit_project(cast)
    Project.objects.filter(slug="seed-library").update(**missing)
    with untouched():
        assert problems(deed.ask("SubmitProject")) == [("INCOMPLETE", None)]


STEPS = {
    "SubmitProject": (submit_project, "DRAFT"),
    "ReviewProject": (review_project, "IN_REVIEW"),
    "LaunchProject": (launch_project, "APPROVED"),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_taken_from_where_it_leads_on(cast: Cast, name: str):
    deed, right = STEPS[name]
    asked = deed(cast)
    for status in ProjectStatus:
        public = status in ("LIVE", "FUNDED", "UNFUNDED", "FULFILLED")
        when = cast.project.launched_at if public else None
        Project.objects.filter(slug="seed-library").update(status=status, launched_at=when)
        if status != right:
            with untouched():
                assert problems(asked.ask(name)) == [("WRONG_STATUS", None)], status


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_taken_by_whose_it_is(cast: Cast, name: str):
    """Editors and coordinators see a draft of theirs, and staff sees all; still it is not theirs to submit or launch."""
    deed, _ = STEPS[name]
    given = deed(cast).input
    project = Project.objects.get(slug="seed-library")
    team = {role: people.person(role.lower()) for role in (Role.ADMIN, Role.EDITOR, Role.COORDINATOR)}
    for role, user in team.items():
        Membership.objects.create(project=project, user=user, role=role)
    may = [cast.sol] if name == "ReviewProject" else [cast.ana, team[Role.ADMIN]]

    for person in {cast.ana, cast.bo, cast.cy, cast.sol, *team.values()} - set(may):
        with untouched():
            assert problems(ask(name, person, input=given)) == [("NOT_FOUND", None)], person
    assert problems(ask(name, may[-1], input=given)) == []


def test_staff_reviews_and_does_not_edit(cast: Cast):
    with untouched():
        answer = ask("EditProject", cast.sol, input={"projectId": id_of(cast.project), "title": "Mine"})
        assert problems(answer) == [("NOT_FOUND", None)]


def test_a_place_in_a_community_that_is_not_there(cast: Cast):
    for id in ("garbage", id_of(cast.ana), id_of(Community(pk=10**9))):
        with untouched():
            given = {"title": "Seeds", "category": "SOCIAL", "communityId": id}
            assert problems(ask("CreateProject", cast.cy, input=given)) == [("NOT_FOUND", "communityId")]

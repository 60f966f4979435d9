"""Anything is found again by its id, by whoever may see it; for anybody else it is not there."""

import pytest

from backend.accounts.models import DataExport, Session, User
from backend.projects.models import Membership, Project, ProjectStatus
from schema.declarations import NODES
from schema.ids import to_global_id
from social.follows.actions import follow
from tests import cast as people
from tests import files
from tests.asking import ask, id_of, token_of
from tests.cast import Cast
from tests.schema.deeds import access_token, authorization, claimed, comment, community, notification, update

NODE = "query($id: ID!) { node(id: $id) { id __typename } }"


@pytest.fixture
def ids(cast: Cast) -> dict[str, str]:
    """One of everything that has an id."""
    token_of(cast.ana)
    rows = {
        "User": cast.bo,
        "Project": cast.project,
        "Membership": Membership.objects.get(user=cast.bo),
        "Community": community(),
        "Board": cast.board,
        "Task": cast.task,
        "Claim": claimed(cast),
        "Update": update(cast, published_at=cast.project.launched_at),
        "Comment": comment(cast),
        "Notification": notification(cast),
        "ActiveSession": Session.objects.get(user=cast.ana),
        "AccessToken": access_token(cast.ana),
        "AuthorizedApplication": authorization(cast.ana),
        "DataExport": DataExport.objects.create(user=cast.ana),
        "Media": files.media(cast.ana),
        "Upload": files.upload(cast.ana),
    }
    return {kind: to_global_id(kind, row.pk) for kind, row in rows.items()}


def test_everything_is_found_by_its_id(cast: Cast, ids: dict[str, str]):
    assert set(ids) == set(NODES)
    for kind, id in ids.items():
        assert ask(NODE, cast.ana, id=id) == {"data": {"node": {"id": id, "__typename": kind}}}


def test_the_public_finds_what_is_public(cast: Cast, ids: dict[str, str]):
    own = {"Notification", "ActiveSession", "AccessToken", "AuthorizedApplication", "DataExport"} | {
        "Media",
        "Upload",
    }
    found = {kind: ask(NODE, id=id)["data"]["node"] is not None for kind, id in ids.items()}
    assert found == {kind: kind not in own for kind in ids}


def test_with_its_project_all_that_is_in_it_disappears(cast: Cast, ids: dict[str, str]):
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    stays = {"User", "Community"}
    for viewer in (None, people.person("dov")):
        found = {kind: ask(NODE, viewer, id=id)["data"]["node"] is not None for kind, id in ids.items()}
        assert found == {kind: kind in stays for kind in ids}


def test_what_is_not_there_is_answered_alike_whatever_it_is(cast: Cast, ids: dict[str, str]):
    hidden = people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT)
    gone = people.person("eda")
    gone_id = id_of(gone)
    gone.delete()
    User.objects.filter(pk=cast.sol.pk).update(is_active=False)
    nothing = [
        *("", " ", "garbage", "=", "VXNlcjox=", "🐝", "A" * 60_000, "-1", "1", "null"),
        *(
            id_of(hidden),
            gone_id,
            id_of(cast.sol),
            ids["Notification"],
            ids["ActiveSession"],
            ids["AccessToken"],
        ),
        *(to_global_id(kind, pk) for kind in NODES for pk in (0, 2**63 - 1, 2**63)),
        *(to_global_id(kind, 1) for kind in ("Query", "Viewer", "Session", "Follow", "user", "Review")),
    ]
    answers = [ask(NODE, cast.cy, id=id) for id in nothing]
    assert all(answer == answers[0] for answer in answers)
    (error,) = answers[0]["errors"]
    assert (answers[0]["data"], error["extensions"]) == ({"node": None}, {"code": "NOT_FOUND"})
    assert error["message"] == "There is no such thing here."


def test_a_related_thing_that_one_may_not_see_is_null_and_no_error(cast: Cast):
    """Ana hears of a comment on a project that she then leaves: the notification stays, its subject does not."""
    project = people.project(cast.bo, "Seeds", status=ProjectStatus.DRAFT)
    told = notification(cast, subject_project=project)
    query = "query($id: ID!) { node(id: $id) { ... on Notification { id subject { id } } } }"

    assert ask(query, cast.ana, id=id_of(told)) == {"data": {"node": {"id": id_of(told), "subject": None}}}


def test_an_author_who_left_is_null(cast: Cast):
    said = comment(cast)
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)
    query = "query($id: ID!) { node(id: $id) { ... on Comment { body author { handle } } } }"

    assert ask(query, id=id_of(said))["data"]["node"] == {"body": "Yes.", "author": None}
    team = ask("ProjectPage", slug=cast.project.slug)["data"]["project"]["team"]
    assert [each["user"] and each["user"]["handle"] for each in team] == ["ana", None]


def test_a_claimant_who_left_is_in_no_list(cast: Cast):
    claimed(cast)
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    query = "query($id: ID!) { node(id: $id) { ... on Task { claimants { handle } claims { claimant { handle } } } } }"

    assert ask(query, id=id_of(cast.task))["data"]["node"] == {
        "claimants": [],
        "claims": [{"claimant": None}],
    }

import pytest

from backend.accounts.models import User
from backend.boards.claims import claim_task
from backend.projects.models import Project, ProjectStatus
from social.follows.actions import follow
from tests import cast as people
from tests.asking import ask, id_of, spelled
from tests.cast import Cast
from tests.schema.deeds import comment, community, update
from tests.schema.member.projects.shown import parts, person


def page(cast: Cast, viewer: User | None) -> dict:
    return ask("ProjectPage", viewer, slug=cast.project.slug)["data"]["project"]


def test_the_page_of_a_project_shows_all_of_it(cast: Cast):
    Project.objects.filter(pk=cast.project.pk).update(
        summary="A garden.", tags=["water"], community=community(), comment_count=1, update_count=1
    )
    news = update(cast, published_at=cast.project.launched_at, comment_count=3)
    update(cast)  # A draft.
    said = comment(cast)
    comment(cast, parent=said, depth=1)  # A reply, which is not right under it.
    claim_task(task_id=cast.task.pk, by=cast.cy)
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    project = Project.objects.get(pk=cast.project.pk)

    rest = {
        "updates": {
            "edges": [
                {
                    "node": {
                        "id": id_of(news),
                        "title": "It rained",
                        "bodyHtml": "<p>At last.</p>",
                        "publishedAt": spelled(news.published_at),
                        "commentCount": 3,
                        "author": person(cast.ana),
                    }
                }
            ]
        },
        "comments": {
            "edges": [{"node": {"id": id_of(said), "bodyHtml": "<p>Yes.</p>", "author": person(cast.bo)}}]
        },
        "boards": [
            {
                "id": id_of(cast.board),
                "title": "Spring",
                "tasks": {
                    "edges": [
                        {
                            "node": {
                                "id": id_of(cast.task),
                                "title": "Paint the gate",
                                "state": "CLAIMED",
                                "claimants": [{"id": id_of(cast.cy), "handle": "cy"}],
                            }
                        }
                    ]
                },
            }
        ],
        "team": [
            {"role": "OWNER", "user": {"id": id_of(cast.ana), "handle": "ana"}},
            {"role": "COORDINATOR", "user": {"id": id_of(cast.bo), "handle": "bo"}},
        ],
        "proposals": {"edges": []},
    }
    anybody = {"viewerCan": ["FOLLOW", "COMMENT"]}
    assert page(cast, None) == parts(project, viewerCan=[]) | rest
    assert page(cast, cast.ana) == parts(project) | rest
    assert page(cast, cast.cy) == parts(project, viewerIsFollowing=True, **anybody) | rest
    assert page(cast, cast.bo) == parts(project, viewerCan=["FOLLOW", "COMMENT", "RUN_BOARDS"]) | rest
    assert page(cast, cast.sol) == parts(project, **anybody) | rest


@pytest.mark.parametrize("status", ProjectStatus.values)
def test_until_its_launch_a_project_is_its_teams_and_staffs(cast: Cast, status: str):
    """By its address, by its id, through its board, its task and its owner: everywhere the same."""
    public = status in ("LIVE", "FUNDED", "UNFUNDED", "FULFILLED")
    when = cast.project.launched_at if public else None
    Project.objects.filter(pk=cast.project.pk).update(status=status, launched_at=when)
    query = """query($slug: String!, $id: ID!, $board: ID!, $task: ID!, $ana: ID!) {
      project(slug: $slug) { id } node(id: $id) { id } board(id: $board) { id } task: node(id: $task) { id }
      user(id: $ana) { projects { totalCount edges { node { id } } } }
      projects { totalCount edges { node { id } } }
    }"""
    ids = {"slug": cast.project.slug, "id": id_of(cast.project), "board": id_of(cast.board)}
    ids |= {"task": id_of(cast.task), "ana": id_of(cast.ana)}

    seen = {}
    for name, viewer in {
        "nobody": None,
        "cy": cast.cy,
        "bo": cast.bo,
        "ana": cast.ana,
        "sol": cast.sol,
    }.items():
        answer = ask(query, viewer, **ids)
        data, errors = answer["data"], answer.get("errors", [])
        owned, listed = data.pop("user")["projects"], data.pop("projects")
        found = {alias: thing is not None for alias, thing in data.items()}
        assert len(set(found.values())) == 1, found
        assert {(error["extensions"]["code"], error["message"]) for error in errors} <= {
            ("NOT_FOUND", "There is no such thing here.")
        }
        assert owned["totalCount"] == len(owned["edges"]) == int(found["node"])
        assert listed["totalCount"] == len(listed["edges"]) == int(public)
        seen[name] = found["node"]

    assert seen == {"nobody": public, "cy": public, "bo": True, "ana": True, "sol": True}


def test_what_is_hidden_and_what_is_not_there_are_answered_alike(cast: Cast):
    hidden = people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT)
    query = "query($slug: String!) { project(slug: $slug) { id } }"

    answers = [
        ask(query, cast.cy, slug=slug) for slug in (hidden.slug, "nowhere", "", "🐝", "a" * 9_000, "SEEDS")
    ]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert answers[0]["data"] == {"project": None}

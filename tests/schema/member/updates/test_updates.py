import pytest

from backend.accounts.models import User
from backend.projects.models import Membership, Project, ProjectStatus, Role
from social.comments.models import Comment
from social.follows.actions import follow
from social.updates.models import Audience, Update
from tests import cast as people
from tests.asking import ask, id_of, problems, spelled, untouched
from tests.cast import Cast
from tests.schema.deeds import draft_update, update


def parts(news: Update, **changes: object) -> dict:
    """What a client reads of an update."""
    author = {"id": id_of(news.author), "handle": news.author.handle, "displayName": news.author.display_name}
    return {
        "id": id_of(news),
        "title": news.title,
        "body": news.body,
        "bodyHtml": news.body_html,
        "audience": news.audience,
        "publishedAt": spelled(news.published_at) if news.published_at else None,
        "commentCount": news.comment_count,
        "author": author | {"avatar": None},
        "project": {"id": id_of(news.project), "slug": news.project.slug, "title": news.project.title},
        "reactions": [],
        "attachments": [],
    } | changes


def test_a_draft_is_what_was_written(cast: Cast):
    answer = draft_update(cast).ask("DraftUpdate")

    news = Update.objects.get()
    said = {"title": "It rained", "body": "At *last*.", "bodyHtml": "<p>At <em>last</em>.</p>"}
    shown = parts(news, **said, audience="FOLLOWERS", publishedAt=None)
    assert answer["data"]["draftUpdate"] == {"update": shown, "errors": []}


def test_it_is_for_everyone_unless_somebody_says(cast: Cast):
    for audience in ({}, {"audience": "EVERYONE"}):
        given = {"projectId": id_of(cast.project), "title": "Rain", "body": "!"} | audience
        answer = ask("DraftUpdate", cast.ana, input=given)
        assert answer["data"]["draftUpdate"]["update"]["audience"] == "EVERYONE"


def test_it_is_published_once(cast: Cast):
    draft = update(cast)
    first = ask("PublishUpdate", cast.ana, input={"updateId": id_of(draft)})

    draft.refresh_from_db()
    assert draft.published_at is not None
    assert first["data"]["publishUpdate"] == {"update": parts(draft), "errors": []}
    assert ask("PublishUpdate", cast.ana, input={"updateId": id_of(draft)}) == first
    assert Project.objects.get(pk=cast.project.pk).update_count == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        *(({"title": title}, ("VALIDATION", "title")) for title in ("", "  ", "a" * 161, "a\u202eb")),
        *(
            ({"body": body}, ("VALIDATION", "body"))
            for body in ("", "\n", "a" * 20_001, "a\x00b"[:1] + "\x07")
        ),
    ],
)
def test_what_is_no_news(cast: Cast, changes: dict, problem: tuple):
    with untouched():
        answer = draft_update(cast).ask("DraftUpdate", **changes)
    assert (problems(answer), answer["data"]["draftUpdate"]["update"]) == ([problem], None)


def test_an_audience_that_is_none_is_not_even_asked_about(cast: Cast):
    for audience in ("NOBODY", "everyone", "", 1, None, ["TEAM"]):
        answer = draft_update(cast).ask("DraftUpdate", audience=audience)
        assert ("data" in answer, answer["errors"][0]["extensions"]) == (False, {"code": "VALIDATION"})


def test_before_its_launch_a_project_has_no_readers(cast: Cast):
    project = people.project(cast.ana, "Seeds", status=ProjectStatus.APPROVED)
    draft = update(cast, project=project)
    with untouched():
        answer = ask("PublishUpdate", cast.ana, input={"updateId": id_of(draft)})
    assert problems(answer) == [("NOT_PUBLIC_YET", None)]


def test_only_who_speaks_for_a_project_tells_its_news(cast: Cast):
    """Bo runs its boards, and does not speak for it."""
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    draft = update(cast)
    for viewer in (cast.bo, cast.sol):
        with untouched():
            drafted = draft_update(cast)
            given = drafted.input
            assert problems(ask("DraftUpdate", viewer, input=given)) == [("NOT_FOUND", None)]
            answer = ask("PublishUpdate", viewer, input={"updateId": id_of(draft)})
            assert problems(answer) == [("NOT_FOUND", None)]
    assert problems(ask("DraftUpdate", cast.cy, input=draft_update(cast).input)) == []
    assert problems(ask("PublishUpdate", cast.cy, input={"updateId": id_of(draft)})) == []


@pytest.fixture
def readers(cast: Cast) -> dict[str, User | None]:
    """Everybody who could want to read it."""
    follower = people.person("eli")
    follow(kind=Project, target_id=cast.project.pk, by=follower)
    return {
        "anonymous": None,
        "stranger": cast.cy,
        "follower": follower,
        "coordinator": cast.bo,
        "owner": cast.ana,
        "staff": cast.sol,
    }


EVERYBODY = ["anonymous", "stranger", "follower", "coordinator", "owner", "staff"]
#: Who reads news, by its audience and whether it is out.
MEANT_FOR = {
    (Audience.EVERYONE, True): EVERYBODY,
    (Audience.FOLLOWERS, True): ["follower", "coordinator", "owner", "staff"],
    (Audience.TEAM, True): ["coordinator", "owner", "staff"],
    (Audience.EVERYONE, False): ["coordinator", "owner"],
    (Audience.FOLLOWERS, False): ["coordinator", "owner"],
    (Audience.TEAM, False): ["coordinator", "owner"],
}


@pytest.mark.parametrize(("audience", "out"), MEANT_FOR)
def test_news_is_read_by_those_whom_it_is_meant_for(cast: Cast, readers, audience: Audience, out: bool):
    """By its id, in its project's list, and with what is said about it; all the others see nothing of it."""
    news = update(cast, audience=audience, published_at=cast.project.launched_at if out else None)
    said = Comment.objects.create(update=news, author=cast.ana, body="Yes.", body_html="Yes.")
    query = """query($news: ID!, $said: ID!, $slug: String!) {
      node(id: $news) { id } said: node(id: $said) { id }
      project(slug: $slug) { updates { totalCount edges { node { id } } } }
    }"""

    seen = {}
    for name, viewer in readers.items():
        data = ask(query, viewer, news=id_of(news), said=id_of(said), slug=cast.project.slug)["data"]
        listed = data["project"]["updates"]
        assert listed["totalCount"] == len(listed["edges"])
        seen[name] = (data["node"] is not None, data["said"] is not None, listed["totalCount"] == 1)

    meant = MEANT_FOR[audience, out]
    # A draft is in no list: the list is of what is out.
    assert seen == {name: (name in meant, name in meant, name in meant and out) for name in readers}


@pytest.mark.parametrize("name", EVERYBODY[1:])
def test_who_cannot_read_news_cannot_speak_about_it(cast: Cast, readers, name: str):
    news = update(cast, audience=Audience.TEAM, published_at=cast.project.launched_at)
    answer = ask("AddComment", readers[name], input={"subjectId": id_of(news), "body": "Yes."})
    meant = MEANT_FOR[Audience.TEAM, True]
    assert problems(answer) == ([] if name in meant else [("NOT_FOUND", None)])

"""Files on updates, comments, tasks and claims: told to who sees the thing, at an address for a while."""

from urllib.parse import urlsplit

from django.test import Client

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from media.models import Media, Purpose
from social.comments.models import Comment
from social.updates.models import Audience, Update
from tests import files
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast
from tests.media.sent import checked
from tests.schema.deeds import claimed, comment, update

SELECTED = "attachments { id filename contentType byteSize width url(variant: SMALL) }"
NODE = "query($id: ID!) { node(id: $id) { ... on %s { %s } } }"


def attached(thing: object, viewer: User | None) -> list[dict[str, object]] | None:
    """What is told of the files of a thing; nothing where it is not told itself."""
    node = ask(NODE % (type(thing).__name__, SELECTED), viewer, id=id_of(thing))["data"]["node"]
    return node and node["attachments"]


def test_each_thing_tells_its_files_in_their_order(cast: Cast):
    things = [update(cast, published_at=cast.project.launched_at), comment(cast), cast.task, claimed(cast)]
    for thing in things:
        later, first = (files.picture(cast.bo, Purpose.ATTACHMENT) for _ in range(2))
        files.place(later, thing, 1)
        files.place(first, thing, 0)
        told = attached(thing, None)
        assert told is not None
        assert [each["id"] for each in told] == [id_of(first), id_of(later)]
        assert all("/media/private/" in str(each["url"]) and "signature" in str(each["url"]) for each in told)


def test_the_address_opens_the_file_and_no_other(cast: Cast, folder_here):
    data = b"plant,litres\npear,40\n"
    made = checked(cast.bo, data, "text/csv", filename="plan.csv")
    files.place(made, cast.task)
    (told,) = attached(cast.task, None) or []

    address = urlsplit(str(told["url"]))
    opened = Client().get(f"{address.path}?{address.query}")
    assert (opened.status_code, b"".join(opened)) == (200, data)
    assert opened["Content-Disposition"] == 'attachment; filename="plan.csv"'
    other = files.picture(cast.ana, Purpose.ATTACHMENT).variants.get(name="LARGE").key
    assert Client().get(f"/media/{other}?{address.query}").status_code == 403
    assert Client().get(address.path).status_code == 403


def test_of_what_one_does_not_see_no_address_is_told(cast: Cast):
    news = update(cast, published_at=cast.project.launched_at, audience=Audience.TEAM)
    made = files.picture(cast.ana, Purpose.ATTACHMENT)
    files.place(made, news)

    assert len(attached(news, cast.bo) or []) == 1
    for viewer in (cast.cy, None):
        assert attached(news, viewer) is None
        assert ask(NODE % ("Media", "url"), viewer, id=id_of(made))["data"]["node"] is None


def test_they_are_attached_by_what_makes_the_thing(cast: Cast):
    def mine(person: User) -> str:
        return id_of(files.picture(person, Purpose.ATTACHMENT))

    news = {"projectId": id_of(cast.project), "title": "News", "body": "!", "attachmentIds": [mine(cast.ana)]}
    said = {"subjectId": id_of(cast.project), "body": "Yes.", "attachmentIds": [mine(cast.cy)]}
    task = {"boardId": id_of(cast.board), "title": "Prune", "attachmentIds": [mine(cast.bo)]}
    work = {"claimId": id_of(claimed(cast)), "note": "Done.", "attachmentIds": [mine(cast.cy), mine(cast.cy)]}
    for operation, by, input in (
        ("DraftUpdate", cast.ana, news),
        ("AddComment", cast.cy, said),
        ("CreateTask", cast.bo, task),
        ("SubmitWork", cast.cy, work),
    ):
        answer = ask(operation, by, input=input)
        assert problems(answer) == [], operation
    made = [model._default_manager.latest("pk") for model in (Update, Comment, Task, Claim)]
    assert [len(attached(each, cast.ana) or []) for each in made] == [1, 1, 1, 2]


def test_an_edit_of_a_task_says_which_files_stay(cast: Cast):
    one, other, new = (files.picture(cast.bo, Purpose.ATTACHMENT) for _ in range(3))
    files.place(one, cast.task, 0)
    files.place(other, cast.task, 1)
    edit = {"taskId": id_of(cast.task), "expectedVersion": 1}

    assert problems(ask("EditTask", cast.bo, input=edit | {"title": "Prune"})) == []
    assert len(attached(cast.task, None) or []) == 2
    kept = {"expectedVersion": 2, "attachmentIds": [id_of(new), id_of(other)]}
    assert problems(ask("EditTask", cast.bo, input=edit | kept)) == []
    assert [each["id"] for each in attached(cast.task, None) or []] == [id_of(new), id_of(other)]
    assert problems(ask("EditTask", cast.bo, input=edit | {"expectedVersion": 3, "attachmentIds": []})) == []
    assert attached(cast.task, None) == []


def test_a_file_that_stands_somewhere_stands_nowhere_else(cast: Cast):
    made = files.picture(cast.cy, Purpose.ATTACHMENT)
    said = {"subjectId": id_of(cast.project), "body": "Yes.", "attachmentIds": [id_of(made)]}
    assert problems(ask("AddComment", cast.cy, input=said)) == []
    with untouched():
        assert problems(ask("AddComment", cast.cy, input=said)) == [("IN_USE", "attachmentIds")]
    assert Media.objects.get().expires_at is None

"""What holds for all mutations alike; each one's own story is in the folder of its domain."""

import json

import pytest

from backend.accounts.models import Session, User
from backend.boards.models import Board
from media.models import Purpose
from schema.declarations import NODES
from schema.ids import from_global_id, to_global_id
from tests import cast as people
from tests import files
from tests.asking import ask, id_of, operations, problems, token_of, untouched
from tests.cast import Cast
from tests.schema.deeds import DEEDS, OPEN, Deed, access_token, authorization, comment, notification, update

#: They have no input.
ASK_NOTHING = {"LogOut", "RequestDataExport", "RequestEmailVerification", "EndOtherSessions"}

every_mutation = pytest.mark.parametrize("name", DEEDS)
every_input = pytest.mark.parametrize("name", [name for name in DEEDS if name not in ASK_NOTHING])


def test_no_mutation_is_left_out():
    assert set(DEEDS) == {name for name in operations() if operations()[name].count("\nmutation ")}


@every_mutation
def test_it_is_done_by_who_may_do_it(cast: Cast, name: str):
    assert problems(DEEDS[name](cast).ask(name)) == []


@pytest.mark.parametrize("name", [name for name in DEEDS if name not in OPEN])
def test_nobody_does_nothing(cast: Cast, name: str):
    deed = DEEDS[name](cast)

    with untouched():
        answer = Deed(None, deed.input).ask(name)

    ((_, payload),) = answer["data"].items()
    assert payload.pop("errors") == [{"code": "UNAUTHENTICATED", "message": "Log in first.", "field": None}]
    assert set(payload.values()) <= {None}
    assert "errors" not in answer


@every_input
def test_a_field_that_nobody_asked_for_is_refused(cast: Cast, name: str):
    """What decides about a row is not an input: a client cannot set it by guessing the name of its column."""
    deed = DEEDS[name](cast)
    guessed = (
        "isStaff",
        "ownerId",
        "status",
        "amountCaptured",
        "authorId",
        "state",
        "claimant_id",
        "pk",
        "id",
    )

    with untouched():
        answer = deed.ask(name, **dict.fromkeys(guessed, "x"))

    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["VALIDATION"] * len(guessed)
    assert "Did you mean" not in str(answer)


#: Where what cannot be an id is refused, and an id of nothing is passed over or refused by another name.
NOT_QUITE = {("MoveTask", "afterTaskId"), ("MarkNotificationsRead", "ids")}


def ids_of_nothing(cast: Cast, right: str) -> list[str]:
    """Ids of the type of an id, behind which there is nothing for who asks."""
    kind = from_global_id(right, *NODES)[0]
    owner = people.person(f"dov-{User.objects.count()}")
    hidden = people.project(owner, "Hidden", slug=owner.handle, status="DRAFT")
    board = Board.objects.create(project=hidden, title="Hidden")
    rows = {"Project": hidden, "Board": board, "Task": people.task(board)}
    rows |= {"Comment": comment(cast, project=hidden), "Update": update(cast, project=hidden)}
    rows["ActiveSession"] = Session.objects.of_token(token_of(cast.bo)).get()
    rows["AccessToken"] = access_token(owner)
    rows["AuthorizedApplication"] = authorization(owner)
    rows["Media"], rows["Upload"] = files.media(owner, Purpose.ATTACHMENT), files.upload(owner)
    rows["Notification"] = notification(cast, user=cast.bo, subject_project=hidden)
    found = [to_global_id(kind, pk) for pk in (0, 2**63 - 1)]
    return [*found, id_of(rows[kind])] if kind in rows else found


def no_ids(right: str) -> list[str]:
    """What is not an id of that type at all."""
    kind, pk = from_global_id(right, *NODES)
    others = [to_global_id("User" if kind == "ActiveSession" else "ActiveSession", pk)]
    return ["", f"{right}=", "A" * 10_000, to_global_id(kind, 2**63), *others]


@every_input
def test_what_is_not_there_what_is_malformed_and_what_is_hidden_are_one(cast: Cast, name: str):
    """Each id of an input in turn: the answers are the same to the byte, so nobody learns what exists."""
    deed = DEEDS[name](cast)
    for field in [field for field in deed.input if field.endswith(("Id", "Ids")) or field == "ids"]:
        is_list = isinstance(deed.input[field], list)
        right = deed.input[field][0] if is_list else deed.input[field]
        # Staff see all projects: for them none of this is hidden.
        of_nothing = ids_of_nothing(cast, right)[: 2 if deed.by.is_staff else None]

        def answers(ids: list[str], field: str = field, is_list: bool = is_list) -> set[str]:
            given = [{field: [id] if is_list else id} for id in ids]
            return {json.dumps(deed.ask(name, **each)) for each in given}

        with untouched():
            found = answers(of_nothing), answers(no_ids(right))
        assert (len(found[0]), len(found[1])) == (1, 1), field
        assert (found[0] == found[1]) is ((name, field) not in NOT_QUITE), field


def test_an_id_in_a_list_is_one_too(cast: Cast):
    answer = ask("MarkNotificationsRead", cast.ana, input={"ids": ["garbage"]})
    assert problems(answer) == [("NOT_FOUND", None)]

"""What SQL cannot make: each value is finished as it is selected, and nothing that was handed over reaches a statement."""

from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any

import orjson
import pytest
import strawberry
from django.db.models import F, Value

from backend.core.refusals import NotFound
from backend.projects.models import Membership, Project
from schema.context import Standing
from schema.declarations import chosen, column, finished, found, handed_whole, many, only
from schema.documents import Documents
from schema.execution import asked_of, value_at
from schema.mutations import Answer
from schema.planner.compiler import HandedRow, source_of
from schema.planner.plans import Plan
from schema.planner.roots import NOWHERE
from schema.planner.slots import Run
from schema.policies import POLICY, PUBLIC, policies_named, shown_to, staff, with_policy
from tests.asking import statements
from tests.cast import Cast
from tests.schema.telling import unknown


@strawberry.enum
class Size(Enum):
    SMALL = "SMALL"
    LARGE = "LARGE"


Told = Annotated[Size, strawberry.argument(description="How large.")]


@shown_to(PUBLIC)
@strawberry.type
class Pair:
    name: str = column("Its name.")
    value: str = column("Its value.")


@shown_to(PUBLIC)
@strawberry.type
class Ticket:
    url: str = column("Where.")
    headers: list[Pair] = column("With what.")
    secret: str = with_policy(staff(), column("For the staff."))


def _parts(viewer: Any, size: Size = Size.SMALL) -> dict[str, Any]:
    return {"of": F("handle"), "size": Value(size.value)}


@dataclass
class _Ticket:
    url: str
    headers: list[Any]
    secret: str = "hidden"


def _ticket(*, of: str, size: str) -> _Ticket | None:
    if of == "bo":
        return None
    return _Ticket(
        f"/{of}/{size}", [SimpleNamespace(name="a", value="1"), SimpleNamespace(name="b", value=of)]
    )


@shown_to(PUBLIC)
@strawberry.type
class Person:
    handle: str = column("Who.")
    word: str = chosen(
        lambda size: Value(f"word {size.value}"),
        argument="size",
        told=Told,
        usual=Size.LARGE,
        description="A word.",
    )
    address: str = finished(
        _parts,
        lambda of, size: f"{of} {size}",
        argument="size",
        told=Told,
        usual=Size.SMALL,
        work=7,
        description="An address.",
    )
    ticket: Ticket | None = finished(_parts, _ticket, description="A ticket.")


@shown_to(PUBLIC)
@strawberry.type
class Seat:
    role: str = column("What they are.")


@shown_to(PUBLIC)
@strawberry.type
class Place:
    title: str = column("What.")
    people: list[Person] = many(Membership, by="project_id", order=("id",), node="user", description="Who.")
    owners_seat: Seat | None = only(
        Membership, by="project_id", narrow=lambda seats: seats.filter(role="OWNER"), description="One."
    )
    nobodys_seat: Seat | None = only(
        Membership, by="project_id", narrow=lambda seats: seats.filter(role="EDITOR"), description="None."
    )


Slug = Annotated[str, strawberry.argument(description="Its address.")]


@strawberry.type
class Query:
    place: Place | None = found(
        Project, by={"slug": "slug"}, arguments={"slug": Slug}, policy=PUBLIC, description="A place."
    )


@shown_to(PUBLIC)
@strawberry.type
class Payload:
    tickets: list[Ticket] | None = handed_whole("Some.")
    ticket: Ticket | None = handed_whole("One.")
    name: str = column("Beside them.")


@strawberry.type
class Mutation:
    @strawberry.field(metadata={POLICY: PUBLIC})
    def done(self) -> Payload:
        raise RuntimeError("the test does it")


PLANTED = strawberry.Schema(query=Query, mutation=Mutation)._schema
policies_named(PLANTED)
_documents = Documents(PLANTED)


def planned(document: str, variables: dict[str, Any], handed: Answer | None = None) -> Plan:
    """The plan of the one root field of a document, for somebody who is nothing special."""
    operation = _documents.operation(document, None)
    (field,) = operation.root_fields(PLANTED, variables, None)
    asked = asked_of(PLANTED, operation, field, variables, Standing())
    if handed is not None:
        return Plan(asked.compiling, asked.select(HandedRow(handed, value_at)))
    assert field.definition is not None
    return Plan(asked.compiling, source_of(field.definition).compile(asked, NOWHERE))


def answer(selection: str, of: Cast, **variables: Any) -> Any:
    """What is answered of the cast's project."""
    declared = "($size: Size)" if variables else ""
    plan = planned(f'query{declared} {{ place(slug: "{of.project.slug}") {{ {selection} }} }}', variables)
    with statements() as ran:
        text = plan.answer(Run(unknown(1, of.cy.pk), variables))
    assert len(ran) == 1
    return orjson.loads(text or b"null")


def handed(selection: str, **values: Any) -> Any:
    """What is answered of what an action has left."""
    left = Answer(name="left", **values)
    plan = planned(f"mutation {{ done {{ {selection} }} }}", {}, left)
    return orjson.loads(plan.answer(Run(unknown(1, 1), {}, left)) or b"null")


def test_a_value_of_an_enumeration_chooses_what_the_database_says(cast: Cast):
    assert (
        answer("people { a: word(size: SMALL) word b: word(size: LARGE) }", cast)["people"]
        == [{"a": "word SMALL", "word": "word LARGE", "b": "word LARGE"}] * 2
    )


def test_it_may_come_in_a_variable(cast: Cast):
    for size in Size:
        assert answer("people { word(size: $size) }", cast, size=size)["people"][0] == {
            "word": f"word {size.value}"
        }


def test_the_parts_of_what_is_finished_may_depend_on_one_too(cast: Cast):
    assert answer("people { address a: address(size: LARGE) }", cast)["people"] == [
        {"address": "ana SMALL", "a": "ana LARGE"},
        {"address": "bo SMALL", "a": "bo LARGE"},
    ]


def test_of_an_object_that_is_finished_only_what_is_selected_is_told(cast: Cast):
    selection = "people { ticket { where: url __typename headers { value n: name } } }"
    assert answer(selection, cast)["people"] == [
        {
            "ticket": {
                "where": "/ana/SMALL",
                "__typename": "Ticket",
                "headers": [{"value": "1", "n": "a"}, {"value": "ana", "n": "b"}],
            }
        },
        {"ticket": None},
    ]


def test_a_field_of_it_is_under_its_own_policy(cast: Cast):
    with pytest.raises(NotFound):
        answer("people { ticket { secret } }", cast)


def test_finishing_has_a_price(cast: Cast):
    def work(selection: str) -> int:
        return (
            planned(f'{{ place(slug: "{cast.project.slug}") {{ {selection} }} }}', {})
            .price(Run(None, {}))
            .work
        )

    assert work("people { handle address }") - work("people { handle }") == 10 * 7


def test_the_only_row_of_a_key_is_there_or_null(cast: Cast):
    assert answer("ownersSeat { role } nobodysSeat { role }", cast) == {
        "ownersSeat": {"role": "OWNER"},
        "nobodysSeat": None,
    }


def test_what_an_action_hands_over_whole_is_told_as_it_is_selected(db: None):
    one, other = _Ticket("/a", []), _Ticket("/b", [SimpleNamespace(name="x", value="{}")])
    assert handed(
        "tickets { url headers { name } } ticket { url } name", tickets=[one, other], ticket=one
    ) == {
        "tickets": [{"url": "/a", "headers": []}, {"url": "/b", "headers": [{"name": "x"}]}],
        "ticket": {"url": "/a"},
        "name": "left",
    }


def test_what_it_does_not_hand_over_is_null(db: None):
    assert handed("tickets { url } ticket { url }", tickets=None) == {"tickets": None, "ticket": None}


def test_nothing_of_what_is_handed_over_whole_stands_in_the_statement():
    left = Answer(ticket=_Ticket("/secret-address", []))
    assert "secret-address" not in planned("mutation { done { ticket { url } } }", {}, left).statement.text

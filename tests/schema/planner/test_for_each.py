"""One statement answers many askers, each with their own value and in their own place."""

import pytest
from django.db.models import CharField, Exists, Subquery, TextField, Value, functions

from backend.accounts.models import User
from schema.context import Asker, Standing
from schema.planner.rendering import Sql
from schema.planner.slots import ASKING_SESSION, Run, Slot, ViewerSlot
from schema.planner.statements import Statement, StatementForEach, statement_of, statement_of_value
from tests.asking import statements
from tests.cast import Cast, person
from tests.schema.telling import asker_of, unknown


def run(*askers: Asker, **variables: object) -> Run:
    return Run(None, variables, askers=askers)


KEYS = Sql("{0}::text || '/' || {1}::text", ViewerSlot(Standing()), ASKING_SESSION)


def test_each_is_answered_in_their_place_whatever_the_order_of_the_rows(
    db: None, monkeypatch: pytest.MonkeyPatch
):
    """PostgreSQL promises none where none is asked for."""
    askers = [unknown(number, 100 - number) for number in (3, 1, 2)]
    assert StatementForEach(KEYS).values(run(*askers)) == [b"97/3", b"99/1", b"98/2"]

    right = Statement.rows
    monkeypatch.setattr(Statement, "rows", lambda self, run: right(self, run)[::-1])
    assert StatementForEach(KEYS).values(run(*askers)) == [b"97/3", b"99/1", b"98/2"]


def test_one_person_in_two_sessions_is_two_who_ask(db: None):
    assert StatementForEach(KEYS).values(run(unknown(1, 7), unknown(2, 7))) == [b"7/1", b"7/2"]


def test_nobody_to_answer_is_nothing_answered(db: None):
    assert StatementForEach(KEYS).values(run()) == []


def test_a_thousand_are_one_statement(db: None):
    askers = [unknown(number, number % 10) for number in range(1, 1001)]
    with statements() as ran:
        values = StatementForEach(KEYS).values(run(*askers))

    assert values == [b"%d/%d" % (number % 10, number) for number in range(1, 1001)]
    assert len(ran) == 1


def test_what_says_nothing_of_who_asks_is_alike_and_answered_once(db: None):
    statement = StatementForEach(Sql("{0} || 'x'", Slot(lambda run: run.variables["word"], "text")))

    assert statement.is_alike and "unnest" not in statement.text
    assert statement.values(run(unknown(1, 1), unknown(2, 2), word="a")) == [b"ax"]
    assert statement.values(run(word="b")) == [b"bx"]


@pytest.mark.parametrize(
    "slot", [ViewerSlot(Standing(is_staff=True)), ASKING_SESSION], ids=["their key", "their session"]
)
def test_what_says_who_asks_is_not(db: None, slot: Slot):
    assert not StatementForEach(Sql("{0}::text", slot)).is_alike


def test_other_slots_are_filled_once_for_all(db: None):
    filled: list[Run] = []

    def word(run: Run) -> str:
        filled.append(run)
        return "a"

    value = Sql("{0} || {1}::text || {0}", Slot(word, "text"), ViewerSlot(Standing()))
    assert StatementForEach(value).values(run(unknown(1, 1), unknown(2, 2))) == [b"a1a", b"a2a"]
    assert len(filled) == 1


def test_a_text_that_looks_like_a_place_stays_a_text(db: None):
    value = Sql("{1} || {0}::text", ViewerSlot(Standing()), Value("SELECT %s %%s 100 %% $1 "))
    assert StatementForEach(value).values(run(unknown(1, 5))) == [b"SELECT %s %%s 100 %% $1 5"]


def test_who_asks_is_known_within_subqueries(cast: Cast):
    """As deep as visibility asks for them."""
    askers = [asker_of(each) for each in (cast.bo, cast.ana, cast.bo)]
    own = User.objects.filter(pk=ViewerSlot(Standing()))
    handle = functions.Cast(Subquery(own.values("handle"), output_field=CharField()), TextField())
    theirs = User.objects.filter(memberships__project=cast.project, pk=ViewerSlot(Standing()), handle="ana")

    assert StatementForEach(handle).values(run(*askers)) == [b"bo", b"ana", b"bo"]
    assert StatementForEach(functions.Cast(Exists(theirs), TextField())).values(run(*askers)) == [
        b"false",
        b"true",
        b"false",
    ]


def test_an_ordinary_statement_knows_one_who_asks_and_not_many(db: None):
    """The control: it takes the session of its run, and fails without one."""
    statement = statement_of_value(KEYS)

    assert statement.fetch(Run(unknown(3, 4), {})) == [b"4/3"]
    with pytest.raises(RuntimeError, match="for nobody"):
        statement.fetch(run(unknown(3, 4)))


def test_a_statement_answers_all_of_its_rows(db: None):
    for handle in ("bb", "aa", "cc"):
        person(handle)
    after = Slot(lambda run: run.variables["after"], "text")
    statement = statement_of(
        User.objects.filter(handle__gt=after).order_by("handle").values_list("handle", "location")
    )

    assert statement.rows(Run(None, {"after": ""})) == [[b"aa", b""], [b"bb", b""], [b"cc", b""]]
    assert statement.rows(Run(None, {"after": "bb"})) == [[b"cc", b""]]
    assert statement.rows(Run(None, {"after": "cc"})) == []
    assert statement.fetch(Run(None, {"after": ""})) == [b"aa", b""]
    assert statement.fetch(Run(None, {"after": "cc"})) is None

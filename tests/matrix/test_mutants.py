"""Each policy and each rule of the domain, wrong in one way at a time: the table finds it out.

`MUTANTS=all make test ARGS=tests/matrix/test_mutants.py` makes all of them; else there is one of each policy and rule.
"""

import os
import re
from collections.abc import Callable, Iterator

import pytest

from schema.member.schema import POLICIES
from tests.matrix import permissions
from tests.matrix.answers import HEADINGS
from tests.matrix.mutants import Mutant, mutants_of, other_policies, under
from tests.matrix.programs import STANDINGS, allowed, asked, cells_of, expected, paths
from tests.matrix.rules import EQUIVALENT, RULES
from tests.matrix.table import Row, rows
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("forgotten")]

#: Whether all of them are made, which takes some minutes.
ALL = os.environ.get("MUTANTS") == "all"


def everything_about(pattern: str) -> Iterator[tuple[Row, Callable[[World, Row], dict[str, str]]]]:
    """The rows that hang on a rule, each with how it is answered; those of the first word of the pattern first."""
    found = [(row, answers) for heading, answers in HEADINGS.items() for row in rows(heading)]
    found += [(row, _told) for row in permissions.permission_rows()]
    for part in pattern.split("|"):
        yield from ((row, answers) for row, answers in found if re.match(part, str(row)))


def _told(world: World, row: Row) -> dict[str, str]:
    return {actor: permissions.told(world, actor, row) for actor in row.cells}


def finds_out(world: World, pattern: str) -> str | None:
    """The first row of these that is not answered as is written."""
    for row, answers in everything_about(pattern):
        try:
            if answers(world, row) != row.cells:
                return str(row)
        except Exception as fault:
            return f"{row}: {type(fault).__name__}"
    return None


def is_found_out(world: World, field: str) -> bool:
    """Whether a field is not for whom the table says: as asked, or where no answer can hold it as declared."""
    if field.partition(".")[0] in paths():
        for column in STANDINGS:
            if asked(world, field, column) != expected(field, column):
                return True
    return any(allowed(field, column) != cells_of(field)[column] for column in STANDINGS)


def policies() -> list[str]:
    """All fields; or each mutation, root field and subscription, and the first field of each type."""
    if ALL:
        return list(POLICIES)
    found: dict[str, str] = {}
    for field in POLICIES:
        type_name = field.partition(".")[0]
        named = field if type_name in ("Query", "Mutation", "Subscription", "Viewer") else type_name
        found.setdefault(named, field)
    return list(found.values())


@pytest.mark.parametrize("field", policies())
def test_a_policy_for_somebody_else_is_found_out(world: World, field: str):
    others = other_policies(POLICIES[field])
    survived = []
    for other in others if ALL else others[:1]:
        with under(field, other):
            if not is_found_out(world, field):
                survived.append(other)
    assert survived == []


def is_equivalent(mutant: Mutant) -> bool:
    return any(re.search(pattern, str(mutant)) for pattern, _ in EQUIVALENT)


def rules() -> list[tuple[str, Mutant]]:
    """Each fault of each rule, with the rows that would tell; or the first of each."""
    found = []
    for rule, pattern in RULES:
        faulty = [mutant for mutant in mutants_of(rule) if not is_equivalent(mutant)]
        found += [(pattern, mutant) for mutant in (faulty if ALL else faulty[:1])]
    return found


@pytest.mark.parametrize(("pattern", "mutant"), rules(), ids=str)
def test_a_rule_with_a_fault_is_found_out(world: World, pattern: str, mutant: Mutant):
    with mutant.alive():
        assert finds_out(world, pattern) is not None

"""What a document may ask for: each limit to the last and one beyond, however it is written."""

import itertools
import time
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    get_introspection_query,
    get_named_type,
    parse,
    separate_operations,
)

from schema.guard import LIMITS, TooComplex, refuse_excess
from schema.mutations import done_alone
from schema.operations import core, prepare
from schema.preparing import BadRequest
from tests.asking import OPERATIONS, operations

ALONE = frozenset({"logIn", "signUp"})


def verdict(query: str) -> str | None:
    """Why a document is refused; None where it is not."""
    try:
        refuse_excess(parse(query), ALONE)
    except TooComplex as refused:
        return str(refused)
    return None


def said(found: str, what: str, most: int) -> str:
    return f"It asks for {found} {what}; at most {most} are allowed."


def names(count: int, each: str = "aN") -> str:
    return " ".join(each.replace("N", str(number)) for number in range(count))


def chain(count: int, last: str = "id") -> str:
    """Fragments of which each spreads the next one twice."""
    links = (f"fragment f{n} on T {{ ...f{n + 1} ...f{n + 1} }}" for n in range(count))
    return f"{{ a {{ ...f0 }} }} {' '.join(links)} fragment f{count} on T {{ {last} }}"


#: What there may be so much of; a document with so much of it; and how much more is said of one more.
EDGES = {
    "levels of fields": (10, lambda n: "{a" * n + "}" * n),
    "levels of fields in fragments": (
        10,
        lambda n: (
            "{ ...f0 }"
            + "".join(f"fragment f{i} on T {{ a {{ ...f{i + 1} }} }}" for i in range(n - 1))
            + f"fragment f{n - 1} on T {{ a }}"
        ),
    ),
    "levels of introspection": (16, lambda n: "{ __schema " + "{a" * (n - 1) + "}" * n),
    "fields": (500, lambda n: f"{{ x {{ {names(n - 1)} }} }}"),
    "fields in fragments": (
        500,
        lambda n: (
            f"{{ x {{ ...f }} y {{ ...f {names(n - 500, 'hN')} }} }} fragment f on T {{ {names(249)} }}"
        ),
    ),
    "aliases": (30, lambda n: f"{{ x {{ {names(n, 'aN: b')} }} }}"),
    "directives": (10, lambda n: f"{{ x {' @a' * n} }}"),
    "root fields": (10, lambda n: f"{{ {names(n)} }}"),
    "equal names": (20, lambda n: f"{{ x {{ {'a ' * n} }} }}"),
    "equal names in fragments without a name": (20, lambda n: f"{{ x {{ {'... { a } ' * n} }} }}"),
    "equal names in fragments": (20, lambda n: f"{{ x {{ {'...f ' * n} }} }} fragment f on T {{ a }}"),
    "variables": (100, lambda n: f"query({names(n, '$vN: Int')}) {{ a }}"),
    "operations": (20, lambda n: names(n, "query qN { a }")),
    "fragments": (30, lambda n: "{ a }" + names(n, "fragment fN on T { a }")),
    "places where fragments are spread": (
        150,
        lambda n: (
            "{ "
            + " ".join(f"a{i} {{ {names(15, '...fN')} }}" for i in range(10))
            + " ...f0" * (n - 150)
            + " }"
            + names(15, "fragment fN on T { bN }")
        ),
    ),
    "braces": (40, lambda n: "{ a " + "{ ... " * (n - 2) + "{ b }" + "}" * (n - 1)),
    "lists within one another": (10, lambda n: f"{{ a(b: {'[' * n}{']' * n}) }}"),
    "objects within one another": (10, lambda n: f"{{ a(b: {'{c: ' * n}1{'}' * n}) }}"),
    "things in lists": (200, lambda n: f"{{ a(b: [{'1 ' * n}]) }}"),
}


@pytest.mark.parametrize("what", EDGES)
def test_there_may_be_so_many_and_not_one_more(what: str):
    most, of = EDGES[what]
    assert verdict(of(most)) is None
    refused = verdict(of(most + 1))
    assert refused is not None and f" {most + 1} " in refused and f"at most {most} are allowed" in refused


def test_it_says_which_limit_and_how_much():
    assert verdict("{a" * 11 + "}" * 11) == said("11", "levels of fields", 10)
    assert verdict(chain(9)) == said("513", "fields", 500)
    assert verdict(chain(29)) == said("more than 1,000,000", "fields", 500)
    assert verdict("{ x { " + "email " * 490 + "} }") == said(
        "490", "fields that are called `email` in one place", 20
    )


def test_what_is_merged_is_counted_together():
    """Five things with five fields each are one thing with one field, compared 25 times."""
    assert verdict("{ " + "x { a a a a } " * 5 + "}") is None
    assert verdict("{ " + "x { a a a a a } " * 5 + "}") == said(
        "25", "fields that are called `a` in one place", 20
    )
    assert verdict("{ " + "x { ...f } ... { x { ... { a } } } " * 11 + "} fragment f on T { a }") == said(
        "22", "fields that are called `x` in one place", 20
    )


def test_all_operations_of_a_document_are_counted_together():
    fields = names(80)
    assert verdict(names(10, "query qN { ...f }") + f" fragment f on T {{ x {{ {names(79)} }} }}") is None
    assert verdict(names(10, "query qN { ...f }") + f" fragment f on T {{ x {{ {fields} }} }}") == said(
        "810", "fields in all operations", 800
    )


@pytest.mark.parametrize(
    "query",
    [
        "{ a { ...f } } fragment f on T { ...f }",
        "{ a { ...f } } fragment f on T { ...g ...g } fragment g on T { ...f ...f }",
        "{ a { ...f } } fragment f on T { b { ...f } }",
        chain(29, "...f0 ...f0"),
        chain(29, "...nowhere ...nowhere"),
        "{ ...a } fragment a on T { ...b } fragment b on T { ...c } fragment c on T { ...a b { ...b } }",
    ],
)
def test_circles_and_what_is_nowhere_are_left_to_validation(query: str):
    assert verdict(query) is None


def test_a_chain_is_measured_in_the_time_of_its_text():
    begin = time.process_time()
    for count in range(2, 30):
        verdict(chain(count))
    assert time.process_time() - begin < 1


def test_counting_it_out_would_take_for_ever():
    """The control: four times the steps for two links more, as in limiters that walk into every spread."""

    def steps(document: DocumentNode) -> int:
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }

        def walked(selections: tuple) -> int:
            return sum(
                1 + walked(fragments[each.name.value].selection_set.selections)
                if isinstance(each, FragmentSpreadNode)
                else 1 + (walked(each.selection_set.selections) if each.selection_set else 0)
                for each in selections
            )

        return walked(document.definitions[0].selection_set.selections)

    counted = [steps(parse(chain(count))) for count in (6, 8, 10, 12)]
    assert [later / earlier > 3.9 for earlier, later in itertools.pairwise(counted)] == [True] * 3


LOG_IN = "logIn(input: {}) { a }"


@pytest.mark.parametrize(
    ("query", "attempts"),
    [
        (f"mutation {{ {LOG_IN} }}", 0),
        (f"mutation {{ __typename a: {LOG_IN} }}", 0),
        (f"mutation {{ {LOG_IN} {LOG_IN} }}", 0),
        ("query { logIn signUp }", 0),
        (f"mutation {{ a: {LOG_IN} b: {LOG_IN} }}", 2),
        (f"mutation {{ a: {LOG_IN} ...f ... {{ c: {LOG_IN} }} }} fragment f on M {{ b: {LOG_IN} }}", 3),
        (f"mutation {{ {LOG_IN} signUp }}", 2),
        (f"mutation {{ {LOG_IN} follow }}", 1),
        (f"mutation {{ follow unfollow }} mutation B {{ {LOG_IN} }}", 0),
    ],
)
def test_what_is_done_alone_is_refused_beside_anything_and_counted(query: str, attempts: int):
    try:
        refuse_excess(parse(query), ALONE)
    except TooComplex as refused:
        assert refused.attempts == attempts > 0
    else:
        assert attempts == 0


def test_whatever_takes_a_password_or_a_code_is_done_alone():
    assert core.mutation_type is not None
    guessed = {
        name
        for name, field in core.mutation_type.fields.items()
        if "input" in field.args
        and any(
            each.lower().endswith(("password", "code"))
            for each in get_named_type(field.args["input"].type).fields
        )
    }
    assert ALONE < guessed <= done_alone(core)


@pytest.mark.parametrize("count", [2, 60, 500])
def test_guesses_are_counted_also_where_nobody_reads_the_document(count: int):
    guesses = names(
        count, 'aN: logIn(input: {email: "a@example.org", password: "guess"}) { errors { code } }'
    )
    with pytest.raises(BadRequest) as refused:
        prepare(f"mutation {{ {guesses} }}", None, None)
    assert (refused.value.attempts, refused.value.errors[0]["extensions"]) == (
        count,
        {"code": "QUERY_TOO_COMPLEX"},
    )


@pytest.mark.parametrize("name", operations())
def test_what_our_clients_send_is_answered(name: str):
    assert verdict(operations()[name]) is None


@pytest.mark.parametrize("path", sorted(OPERATIONS.glob("*.graphql")), ids=lambda path: path.stem)
def test_whoever_sends_a_whole_file_names_one_of_it(path: Path):
    text = path.read_text()
    assert verdict(text) is None
    assert len(separate_operations(parse(text))) <= LIMITS.operations


def test_what_every_tool_asks_first_is_answered():
    every = {
        "descriptions": True,
        "specified_by_url": True,
        "directive_is_repeatable": True,
        "schema_description": True,
        "input_value_deprecation": True,
    }
    assert verdict(get_introspection_query(**every)) is None
    prepare(get_introspection_query(**every), None, None)

"""Documents that nobody writes: answered at once, as a mistake of the client's, whatever they are."""

import gc
import json
import time
from typing import Any

import pytest
from graphql import Token

from schema import documents
from schema.documents import MOST_TOKENS
from schema.operations import core
from tests.asking import id_of, post
from tests.cast import Cast
from tests.schema.walks import comment

#: Seconds of our own work that a document may cost; what the machine does for others meanwhile is not counted.
PATIENCE = 2.0

PARSE, INVALID = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
COMPLEX, WHICH = "QUERY_TOO_COMPLEX", "OPERATION_NOT_FOUND"


def asked(query: str, cast: Cast | None = None, **body: Any) -> tuple[int, set[str], str]:
    """The status, the codes of all errors, and the text of the answer; never a failure of ours, and never late."""
    start = time.process_time()
    response = post({"query": query} | body, cast.cy if cast else None)
    took = time.process_time() - start
    told = json.loads(response.content)
    found = {error["extensions"]["code"] for error in told.get("errors", [])}
    assert response.status_code < 500
    assert "INTERNAL" not in found, told
    assert took < PATIENCE
    return response.status_code, found, response.content.decode()


def chain(length: int, link: str, end: str) -> str:
    """Fragments on a person of which each spreads the next one twice."""
    links = (f"fragment f{n} on User {{ {link.replace('NEXT', f'...f{n + 1}')} }}" for n in range(length))
    return f"{{ viewer {{ user {{ ...f0 }} }} }} {' '.join(links)} fragment f{length} on User {{ {end} }}"


#: What can be asked, and is much work for little: answered or refused, but soon.
COSTLY = {
    "a chain of thirty fragments": chain(29, "NEXT NEXT", "id"),
    "a chain with fields between": chain(29, "a: id NEXT b: handle NEXT", "id"),
    "a chain that goes down by lists": chain(
        20,
        "projects { edges { node { owner { NEXT } } } } b: projects { edges { node { owner { NEXT } } } }",
        "id",
    ),
    "one field 490 times": "{ viewer { " + "email " * 490 + "} }",
    "one thing 240 times": "{ " + "viewer { email } " * 240 + "}",
    "240 fragments without a name": "{ viewer { " + "... { email } " * 240 + "} }",
    "101 aliases": "{ " + " ".join(f"a{n}: viewer {{ email }}" for n in range(101)) + "}",
    "80 aliases of a list": "{ " + " ".join(f"a{n}: projects {{ totalCount }}" for n in range(80)) + "}",
    "120 directives": "{ viewer { " + " ".join(f"a{n}: email @skip(if: false)" for n in range(120)) + "} }",
    "60 kB of one comment": "#" * 60_000 + "\n{ viewer { email } }",
    "60 kB of commas": "," * 60_000 + "{ viewer { email } }",
    "30,000 lines": "\n" * 30_000 + "{ viewer { email } }",
    "one long word": '{ user(handle: "' + "a" * 60_000 + '") { id } }',
    "one long block": '{ user(handle: """' + " \\n" * 9_000 + '""") { id } }',
    "one long name": "{ " + "a" * 60_000 + ": viewer { email } }",
    "one long id": '{ node(id: "' + "A" * 60_000 + '") { id } }',
}


@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY)
def test_what_is_much_work_is_done_soon(cast: Cast, query: str):
    status, found, _ = asked(query, cast)
    assert status in (200, 400)
    assert found <= {COMPLEX, "NOT_FOUND"}


REFUSED = {
    "a field that is not there": ("{ emial }", INVALID),
    "an argument that is not there": ("{ viewer(id: 1) { email } }", INVALID),
    "a password": ("{ viewer { user { password } } }", INVALID),
    "a fragment in itself": ("{ viewer { user { ...f } } } fragment f on User { ...f }", INVALID),
    "a circle of fragments": (
        "{ viewer { user { ...f } } } fragment f on User { ...g } fragment g on User { ...f }",
        INVALID,
    ),
    "a circle that goes through fields": (
        "{ viewer { user { ...f } } } fragment f on User { projects { edges { node { owner { ...f } } } } }",
        INVALID,
    ),
    "a fragment that is nowhere": ("{ viewer { ...f } }", INVALID),
    "a fragment that nobody spreads": ("{ viewer { email } } fragment f on User { id }", INVALID),
    "a fragment on nothing": ("{ viewer { ... on Nothing { id } } }", INVALID),
    "two meanings of a name": ("{ viewer { a: email a: locale } }", INVALID),
    "490 directives that nobody knows": ("{ viewer { email " + "@x " * 480 + "} }", COMPLEX),
    "one directive ten times": ("{ viewer { email " + "@skip(if: false) " * 10 + "} }", INVALID),
    "one directive 120 times": ("{ viewer { email " + "@skip(if: false) " * 120 + "} }", COMPLEX),
    "10 levels of nothing": ("{q" * 10 + "}" * 10, INVALID),
    "150 levels of nothing": ("{q" * 150 + "}" * 150, COMPLEX),
    "10,000 levels of nothing": ("{q" * 10_000 + "}" * 10_000, COMPLEX),
    "450 levels of brackets": (
        "mutation { updateProfile(input: {skills: "
        + "[" * 450
        + "1"
        + "]" * 450
        + "}) { errors { code } } }",
        COMPLEX,
    ),
    "450 levels of objects": ("{ node(id: " + "{a:" * 300 + "1" + "}" * 300 + ") { id } }", COMPLEX),
    "5,000 variables": (
        "query(" + " ".join(f"$v{n}: Int" for n in range(5_000)) + ") { viewer { email } }",
        COMPLEX,
    ),
    "100 variables that nobody uses": (
        "query(" + " ".join(f"$v{n}: Int" for n in range(100)) + ") { viewer { email } }",
        INVALID,
    ),
    "240 variables that nobody uses": (
        "query(" + " ".join(f"$v{n}: Int" for n in range(240)) + ") { viewer { email } }",
        COMPLEX,
    ),
    "one variable twice": ("query($a: ID!, $a: ID!) { node(id: $a) { id } }", INVALID),
    "a variable of no type": ("query($a: Nothing) { node(id: $a) { id } }", INVALID),
    "a variable of an output type": ("query($a: User) { node(id: $a) { id } }", INVALID),
    "a variable that may be null": ("query($a: ID) { node(id: $a) { id } }", INVALID),
    "a variable that is nowhere": ("{ node(id: $a) { id } }", INVALID),
    "a number of 5,000 digits": ("{ projects(first: " + "9" * 5_000 + ") { totalCount } }", INVALID),
    "introspection in circles": (
        "{ __schema { types { " + "fields { type { " * 9 + "name " + "} } " * 9 + "} } }",
        COMPLEX,
    ),
    "nothing": ("", PARSE),
    "a comment": ("# nothing", PARSE),
    "no selection": ("{ }", PARSE),
    "no end": ("{ viewer { email }", PARSE),
    "a word without an end": ('{ user(handle: "a', PARSE),
    "a type": ("type A { a: Int }", INVALID),
    "an extension": ("extend type User { a: Int }", INVALID),
    "a fragment alone": ("fragment f on User { id }", INVALID),
    "half a character": ('{ user(handle: "\\ud83d") { id } }', PARSE),
    "half a character in braces": ('{ user(handle: "\\u{d83d}") { id } }', PARSE),
    "a character that is none": ('{ user(handle: "\\u{110000}") { id } }', PARSE),
    "NUL, escaped": ('{ user(handle: "\\u0000") { id } }', "VALIDATION"),
    "NUL, escaped in braces": ('{ user(handle: "a\\u{0}b") { id } }', "VALIDATION"),
    "NUL in an id": ('{ node(id: "\\u0000") { id } }', "VALIDATION"),
    "NUL in an input": (
        'mutation { updateProfile(input: {bio: "\\u0000"}) { errors { code } } }',
        "VALIDATION",
    ),
    "NUL in a list": (
        'mutation { updateProfile(input: {skills: ["a", "\\u0000"]}) { errors { code } } }',
        "VALIDATION",
    ),
    "NUL as a default": ('query($h: String = "\\u0000") { user(handle: $h) { id } }', "VALIDATION"),
    "NUL in a filter": ('{ projects(filter: {search: "\\u0000"}) { totalCount } }', "VALIDATION"),
    "a subscription": (
        "subscription { notificationReceived { unreadNotificationCount } }",
        "OPERATION_NOT_ALLOWED",
    ),
    "two operations": ("query A { viewer { email } } query B { viewer { locale } }", WHICH),
}


@pytest.mark.parametrize(("query", "code"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_hold_is_refused_before_it_runs(db: None, query: str, code: str):
    status, found, text = asked(query)
    assert (status, found) == (400, {code})
    assert '"data"' not in text
    assert "Did you mean" not in text


@pytest.mark.parametrize("field", ["emial", "emai", "user_", "notification", "session", "Email"])
def test_a_mistake_in_a_name_is_no_way_to_learn_names(cast: Cast, field: str):
    _, _, text = asked(f"{{ viewer {{ {field} }} }}", cast)
    assert f"Cannot query field '{field}' on type 'Viewer'." in text
    for name in ("Did you mean", "emailVerified", "accessTokens", "unreadNotificationCount"):
        assert name not in text


@pytest.mark.parametrize("name", ["C", "", "a", "A ", "__schema", "x" * 60_000])
def test_an_operation_is_run_by_its_own_name(cast: Cast, name: str):
    query = "query A { viewer { email } } query B { viewer { locale } }"
    assert asked(query, cast, operationName=name)[:2] == (400, {WHICH})
    assert asked(query, cast, operationName="B")[2].startswith('{"data":{"viewer":{"locale":"en"}},')


def test_a_document_may_have_so_many_tokens_and_not_one_more(cast: Cast):
    skills = '"x" ' * (MOST_TOKENS - 20)
    fits = f"mutation {{ updateProfile ( input : {{ skills : [ {skills} ] }} ) {{ errors {{ code }} }} }}"
    assert len(fits.split()) == MOST_TOKENS

    # Read, and refused for something else; and not read.
    assert "It asks for 981 things in the lists" in asked(fits, cast)[2]
    assert f"more than {MOST_TOKENS} tokens" in asked(fits.replace("code", "code code"), cast)[2]


def test_fields_that_all_have_one_name_are_compared_only_so_often(cast: Cast):
    assert asked("{ viewer { " + "email " * 980 + "} }", cast)[:2] == (400, {COMPLEX})


def deep() -> list[tuple[str, int]]:
    """Selections on `ID` and elsewhere, of so many levels each."""
    down_and_up, up = ("parent { replies { edges { node { ", "} } } } "), ("parent { ", "} ")
    return [
        *(
            (f"ID {{ ... on Comment {{ {begin * depth} id {end * depth} }} }}", depth)
            for begin, end in (down_and_up, up)
            for depth in (10, 20, 45, 60, 80, 100, 200, 1_000)
        ),
        *(
            (
                f'__type(name: "User") {{ fields {{ type {{ {"ofType { " * depth} name {"} " * depth} }} }} }}',
                depth,
            )
            for depth in (50, 90, 200, 1_000)
        ),
    ]


@pytest.mark.parametrize(("query", "depth"), deep())
def test_a_deep_selection_is_answered_or_refused(cast: Cast, query: str, depth: int):
    """On things that do lead back to one another, so that all of it would run."""
    parent = comment(cast, project=cast.project)
    reply = comment(cast, project=cast.project, parent=parent, depth=1)

    status, found, _ = asked("{ " + query.replace("ID", f'node(id: "{id_of(reply)}")') + " }", cast)

    assert (status, found) == ((400, {COMPLEX}) if depth >= 200 else (200, set())) or found == {COMPLEX}


@pytest.mark.parametrize("depth", [10, 100, 200, 300, 400, 600, 900, 980, 1_400])
def test_a_deep_variable_is_answered_or_refused(cast: Cast, depth: int):
    """Just below the depth at which the JSON itself cannot be read something else might give way."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    for query in (
        "mutation($v: [String!]) { updateProfile(input: {skills: $v}) { errors { code } } }",
        "mutation($v: UpdateProfileInput!) { updateProfile(input: $v) { errors { code } } }",
        "query($v: ID!) { node(id: $v) { id } }",
        "{ viewer { email } }",
    ):
        try:
            body = json.dumps({"query": query, "variables": {"v": value}})
        except RecursionError:
            body = f'{{"query": {json.dumps(query)}, "variables": {{"v": {"[" * depth}"x"{"]" * depth}}}}}'
        response = post(body.encode(), cast.cy)
        assert response.status_code in (200, 400)
        assert b"INTERNAL" not in response.content


#: A list in a list: 100 + 100 * 40 rows at most.
MANY = "projects(first: 100) { edges { node { comments(first: 40) { edges { node { id } } } } } }"


def test_the_lists_of_all_root_fields_are_counted_together(cast: Cast):
    """Each alone may be asked for; together they are too many."""
    assert asked(f"{{ a: {MANY} }}", cast)[:2] == (200, set())
    assert asked(f"{{ a: {MANY} b: {MANY} }}", cast)[1] == {COMPLEX}


@pytest.mark.parametrize("is_ours", [True, False], ids=["as it is", "a control that keeps tokens"])
def test_a_document_that_is_kept_no_more_is_gone_at_once(is_ours: bool, monkeypatch: pytest.MonkeyPatch):
    """It stands in no circle, so nobody waits while Python looks for one."""
    if not is_ours:
        monkeypatch.setattr(documents, "_forget_tokens", lambda document: None)
    kept = documents.Documents(core)
    before = settled(Token)
    kept.operation("query Ours($a: ID!) { node(id: $a) { ...f } } fragment f on Node { id }", None)
    assert (settled(Token) > before) != is_ours
    gc.disable()
    try:
        del kept
        assert (alive(Token) == before) == is_ours
    finally:
        gc.enable()


def settled(kind: type) -> int:
    gc.collect()
    return alive(kind)


def alive(kind: type) -> int:
    # Of lazy objects one must not ask what they are: they find out.
    return sum(type(each) is kind for each in gc.get_objects())

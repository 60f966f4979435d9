"""No input may cause a 500: whatever a client sends, the mistake is the client's, and it is told so."""

import json
import os
from typing import Any

import pytest
from graphql import OperationDefinitionNode, TokenKind, get_named_type, parse, type_from_ast
from graphql.language import Lexer, Source
from hypothesis import given, note, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from schema.member.schema import schema
from tests.asking import id_of, operations, post, undone
from tests.cast import Cast
from tests.schema.deeds import DEEDS
from tests.schema.nonsense import anything, values

#: For each mutation and query; more of them in the night: EXAMPLES=2000.
EXAMPLES = int(os.environ.get("EXAMPLES", "6"))

QUESTIONS = {
    name: definition
    for name, document in operations().items()
    for definition in parse(document).definitions
    if isinstance(definition, OperationDefinitionNode) and definition.operation.value != "subscription"
}


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """A password costs a tenth of a second, as it must; not here, where hundreds are tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def sent(body: Any, viewer: User | None) -> None:
    """A body is answered, whatever it is, and neither its status nor its errors speak of a failure of ours."""
    note(repr(body)[:2_000])
    with undone():
        response = post(body, viewer)
    assert response.status_code in (200, 400, 401, 413), response.content[:500]
    told = json.loads(response.content)
    assert "INTERNAL" not in {error["extensions"]["code"] for error in told.get("errors", [])}, told


def spoiled(data: st.DataObject, sound: Any, type_: Any) -> Any:
    """An input that is as it should be, but for one or two of its fields."""
    fields = get_named_type(type_).fields
    changed = dict(sound)
    for field in data.draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2)):
        changed[field] = data.draw(values(fields[field].type))
    return changed


@pytest.mark.parametrize("name", [name for name in DEEDS if QUESTIONS[name].variable_definitions])
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_no_input_breaks_a_mutation(cast: Cast, name: str, data: st.DataObject):
    """Nearly right, so that it comes far; or nothing of it right."""
    (definition,) = QUESTIONS[name].variable_definitions
    type_ = type_from_ast(schema._schema, definition.type)
    with undone():
        deed = DEEDS[name](cast)
        nearly = data.draw(st.booleans() | st.just(True))
        given = spoiled(data, deed.input, type_) if nearly else data.draw(values(type_))
        viewer = deed.by if nearly else data.draw(st.sampled_from([deed.by, cast.cy, cast.sol, None]))
        sent({"query": operations()[name], "variables": {"input": given}}, viewer)


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in DEEDS])
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_no_variable_breaks_a_query(cast: Cast, name: str, data: st.DataObject):
    sound = {"slug": "huerta-del-rio", "handle": "ana", "userId": id_of(cast.ana), "id": id_of(cast.board)}
    sound |= {"subjectId": id_of(cast.task), "first": 3}
    variables = {
        each.variable.name.value: data.draw(
            st.just(sound.get(each.variable.name.value)) | values(type_from_ast(schema._schema, each.type))
        )
        for each in QUESTIONS[name].variable_definitions
    }
    sent({"query": operations()[name], "variables": variables}, data.draw(st.sampled_from([cast.ana, None])))


@settings(max_examples=EXAMPLES * 6)
@given(body=anything | st.binary(min_size=1, max_size=100) | st.text(max_size=100))
def test_no_body_breaks_it(db: None, body: Any):
    sent(body if isinstance(body, bytes) else json.dumps(body).encode(), None)


@settings(max_examples=EXAMPLES * 6)
@given(
    body=st.fixed_dictionaries(
        {"query": st.sampled_from(["{viewer{email}}", "query A($a: ID!){node(id:$a){id}}"]) | anything},
        optional={"variables": anything, "operationName": anything, "extensions": anything, "a": anything},
    )
)
def test_no_part_of_a_body_breaks_it(cast: Cast, body: Any):
    sent(body, cast.ana)


@settings(max_examples=EXAMPLES * 6)
@given(data=st.data())
def test_no_flipped_byte_breaks_it(cast: Cast, data: st.DataObject):
    whole = {"query": operations()["BoardPage"], "variables": {"id": id_of(cast.board), "first": 3}}
    body = bytearray(json.dumps(whole).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    sent(bytes(body), cast.ana)


def words(document: str) -> list[str]:
    """The tokens of a document, each as it is written."""
    lexer, found = Lexer(Source(document)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        found.append(document[token.start : token.end])
    return found


WORDS = sorted({word for document in operations().values() for word in words(document)})
ODD = [
    "$",
    "@skip(if: true)",
    "@include(if: $first)",
    "...",
    '"',
    '"""',
    "null",
    "-1",
    "1e9",
    "{",
    "}",
    "[",
    "__type",
]


@settings(max_examples=EXAMPLES * 12)
@given(data=st.data())
def test_no_garbled_document_breaks_it(cast: Cast, data: st.DataObject):
    """A document that a client sends, with some of its words left out, doubled, swapped or replaced."""
    name = data.draw(st.sampled_from(sorted(QUESTIONS)))
    garbled = words(operations()[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(garbled) - 1))
        other = data.draw(st.integers(0, len(garbled) - 1))
        match data.draw(st.sampled_from(["leave out", "double", "swap", "replace"])):
            case "leave out" if len(garbled) > 1:
                del garbled[place]
            case "double":
                garbled.insert(place, garbled[place])
            case "swap":
                garbled[place], garbled[other] = garbled[other], garbled[place]
            case _:
                garbled[place] = data.draw(st.sampled_from([*WORDS, *ODD]))
    variables = {"input": {"taskId": id_of(cast.task)}, "id": id_of(cast.board), "first": 3, "handle": "ana"}
    sent({"query": " ".join(garbled), "variables": variables}, cast.ana)

import base64
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.core.refusals import NotFound
from schema.ids import from_global_id, pk_of, to_global_id
from schema.member.schema import schema

NODES = {each.name for each in schema._schema.get_implementations(schema._schema.type_map["Node"]).objects}
TYPES = st.sampled_from(sorted(NODES))
KEYS = st.integers(min_value=0, max_value=2**63 - 1)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def spelled(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(TYPES, KEYS)
def test_an_id_leads_back_to_its_row(kind: str, pk: int):
    assert from_global_id(to_global_id(kind, pk), *NODES) == (kind, pk)
    assert pk_of(to_global_id(kind, pk), kind) == pk


@given(TYPES, TYPES, KEYS)
def test_an_id_of_another_type_is_of_nothing(kind: str, other: str, pk: int):
    if kind != other:
        with pytest.raises(NotFound):
            pk_of(to_global_id(kind, pk), other)


@given(TYPES, KEYS, st.data())
def test_one_changed_character_never_leaves_the_row_the_same(kind: str, pk: int, data: st.DataObject):
    id = to_global_id(kind, pk)
    place = data.draw(st.integers(0, len(id) - 1))
    sign = data.draw(st.sampled_from([*SIGNS, *"+/= \n\0é٣"]))
    changed = id[:place] + sign + id[place + 1 :]
    if changed != id:
        with suppress(NotFound):
            assert from_global_id(changed, *NODES) != (kind, pk)


@given(TYPES, KEYS, st.data())
def test_each_row_has_one_spelling(kind: str, pk: int, data: st.DataObject):
    """Not with padding, blanks, leading zeros, a sign, or in the letters of plain base64."""
    id = to_global_id(kind, pk)
    others = {
        *(id + more for more in ("=", "==", " ", "\n", "A", "AA", "AAAA", "\0")),
        *(
            spelled(f"{kind}:{text}")
            for text in (f"0{pk}", f"+{pk}", f"-{pk}", f" {pk}", f"{pk} ", f"{pk}.0")
        ),
        *(spelled(f"{name}:{pk}") for name in (f" {kind}", kind.lower(), kind.upper(), f"{kind}:")),
        f" {id}",
        base64.b64encode(f"{kind}:{pk}".encode()).decode(),
    } - {id}
    with pytest.raises(NotFound):
        from_global_id(data.draw(st.sampled_from(sorted(others))), *NODES)


@pytest.mark.parametrize("pk", [9, 99, 999, 10, 100])
def test_bits_that_nobody_reads_are_no_second_spelling(pk: int):
    """The last sign of base64 holds up to four bits that decode to nothing."""
    id = to_global_id("User", pk)
    accepted = []
    for sign in SIGNS:
        with suppress(NotFound):
            accepted += [id[:-1] + sign] if from_global_id(id[:-1] + sign, "User") == ("User", pk) else []
    assert accepted == [id]


@given(st.text(max_size=80))
@example("")
@example(spelled("User:1 OR 1=1"))
@example(spelled("User:"))
@example(spelled("User"))
@example(spelled(":1"))
@example(spelled("User:1:1"))
@example(spelled("User:-1"))
@example(spelled("User:1e3"))
@example(spelled("User:٣"))
@example(spelled("User:²"))
@example(spelled(f"User:{2**63}"))
@example(spelled(f"User:{10**30}"))
@example(spelled("Query:1"))
@example(spelled("Session:1"))
@example("A" * 1_000_000)
@example("\ud800")
def test_whatever_else_it_is_there_is_no_such_thing(text: str):
    try:
        kind, pk = from_global_id(text, *NODES)
    except NotFound:
        return
    assert to_global_id(kind, pk) == text


def test_the_greatest_key_is_the_databases():
    assert pk_of(to_global_id("User", 2**63 - 1), "User") == 2**63 - 1
    with pytest.raises(NotFound):
        pk_of(to_global_id("User", 2**63), "User")


def test_a_refusal_names_the_field_that_it_is_told():
    with pytest.raises(NotFound) as refusal:
        pk_of("nonsense", "User", field="parentId")
    assert refusal.value.field == "parentId"

"""What a client might send, by mistake or on purpose: values for every type of input, mostly of the right kind."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st

from schema.ids import to_global_id
from schema.member.schema import schema

#: Texts that have broken other houses.
TEXTS = [
    *("", " ", "\n", "a", "Ana", "ana", "admin", "null", "undefined", "0", "-1", "NaN", "true", "[]", "{}"),
    *(
        "ana@example.org",
        "new@example.org",
        "ＡＢＣ@x.org",
        "mıke@x.org",
        "a@x.org\nBcc: b@x.org",
        "@",
        "a@b",
    ),
    *(
        "riega-la-huerta",
        "https://example.org/",
        "http://[::1",
        "https://" + "a" * 190,
        "javascript:alert(1)",
    ),
    *("http://xn--/", "https://a.b:99999/", "https://%00", "ftp://x.org", "https://例え.jp/", "//x.org"),
    *("\0", "a\0b", "\x1b[31m", "\r\n[ERROR]", "\u202egpj.exe", "\u200b", "\ufeff", "\uffff", "\U0010ffff"),
    *("İ" * 40, "ß" * 60, "ﷺ" * 60, "e" + "\u0301" * 200, "👩‍👩‍👧‍👦" * 30, "аdmin", "ſtaff", "🏳️‍🌈", "\ue000"),
    *(
        "'; DROP TABLE accounts_user; --",
        "%",
        "_%" * 90,
        "\\",
        "\\x00",
        "$1",
        "{}",
        "%s",
        "{{7*7}}",
        "(a+)+$",
    ),
    *("es", "pt-BR", "xx-XX", "english", "a" * 31, "a" * 61, "a" * 121, "a" * 161, "a" * 257, "a" * 281),
    *(
        "a " * 1_000,
        "a" * 10_001,
        "ä" * 20_001,
        "🐝" * 5_000,
        "[" * 5_000,
        "*" * 5_000,
        "> " * 2_000,
        "|" * 3_000,
    ),
    *("<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](data:text/html,x)", "=HYPERLINK(1)"),
    *("\ud800", "\udfff\ud800"),
]
NUMBERS = [
    *(0, 1, -1, 2, 19, 20, 21, 72, 100, 101, 2_160, 2_161, 10_080, 10_081, 43_200, 43_201, 2**15, -(2**15)),
    *(
        2**31 - 1,
        2**31,
        -(2**31),
        -(2**31) - 1,
        2**53 + 1,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        10**300,
        10**4_000,
    ),
    *(0.0, -0.0, 1.0, 1.5, 1e-300, 1e300, 2147483648.0),
]
MOMENTS = [
    *("2026-10-09T12:00:00Z", "2026-10-09T12:00:00+02:00", "2027-01-01T00:00:00.123456789Z", "2026-10-09"),
    *(
        "2026-10-09T12:00:00",
        "2026-10-09T24:00:00Z",
        "9999-12-31T23:59:59+14:00",
        "9999-12-31T23:59:59-23:59",
    ),
    *("9999-12-31T24:00:00Z", "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
    *(
        "2016-12-31T23:59:60Z",
        "2026-W41-5T12Z",
        "20261009T120000Z",
        "2026-10",
        "now",
        "1760000000",
        "+002026",
    ),
]
#: The types of things that ids are of, and one that nothing is of.
KINDS = [
    *(each.name for each in schema._schema.get_implementations(schema._schema.type_map["Node"]).objects),
    "Nothing",
]

anything = st.recursive(
    st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_ids = st.builds(to_global_id, st.sampled_from(KINDS), st.integers(0, 40) | st.sampled_from([2**31, 2**63]))


def values(type_: Any) -> st.SearchStrategy[Any]:
    """Values for an input type; mostly of the right kind."""
    if is_non_null_type(type_):
        return values(type_.of_type)
    right = _of_kind(get_nullable_type(type_))
    return right | right | right | st.none() | anything


def _of_kind(type_: Any) -> st.SearchStrategy[Any]:
    if is_list_type(type_):
        right = _of_kind(get_nullable_type(type_.of_type))
        return st.lists(values(type_.of_type), max_size=4) | st.lists(right, max_size=120)
    if isinstance(type_, GraphQLInputObjectType):
        fields = {name: values(field.type) for name, field in type_.fields.items()}
        needed = {name for name, field in type_.fields.items() if is_non_null_type(field.type)}
        return st.fixed_dictionaries(
            {name: fields[name] for name in needed},
            optional={name: each for name, each in fields.items() if name not in needed},
        )
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from([*type_.values, "NOTHING", ""])
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "ID": _ids | st.sampled_from(TEXTS),
        "String": st.sampled_from(TEXTS) | st.text(max_size=300),
        "Int": st.sampled_from(NUMBERS) | st.integers(1, 100),
        "Boolean": st.booleans(),
        "SafeInt": st.sampled_from([*NUMBERS, 2**53 - 1, 2**53, -(2**53), 1.5, 1e308]) | st.integers(1, 100),
        "DateTime": st.sampled_from(MOMENTS) | st.datetimes().map(lambda when: when.isoformat()),
    }
    return kinds[get_nullable_type(type_).name]

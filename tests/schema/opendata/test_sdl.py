"""The open-data schema as it is committed: whole, described, and without a way to anybody."""

from pathlib import Path

from graphql import (
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
)

from schema.management.commands.print_schema import COMMITTED_OPEN_DATA, sdl_of_open_data
from schema.opendata.schema import core

TYPES = {name: each for name, each in core.type_map.items() if not name.startswith("__")}
DOCUMENTS = Path(__file__).parents[1] / "operations" / "opendata"


def test_the_committed_sdl_is_the_codes():
    assert COMMITTED_OPEN_DATA.read_text() == sdl_of_open_data(), "run `manage.py print_schema`"
    assert build_schema(COMMITTED_OPEN_DATA.read_text()).query_type


def test_everything_says_what_it_is():
    silent = []
    for name, each in TYPES.items():
        silent += [] if each.description else [name]
        for field, told in getattr(each, "fields", {}).items():
            silent += [] if told.description else [f"{name}.{field}"]
            silent += [f"{name}.{field}({arg}:)" for arg, asked in told.args.items() if not asked.description]
    assert silent == []


def test_it_names_nobody():
    words = (
        "user",
        "owner",
        "author",
        "email",
        "handle",
        "person",
        "viewer",
        "claim",
        "reviewer",
        "ip",
        "token",
    )
    fields = {f"{name}.{field}" for name, each in TYPES.items() for field in getattr(each, "fields", ())}
    assert not {each for each in fields if each.partition(".")[2].lower() in words}
    assert set(TYPES) >= {"Project", "Update", "Task", "Contribution", "Community", "Tag", "MonthlyStats"}


def test_lists_hold_no_gaps_and_are_pages_or_short():
    lists = set()
    for name, each in TYPES.items():
        for field, told in each.fields.items() if isinstance(each, GraphQLObjectType) else ():
            plain = told.type.of_type if is_non_null_type(told.type) else told.type
            if is_list_type(plain):
                assert is_non_null_type(plain.of_type), (name, field)
                lists.add(f"{name}.{field}")
            if get_named_type(told.type).name.endswith("Connection"):
                assert is_non_null_type(told.type) and told.args["first"].default_value == 20
    pages = {each for each in lists if each.endswith("Connection.edges")}
    assert lists - pages == {"Project.tags", "Task.skills", "Task.labels", "Query.monthlyStats"}


def test_the_documents_of_readers_hold():
    found = sorted(DOCUMENTS.glob("*.graphql"))
    assert found
    for path in found:
        assert validate(core, parse(path.read_text())) == []

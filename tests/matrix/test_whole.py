"""The table leaves nothing out: no operation of the schema, no way from one thing to another, no kind of thing."""

from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from schema.declarations import NODES
from schema.operations import core
from schema.planner.compiler import SOURCE
from schema.planner.sources import Constant, Handed
from tests.matrix import ways
from tests.matrix.answers import HEADINGS, HIDDEN, names_its_thing
from tests.matrix.table import rows
from tests.matrix.world import ACTORS

#: Fields of the schema that no answer fills yet: their descriptions say so.
NOT_TOLD_YET = {
    "ProjectLaunched.project",
    "TaskOpened.task",
    "TaskCompleted.task",
}
#: What the feed tells is asked through the feed.
TOLD_BY_THE_FEED = {"UpdatePublished.update"}


def test_every_operation_has_a_row():
    asked = {row.way.partition("(")[0] for row in rows("Reading")}
    asked |= {"viewer" for row in rows("Reading") if row.way.startswith("Viewer.")}
    # What one may spend is of no thing.
    assert {*core.query_type.fields} - {"rateLimit"} <= asked
    assert {*core.mutation_type.fields} == {row.way for row in rows("Doing")} == {*ways.DEEDS}
    heard = " ".join(ways.subscription_of(row.way) for row in rows("Hearing"))
    assert all(name in heard for name in core.subscription_type.fields)


def test_every_way_from_one_thing_to_another_has_a_row():
    written = {row.way for heading in ("Reading", "Hearing") for row in rows(heading)}
    edges = {
        f"{type_.name}.{name}"
        for type_ in core.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        if type_.name not in ("Query", "Mutation", "Subscription") and not is_of_an_answer(type_)
        for name, field in type_.fields.items()
        if leads_to_things(get_named_type(field.type)) and not is_empty(field)
    }
    assert (
        edges - NOT_TOLD_YET - TOLD_BY_THE_FEED - {f"{kind}.actor" for kind in ("ResyncRequired",)} <= written
    )


def is_of_an_answer(type_: GraphQLObjectType) -> bool:
    """What a mutation answers is asked with each mutation that is done; an edge with its page."""
    is_payload = any(each.name == "Payload" for each in type_.interfaces)
    return is_payload or type_.name.endswith(("Connection", "Edge")) or type_.name == "Session"


def leads_to_things(type_: object) -> bool:
    """Whether it is something that has an id of its own, or a page of such things."""
    if isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection"):
        edge = get_named_type(type_.fields["edges"].type)
        return leads_to_things(get_named_type(edge.fields["node"].type))  # type: ignore[union-attr]
    if is_abstract_type(type_):
        return all(map(leads_to_things, core.get_possible_types(type_))) or type_.name == "FeedItem"  # type: ignore[arg-type, attr-defined]
    return getattr(type_, "name", "") in NODES


def is_empty(field: object) -> bool:
    """Whether its part of the house is not built."""
    return isinstance(field.extensions["strawberry-definition"].metadata[SOURCE], Constant | Handed)  # type: ignore[attr-defined]


def test_every_kind_of_thing_is_looked_for_by_its_id():
    looked_for = [row.thing for row in rows("Reading") if row.way == "node(id)"]
    assert {thing.removeprefix("missing ") for thing in looked_for if thing.startswith("missing ")} == set(
        NODES
    )


def test_every_column_is_somebody_and_there_are_as_many_cells_as_was_promised():
    cells = [row.cells for heading in HEADINGS for row in rows(heading)]
    assert all(list(each) == list(ACTORS) for each in cells)
    assert sum(map(len, cells)) >= 10_000


def test_what_may_not_be_seen_is_held_against_what_never_was():
    """In each such cell; see `answers.seen` and `answers.answer_to`."""
    reading = [row for row in rows("Reading") if names_its_thing(row)]
    doing = [row for row in rows("Doing") if not row.thing.startswith("missing ")]
    pairs = sum([*row.cells.values()].count(HIDDEN) for row in [*reading, *doing])
    assert pairs >= 2_000

"""Who may ask for a field at all, asked for each field of the schema: people by what they are, programs by their scopes."""

import json
from collections import deque
from collections.abc import Iterator
from functools import cache

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.core.refusals import Refusal
from schema.context import Asker, Context, Standing
from schema.operations import core, prepare, run
from schema.planner.compiler import SOURCE
from schema.planner.pages import NoPages
from schema.planner.sources import Constant
from schema.policies import policy_of
from schema.preparing import BadRequest, encode
from schema.subscriptions import Missed
from schema.tellings import subscribed
from tests.asking import undone
from tests.matrix import ways
from tests.matrix.answers import DOES, HIDDEN, SAME, event_of
from tests.matrix.table import Row, rows
from tests.matrix.world import World

YES, NO_SCOPE, NOBODY = "yes", "scope", "UNAUTHENTICATED"
_CODES = {"INSUFFICIENT_SCOPE": NO_SCOPE, "UNAUTHENTICATED": NOBODY, "NOT_FOUND": HIDDEN}

#: The columns: whose handle, and how they stand.
STANDINGS: dict[str, tuple[str | None, Standing | None]] = {
    "anonymous": (None, None),
    "owner": ("ana", Standing()),
    "staff": ("sol", Standing(is_staff=True)),
    "none": ("ana", Standing(scopes=frozenset())),
    **{scope.value: ("ana", Standing(scopes=frozenset([scope.value]))) for scope in Scope},
    "all": ("ana", Standing(scopes=frozenset(Scope.values))),
    "staff: read": ("sol", Standing(is_staff=True, scopes=frozenset([Scope.READ.value]))),
    "staff: projects:write": (
        "sol",
        Standing(is_staff=True, scopes=frozenset([Scope.PROJECTS_WRITE.value])),
    ),
}
#: Arguments of the root fields that need one, in the world.
NAMED = {
    "user": '(handle: "ana")',
    "project": '(slug: "live")',
    "community": '(slug: "valley")',
    "board": "(id: $board)",
    "node": "(id: $ana)",
    "boardEvents": "(boardId: $board)",
    "boardPresence": "(boardId: $board)",
}
#: What is told of by events that are of no task: by which way, and of what.
TOLD = {
    "NotificationReceived": ("NotificationReceived.notification", "owner's notification"),
    "BoardPresence": ("BoardPresence.present", "ana"),
}
Step = tuple[str, str]


@cache
def written() -> dict[str, dict[str, str]]:
    """What the table says of each field that it names, `Type.field` or all others of the type, `Type.*`."""
    return {row.way: row.cells for row in rows("Programs")}


def cells_of(field: str) -> dict[str, str]:
    """What the table says of a field. Raises `KeyError` where it says nothing."""
    named = written()
    return named[field] if field in named else named[f"{field.partition('.')[0]}.*"]


@cache
def declared(field: str) -> GraphQLField:
    """The field of the schema."""
    type_name, name = field.split(".")
    return core.type_map[type_name].fields[name]  # type: ignore[attr-defined, no-any-return]


def allowed(field: str, column: str) -> str:
    """What the policy of a field says to whoever stands in a column."""
    try:
        policy_of(declared(field)).refuse(STANDINGS[column][1])
    except Refusal as refusal:
        return _CODES[refusal.code]
    return YES


@cache
def paths() -> dict[str, tuple[Step, ...]]:
    """How each type is reached that an answer can hold: by which fields, from a root."""
    found: dict[str, tuple[Step, ...]] = {}
    # What is public first by itself, so that it is asked by nobody too; by what a deed answers only what is nowhere else.
    for root in ("Query", "Viewer", "Subscription", "Mutation"):
        queue = deque([(root, (("Query", "viewer"),) if root == "Viewer" else ())])
        while queue:
            name, path = queue.popleft()
            if name not in found:
                found[name] = path
                queue.extend((below, (*path, (name, part))) for part, below in _below(name))
    return found


def _below(name: str) -> Iterator[tuple[str, str]]:
    """The fields of a type that can be asked for as they are, and the types of what they answer."""
    fields: dict[str, GraphQLField] = core.type_map[name].fields  # type: ignore[attr-defined]
    for part, field in fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below) or is_empty(field) or (name == "Query" and part in {*NAMED, "viewer"}):
            continue
        if name == "FeedItemEdge" and part == "node":
            yield part, "UpdatePublished"  # The others are not told yet.
        elif isinstance(below, GraphQLObjectType):
            yield part, below.name
        elif name == "Subscription":
            yield from ((part, kind.name) for kind in core.get_possible_types(below))  # type: ignore[arg-type]


def is_empty(field: GraphQLField) -> bool:
    """Whether nothing of it is made: its part of the house is not built, or it is what a refusal says."""
    source = field.extensions["strawberry-definition"].metadata.get(SOURCE)
    return (
        isinstance(source, NoPages)
        or (isinstance(source, Constant) and source.value is None)
        or (isinstance(source, Constant) and get_named_type(field.type).name != "UserError")
    )


def expected(field: str, column: str) -> str:
    """What whoever asks for a field is told: the first no on the way to it."""
    type_name = field.partition(".")[0]
    path = paths()[type_name]
    if column == "anonymous" and (type_name == "Viewer" or path[:1] == (("Query", "viewer"),)):
        return HIDDEN  # Nobody is no viewer.
    # What a deed refuses, it answers, and so does not hide.
    steps = [f"{parent}.{name}" for parent, name in path if parent != "Mutation"]
    said = [cells_of(step)[column] for step in [*steps, field]]
    return next((each for each in said if each != YES), YES)


def asked(world: World, field: str, column: str) -> str:
    """What whoever stands in a column is told who asks for a field, by a way through the schema."""
    type_name, name = field.split(".")
    if type_name == "Mutation":
        return _done(world, name, column)
    handle, standing = STANDINGS[column]
    asker = asker_of(world.people[handle], standing) if handle and standing else None
    path = paths()[type_name]
    definition = declared(field)
    leaf = f"{name}{_arguments(type_name, name)}"
    if not is_leaf_type(get_named_type(definition.type)):
        leaf += " { __typename }"
    document = _nested([*path], type_name, leaf)
    if (path[:1] or [(type_name, name)])[0][0] == "Subscription":
        return _heard(world, asker, path, field, document)
    variables = {"board": world.id("board of live"), "ana": world.id("ana")}
    root = path[0][1] if path else ""
    if path and path[0][0] == "Mutation":
        input_type = core.mutation_type.fields[root].args  # type: ignore[union-attr]
        row = _row_for(root, column)
        variables = {"input": ways.DEEDS[root](world, row.start, row.thing)} if input_type else {}
    with undone():
        answer = json.loads(encode(run(prepare(document, variables, None), Context(session=asker))))
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    if codes:
        (code,) = codes
        return _CODES[code]
    is_of_viewer = path[:1] == (("Query", "viewer"),)
    return HIDDEN if is_of_viewer and answer["data"]["viewer"] is None else YES


def asker_of(person: User, standing: Standing) -> Asker:
    """Somebody, or a program of theirs."""
    return Asker(1, person.pk, standing, "en", "2100-01-01T00:00:00+00:00", lambda asker: person)


def _arguments(type_name: str, name: str) -> str:
    if type_name in ("Query", "Subscription") and name in NAMED:
        return NAMED[name]
    if type_name == "Mutation":
        return "(input: $input)" if declared(f"{type_name}.{name}").args else ""
    return (
        "(first: 1)"
        if "after" in declared(f"{type_name}.{name}").args and type_name != "Subscription"
        else ""
    )


def _nested(path: list[Step], type_name: str, leaf: str) -> str:
    steps = [*path, (type_name, leaf)]
    text = ""
    for (parent, name), (below, _) in reversed(list(zip(steps, [*steps[1:], ("", "")], strict=True))):
        if (parent, name) == (type_name, leaf):
            text = leaf
            continue
        text = f"{name}{_arguments(parent, name)} {{ ... on {below} {{ {text} }} }}"
    root = steps[0][0]
    variables = [f"${each}: ID!" for each in ("board", "ana") if f"${each}" in text]
    if "$input" in text:
        variables.append(f"$input: {core.mutation_type.fields[steps[0][1]].args['input'].type}")  # type: ignore[union-attr]
    return f"{root.lower()}{f'({chr(32).join(variables)})' if variables else ''} {{ {text} }}"


def _row_for(name: str, column: str) -> Row:
    """A row of what who stands in a column may do, if anything."""
    handle = STANDINGS[column][0]
    actor = {"ana": "owner", "sol": "staff", None: "anonymous"}[handle]
    mine = [row for row in rows("Doing") if row.way == name]
    return next((row for row in mine if row.cells[actor] in (DOES, SAME)), mine[0])


def _done(world: World, name: str, column: str) -> str:
    handle, standing = STANDINGS[column]
    asker = asker_of(world.people[handle], standing) if handle and standing else None
    row = _row_for(name, column)
    document, variables = ways.deed(world, name, row.start, row.thing)
    with undone():
        document = document.partition("{")[0] + "{ " + _only_errors(name) + " }"
        answer = json.loads(encode(run(prepare(document, variables, None), Context(session=asker))))
    if answer["data"] is None or answer["data"][name] is None:
        # A bug, which nobody should meet who is refused.
        return str(answer["errors"][0]["extensions"]["code"])
    codes = {error["code"] for error in answer["data"][name]["errors"]}
    code = next(iter(codes), None)
    actor = {"ana": "owner", "sol": "staff", None: "anonymous"}[handle]
    if (
        code == "NOT_FOUND"
        and row.cells[actor] not in (DOES, SAME)
        and written()[f"Mutation.{name}"]["owner"] == YES
    ):
        return YES  # They are let in, and it is not theirs.
    return _CODES.get(code or "", YES)


def _only_errors(name: str) -> str:
    input = "(input: $input)" if core.mutation_type.fields[name].args else ""  # type: ignore[union-attr]
    return f"{name}{input} {{ errors {{ code }} }}"


def _heard(world: World, asker: Asker | None, path: tuple[Step, ...], field: str, document: str) -> str:
    kind = field.partition(".")[0]
    variables = {"board": world.id("board of live")} if "$board" in document else {}
    try:
        wanted, telling = subscribed(prepare(document, variables, None), asker)
    except BadRequest as refused:
        return _CODES[str(refused.errors[0]["extensions"]["code"])]
    if kind == "Subscription":
        return YES
    way, thing = TOLD.get(kind, (f"{kind}.task", "task of live"))
    told = Row(way, "board of live", thing, {})
    event = Missed(wanted.stream, 7) if kind == Missed.kind else event_of(world, asker, told)
    said = telling.of(event, [asker])[asker]
    return _CODES[json.loads(said.text)[0]["extensions"]["code"]] if said.is_last else YES

"""Hostile documents by the thousand: of the shapes that are known to hurt, of fields that are there and not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from graphql import GraphQLObjectType, build_schema, get_named_type, is_leaf_type

from config.local.places import CHECKOUT

_TYPES = {
    name: each
    for name, each in build_schema((CHECKOUT / "schema/member.graphql").read_text()).type_map.items()
    if isinstance(each, GraphQLObjectType) and not name.startswith("__")
}
_ROOTS = ("Query", "Query", "Query", "Mutation", "Subscription")
_ODD = ("emial", "q", "__typename", "__schema", "password", "a" * 300, "ñ", "true", "on")
_VALUES = (
    *("1", "-1", "0", "1e999", "9" * 400, "null", "true", '"x"', '""', '"\\u0000"', '"\\ud83d"', "NEWEST"),
    *("$v", "$w", "[1, 2]", "{a: 1}", "[" * 12 + "]" * 12, '"""\n  a\n"""', '"' + "a" * 500 + '"', "[", "}"),
)
_DIRECTIVES = ("@skip(if: true)", "@include(if: $v)", "@x", "@skip", "@deprecated", "@include(if: false)")
_BETWEEN = (" ", "\n", ",", " # a\n", "\t", "\ufeff ")


def generated(seed: int, count: int) -> Iterator[str]:
    """So many documents; the same for the same seed."""
    random = Random(seed)  # noqa: S311
    for _ in range(count):
        document = random.choice(_MAKERS)(random)
        if random.random() < 0.15:
            document = _garbled(document, random)
        yield document[:60_000]


@dataclass
class _Walk:
    """A walk through the schema that may go wrong at every step."""

    random: Random
    #: Fields that may still be said.
    room: int
    fragments: int

    def selection(self, type_name: str, depth: int) -> str:
        said: list[str] = []
        for _ in range(self.random.choice((1, 1, 2, 3, 5, 8))):
            self.room -= 1
            if self.room < 0:
                break
            said.append(self._one(type_name, depth))
        between = self.random.choice(_BETWEEN)
        return "{ " + between.join(said or ["__typename"]) + " }"

    def _one(self, type_name: str, depth: int) -> str:
        luck = self.random.random()
        if self.fragments and luck < 0.12:
            return f"...f{self.random.randrange(self.fragments)}"
        if luck < 0.22 and depth > 0:
            on = self.random.choice(("", f"on {type_name} ", "on Nothing ", "on Node "))
            return f"... {on}{self.selection(type_name, depth - 1)}"
        if type_name not in _TYPES or luck < 0.27:
            return self.random.choice(_ODD)
        return self._field(type_name, depth)

    def _field(self, type_name: str, depth: int) -> str:
        random = self.random
        name, definition = random.choice([*_TYPES[type_name].fields.items()])
        alias = f"a{random.randrange(40)}: " if random.random() < 0.2 else ""
        values = [f"{each}: {random.choice(_VALUES)}" for each in definition.args if random.random() < 0.6]
        given = f"({' '.join(values)})" if values else ""
        directive = f" {random.choice(_DIRECTIVES)}" if random.random() < 0.05 else ""
        inner = get_named_type(definition.type)
        below = ""
        if not is_leaf_type(inner) and depth <= 0:
            below = " { __typename }"
        elif inner.name in _TYPES:
            below = f" {self.selection(inner.name, depth - 1)}"
        elif not is_leaf_type(inner):
            on = random.choice([*_TYPES])
            below = f" {{ ... on {on} {self.selection(on, depth - 1)} }}"
        return f"{alias}{name}{given}{directive}{below}"


def _anything(random: Random) -> str:
    """What a walk through the schema says, in an operation and its fragments."""
    root = random.choice(_ROOTS)
    fragments = random.choice((0, 0, 1, 3, 8, 31))
    walk = _Walk(random, random.choice((10, 40, 120, 300)), fragments)
    variables = random.choice(("", "($v: Boolean = true)", "($v: Int, $w: ID!)", "($v: [[ID]])"))
    said = f"{root.lower()} {variables} {walk.selection(root, random.randrange(1, 14))}"
    for number in range(fragments):
        on = random.choice([*_TYPES])
        walk.room = 12
        said += f" fragment f{number} on {on} {walk.selection(on, random.randrange(6))}"
    return said


def _chain(random: Random) -> str:
    """Fragments that spread one another: in chains, meshes and circles."""
    count, width = random.randrange(2, 91), random.randrange(1, 6)
    said = ["{ viewer { user { ...f0 } } }"]
    for number in range(count):
        spread = " ".join(
            f"...f{number + 1 if random.random() < 0.9 else random.randrange(count)}" for _ in range(width)
        )
        more = random.choice(("", "id", "a: id", "...{ handle }", "owner { id }"))
        said.append(f"fragment f{number} on User {{ {more} {spread} }}")
    said.append(f"fragment f{count} on User {{ id }}")
    return " ".join(said)


def _deep(random: Random) -> str:
    """Braces, brackets or parentheses within one another."""
    levels = random.choice((2, 5, 9, 10, 11, 15, 30, 60, 90, 150, 199, 250, 2_000))
    begin, end = random.choice(
        (
            ("viewer { ", "} "),
            ("q{", "}"),
            ("...{ ", "} "),
            ("... on Query { ", "} "),
            ("projects { edges { node { owner { ", "} } } } "),
            ("__schema { types { fields { type { ", "} } } } "),
            ("a: q { b: q { ", "} } "),
        )
    )
    if random.random() < 0.3:
        begin, end = random.choice((("[", "]"), ("{a: ", "}"), ("[{a: ", "}]")))
        return f"{{ node(id: {begin * levels}1{end * levels}) {{ id }} }}"
    return f"{{ {begin * levels} id {end * levels} }}"


def _many(random: Random) -> str:
    """The same or nearly the same again and again."""
    piece = random.choice(
        (
            "email ",
            "... { email } ",
            "...f ",
            "user { id } ",
            "user { projects { edges { node { id } } } } ",
            "aN: email ",
            "aN: user { id } ",
            "email @skip(if: false) ",
            "emailN ",
            "notifications(first: N) { totalCount } ",
            "aN: homeFeed(first: 1) { edges { node { id } } } ",
        )
    )
    count = random.choice((2, 10, 19, 20, 21, 30, 31, 60, 200, 499, 900, 3_000))
    said = "".join(piece.replace("N", str(number)) for number in range(count))
    more = " fragment f on Viewer { email user { id } }" if "...f" in piece else ""
    return f"{{ viewer {{ {said} }} }}{more}"


def _introspection(random: Random) -> str:
    """The schema asked for itself, again and again."""
    said = "name"
    for _ in range(random.randrange(1, 12)):
        field = random.choice(
            ("fields", "type", "ofType", "possibleTypes", "interfaces", "args", "inputFields")
        )
        alias = f"a{random.randrange(9)}: " if random.random() < 0.3 else ""
        said = f"{alias}{field} {{ {said} {random.choice(('', 'name', 'kind'))} }}"
        if random.random() < 0.2:
            said = f"{said} b{said}" if said[0].islower() else said
    return "{ __schema { types { " + said[:8_000] + " } } }"


def _flood(random: Random) -> str:
    """What the reader must skip, or read for long."""
    piece = random.choice(("#\n", "# a\n", ",", " ", "\n", "\ufeff", "é", "#" * 100 + "\n"))
    times = random.choice((10, 500, 999, 1_001, 5_000, 19_000, 60_000))
    word = random.choice(("a", "\\n", "\\u0041", '\\"', "İ", "👩‍👩‍👧‍👦", "\\ud83d\\ude00"))
    if random.random() < 0.5:
        return f"{piece * (times // len(piece))} {{ viewer {{ email }} }}"
    quote = random.choice(('"', '"""'))
    return f"{{ user(handle: {quote}{word * (times // len(word))}{quote}) {{ id }} }}"


def _variables(random: Random) -> str:
    """Variables, defaults and operations by the dozen."""
    count = random.choice((1, 10, 99, 100, 101, 300))
    kind = random.choice(("Int", "ID!", "[String!]", "ProjectFilter", "Nothing", "[[[[Int]]]]", "User"))
    default = random.choice(("", " = 1", " = [1]", ' = {search: "a"}', " = $v0"))
    declared = " ".join(f"$v{number}: {kind}{default}" for number in range(count))
    used = " ".join(
        f"a{number}: projects(first: $v{number}) {{ totalCount }}" for number in range(count % 12)
    )
    others = " ".join(
        f"query Q{number} {{ viewer {{ email }} }}" for number in range(random.choice((0, 2, 40)))
    )
    return f"query A({declared}) {{ viewer {{ email }} {used} }} {others}"


def _garbled(document: str, random: Random) -> str:
    place = random.randrange(len(document) + 1)
    odd = random.choice(('"', "{", "}", "[", "$", "...", "\0", "\ud800", "@", "#", "1e", "!", "é", '"""'))
    return document[:place] + odd + document[place + random.choice((0, 0, 1, 5)) :]


_MAKERS: tuple[Callable[[Random], str], ...] = (
    *(_anything, _anything, _anything),
    *(_chain, _deep, _many, _introspection, _flood, _variables),
)

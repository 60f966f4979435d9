"""Questions to open data, drawn from its schema: any fields, any filters, with words of every kind."""

from random import Random
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from schema.opendata.schema import core

WORDS = [
    *(
        "kanari",
        "kan",
        "ana",
        "bo@example.org",
        "@example.org",
        "LIVE",
        "DRAFT",
        "ECOLOGICAL",
        "LOCAL",
        "DONE",
    ),
    *("water", "ñ", "a,b", "%", "_", "\\", "'", '"', "", " ", "ANA", "huerta", "huerta-del-rio", "place-1"),
    *("-launchedAt", "slug", "-followerCount", "owner", "-createdAt", "-publishedAt", "name", "password"),
    *("2026-03-01", "2026-03-02T12:00:00Z", "2077-01-01T00:00:00Z", "1e999", "x" * 300, "\x1b[0m", "null"),
]
NUMBERS = [1, 2, 3, 5, 20, 100, 0, -1, 101, 2026, 2077, 2**31 - 1, 735_700, 10_080]


#: What finds something, by the argument, or by the list and it.
FITTING: dict[Any, list[Any]] = {
    "first": [1, 5, 20, 100],
    "year": [2025, 2026],
    "status": ["LIVE", "FUNDED", "UNFUNDED", "FULFILLED"],
    "category": ["ECOLOGICAL", "SOCIAL", "CULTURAL"],
    "state": ["OPEN", "DONE", "CLAIMED"],
    "kind": ["LOCAL", "THEMATIC"],
    "search": ["a", "r", "kan", "huerta"],
    "launchedAt_Gte": ["2026-03-01T00:00:00Z"],
    "launchedAt_Lt": ["2077-01-01T00:00:00Z"],
    "publishedAt_Gte": ["2026-03-01T00:00:00Z"],
    "publishedAt_Lt": ["2078-01-01T00:00:00Z"],
    "month_Gte": ["2026-01-01"],
    "month_Lt": ["2078-01-01"],
    ("projects", "orderBy"): ["-launchedAt", "slug", "followerCount"],
    ("updates", "orderBy"): ["publishedAt"],
    ("tasks", "orderBy"): ["createdAt"],
    ("contributions", "orderBy"): ["month"],
    ("communities", "orderBy"): ["createdAt", "-projectCount"],
    ("tags", "orderBy"): ["name"],
}
_OFTEN, _FITS = 0.15, 0.8


def question(random: Random, words: list[str] = WORDS) -> tuple[str, dict[str, Any]]:
    """A document and its variables; it holds, whether or not what it asks by does."""
    variables: dict[str, Any] = {}
    declared: list[str] = []
    roots = []
    for number in range(random.randint(1, 3)):
        name = random.choice(sorted(core.query_type.fields))
        field = core.query_type.fields[name]
        given = []
        for argument, asked in field.args.items():
            if argument == "year" or random.random() < _OFTEN:
                kind = str(get_named_type(asked.type))
                anything = words if kind == "String" else NUMBERS
                fitting = FITTING.get((name, argument)) or FITTING.get(argument, anything)
                value = random.choice(fitting if random.random() < _FITS else anything)
                variables[f"v{len(variables)}"] = value
                declared.append(f"$v{len(variables) - 1}: {asked.type}")
                given.append(f"{argument}: $v{len(variables) - 1}")
        arguments = f"({', '.join(given)})" if given else ""
        roots.append(f"f{number}: {name}{arguments} {_selection(random, get_named_type(field.type), 0)}")
    heading = f"query({', '.join(declared)})" if declared else "query"
    return f"{heading} {{ {' '.join(roots)} }}", variables


def _selection(random: Random, type_: GraphQLObjectType, depth: int) -> str:
    names = sorted(type_.fields)
    chosen = random.sample(names, random.randint(1, len(names)))
    if type_.name.endswith(("Connection", "Edge")):
        # Else there would be little to find.
        chosen = sorted({*chosen, "edges" if "edges" in names else "node"})
    parts = []
    for name in chosen:
        its = get_named_type(type_.fields[name].type)
        if is_leaf_type(its):
            parts.append(name)
        elif depth < 5:
            parts.append(f"{name} {_selection(random, its, depth + 1)}")
    return f"{{ {' '.join(parts) or '__typename'} }}"

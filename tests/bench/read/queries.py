"""What is asked: five GraphQL documents, and 600 sets of variables and viewers for each of them."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.read.data import VIEWERS

DOCUMENTS = Path(__file__).with_name("documents")
PEER_DOCUMENTS = Path(__file__).with_name("postgraphile")


@dataclass(frozen=True)
class Query:
    """One operation, whose file and limit have its name; the goals are what the project promises of it."""

    name: str
    operation: str
    #: The variables of viewer k, in a database with so many rows of each thing.
    variables: Callable[[int, dict[str, int]], dict[str, Any]]
    #: Requests a second as a share of the limit's, at least.
    of_limit: float
    #: Requests a second as a multiple of PostGraphile's, at least.
    of_peer: float
    #: The same of plain resolvers over the same schema.
    of_plain: float

    def peer_variables(self, k: int, sizes: dict[str, int]) -> dict[str, Any]:
        """The same variables as PostGraphile takes them: without an object, and with the key that an id holds."""
        flat = {}
        for name, value in self.variables(k, sizes).items():
            flat |= value if isinstance(value, dict) else {name: value}
        return flat | ({"id": str(pk_of(flat["id"]))} if "id" in flat else {})

    def document(self) -> str:
        """The text for whoever speaks the project's schema."""
        return (DOCUMENTS / f"{self.name}.graphql").read_text()

    def peer_document(self) -> str:
        """The text for PostGraphile, of the same shape."""
        return (PEER_DOCUMENTS / f"{self.name}.graphql").read_text()


def token(viewer: int) -> str:
    """The bearer token of viewer k."""
    return f"acequia_bench_{viewer % VIEWERS}"


def global_id(type_name: str, pk: int) -> str:
    """The id of a row, spelled out here again so that nobody's bug is measured against itself."""
    return base64.urlsafe_b64encode(f"{type_name}:{pk}".encode()).decode().rstrip("=")


def pk_of(value: str) -> int:
    """The primary key in a global id."""
    return int(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).partition(b":")[2])


def _project_page(k: int, sizes: dict[str, int]) -> dict[str, Any]:
    return {"slug": f"project-{1 + 37 * k % sizes['small_boards']}"}


def _home_feed(k: int, sizes: dict[str, int]) -> dict[str, Any]:
    return {"first": 20}


def _user_card(k: int, sizes: dict[str, int]) -> dict[str, Any]:
    person = 1 + (37 * k + 11) % sizes["users"]
    # Each 500th has left (data.sql).
    return {"handle": f"person-{person + (person % 500 == 250)}"}


def _discover(k: int, sizes: dict[str, int]) -> dict[str, Any]:
    categories = ("SOCIAL", "CULTURAL", "SCIENTIFIC", "EDUCATIONAL", "TECHNOLOGICAL", "ECOLOGICAL")
    return {"filter": {"category": categories[k % 6]}, "first": 50}


def _board_page(k: int, sizes: dict[str, int]) -> dict[str, Any]:
    return {"id": global_id("Board", sizes["small_boards"] + 1 + k % sizes["large_boards"]), "first": 100}


QUERIES = {
    query.name: query
    for query in (
        Query("project_page", "ProjectPage", _project_page, 0.65, 3.5, 15),
        Query("home_feed", "HomeFeed", _home_feed, 0.65, 3.0, 6),
        Query("user_card", "UserCard", _user_card, 0.45, 3.0, 6),
        Query("discover", "Discover", _discover, 0.75, 3.0, 12),
        Query("board_page", "BoardPage", _board_page, 0.65, 3.5, 12),
    )
}

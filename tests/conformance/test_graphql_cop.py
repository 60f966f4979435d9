"""What graphql-cop asks of a server (https://github.com/dolevf/graphql-cop, each of its 12 detections), asked by us.

Two of them find something, as we choose (ARCHITECTURE.md): the schema is public, so introspection is on, priced like any
query; and a query may come by GET, because a cookie counts there only beside a header that no form can send.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conformance.doors import BEHIND_A_PROXY
from tests.serving import House, Server

FOUND = {"introspection", "get_method_support"}


class Cop:
    """A scanner's connection to one server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(trust_env=False, timeout=30, headers=BEHIND_A_PROXY)

    def query(self, text: str) -> Any:
        """What a document is answered."""
        return self._http.post(self._url, json={"query": text, "operationName": "cop"}).json()

    def batch(self, text: str) -> Any:
        """The same ten times in one request."""
        return self._http.post(self._url, json=[{"query": text}] * 10).json()

    def get(self, text: str) -> Any:
        """The same by GET."""
        return self._http.get(self._url, params={"query": text}).json()

    def form(self, text: str) -> Any:
        """The same as any page's form could send it."""
        return self._http.post(self._url, data={"query": text}).json()

    def visit(self) -> str:
        """What a browser is shown."""
        return self._http.get(self._url, headers={"Accept": "text/html"}).text


def _data(answer: Any) -> Any:
    return answer.get("data") or {} if isinstance(answer, dict) else {}


def _extensions(answer: Any) -> dict[str, Any]:
    return answer.get("extensions", {}) | answer.get("errors", [{}])[0].get("extensions", {})


CIRCLE = "fields { type { " * 4 + "name" + " } }" * 4
ALIASES = " ".join(f"alias{number}: __typename" for number in range(101))

DETECTIONS: dict[str, Callable[[Cop], Any]] = {
    "field_suggestions": lambda cop: (
        "Did you mean" in cop.query("query cop { __schema { directive } }")["errors"][0]["message"]
    ),
    "introspection": lambda cop: _data(
        cop.query("query cop { __schema { types { name fields { name } } } }")
    ),
    "detect_graphiql": lambda cop: any(word in cop.visit() for word in ("GraphiQL", "graphiql.min.css")),
    "get_method_support": lambda cop: _data(cop.get("query cop {__typename}")),
    "alias_overloading": lambda cop: _data(cop.query(f"query cop {{ {ALIASES} }}")),
    "batch_query": lambda cop: isinstance(cop.batch("query cop { __typename }"), list),
    "trace_mode": lambda cop: "tracing" in _extensions(cop.query("query cop { __typename }")),
    "directive_overloading": lambda cop: (
        len(cop.query(f"query cop {{ __typename {'@aa' * 10} }}")["errors"]) >= 10
    ),
    "circular_query_introspection": lambda cop: _data(
        cop.query(f"query cop {{ __schema {{ types {{ {CIRCLE} }} }} }}")
    ),
    "get_based_mutation": lambda cop: _data(cop.get("mutation cop {__typename}")),
    "post_based_csrf": lambda cop: _data(cop.form("query cop { __typename }")),
    "unhandled_error_detection": lambda cop: "exception" in _extensions(cop.query("qwerty cop { abc }")),
}


@pytest.mark.parametrize("detection", DETECTIONS)
def test_only_what_we_choose_is_found(house: House, server_of_production: Server, detection: str):
    found = bool(DETECTIONS[detection](Cop(f"{server_of_production.http}/graphql")))
    assert found == (detection in FOUND)


def test_a_detection_sees_what_it_looks_for(house: House):
    """On a developer's machine there is GraphiQL, and the same detection finds it."""
    assert DETECTIONS["detect_graphiql"](Cop(f"{house.servers[0].http}/graphql"))

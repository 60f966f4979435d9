"""The audits of npm's graphql-http 1.23.1, restated: so a machine without node holds the same rules, by the same ids.

https://graphql.github.io/graphql-over-http/draft/ is what they are of.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

JSON, RESPONSE_JSON = "application/json", "application/graphql-response+json"
TYPENAME = "{ __typename }"
BY_NAME = "query Type($name: String!) { __type(name: $name) { name } }"
NO_FIELD = "{ 8f31403dfe404bccbb0e835f2629c6a7 }"
COERCE = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}


@dataclass(frozen=True)
class Audit:
    """One rule: what is sent, and the statuses, media type and parts of the answer that keep it."""

    id: str
    level: str
    body: Any = None
    accept: str | None = None
    content_type: str | None = JSON
    params: dict[str, str] | None = None
    statuses: tuple[range, ...] = (range(200, 201),)
    answers_in: str | None = None
    absent: tuple[str, ...] = field(default=())

    def broken(self, client: httpx.Client, url: str) -> str:
        """How a server breaks it; nothing if it does not."""
        response = client.send(self._request(client, url))
        if not any(response.status_code in each for each in self.statuses):
            return f"{self.id}: {response.status_code}"
        if self.answers_in and self.answers_in not in response.headers.get("Content-Type", ""):
            return f"{self.id}: {response.headers.get('Content-Type')}"
        response.content.decode("utf-8")
        if self.absent and (there := set(self.absent) & response.json().keys()):
            return f"{self.id}: {there}"
        return ""

    def _request(self, client: httpx.Client, url: str) -> httpx.Request:
        headers = {"Accept": self.accept} if self.accept else {}
        if self.params is not None:
            request = client.build_request("GET", url, params=self.params, headers=headers)
        else:
            text = self.body if isinstance(self.body, str | None) else json.dumps(self.body)
            headers |= {"Content-Type": self.content_type} if self.content_type else {}
            request = client.build_request("POST", url, content=text, headers=headers)
        if not self.accept:
            # httpx would else accept anything, which is not the same.
            del request.headers["Accept"]
        return request


def _is(*statuses: int) -> tuple[range, ...]:
    return tuple(range(each, each + 1) for each in statuses)


def _between(*pairs: tuple[int, int]) -> tuple[range, ...]:
    return tuple(range(first, last + 1) for first, last in pairs)


def audits() -> Iterator[Audit]:
    """All of them, in graphql-http's order."""
    plain = {"query": TYPENAME}
    yield Audit("22EB", "SHOULD", plain, RESPONSE_JSON, answers_in=RESPONSE_JSON)
    yield Audit("4655", "MUST", plain, JSON, answers_in=JSON)
    yield Audit("47DE", "SHOULD", plain, "*/*", answers_in=JSON)
    yield Audit("80D8", "SHOULD", plain, answers_in=JSON)
    yield Audit("82A3", "MUST", plain)
    swims = {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}
    yield Audit("BF61", "MUST", swims, content_type=f"{JSON}; charset=utf-8")
    yield Audit("78D5", "MUST", plain)
    yield Audit("2C94", "MUST", plain)
    yield Audit("5A70", "MAY", params=plain)
    mutation = {"query": "mutation { __typename }"}
    yield Audit("9C48", "MAY", params=mutation, accept=RESPONSE_JSON, statuses=_between((400, 499)))
    yield Audit(
        "9ABE", "SHOULD", plain, content_type="text/plain;charset=UTF-8", statuses=_between((400, 499))
    )
    yield Audit("03D4", "MUST", plain)
    yield Audit("A5BF", "MAY", None, statuses=_is(400))
    yield Audit("423L", "MAY", {"notquery": TYPENAME}, RESPONSE_JSON, statuses=_is(400))
    for number, wrong in enumerate(({"obj": "ect"}, 0, False, ["array"])):
        yield Audit(f"LKJ{number}", "MAY", {"query": wrong}, statuses=_is(400))
    yield Audit("34A2", "SHOULD", plain, RESPONSE_JSON)
    yield Audit("13EE", "MUST", plain, JSON, absent=("errors",))
    for number, wrong in enumerate(({"obj": "ect"}, 0, False, ["array"])):
        yield Audit(f"6C0{number}", "MAY", plain | {"operationName": wrong}, statuses=_is(400))
    named = {"operationName": "Query", "query": "query Query { __typename }"}
    yield Audit("8161", "SHOULD", named, RESPONSE_JSON)
    yield Audit("B8B3", "MUST", named, JSON, absent=("errors",))
    for number, parameter in enumerate(("variables", "operationName", "extensions")):
        yield Audit(f"94B{number}", "SHOULD", plain | {parameter: None}, RESPONSE_JSON, absent=("errors",))
        yield Audit(f"022{number}", "MUST", plain | {parameter: None}, JSON, absent=("errors",))
    for number, wrong in enumerate(("string", 0, False, ["array"])):
        yield Audit(f"476{number}", "MAY", plain | {"variables": wrong}, statuses=_is(400))
    by_name = {"query": BY_NAME, "variables": {"name": "sometype"}}
    yield Audit("2EA1", "SHOULD", by_name, RESPONSE_JSON)
    yield Audit("28B9", "MUST", by_name, JSON, absent=("errors",))
    in_address = {"query": BY_NAME, "variables": '{"name":"sometype"}'}
    yield Audit("D6D5", "MAY", params=in_address, accept=RESPONSE_JSON, absent=("errors",))
    yield Audit("6A70", "MAY", params=in_address, accept=JSON, absent=("errors",))
    for number, wrong in enumerate(("string", 0, False, ["array"])):
        yield Audit(f"58B{number}", "MAY", plain | {"extensions": wrong}, statuses=_is(400))
    extended = plain | {"extensions": {"some": "value"}}
    yield Audit("428F", "SHOULD", extended, RESPONSE_JSON)
    yield Audit("1B7A", "MUST", extended, JSON, absent=("errors",))
    anything = _between((200, 299), (400, 499), (500, 599))
    yield Audit("B6DC", "MAY", '{ "not a JSON', JSON, statuses=anything)
    yield Audit("BCF8", "SHOULD", '{ "not a JSON', JSON, statuses=_is(400))
    yield Audit("B7N8", "SHOULD", '{ "not a JSON', RESPONSE_JSON, statuses=_is(400))
    yield Audit("8764", "MAY", {"qeury": TYPENAME}, statuses=_between((400, 599)))
    yield Audit("3E3A", "MAY", {"qeury": TYPENAME}, statuses=_is(400))
    yield Audit("572B", "SHOULD", {"query": "{"}, JSON)
    yield Audit("FDE2", "SHOULD", {"query": NO_FIELD}, JSON)
    yield Audit("7B9B", "SHOULD", COERCE, JSON)
    yield Audit("865D", "SHOULD", {"query": "{"}, RESPONSE_JSON, statuses=_between((400, 599)))
    yield Audit("556A", "SHOULD", {"query": "{"}, RESPONSE_JSON, statuses=_is(400))
    yield Audit("D586", "SHOULD", {"query": "{"}, RESPONSE_JSON, statuses=_is(400), absent=("data",))
    yield Audit("51FE", "SHOULD", {"query": NO_FIELD}, RESPONSE_JSON, statuses=_between((400, 599)))
    yield Audit("74FF", "SHOULD", {"query": NO_FIELD}, RESPONSE_JSON, statuses=_is(400))
    yield Audit("5E5B", "SHOULD", {"query": NO_FIELD}, RESPONSE_JSON, statuses=_is(400), absent=("data",))
    yield Audit("86EE", "SHOULD", COERCE, RESPONSE_JSON, statuses=_is(400))

"""The GraphiQL page: wholly ours, and every operation it offers can be run as it stands."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import RequestFactory
from graphql import NonNullTypeNode, OperationDefinitionNode, OperationType, parse, validate
from pytest_django import Settings

from config.environment import read_environment
from schema.graphiql import (
    BOARD_ID_HINT,
    BOARD_LIVE,
    DEMO_LOGIN,
    FIRST_OPERATIONS,
    LOG_IN,
    PROJECT_SLUG,
    FirstOperation,
    graphiql_page,
)
from schema.member.schema import schema
from tests.config.test_environment import SAFE

CONFIG_ID = "graphiql-config"


class Page(HTMLParser):
    """What a browser would load and run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.attribute_names: set[str] = set()
        self.tags: set[str] = set()
        self.config: dict[str, Any] = {}
        self._in_config = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.add(tag)
        self.attribute_names.update(attributes)
        self.addresses.extend(
            value for name, value in attrs if name in {"src", "href"} and value and value != "data:,"
        )
        if tag == "script":
            self.scripts.append(attributes)
            self._in_config = attributes.get("id") == CONFIG_ID

    def handle_endtag(self, tag: str) -> None:
        self._in_config = False

    def handle_data(self, data: str) -> None:
        if self._in_config:
            self.config = json.loads(data)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    # A manifest storage, should the settings name one, would need collectstatic before the first test.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def get(rf: RequestFactory, board_id: str | None = None) -> HttpResponse:
    return graphiql_page(rf.get("/graphql", headers={"accept": "text/html"}), board_id=board_id)


def page(rf: RequestFactory, board_id: str | None = None) -> Page:
    return Page(get(rf, board_id).content.decode())


def operation_of(first: FirstOperation) -> OperationDefinitionNode:
    operations = [n for n in parse(first.document).definitions if isinstance(n, OperationDefinitionNode)]
    assert len(operations) == 1
    return operations[0]


def test_answers_with_html_under_a_strict_policy(rf: RequestFactory) -> None:
    response = get(rf)
    policy = response["Content-Security-Policy"]
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    assert response["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy


def test_each_answer_has_a_nonce_of_its_own(rf: RequestFactory) -> None:
    assert get(rf)["Content-Security-Policy"] != get(rf)["Content-Security-Policy"]


def test_runs_nothing_inline_and_loads_nothing_from_elsewhere(rf: RequestFactory) -> None:
    ours = page(rf)
    assert ours.scripts
    for script in ours.scripts:
        assert script.get("src") or script.get("type") == "application/json"
    assert not {name for name in ours.attribute_names if name.startswith("on")}
    assert "style" not in ours.attribute_names | ours.tags
    assert "base" not in ours.tags


def test_every_file_it_names_exists(rf: RequestFactory, settings: Settings) -> None:
    addresses = page(rf).addresses
    assert addresses
    for address in addresses:
        assert address.startswith(settings.STATIC_URL) and not address.startswith("//")
        assert finders.find(address.removeprefix(settings.STATIC_URL)), address


def test_vendored_files_carry_their_licence_and_no_map() -> None:
    found = finders.find("graphiql/vendor")
    assert isinstance(found, str)
    packages = sorted(Path(found).iterdir())
    assert [package.name for package in packages] == ["graphiql", "graphql-ws", "react", "react-dom"]
    for package in packages:
        assert list(package.glob("LICENSE*")), package.name
        assert not list(package.glob("*.map")), package.name
        for script in package.glob("*.js"):
            assert "sourceMappingURL" not in script.read_text(encoding="utf-8"), script.name


@pytest.mark.parametrize("first", FIRST_OPERATIONS, ids=lambda first: first.title)
def test_operation_parses_explains_itself_and_has_its_variables(first: FirstOperation) -> None:
    operation = operation_of(first)
    assert operation.name and operation.name.value == first.title
    assert first.document.startswith("# ")
    declared = {definition.variable.name.value for definition in operation.variable_definitions}
    required = {
        definition.variable.name.value
        for definition in operation.variable_definitions
        if isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
    }
    assert required <= set(first.variables) <= declared


@pytest.mark.parametrize("first", FIRST_OPERATIONS, ids=lambda first: first.title)
def test_the_schema_answers_what_it_offers(first: FirstOperation) -> None:
    assert validate(schema._schema, parse(first.document)) == []


def test_offers_each_kind_of_operation() -> None:
    assert {operation_of(first).operation for first in FIRST_OPERATIONS} == set(OperationType)


def test_tabs_are_the_first_operations_in_order(rf: RequestFactory) -> None:
    tabs = page(rf).config["tabs"]
    assert [json.loads(tab["variables"]) for tab in tabs] == [
        dict(first.variables) for first in FIRST_OPERATIONS
    ]
    for tab, first in zip(tabs, FIRST_OPERATIONS, strict=True):
        assert tab["query"].endswith(first.document)
        assert set(tab) == {"query", "variables"}  # no headers: they are typed in, never sent with the page
    assert PROJECT_SLUG in tabs[1]["variables"]


def test_board_live_is_ready_for_a_known_board(rf: RequestFactory) -> None:
    tab = page(rf, board_id="Qm9hcmQ6MQ==").config["tabs"][FIRST_OPERATIONS.index(BOARD_LIVE)]
    assert json.loads(tab["variables"]) == {"boardId": "Qm9hcmQ6MQ=="}
    assert tab["query"] == BOARD_LIVE.document
    assert BOARD_LIVE.variables == {"boardId": ""}


def test_board_live_says_where_to_find_a_board(rf: RequestFactory) -> None:
    tab = page(rf).config["tabs"][FIRST_OPERATIONS.index(BOARD_LIVE)]
    assert tab["query"] == BOARD_ID_HINT + BOARD_LIVE.document


def test_what_is_passed_in_cannot_leave_the_data_block(rf: RequestFactory) -> None:
    hostile = "</script><script src=//elsewhere.example>"
    assert len(page(rf, board_id=hostile).scripts) == len(page(rf).scripts)


def test_on_a_server_where_it_is_switched_on_it_says_no_password(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.DEVELOPMENT = False
    tab = page(rf).config["tabs"][FIRST_OPERATIONS.index(LOG_IN)]
    assert json.loads(tab["variables"]) == {"input": {"email": "", "password": ""}}
    assert str(LOG_IN.variables["input"]) not in get(rf).content.decode()
    assert DEMO_LOGIN["password"] not in get(rf).content.decode()


@pytest.mark.parametrize(("development", "graphiql", "is_shown"), [("0", "0", False), ("0", "1", True)])
def test_a_server_shows_it_only_when_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, development: str, graphiql: str, is_shown: bool
) -> None:
    for name, value in {**SAFE, "DEVELOPMENT": development, "GRAPHIQL": graphiql}.items():
        monkeypatch.setenv(name, value)
    assert read_environment().GRAPHIQL is is_shown

"""Whoever is not admitted is refused before anything is read or done; what names no policy, nobody may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import strawberry
from graphql import GraphQLSchema

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.core.refusals import NotFound, Refusal, Unauthenticated
from config.local.places import CHECKOUT
from schema import execution
from schema.context import Standing
from schema.declarations import NODES, Node, column, node, one
from schema.member.schema import POLICIES, schema
from schema.policies import (
    ACCOUNT,
    POLICY,
    PUBLIC,
    WITH_IT,
    InsufficientScope,
    Policy,
    Programs,
    Unnamed,
    everybody,
    people,
    policies_named,
    shown_to,
    staff,
    with_policy,
)
from tests.asking import ask
from tests.cast import Cast

NOBODY, CY, SOL = None, Standing(), Standing(is_staff=True)


def program(*scopes: Scope, is_staff: bool = False) -> Standing:
    return Standing(is_staff, scopes=frozenset(scopes))


READER, WORKER, EVERYTHING = program(Scope.READ), program(Scope.TASKS_WRITE), program(*Scope)
SOLS = program(*Scope, is_staff=True)
WHO = {"nobody": NOBODY, "cy": CY, "sol": SOL}
PROGRAMS = {"reader": READER, "worker": WORKER, "everything": EVERYTHING, "sol's": SOLS}

#: For each policy whom it refuses, and with what; everybody else it admits.
REFUSED: dict[Policy, dict[str, type[Refusal]]] = {
    WITH_IT: {},
    PUBLIC: {"worker": InsufficientScope},
    everybody(Programs.NONE): dict.fromkeys(PROGRAMS, InsufficientScope),
    people(): {"nobody": Unauthenticated} | dict.fromkeys(PROGRAMS, InsufficientScope),
    people(Scope.TASKS_WRITE): {"nobody": Unauthenticated, "reader": InsufficientScope},
    ACCOUNT: {"nobody": Unauthenticated, "reader": InsufficientScope, "worker": InsufficientScope},
    staff(Scope.PROJECTS_WRITE): {
        "nobody": Unauthenticated,
        "cy": NotFound,
        "reader": NotFound,
        "worker": NotFound,
        "everything": NotFound,
    },
}


@pytest.mark.parametrize("policy", REFUSED, ids=str)
@pytest.mark.parametrize("who", WHO | PROGRAMS)
def test_a_policy_refuses_whom_it_is_not_for_and_nobody_else(policy: Policy, who: str):
    try:
        policy.refuse((WHO | PROGRAMS)[who])
    except Refusal as refusal:
        assert type(refusal) is REFUSED[policy].get(who)
    else:
        assert who not in REFUSED[policy]


def test_a_program_is_told_which_scope_it_lacks():
    with pytest.raises(InsufficientScope, match=r"^This needs a token with the scope tasks:write\.$"):
        people(Scope.TASKS_WRITE).refuse(READER)
    with pytest.raises(InsufficientScope, match=r"^No token of a program may do this\.$"):
        people().refuse(EVERYTHING)


def test_every_field_of_the_schema_names_its_policy():
    types = schema._schema.type_map.values()
    fields = {
        f"{type_.name}.{name}"
        for type_ in types
        if type_.ast_node is None and hasattr(type_, "fields") and hasattr(type_, "interfaces")
        for name in type_.fields
        if not type_.name.startswith("__") and type_ not in interfaces()
    }
    assert set(POLICIES) == fields and len(fields) > 250


def interfaces() -> set[object]:
    return {
        each for each in schema._schema.type_map.values() if type(each).__name__ == "GraphQLInterfaceType"
    }


def test_no_program_gets_into_an_account_and_nobody_but_the_staff_reviews():
    of_mutations = {
        name.removeprefix("Mutation."): policy
        for name, policy in POLICIES.items()
        if name.startswith("Mutation.")
    }
    assert {name for name, policy in of_mutations.items() if policy == everybody(Programs.NONE)} == {
        *("signUp", "logIn", "requestPasswordReset", "resetPassword"),
    }
    assert {name for name, policy in of_mutations.items() if policy == staff(Scope.PROJECTS_WRITE)} == {
        "reviewProject"
    }
    assert PUBLIC not in of_mutations.values() and WITH_IT not in of_mutations.values()


@shown_to(PUBLIC)
@strawberry.type
class Inherited:
    title: str = column("By its type.")
    email: str = with_policy(ACCOUNT, column("By its own."))


@node(User, policy=ACCOUNT, description="By its model.")
class Own(Node):
    handle: str = column("By its type.")


# It is of no schema that anybody asks.
del NODES["Own"]


@strawberry.type
class Forgotten:
    title: str = column("By nothing.")


@strawberry.type
class Planted:
    inherited: Inherited | None = with_policy(PUBLIC, one(User, key="pk", description="One."))
    own: Own | None = with_policy(PUBLIC, one(User, key="pk", description="One."))


@strawberry.type
class Faulty(Planted):
    forgotten: Forgotten | None = with_policy(PUBLIC, one(User, key="pk", description="One."))
    bare: Inherited | None = one(User, key="pk", description="One.")


def test_a_field_has_its_own_policy_or_that_of_its_type():
    found = policies_named(core_of(Planted))
    assert found == {
        "Planted.inherited": PUBLIC,
        "Planted.own": PUBLIC,
        "Inherited.title": PUBLIC,
        "Inherited.email": ACCOUNT,
        "Own.id": ACCOUNT,
        "Own.handle": ACCOUNT,
    }


def test_what_names_none_is_named_all_at_once():
    with pytest.raises(Unnamed) as unnamed:
        policies_named(core_of(Faulty))
    assert str(unnamed.value) == "no policy is named by Faulty.bare, Forgotten.title"


def core_of(query: type) -> GraphQLSchema:
    return strawberry.Schema(query=query)._schema


@pytest.mark.parametrize(
    ("place", "declaration"),
    [
        ("accounts/types.py", "@shown_to(ACCOUNT)\n"),
        ("boards/queries.py", "policy=PUBLIC,"),
        ("boards/subscriptions.py", "policy=PUBLIC,"),
    ],
)
def test_a_server_does_not_start_when_one_is_forgotten(tmp_path: Path, place: str, declaration: str):
    """With the declaration as it is, the control, it does."""
    program = (
        "import pathlib, sys, django; django.setup()\n"
        "import importlib.abc, importlib.machinery\n"
        "class Forgetful(importlib.machinery.SourceFileLoader):\n"
        "    def get_data(self, path):\n"
        "        data = super().get_data(path)\n"
        "        if not path.endswith('.py'): raise OSError('nothing compiled')\n"
        f"        return data.replace({declaration!r}.encode(), b'', 1) if len(sys.argv) > 1 else data\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        spec = importlib.machinery.PathFinder.find_spec(name, path)\n"
        f"        if spec and spec.origin and spec.origin.endswith('schema/member/{place}'):\n"
        "            spec.loader = Forgetful(name, spec.origin)\n"
        "            return spec\n"
        "sys.meta_path.insert(0, Finder())\n"
        "import config.wsgi\n"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", **os.environ}
    for arguments, starts in (([], True), (["forget"], False)):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            check=False,
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode == 0) is starts, done.stderr
    assert "polic" in done.stderr.splitlines()[-1]


def test_a_field_that_was_never_walked_is_answered_to_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    execution._plans.clear()
    title = schema._schema.type_map["Board"].fields["title"]  # type: ignore[attr-defined]
    monkeypatch.delitem(title.extensions, POLICY)
    board = '{ project(slug: "wells") { boards { title } } }'
    answer = ask(board, cast.ana)
    execution._plans.clear()
    assert answer["data"] == {"project": None}
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"

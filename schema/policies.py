"""Who may use what of the schema. Each field, mutation and subscription names its policy, or the server does not start.

A policy knows who asks and nothing of rows: which rows there are for them, `visible_to` says, and what they may do with
one, its action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from backend.accounts.scopes import Scope
from backend.core.refusals import NotFound, Refusal, Unauthenticated
from schema.context import Standing

Declared = TypeVar("Declared", bound=type)

#: The key in a strawberry field's metadata, and in a field's extensions, under which its policy is.
POLICY = "policy"


class InsufficientScope(Refusal):
    """A program asks for what its token's scopes do not hold (RFC 6750 §3.1)."""

    code = "INSUFFICIENT_SCOPE"
    message = "No token of a program may do this."


class Who(Enum):
    """Whom a policy is for."""

    EVERYBODY = "whoever asks"
    PEOPLE = "whoever is logged in"
    STAFF = "the staff"


class Programs(Enum):
    """Which tokens of programs a policy admits that asks for no scope."""

    NONE = "none"
    ALL = "all"


@dataclass(frozen=True)
class Policy:
    """Whom it is for; and, for a program that acts in their name, the scope that its token needs."""

    who: Who
    scope: Scope | Programs

    def refuse(self, standing: Standing | None) -> None:
        """Raises `Unauthenticated`, `NotFound` or `InsufficientScope` for whom it is not for; `standing` None is nobody."""
        if self.who is not Who.EVERYBODY and standing is None:
            raise Unauthenticated
        if self.who is Who.STAFF and standing and not standing.is_staff:
            # As every other thing that is not theirs.
            raise NotFound
        if standing is None or standing.scopes is None or self.scope is Programs.ALL:
            return
        if self.scope is Programs.NONE:
            raise InsufficientScope
        if self.scope not in standing.scopes:
            raise InsufficientScope(f"This needs a token with the scope {self.scope.value}.")


def everybody(scope: Scope | Programs) -> Policy:
    """Whoever asks, and a program with that scope."""
    return Policy(Who.EVERYBODY, scope)


def people(scope: Scope | Programs = Programs.NONE) -> Policy:
    """Whoever is logged in, and a program with that scope; none, where none is named."""
    return Policy(Who.PEOPLE, scope)


def staff(scope: Scope | Programs = Programs.NONE) -> Policy:
    """The staff, and a program of theirs with that scope; to others it looks as if nothing were there."""
    return Policy(Who.STAFF, scope)


#: What whoever looks may see: which rows, `visible_to` says.
PUBLIC = everybody(Scope.READ)
#: What stands on nothing of its own, a page, an edge, a payload: the policy of what it is the value of has decided.
WITH_IT = everybody(Programs.ALL)
#: A person's own settings, which they may let a program read.
ACCOUNT = people(Scope.ACCOUNT_READ)
#: What waits for a person to read it.
NOTIFICATIONS = people(Scope.NOTIFICATIONS)


def shown_to(policy: Policy) -> Callable[[Declared], Declared]:
    """Declare the policy of the fields of a type, and of the types made from it, that name no other."""

    def declare(declared: Declared) -> Declared:
        declared.__policy__ = policy  # type: ignore[attr-defined]
        return declared

    return declare


def with_policy(policy: Policy, field: Any) -> Any:
    """The same field under a policy of its own."""
    field.metadata = {**field.metadata, POLICY: policy}
    return field


class Unnamed(TypeError):
    """Fields of the schema name no policy."""


def policies_named(schema: GraphQLSchema) -> dict[str, Policy]:
    """The policy of each field of a schema, as `Type.field`; from now on each field knows it. Raises `Unnamed`."""
    found: dict[str, Policy] = {}
    unnamed: list[str] = []
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            policy = _policy(type_, field)
            if policy is None:
                unnamed.append(f"{type_.name}.{name}")
            else:
                found[f"{type_.name}.{name}"] = field.extensions[POLICY] = policy
    if unnamed:
        raise Unnamed(f"no policy is named by {', '.join(unnamed)}")
    return found


def policy_of(definition: GraphQLField) -> Policy:
    """The policy of a field. Raises `LookupError` for one that was never walked: what names none, nobody may use."""
    policy: Policy = definition.extensions[POLICY]
    return policy


def _policy(type_: GraphQLObjectType, field: GraphQLField) -> Policy | None:
    declared = field.extensions["strawberry-definition"].metadata.get(POLICY)
    if declared is None:
        declared = getattr(type_.extensions["strawberry-definition"].origin, "__policy__", None)
    return declared if isinstance(declared, Policy) else None

"""Faults to be found: a policy that is for somebody else, a question of a rule of the domain left out or turned round."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType
from typing import Any

from backend.accounts.scopes import Scope
from backend.projects import models as projects
from schema.policies import POLICY, Policy, Programs, Who, policy_of
from tests.matrix.answers import forget
from tests.matrix.programs import declared

#: What a rule may be taken for by mistake.
OTHER_ROLES = {
    "EDITORS": ("ADMINS", "COORDINATORS"),
    "ADMINS": ("EDITORS", "COORDINATORS"),
    "COORDINATORS": ("EDITORS", "ADMINS"),
}
#: Where deeds are that are not in a module of actions.
DEEDS = (".claims", ".keys", "media.uploads", "media.placements")
#: Questions that narrow rows.
QUESTIONS = {
    *("visible_to", "with_team_member", "run_by", "edited_by", "standing", "held", "published", "public"),
    *("current", "unread", "visible_under"),
}


def other_policies(policy: Policy) -> list[Policy]:
    """Every policy that differs in one half; the first is the inversion that is worst."""
    whos = {Who.EVERYBODY: Who.PEOPLE, Who.PEOPLE: Who.EVERYBODY, Who.STAFF: Who.PEOPLE}
    others = [whos[policy.who], *(who for who in Who if who not in (policy.who, whos[policy.who]))]
    scopes: list[Scope | Programs] = [Programs.ALL, Programs.NONE, *Scope]
    return [Policy(who, policy.scope) for who in others] + [
        Policy(policy.who, scope) for scope in scopes if scope is not policy.scope
    ]


@contextmanager
def under(field: str, policy: Policy) -> Iterator[None]:
    """A field of the schema under another policy than it names."""
    definition = declared(field)
    right = policy_of(definition)
    cell = _cell_of(definition) if field.startswith("Mutation.") else None
    try:
        definition.extensions[POLICY] = policy
        if cell is not None:
            cell.cell_contents = policy
        forget()
        yield
    finally:
        definition.extensions[POLICY] = right
        if cell is not None:
            cell.cell_contents = right
        forget()


def _cell_of(definition: Any) -> Any:
    """Where a mutation keeps its policy: `schema.mutations.mutation`."""
    resolve = inspect.unwrap(definition.extensions["strawberry-definition"].base_resolver.wrapped_func)
    answer = inspect.getclosurevars(resolve).nonlocals["answer"]
    return answer.__closure__[answer.__code__.co_freevars.index("policy")]


@dataclass(frozen=True)
class Mutant:
    """A function with one fault."""

    function: Any
    fault: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}: {self.fault}"

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The function has the fault; for whoever has taken it elsewhere, too."""
        right = self.function.__code__
        try:
            self.function.__code__ = self.code
            forget()
            yield
        finally:
            self.function.__code__ = right
            forget()


def mutants_of(function: Any) -> list[Mutant]:
    """All that may be wrong with a function, one at a time."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    plain = tree.body[0]
    assert isinstance(plain, ast.FunctionDef)
    plain.decorator_list, plain.returns = [], None
    for node in ast.walk(plain):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    kind = (
        "rows"
        if "QuerySet." in function.__qualname__
        else "deed"
        if ".actions" in function.__module__
        else "expression"
    )
    kind = "deed" if function.__module__.endswith(DEEDS) else kind
    found = []
    for place, node in enumerate(ast.walk(plain)):
        for instead in faults(node, kind):
            if ast.dump(node) == ast.dump(instead):
                continue
            faulty = copy.deepcopy(tree)
            _put(faulty, list(ast.walk(faulty.body[0]))[place], instead)
            fault = f"{_said(node)} → {_said(instead)}"
            found.append(Mutant(function, fault, _compiled(function, faulty)))
    return found


def faults(node: ast.AST, kind: str) -> Iterator[ast.AST]:
    """What may stand in the place of a node: of rows, of an expression; of a deed only what asks who does it."""
    if (
        kind == "deed"
        and isinstance(node, ast.If | ast.IfExp | ast.Compare | ast.UnaryOp)
        and not _asks_who(node)
    ):
        return
    is_of_rows = kind == "rows"
    match node:
        case ast.Return(value=ast.AST()) if is_of_rows:
            yield from (ast.parse(f"return self.{rows}()").body[0] for rows in ("all", "none"))
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd(), left=left, right=right):
            yield from (left, right)
            yield ast.BinOp(left, ast.BitAnd() if isinstance(node.op, ast.BitOr) else ast.BitOr(), right)
        case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=operand):
            yield operand
        case ast.If() | ast.IfExp():
            yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
            turned = ast.NotEq() if isinstance(node.ops[0], ast.Eq) else ast.Eq()
            yield _with(node, ops=[turned])
        case ast.Name(id=name) if name in OTHER_ROLES:
            yield from (ast.Name(other, ast.Load()) for other in OTHER_ROLES[name])
        case ast.Call(func=ast.Attribute(value=rows, attr=question)) if question in QUESTIONS:
            yield ast.parse(f"({ast.unparse(rows)}).all()").body[0].value  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(attr="filter") | ast.Name(id="Q"), args=args, keywords=keywords):
            if is_of_rows or isinstance(node.func, ast.Name):
                yield from (_with(node, args=args[:i] + args[i + 1 :]) for i in range(len(args)))
                for i in range(len(keywords)):
                    yield _with(node, keywords=keywords[:i] + keywords[i + 1 :])


def _asks_who(node: ast.AST) -> bool:
    asked = node.test if isinstance(node, ast.If | ast.IfExp) else node
    return any(isinstance(each, ast.Name) and each.id in ("by", "viewer") for each in ast.walk(asked))


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    changed = copy.deepcopy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _put(tree: ast.AST, there: ast.AST, instead: ast.AST) -> None:
    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return copy.deepcopy(instead) if node is there else super().visit(node)

    Put().visit(tree)
    ast.fix_missing_locations(tree)


def _said(node: ast.AST) -> str:
    text = ast.unparse(node.test) if isinstance(node, ast.If) else ast.unparse(node)
    return " ".join(text.split())[:120]


def _compiled(function: Any, tree: Any) -> CodeType:
    known = {name: getattr(projects, name) for name in OTHER_ROLES} | function.__globals__
    for name in OTHER_ROLES:
        # The module may not have it, and its code looks there.
        function.__globals__.setdefault(name, known[name])
    made: dict[str, Any] = {}
    exec(compile(tree, f"<{function.__qualname__} with a fault>", "exec"), known, made)  # noqa: S102
    code: CodeType = made[function.__name__].__code__
    return code

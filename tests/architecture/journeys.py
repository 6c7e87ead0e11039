"""Which words a journey's tests press, type, send or look for: read from their AST."""

import ast
from collections.abc import Iterator, Mapping

from tests.architecture.sources import Function

# What a person does at Slack, and in a browser; and how they look.
ACTS = frozenset(
    {
        *(
            "press",
            "press_in_home",
            "press_in_view",
            "submit",
            "types",
            "act",
            "_press",
        ),
        *("told", "unlike", "click", "fill", "check", "select_option"),
    }
)
LOOKS = frozenset({"sees", "shows_at_home", "wait_for", "to_be_visible"})

Strings = Mapping[str, frozenset[str]]


def words_of(tree: ast.Module, calls: frozenset[str]) -> frozenset[str]:
    """
    Give the texts with which a journey's tests call these helpers.

    A text counts as an argument, in what the helper is called on, or by the name of a
    constant or variable there; in a test, or in a function that a test leads to.
    """
    constants = _assigned(tree.body)
    found: set[str] = set()
    for function in _reached(tree):
        known = {**constants, **_assigned(list(ast.walk(function)))}
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _name(node) in calls:
                found |= _strings(node, known)
    return frozenset(found)


def _reached(tree: ast.Module) -> Iterator[Function]:
    """Give the tests of a module, and the functions of it that they lead to."""
    functions = {
        node.name: node for node in ast.walk(tree) if isinstance(node, Function)
    }
    waiting = [name for name in functions if name.startswith("test_")]
    reached = set(waiting)
    while waiting:
        function = functions[waiting.pop()]
        yield function
        for node in ast.walk(function):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in functions and name not in reached:
                reached.add(name)
                waiting.append(name)


def _assigned(nodes: list[ast.stmt] | list[ast.AST]) -> Strings:
    """Give the texts that names are given."""
    found: dict[str, frozenset[str]] = {}
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                texts = found.get(target.id, frozenset())
                found[target.id] = texts | _strings(node.value, {})
    return found


def _strings(node: ast.AST, known: Strings) -> frozenset[str]:
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.add(one.value)
        if isinstance(one, ast.Name):
            found |= known.get(one.id, frozenset())
    return frozenset(found)


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""

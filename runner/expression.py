"""
JMESPath as playbooks use it: compiled, searched, and asked what it refers to.

One function is added: ``multiply(a, b)``, since JMESPath has no arithmetic. What can't
be evaluated on the evidence at hand (a null in an arithmetic place) has no value.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from pydantic import JsonValue

LITERAL_FALSE = (False, None)
ELEMENT_SCOPED = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "pipe"}
)


class _Functions(functions.Functions):
    @functions.signature({"types": ["number"]}, {"types": ["number"]})
    def _func_multiply(self, one: float, other: float) -> float:
        return one * other


def find(expression: str, context: Mapping[str, JsonValue]) -> JsonValue:
    """Search ``context``; None where there is nothing or nothing computable."""
    try:
        found: JsonValue = jmespath.compile(expression).search(
            context, options=_options()
        )
    except JMESPathError:
        return None
    return found


def check(expression: str) -> str | None:
    """Give what is wrong with the syntax or a function's name; None if nothing."""
    try:
        node = _parsed(expression)
    except JMESPathError as error:
        return str(error).splitlines()[0]
    for part in _nodes(node):
        if part["type"] == "function_expression":
            if not hasattr(_Functions, f"_func_{part['value']}"):
                return f"no function is called {part['value']}"
        elif part["type"] != "not_expression" and _begins_negated(part):
            return "!a.b means (!a).b; write !(a.b)"
    return None


def is_never(expression: str) -> bool:
    """Tell a condition that is a literal false or null."""
    node = _parsed(expression)
    return bool(node["type"] == "literal" and node["value"] in LITERAL_FALSE)


def references(expression: str) -> frozenset[tuple[str, ...]]:
    """Give the paths that start at the root: ``("steps", "traces", "result")``."""
    return frozenset(_paths(_parsed(expression)))


def _parsed(expression: str) -> dict[str, Any]:
    return cast("dict[str, Any]", jmespath.compile(expression).parsed)


@cache
def _options() -> jmespath.Options:
    return jmespath.Options(custom_functions=_Functions())


def _paths(node: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    leading = _leading(node)
    if leading:
        yield leading
        return
    kind, children = node["type"], node.get("children", [])
    if kind == "expref":
        return
    if kind in ELEMENT_SCOPED or kind == "filter_projection":
        children = children[:1]
    for child in children:
        if isinstance(child, dict):
            yield from _paths(child)


def _leading(node: dict[str, Any]) -> tuple[str, ...]:
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    first, *rest = node["children"]
    path = _leading(first)
    if not path:
        return ()
    for child in rest:
        if child["type"] != "field":
            break
        path = (*path, child["value"])
    return path


def _begins_negated(node: dict[str, Any]) -> bool:
    first = next(iter(node.get("children", [])), None)
    if node["type"] not in ELEMENT_SCOPED or not isinstance(first, dict):
        return False
    return bool(first["type"] == "not_expression")


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", []):
        if isinstance(child, dict):
            yield from _nodes(child)
